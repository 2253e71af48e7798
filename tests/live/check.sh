#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ecli check: what this kernel can run, what it lacks, what it rejects; the run it stands for has the same status. Nothing stays.
source "$(dirname "$0")/../lib.sh"
cd "$scratch" || exit 1

tool() { # NAME: the programs come on standard input; two maps and an event are there already
	mkdir -p "$1"
	cat - <(echo 'char LICENSE[] SEC("license") = "GPL";') >"$1/tail"
	cat - "$1/tail" >"$1/tool.bpf.c" <<-'C'
		#include "vmlinux.h"
		#include <bpf/bpf_helpers.h>
		/// @export
		struct event { __u32 pid; };
		struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
		static int tell(void)
		{
			struct event event = { .pid = bpf_get_current_pid_tgid() >> 32 };
			bpf_ringbuf_output(&events, &event, sizeof(event), 0);
			return 0;
		}
	C
	"$ECC" "$1/tool.bpf.c" >ecc.out 2>&1 || not_ok "$1" "ecc failed" ecc.out
}


# checked NAME STATUS FILTER: the status of check and of run, and the filter over check's JSON
checked() {
	local code=0 run=0
	"$ECLI" check -j "$1/package.json" >"$1/check.json" 2>"$1/check.err" || code=$?
	"$ECLI" check "$1/package.json" >"$1/check.txt" 2>&1
	"$ECLI" run --duration 0.1 "$1/package.json" >/dev/null 2>"$1/run.err" || run=$?
	if [ $code != "$2" ]; then not_ok "$1" "status $code instead of $2" "$1/check.json" "$1/check.err"
	elif [ $run != "$2" ]; then not_ok "$1" "run ends with $run, check with $code" "$1/run.err"
	elif ! jq -e "$3" "$1/check.json" >/dev/null; then not_ok "$1" "not true: $3" "$1/check.json"
	else ok "$1"; fi
}

tool runs <<'C'
SEC("tracepoint/syscalls/sys_enter_prctl") int enter(void *ctx) { return tell(); }
SEC("raw_tp/sched_switch") int change(void *ctx) { return 0; }
C
checked runs 0 '.runs and .why == null and (.programs | length == 2 and all(.state == "ok" and .instructions > 0)) and
	(.programs[] | select(.name == "enter") | .verified_instructions >= 5 and .verifier_states >= 1 and .verify_us > 0)'
grep -qE '^ok +enter +tracepoint/syscalls/sys_enter_prctl +[0-9]+ instructions, [0-9]+ verified in [0-9.]+ ms, [0-9]+ states$' runs/check.txt &&
	grep -q '^This kernel can run it\.$' runs/check.txt && ok text || not_ok text "not as it should look" runs/check.txt

tool missing <<'C'
SEC("tracepoint/sched/no_such_thing") int enter(void *ctx) { return tell(); }
SEC("raw_tp/no_such_other") int other(void *ctx) { return tell(); }
SEC("tracepoint/syscalls/sys_enter_prctl") int good(void *ctx) { return tell(); }
C
checked missing 3 '(.runs | not) and (.programs | map(.state) == ["missing", "missing", "ok"]) and
	(.programs[0].why | test("no tracepoint sched/no_such_thing")) and (.programs[1].why | test("no_such_other"))'
grep -q '^This kernel cannot run it\.$' missing/check.txt && ok text-missing || not_ok text-missing "no verdict" missing/check.txt

tool rejected <<'C'
SEC("tracepoint/syscalls/sys_enter_prctl") int enter(void *ctx)
{
	long *p = (long *)(long)bpf_get_current_pid_tgid();
	return *p; /* the bad read */
}
SEC("raw_tp/sched_switch") int good(void *ctx) { return tell(); }
C
checked rejected 1 '(.runs | not) and (.programs | map(.state) == ["rejected", "ok"]) and (.programs[0].why | test("return \\*p"))'
grep -q '^It cannot run' rejected/check.txt && ok text-rejected || not_ok text-rejected "no verdict" rejected/check.txt
grep -q 'return \*p' rejected/check.txt && ok source-line || not_ok source-line "the source line is not there" rejected/check.txt

tool both <<'C'
SEC("tracepoint/sched/no_such_thing") int lacking(void *ctx) { return tell(); }
SEC("tracepoint/syscalls/sys_enter_prctl") int wrong(void *ctx) { return *(int *)8; }
C
"$ECLI" check both/package.json >both.txt 2>&1
[ $? = 1 ] && grep -q '^missing *lacking' both.txt && grep -q '^rejected *wrong' both.txt && ok rejection-first ||
	not_ok rejection-first "status 1 and both lines" both.txt

tool alternatives <<'C'
/// @alternative new
SEC("tracepoint/sched/no_such_thing") int first(void *ctx) { return tell(); }
/// @alternative old
SEC("tracepoint/syscalls/sys_enter_prctl") int second(void *ctx) { return tell(); }
/// @alternative oldest
SEC("tracepoint/syscalls/sys_exit_prctl") int third(void *ctx) { return tell(); }
/// @optional
SEC("tracepoint/sched/no_such_other") int extra(void *ctx) { return tell(); }
C
checked alternatives 0 '.runs and (.programs | map(.state) == ["missing", "ok", "unused", "missing"])'

tool none <<'C'
/// @alternative new
SEC("tracepoint/sched/no_such_thing") int first(void *ctx) { return tell(); }
/// @alternative old
SEC("tracepoint/sched/no_such_other") int second(void *ctx) { return tell(); }
C
checked none 3 '(.runs | not) and (.programs | map(.state) == ["missing", "missing"]) and (.why | test("none of the alternatives"))'

# The kernel has nothing against it, but nobody could show its events.
tool noevent <<'C'
SEC("tracepoint/syscalls/sys_enter_prctl") int enter(void *ctx) { return tell(); }
C
sed -i '/@export/d; s/struct event event = .*/__u32 event = 1;/' noevent/tool.bpf.c && "$ECC" noevent/tool.bpf.c >ecc.out 2>&1
checked noevent 1 '(.runs | not) and .programs[0].state == "ok" and (.why | test("@export"))'

tool uprobe <<'C'
SEC("uprobe//no/such/file:main") int enter(void *ctx) { return tell(); }
C
checked uprobe 1 '(.runs | not) and (.programs[0] | .state == "rejected" and (.why | test("/no/such/file")))'

# The tool's options are there for the verifier: what one of them switches on is rejected with it alone.
tool options <<'C'
const volatile bool daring = false;
SEC("tracepoint/syscalls/sys_enter_prctl") int enter(void *ctx) { return daring ? *(int *)8 : tell(); }
C
checked options 0 '.runs'
code=0
"$ECLI" check options/package.json --daring -j >options/daring.json 2>err || code=$?
[ $code = 1 ] && jq -e '.programs[0].state == "rejected"' options/daring.json >/dev/null && ok check-with-options ||
	not_ok check-with-options "status $code" options/daring.json err
code=0
"$ECLI" check options/package.json --daring=perhaps >out 2>err || code=$?
[ $code = 2 ] && grep -q -- '--daring takes true or false, not "perhaps"' err && ok check-wrong-option || not_ok check-wrong-option "status $code" err

# Nothing of ours is there afterwards: programs of a name that nobody else uses.
mine=stay$$
tool stays <<C
SEC("tracepoint/syscalls/sys_enter_prctl") int $mine(void *ctx) { return tell(); }
/// @optional
SEC("tracepoint/sched/no_such_thing") int lacking(void *ctx) { return tell(); }
/// @optional
SEC("tracepoint/syscalls/sys_exit_prctl") int wrong(void *ctx) { return *(int *)8; }
C
checked stays 0 '.runs and (.programs | map(.state) == ["ok", "missing", "rejected"])'

# Names of what the machine does not have: told, and the run goes on; what it has is not.
told() { # NAME COUNT COMMAND...: that many warnings
	local name=$1 count=$2 code=0
	shift 2
	"$@" >out 2>err || code=$?
	[ $code = 0 ] && [ "$(grep -c 'so there may be nothing to show$' err)" = "$count" ] && ok "$name" || not_ok "$name" "status $code" err
}
none=$(($(cat /proc/sys/kernel/pid_max) - 1))
told absent-disk 1 "$ECLI" check "$PACKAGES/biolatency/package.json" -d no-such-disk
told absent-process 1 "$ECLI" run "$PACKAGES/offcputime/package.json" --duration 0.1 -p "$$,$none" -o folded=folded
grep -qx "ecli: --pids $none: there is no /proc/$none now, so there may be nothing to show" err && ok absent-is-named || not_ok absent-is-named "not in these words" err
told present 0 "$ECLI" run "$PACKAGES/profile/package.json" --duration 0.1 -p $$ -C "$(sed 's/.*[-,]//' /sys/devices/system/cpu/online)" -o folded=folded

bpftool prog list -j >left.json && ! grep -q "\"$mine\"" left.json && ok nothing-stays || not_ok nothing-stays "a program is still loaded" left.json

if has setpriv; then
	chmod 755 . && chmod -R a+rX . && install -m 755 "$ECLI" ecli-copy
	code=0
	setpriv --reuid=65534 --regid=65534 --clear-groups ./ecli-copy check runs/package.json >out 2>err || code=$?
	[ $code = 1 ] && grep -qE 'root|sudo' err && ! [ -s out ] && ok no-privileges || not_ok no-privileges "status $code" out err
else
	cannot no-privileges "needs setpriv"
fi
