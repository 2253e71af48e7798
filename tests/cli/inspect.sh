#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ecli inspect: the tools as golden files, JSON with the same facts, effects, the plan and the schema; without privileges, from
# hostile packages, and the same on every machine. ECLI_TEST_UPDATE=1 writes the golden files anew.
source "$(dirname "$0")/../lib.sh"
cd "$scratch" || exit 1
golden=$top/tests/golden/inspect

# What depends on the compiler: sizes, which loads it joined, whether it made functions of its own or shorter jumps.
mask() {
	sed -E -e 's/[0-9]+ instructions/N instructions/; s/object [0-9]+ bytes/object N bytes/' \
		-e '/^  (functions called by functions|32-bit jumps|bounded loops|instruction set version 4) /d' -e 's/ +Linux/ Linux/'
}
for name in runqslower exitsnoop unlinksnoop; do
	"$ECLI" inspect --cpus 4 $name >raw 2>err || { not_ok "golden-$name" "status $?" err; continue; }
	mask <raw >$name.txt
	[ -z "${ECLI_TEST_UPDATE:-}" ] || cp $name.txt "$golden/$name.txt"
	if diff -u "$golden/$name.txt" $name.txt >diff.out; then ok "golden-$name"; else not_ok "golden-$name" "differs" diff.out; fi
done

# ---- JSON, plan, schema
"$ECLI" inspect --json --cpus 4 unlinksnoop >u.json 2>err && jq -e '
	.name == "unlinksnoop_bpf" and (.programs | length == 12) and (.programs | map(select(.optional)) | length == 4)
	and (.programs[] | select(.name == "unlinkat_exit") | .target == "syscalls/sys_exit_unlinkat" and .since == "4.7" and .instructions > 10)
	and (.maps[] | select(.name == "events") | .type == "ring buffer" and .max_entries == 1048576 and .run_bytes == 4194304 and .memory_bytes == 4194304 + 3 * 4096)
	and (.maps[] | select(.name == "calls") | .value_type == "struct call" and .memory_bytes_per_entry == 648)
	and ([.options[].name] == ["targ_pid", "failed_only"]) and (.events | length == 1) and .events[0].size_bytes == 552
	and ([.events[0].fields[].name] == ["pid", "uid", "ret", "comm", "filename"]) and .events_problem == null
	and (.calls[] | select(.name == "bpf_ringbuf_output") | .number == 130 and .places >= 1 and .since == "5.8")
	and .effects == [] and ([.needs[].what] | index("ring buffer maps") != null)' u.json >/dev/null &&
	ok json || not_ok json "a fact is missing or wrong" err u.json
"$ECLI" inspect unlinksnoop --plan >plan.txt 2>err && grep -q '^string filename @28 512$' plan.txt && grep -q '^ring buffer events: 552 bytes$' plan.txt &&
	ok plan || not_ok plan "not the plan" plan.txt err
"$ECLI" inspect --schema exitsnoop >s.json 2>err && jq -e '.type == "object" and ."$schema" == "https://json-schema.org/draft/2020-12/schema" and
	(.required | index("time") == 0) and .additionalProperties == false' s.json >/dev/null && ok schema || not_ok schema "no schema" s.json err

# ---- effects, kfuncs, all that can change something; sections this version cannot run are told all the same
cat >change.bpf.c <<'C'
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
extern void bpf_rcu_read_lock(void) __ksym;
SEC("kprobe/do_exit") int fails(void *ctx)
{
	bpf_send_signal(9);
	bpf_rcu_read_lock();
	return bpf_override_return(ctx, -1);
}
SEC("tracepoint/syscalls/sys_enter_prctl") int writes(void *ctx)
{
	int zero = 0;
	return bpf_probe_write_user((void *)8, &zero, 4) + bpf_send_signal_thread(9);
}
SEC("xdp") int packets(void *ctx) { return 2; }
SEC("lsm/file_open") int denies(void *ctx) { return 0; }
SEC("nonsense/thing") int strange(void *ctx) { return 0; }
char LICENSE[] SEC("license") = "GPL";
C
"$ECC" change.bpf.c >/dev/null 2>err || not_ok change "ecc failed" err
"$ECLI" inspect -o json package.json >change.json 2>err && jq -e '
	[.effects[] | "\(.cause): \(.effect)"] as $e | ($e | length == 7)
	and ($e | index("bpf_send_signal: sends signals to processes") != null) and ($e | index("bpf_send_signal_thread: sends signals to processes") != null)
	and ($e | index("bpf_override_return: makes kernel functions fail or return something else") != null)
	and ($e | index("bpf_probe_write_user: writes into the memory of user processes") != null)
	and ($e | index("packets: can drop, change or redirect packets") != null) and ($e | index("denies: can deny what a security hook decides about") != null)
	and ($e | index("strange: has a program of a kind that is not known here and may change anything") != null)
	and (.programs[] | select(.name == "strange") | .kind == "unknown" and .since == null)
	and (.calls[] | select(.kfunc) | .name == "bpf_rcu_read_lock") and .events == [] and .events_problem == null' change.json >/dev/null &&
	ok effects || not_ok effects "an effect is missing or too many" err change.json
"$ECLI" inspect package.json >change.txt 2>err &&
	grep -qF '  it sends signals to processes (bpf_send_signal, bpf_send_signal_thread)' change.txt && ok effects-text ||
	not_ok effects-text "one line with both causes" change.txt err

grep -qx '  none: a run shows no rows' change.txt && ok reports-nothing || not_ok reports-nothing "the trace pipe of a package that prints nothing is an event" change.txt
"$ECLI" inspect --schema package.json >change.txt 2>err && not_ok schema-of-nothing "status 0" change.txt ||
	{ grep -qx 'ecli: this package reports nothing: a run shows no rows' err && ok schema-of-nothing || not_ok schema-of-nothing "no sentence" err; }
sed -i 's/return 2;/return bpf_printk("x"), 2;/' change.bpf.c
"$ECC" change.bpf.c >/dev/null 2>err && "$ECLI" inspect -o json package.json >change.json 2>err && jq -e '[.events[].source] == ["trace pipe"]' change.json >/dev/null &&
	ok prints || not_ok prints "a package that prints has no trace pipe" err change.json

# ---- hostile strings, wrong use, no privileges
jq -c '.meta.bpf_skel.doc = {"brief":"a\u001b[31mred\u202e\u007f","version":"\u0007"} | .meta.bpf_skel.obj_name = "\u001b]0;x\u0007" |
	.meta.bpf_skel.progs[0].target = "\u001b[2J\u007f" | .meta.bpf_skel.progs[1].alternative = "\u009b1m"' package.json >hostile.json
for how in text json; do
	"$ECLI" inspect -o $how hostile.json >out 2>err
	code=$?
	if [ $code = 0 ] && ! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' out && { [ $how = text ] || jq -e . out >/dev/null; }; then ok "hostile-$how"
	else not_ok "hostile-$how" "status $code, or a control character came through" out err; fi
done
mkdir -p noevent
sed -e 's|^SEC("xdp").*|struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");|' \
	-e '/^SEC("lsm/s/return 0/return bpf_ringbuf_query(\&events, 0)/' change.bpf.c >noevent/noevent.bpf.c
"$ECC" noevent/noevent.bpf.c >/dev/null 2>err || not_ok noevent "ecc failed" err
"$ECLI" inspect noevent/package.json >out 2>err && grep -q '^  cannot be shown: .*events.*@export' out && ok no-event-type || not_ok no-event-type "the reason is not told" out err
for how in --plan --schema; do
	code=0
	"$ECLI" inspect $how noevent/package.json >out 2>err || code=$?
	[ $code = 1 ] && ! [ -s out ] && grep -q '@export' err && ok "no-event-type$how" || not_ok "no-event-type$how" "status $code" out err
done
usage() { # NAME REGEX COMMAND...
	local name=$1 regex=$2 code=0
	shift 2
	"$@" >out 2>err || code=$?
	[ $code = 2 ] && ! [ -s out ] && grep -qE -e "$regex" err && ok "$name" || not_ok "$name" "status $code" out err
}
for command in inspect check; do
	usage $command-no-package "$command needs a package" "$ECLI" $command
	usage $command-two-packages 'two' "$ECLI" $command package.json two
	usage $command-option '--schem' "$ECLI" $command package.json --schem
done
usage inspect-cpus '--cpus' "$ECLI" inspect --cpus 0 package.json
if is_root && has setpriv; then
	chmod 755 . && chmod 644 package.json && install -m 755 "$ECLI" ecli-copy
	setpriv --reuid=65534 --regid=65534 --clear-groups ./ecli-copy inspect -j package.json 2>err | cmp -s - change.json && ok no-privileges ||
		not_ok no-privileges "another answer without root" err
else
	cannot no-privileges "needs root and setpriv"
fi
