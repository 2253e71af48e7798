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
	timeout 60 "$ECC" "$@" >/dev/null 2>err </dev/null || code=$?
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
fake 'trap "" TERM; echo $$ >"'"$scratch"'/fake.pid"; i=0; while [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done'
"$ECC" -c ./clang-fake good.bpf.c >/dev/null 2>err &
pid=$!
for _ in $(seq 200); do [ -s fake.pid ] && break; sleep 0.02; done
kill -TERM $pid
code=0
wait $pid || code=$?
if [ $code = 143 ] && ! kill -0 "$(cat fake.pid)" 2>/dev/null; then ok deaf-clang; else not_ok deaf-clang "status $code" err; fi

# ---- a signal while clang runs: the process ends by it, its clang too, nothing stays
fake 'echo $$ >"'"$scratch"'/fake.pid"; head -c 50 /dev/zero; exec sleep 50'
for signal in INT TERM; do
	rm -f fake.pid
	# A shell's background job ignores SIGINT, and what is ignored stays so: env gives it its meaning back.
	env --default-signal=INT "$ECC" -c ./clang-fake good.bpf.c >/dev/null 2>err &
	pid=$!
	for _ in $(seq 200); do [ -s fake.pid ] && break; sleep 0.02; done
	kill -$signal $pid
	code=0
	wait $pid || code=$?
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
