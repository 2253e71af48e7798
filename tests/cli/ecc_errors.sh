#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ecc and failure: clang's words unchanged, one sentence for everything else, nothing half-written, nothing left behind.
source "$(dirname "$0")/../lib.sh"
cd "$scratch" || exit 1
export XDG_CACHE_HOME=$scratch/cache TMPDIR=$scratch/tmp
mkdir tmp

cat >good.bpf.c <<'C'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("raw_tp/sched_switch") int good(void *ctx) { return 0; }
char LICENSE[] SEC("license") = "GPL";
C
cat >event.h <<'C'
struct event { int x; };
C

# bad NAME STATUS REGEX ARG...: the status, a sentence that matches, and no file but what was there.
bad() {
	local name=$1 want=$2 regex=$3 code=0
	shift 3
	find . -type f -not -path './cache/*' | sort >before
	patiently "$ECC" "$@" >/dev/null 2>err </dev/null || code=$?
	find . -type f -not -path './cache/*' | sort >after
	if [ "$code" != "$want" ]; then
		not_ok "$name" "status $code instead of $want" err
	elif [ -n "$regex" ] && ! grep -qE "$regex" err; then
		not_ok "$name" "the sentence does not match: $regex" err
	elif ! diff before after >left || [ -n "$(ls tmp)" ]; then
		not_ok "$name" "files were left" left
	else
		ok "$name"
	fi
}
touch before after err left

# ---- clang's own words
cat >broken.bpf.c <<'C'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
/// @export
struct event { int x; };
#warning "a warning, too"
SEC("raw_tp/sched_switch") int broken(void *ctx) { return missing + ; }
int unused_one(void) { struct event *e; return e; }
C
clang=$(ls /usr/bin/clang-[0-9][0-9] 2>/dev/null | sort -V | tail -n 1)
: "${clang:=clang}"
"$clang" -g -O2 -target bpf -D__TARGET_ARCH_x86 -idirafter "/usr/include/$(uname -m)-linux-gnu" -c broken.bpf.c -o /dev/null 2>clang.err
bad compile-error 1 'use of undeclared identifier' -c "$clang" broken.bpf.c event.h
check compile-error-unchanged diff -u clang.err err
check compile-error-is-told test -s clang.err
echo '{"old": 1}' >package.json
"$ECC" broken.bpf.c >/dev/null 2>&1
check old-package-stays grep -q old package.json
rm package.json

# ---- everything else
bad no-source 2 'a source is needed'
bad three-files 2 'third file' good.bpf.c event.h good.bpf.c
bad yaml 2 'YAML' -y good.bpf.c
bad missing-source 1 'cannot read nowhere\.bpf\.c: No such file' nowhere.bpf.c
bad missing-header 1 'cannot read nowhere\.h: No such file' good.bpf.c nowhere.h
bad source-is-a-folder 1 'Is a directory' tmp
bad header-not-included 1 'no struct of event\.h is in the compiled program: good\.bpf\.c does not include it' good.bpf.c event.h
bad no-such-clang 1 'no clang-none was found in PATH' -c clang-none good.bpf.c
bad no-such-clang-path 1 'cannot run \./clang-none' -c ./clang-none good.bpf.c
bad missing-btf 1 'nowhere\.btf' --btf nowhere.btf good.bpf.c
head -c 4096 /dev/zero >zero.btf
bad damaged-btf 1 'zero\.btf is not BTF' --btf zero.btf good.bpf.c
bad output-not-a-folder 1 'good\.bpf\.c' -o good.bpf.c good.bpf.c

# ---- what clang takes and no kernel runs: the line, what is wrong, what to do
# mistake NAME REGEX: a source on standard input that is refused with a sentence, without a package.
mistake() {
	cat >"$1.bpf.c"
	bad "mistake-$1" 1 "$2" "$1.bpf.c"
}
head='#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";'
tail='SEC("raw_tp/sched_switch") int prog(void *ctx) { return 0; }'
mistake no_section '^ecc: no_section\.bpf\.c:4: no function is a program: .*before prog, such as SEC' <<C
$head
int prog(void *ctx) { return 0; }
C
mistake no_maps '^ecc: no_maps\.bpf\.c:4: events is defined as a map is, but not in SEC\("\.maps"\)' <<C
$head
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events;
SEC("raw_tp/sched_switch") int prog(void *ctx) { return bpf_ringbuf_output(&events, &ctx, 8, 0); }
C
mistake no_value '^ecc: no_value\.bpf\.c:4: map counts needs __type\(value, \.\.\.\)' <<C
$head
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, int); } counts SEC(".maps");
$tail
C
mistake no_type '^ecc: no_type\.bpf\.c:4: struct evnt, the value of map events, is defined nowhere' <<C
$head
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); __type(value, struct evnt); } events SEC(".maps");
$tail
C
mistake text_pointer '^ecc: text_pointer\.bpf\.c:4: who begins with an address.*const volatile char who\[16\]' <<C
$head
const volatile char *who = "x";
SEC("raw_tp/sched_switch") int prog(void *ctx) { return who != 0; }
C
mistake no_body '^ecc: no_body\.bpf\.c: other is used, but defined nowhere' <<C
$head
int other(int);
SEC("raw_tp/sched_switch") int prog(void *ctx) { return other(1); }
C
mistake no_types '^ecc: no_types\.bpf\.c: the headers of bpf/ need .*#include "vmlinux\.h"' <<C
#include <bpf/bpf_helpers.h>
$tail
C
mistake no_helpers '^ecc: no_helpers\.bpf\.c does not include <bpf/bpf_helpers\.h>' <<C
#include <linux/bpf.h>
$tail
C

# warned NAME REGEX: a source that compiles, with a warning, or without any when REGEX is "".
warned() {
	cat >"$1.bpf.c"
	"$ECC" -o warned "$1.bpf.c" >out 2>err
	if [ -z "$2" ]; then check "silent-$1" diff /dev/null err; else check "warned-$1" grep -qE "$2" err; fi
}
warned kind '^ecc: kind\.bpf\.c:4: SEC\("tracepiont/a/b"\) of prog is no kind of program' <<C
$head
SEC("tracepiont/a/b") int prog(void *ctx) { return 0; }
C
warned license '^ecc: license\.bpf\.c says no license: .*"GPL"' <<C
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
$tail
C
warned no_entries '^ecc: no_entries\.bpf\.c:4: map counts has no __uint\(max_entries, \.\.\.\): .*--map-size counts=N' <<C
$head
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, int); __type(value, long); } counts SEC(".maps");
$tail
C
warned untyped '^ecc: untyped\.bpf\.c:4: nothing says of which type the events of map events are' <<C
$head
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
SEC("raw_tp/sched_switch") int prog(void *ctx) { long a[2] = {}; return bpf_ringbuf_output(&events, a, sizeof(a), 0); }
C
warned kinds '' <<C
$head
$(for kind in tp/a/b tc tc/egress tcx/ingress netkit/primary xdp xdp.frags fentry.s/f fmod_ret.s/f kprobe.multi/f uprobe.session/f usdt/f:a:b \
	lsm_cgroup/f raw_tp.w/a sk_skb/stream_verdict cgroup/skb cgroup_skb/egress socket netfilter struct_ops/f iter.s/task ksyscall/f perf_event \
	syscall freplace/f sk_lookup flow_dissector sockops sk_msg classifier '?raw_tp/a'; do
	echo "SEC(\"$kind\") int p$((n += 1))(void *ctx) { return 0; }"
done)
C

# ---- clangs that misbehave
fake() { printf '#!/bin/sh\n%s\n' "$1" >"$scratch/clang-fake" && chmod +x "$scratch/clang-fake"; }
fake 'echo not an object'
bad clang-writes-text 1 "the compiler's output: this is not a BPF object" -c ./clang-fake good.bpf.c
fake 'head -c 100 /dev/zero | tr "\000" x; kill -SEGV $$'
bad clang-crashes 1 'was ended by signal 11' -c ./clang-fake good.bpf.c
fake 'exit 7'
bad clang-writes-nothing 1 'the compiler wrote no object' -c /bin/true good.bpf.c
bad clang-fails-silently 1 '' -c ./clang-fake good.bpf.c
fake 'echo clang version 13.0.0'
mkdir old && cp clang-fake old/clang
PATH=$scratch/old:/nonexistent "$ECC" good.bpf.c >/dev/null 2>err
check clang-too-old grep -q 'old/clang is version 13, 14 or later is needed' err
PATH=/nonexistent "$ECC" good.bpf.c >/dev/null 2>err
check no-clang grep -q 'no clang was found in PATH.*apt install' err

# A clang that does not listen is ended after a second.
fake 'trap "" TERM; echo $$ >"'"$scratch"'/fake.pid"; exec sleep 600'
"$ECC" -c ./clang-fake good.bpf.c >/dev/null 2>err &
pid=$!
wait_until -p $pid test -s fake.pid
kill -TERM $pid
wait_end $pid
code=$status
if [ $code = 143 ] && ! kill -0 "$(cat fake.pid)" 2>/dev/null; then ok deaf-clang; else not_ok deaf-clang "status $code" err; fi

# ---- a signal while clang runs: the process ends by it, its clang too, nothing stays
fake 'echo $$ >"'"$scratch"'/fake.pid"; head -c 50 /dev/zero; exec sleep 50'
for signal in INT TERM; do
	rm -f fake.pid
	# A shell's background job ignores SIGINT, and what is ignored stays so: env gives it its meaning back.
	env --default-signal=INT "$ECC" -c ./clang-fake good.bpf.c >/dev/null 2>err &
	pid=$!
	wait_until -p $pid test -s fake.pid
	kill -$signal $pid
	wait_end $pid
	code=$status
	want=$((128 + $(kill -l $signal)))
	if [ $code != $want ]; then
		not_ok "signal-$signal" "status $code instead of $want" err
	elif kill -0 "$(cat fake.pid)" 2>/dev/null; then
		not_ok "signal-$signal" "clang still runs"
	elif ls package.json* tmp/* >left 2>/dev/null; then
		not_ok "signal-$signal" "files were left" left
	else
		ok "signal-$signal"
	fi
done
