#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The lessons of tests/tutorial: each compiles as it is, with and without its header, without a word on stderr, into a package that
# other loaders can read and that says what its author meant.
source "$(dirname "$0")/../lib.sh"
strict=$top/tests/cli/strict.jq
has jq || { cannot tutorial "jq is not installed"; exit 0; }
if [ ! -r /sys/kernel/btf/vmlinux ]; then
	lacks tutorial "most lessons include vmlinux.h, and this kernel does not tell its types"
	exit 0
fi

# ---- with the headers
# Lessons with two ways to one hook are taken as alternatives, and ecc says so.
if "$top/tests/tutorial/build.sh" "$scratch/tutorial" "$ECC" 2>"$scratch/err" && ! grep -qv "are at one hook: the first that attaches is taken; tag them @alternative, or @both when both are meant$" "$scratch/err"; then
	ok tutorial-compiles
else
	not_ok tutorial-compiles "a lesson does not, or not silently" "$scratch/err"
fi

says() { # PACKAGE FILTER: readable for others, and the filter over its bpf_skel ($skel) and export_types ($types) is true
	local package=$scratch/tutorial/$1/package.json mistakes
	if [ ! -s "$package" ]; then
		not_ok "tutorial-$1" "there is no package"
	elif ! mistakes=$(jq -r -f "$strict" "$package" 2>&1) || [ -n "$mistakes" ]; then
		not_ok "tutorial-$1" "$(head -n 3 <<<"$mistakes" | tr '\n' ';')"
	elif ! jq -e ".meta.bpf_skel as \$skel | .meta.export_types as \$types
		| def var(\$n): [\$skel.data_sections[].variables[] | select(.name == \$n)][0];
		def one_map(\$i): [\$skel.maps[] | select(.ident == \$i)][0];
		def attached: [\$skel.progs[].attach];
		def members: [\$types[0].members[].name];
		$2" "$package" >/dev/null 2>"$scratch/jq.err"; then
		jq .meta "$package" >"$scratch/meta"
		not_ok "tutorial-$1" "the package does not say: $2" "$scratch/jq.err" "$scratch/meta"
	else
		ok "tutorial-$1"
	fi
}
log2='{"interval":1000,"type":"log2_hist"}'
says 01-hello/hello 'attached == ["tp/syscalls/sys_enter_write"] and $types == [] and $skel.obj_name == "hello_bpf"'
says 02-kprobe/unlink 'attached == ["kprobe/do_unlinkat", "kretprobe/do_unlinkat"]'
says 03-fentry/unlink 'attached == ["fentry/do_unlinkat", "fexit/do_unlinkat"]'
says 04-opensnoop/opensnoop 'var("pid_target") == {"name":"pid_target","type":"int","description":"Process ID to trace"} and
	($skel.doc.description | contains("Trace open family syscalls."))'
says 05-bashreadline/bashreadline 'attached == ["uretprobe//bin/bash:readline"]'
says 06-sigsnoop/sigsnoop '(attached | length) == 2 and one_map("values").ident == "values" and $types == []'
says 07-execsnoop/execsnoop '$types[0].name == "event" and members == ["pid", "ppid", "uid", "retval", "is_exit", "comm"] and
	$types[0].size == 36 and $types[0].members[4].type == "bool" and $types[0].members[5].type == "char[16]"'
says 08-exitsnoop/exitsnoop '$types[0].name == "event" and members == ["pid", "ppid", "exit_code", "duration_ns", "comm"] and
	$types[0].members[3].type == "unsigned long long"'
says 09-runqlat/runqlat "one_map(\"hists\").sample == $log2 and \$types[0].name == \"hist\" and members == [\"slots\", \"comm\"] and
	\$types[0].members[0].type == \"__u32[26]\" and var(\"targ_tgid\").type == \"pid_t\" and var(\"filter_cg\").type == \"bool\" and
	attached == [\"raw_tp/sched_wakeup\", \"raw_tp/sched_wakeup_new\", \"raw_tp/sched_switch\"]"
says 10-hardirqs/hardirqs "one_map(\"infos\").sample == $log2 and ([\$types[].name] | contains([\"info\"])) and
	attached == [\"tp_btf/irq_handler_entry\", \"tp_btf/irq_handler_exit\", \"raw_tp/irq_handler_entry\", \"raw_tp/irq_handler_exit\"]"
says 14-tcpstates/tcpstates '$types[0].name == "event" and $types[0].members[0].type == "unsigned __int128" and
	var("target_family").type == "short" and $types[0].size == 96'
says 14-tcprtt/tcprtt "one_map(\"hists\").sample == $log2 and var(\"targ_sport\").type == \"__u16\" and
	attached == [\"fentry/tcp_rcv_established\", \"kprobe/tcp_rcv_established\"]"
says 19-lsm/lsm 'attached == ["lsm/socket_connect"] and var("blockme").type == "__u32"'
says 20-tc/tc '$skel.progs == [{"attach":"tc","link":true,"name":"tc_ingress","tchook":{"ifindex":1,"attach_point":"BPF_TC_INGRESS"},
	"tcopts":{"handle":1,"priority":1}}]'
says 21-xdp/xdp '$skel.progs == [{"attach":"xdp","link":true,"name":"xdp_pass","ifindex":1,"flags":0,"xdpopts":{"old_prog_fd":0}}]'
says 23-http/sockfilter 'attached == ["socket"] and $types[0].name == "so_event" and ($types[0].members | length) == 8'
says 25-signal/signal 'members == ["pid", "comm", "success"] and var("target_ppid").type == "int"'
says 31-goroutine/goroutine '$types[0].name == "goroutine_execute_data" and $types[0].members[0].type == "enum" and
	attached == ["uprobe/./go-server-http/main:runtime.casgstatus"]'
says 34-syscall/exechijack 'var("target_ppid").cmdarg == {"default":-1,"short":"p","long":"ppid","help":"only children of this process"}'
says 34-syscall/open_modify 'var("rewrite").type == "char[64]" and var("rewrite").cmdarg.long == "rewrite"'

# ---- without: what the source reports is found in the header beside it
for header in "$top"/tests/tutorial/[0-9]*/*.h; do
	source=${header%.h}.bpf.c
	[ -f "$source" ] || continue
	name=$(basename "$(dirname "$source")")/$(basename "$source" .bpf.c)
	check "tutorial-$name-without-header" "$ECC" -o "$scratch/without" "$source"
	# A sampled map needs no export; with its header it has one all the same.
	if jq -e '[.meta.bpf_skel.maps[] | select(.sample)] == []' "$scratch/without/package.json" >/dev/null; then
		for way in without "tutorial/$name"; do jq '.meta.export_types' "$scratch/$way/package.json" >"$scratch/types.${way%%/*}"; done
		check "tutorial-$name-same-types" cmp "$scratch/types.without" "$scratch/types.tutorial"
	fi
done

mkdir -p "$scratch/found"
cat >"$scratch/found/tool.h" <<'C'
struct event { int pid; };
#ifdef WITH_MORE
struct more { int x; };
#endif
C
printf '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include "tool.h"\n%s\n%s\n%s\n' 'char LICENSE[] SEC("license") = "GPL";' \
	'struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } rb SEC(".maps");' \
	'SEC("tp/sched/sched_process_exec") int f(void *ctx) { struct event e = { 1 }; return bpf_ringbuf_output(&rb, &e, sizeof(e), 0); }' \
	>"$scratch/found/tool.bpf.c"
"$ECC" "$scratch/found/tool.bpf.c" >/dev/null 2>"$scratch/err"
if [ ! -s "$scratch/err" ] && jq -e '[.meta.export_types[].name] == ["event"]' "$scratch/found/package.json" >/dev/null; then
	ok found-header-is-silent
else
	not_ok found-header-is-silent "a warning, or not the event" "$scratch/err"
fi
"$ECC" "$scratch/found/tool.bpf.c" "$scratch/found/tool.h" >/dev/null 2>"$scratch/err"
check named-header-is-not grep -q 'struct more is not exported' "$scratch/err"

# ---- what older tools wrote
cat >"$scratch/old.bpf.c" <<'C'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct bpf_map_def { unsigned int type, key_size, value_size, max_entries; };
struct bpf_map_def SEC("maps") counts = { .type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 16 };
SEC("tp/sched/sched_process_exec") int f(void *ctx) { int k = 0; return !!bpf_map_lookup_elem(&counts, &k); }
char LICENSE[] SEC("license") = "GPL";
C
code=0
"$ECC" -o "$scratch/old" "$scratch/old.bpf.c" >/dev/null 2>"$scratch/err" || code=$?
if [ "$code" = 1 ] && grep -q 'old.bpf.c:4: libbpf no longer reads maps in SEC("maps"): write struct { __uint(type' "$scratch/err"; then
	ok old-maps-in-a-source
else
	not_ok old-maps-in-a-source "status $code, or no sentence" "$scratch/err"
fi
sed 's/SEC("maps")/__attribute__((section("maps")))/' "$scratch/old.bpf.c" >"$scratch/older.bpf.c"
"$ECC" -o "$scratch/old" "$scratch/older.bpf.c" >/dev/null 2>"$scratch/err" && not_ok old-maps-in-an-object "ecc accepted it"
check old-maps-in-an-object grep -q 'the object defines maps the older way' "$scratch/err"

# ---- headers of the C library, which ask for a 32-bit one when the compiler is for BPF
printf '#include <sys/socket.h>\n#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n%s\n%s\n' 'int family = AF_INET6;' \
	'SEC("tp/sched/sched_process_exec") int f(void *ctx) { return family; }' >"$scratch/libc.bpf.c"
check c-library-headers "$ECC" -o "$scratch/libc" "$scratch/libc.bpf.c"

# ---- several flags in one -a
check flags-in-one-word sh -c '"$0" -v -a "-DA=1 -D'"'"'B=x y'"'"'" -o "$1" "$2" 2>&1 | grep -q -- " -DA=1 -DB=x y -I"' "$ECC" "$scratch/flags" \
	"$top/tests/tutorial/01-hello/hello.bpf.c"
code=0
"$ECC" -a "-D'X" "$scratch/old.bpf.c" >/dev/null 2>"$scratch/err" || code=$?
if [ "$code" = 2 ] && grep -q "a quote is never closed" "$scratch/err"; then ok flags-open-quote; else not_ok flags-open-quote "status $code" "$scratch/err"; fi
