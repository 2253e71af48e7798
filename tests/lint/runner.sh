# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The runner is shown suites that pass, fail, skip, die, say nothing, hang and are interrupted, and must count each of them right:
# everything else that is tested here rests on it. The cases run side by side; each has a copy of the tree's fake suites in its BUILD.

runner_tree=$scratch/runner
mkdir -p "$runner_tree/tests"
# None as root: the lanes, and what a suite may do, are as they are.
sed -E '/^suites="/,/"$/s/:root/:user/g' "$top/tests/run.sh" >"$runner_tree/tests/run.sh"
chmod +x "$runner_tree/tests/run.sh"

fake() { # SUITE SCRIPT
	mkdir -p "$runner_tree/tests/$1"
	printf '#!/bin/sh\n%s\n' "$2" >"$runner_tree/tests/$1/run.sh"
	chmod +x "$runner_tree/tests/$1/run.sh"
}

# What a suite does is said by a file of the case, so that one tree serves all: $BUILD/SUITE.
for name in lint unit cli live truth vm container viewers asan hostile; do
	# shellcheck disable=SC2016
	fake $name '. "$BUILD/'$name'"'
done

runner_count=0
# suites SUITE SCRIPT...: a new $case_build with these suites.
suites() {
	runner_count=$((runner_count + 1))
	case_build=$runner_tree/build.$runner_count
	mkdir -p "$case_build/tests/support"
	ln -s "$BUILD/tests/support/patient" "$case_build/tests/support/"
	while [ $# -gt 0 ]; do
		printf '%s\n' "$2" >"$case_build/$1"
		shift 2
	done
}

start_runner() { # SUITE...: the runner as a child of this shell, $runner, with the signals as a terminal gives them
	env --default-signal=INT BUILD="$case_build" "$runner_tree/tests/run.sh" "$@" >"$case_build/out" 2>&1 &
	runner=$!
}

judge_runner() { # NAME STATUS LAST-LINE MUST-CONTAIN CODE
	if [ "$5" != "$2" ]; then
		not_ok "runner: $1" "status $5, not $2" "$case_build/out"
	elif [ "$(tail -n 1 "$case_build/out")" != "$3" ]; then
		not_ok "runner: $1" "the last line is not: $3" "$case_build/out"
	elif ! grep -qE -- "$4" "$case_build/out"; then
		not_ok "runner: $1" "there is no: $4" "$case_build/out"
	elif [ -e "$case_build/wrong" ]; then
		not_ok "runner: $1" "$(cat "$case_build/wrong")" "$case_build/out"
	else
		ok "runner: $1"
	fi
}

# runner_case NAME STATUS LAST-LINE MUST-CONTAIN ARG...: the runner over the suites of $case_build, beside the others (run.sh).
runner_case() { beside "$case_build/verdict" run_case "$@"; }
run_case() {
	local name=$1 status=$2 last=$3 contains=$4 code=0
	shift 4
	start_runner "$@"
	wait $runner || code=$?
	judge_runner "$name" "$status" "$last" "$contains" $code
}

# ---- counting
suites lint 'echo "ok a"; echo "ok b"; echo "skip c - no such thing here"'
runner_case "counts what passes and what is skipped" 0 "2 passed, 0 failed, 1 skipped" "^skip lint: c - no such thing here" lint
suites unit 'echo "ok a"; echo "not ok b - it is wrong"; echo "# the proof"; echo "ok c"; echo "#   alone: make test SUITES=unit/b"; exit 1'
runner_case "shows a failure with its proof" 1 "2 passed, 1 failed, 0 skipped" "^  # the proof" unit
suites unit 'echo "ok a"; echo "not ok b - it is wrong"; echo "ok c"; echo "#   alone: make test SUITES=unit/b"'
runner_case "says how to run a failure alone" 1 "2 passed, 1 failed, 0 skipped" "alone: make test SUITES=unit/b" unit
suites lint 'echo "ok a"' unit 'echo "ok a"; echo "not ok b - no"' vm 'echo "ok a"; echo "skip b - no"'
runner_case "adds the suites up" 1 "3 passed, 1 failed, 1 skipped" "^3 suites, 2 at a time" lint unit vm
suites lint 'printf "ok a\nok b"; exit 3'
runner_case "a line without an end is a line" 1 "2 passed, 1 failed, 0 skipped" "not ok lint - the suite ended with status 3" lint

# ---- suites that do not do their work
suites vm 'echo "ok a"; echo "last words" >&2; exit 3'
runner_case "a suite that dies has failed" 1 "1 passed, 1 failed, 0 skipped" "last words" vm
suites vm 'echo "ok a"; kill -KILL $$'
runner_case "a suite that is killed has failed" 1 "1 passed, 1 failed, 0 skipped" "ended with status 137" vm
suites cli 'echo chatter'
runner_case "a suite without a test has failed" 1 "0 passed, 1 failed, 0 skipped" "not ok cli - the suite ran no test" cli
suites cli 'echo chatter'
runner_case "a part that there is not has failed" 1 "0 passed, 1 failed, 0 skipped" "the suite ran no test of: nowhere" cli/nowhere
suites live 'echo "ok a"; sleep 600'
ECLI_TEST_IDLE=1 runner_case "a suite that sleeps for ever is ended and has failed" 1 "1 passed, 1 failed, 0 skipped" \
	"not ok live - the suite hung without a result: it slept for [1-9][0-9]* s, and used [0-9]+ s of CPU time; .*; [0-9]+ S sleep 600" live
suites live 'echo "ok a"; while :; do :; done'
ECLI_TEST_CPU=1 runner_case "a suite that computes for ever is ended and has failed" 1 "1 passed, 1 failed, 0 skipped" \
	"not ok live - the suite hung without a result: it slept for [0-9]+ s, and used [1-9][0-9]* s of CPU time; [0-9]+ R" live
suites live 'for i in 1 2 3 4; do echo "ok $i"; sleep 1.5; done'
ECLI_TEST_IDLE=2 runner_case "a suite that goes on is not ended" 0 "4 passed, 0 failed, 0 skipped" "^live " live
suites asan 'sleep 599 & echo "ok a"'
runner_case "what a suite leaves running is ended and a failure" 1 "1 passed, 1 failed, 0 skipped" \
	"not ok asan - the suite left these running: [0-9]+ S sleep 599" asan
suites asan 'sleep 0.5 & echo "ok a"'
runner_case "what is about to end is no failure" 0 "1 passed, 0 failed, 0 skipped" "^asan " asan
suites cli 'echo "ok a"; "$BUILD/tests/support/patient" --idle 1 sleep 60; exit 124'
runner_case "a test that hung is not the suite" 1 "1 passed, 1 failed, 0 skipped" "not ok cli - the suite ended with status 124" cli
suites unit 'read -r lane rest </proc/$PPID/stat; kill -KILL $(sed "s/.*) . //; s/ .*//" /proc/$PPID/stat); sleep 598' lint 'echo "ok a"' vm 'echo "ok a"'
runner_case "a lane that dies does not hold up the rest" 1 "2 passed, 1 failed, 0 skipped" "not ok unit - the suite ended with status 1" lint unit vm

# ---- parts and lanes
suites live 'for part in "$@"; do echo "ok $part"; done; [ $# != 0 ] || echo "ok all"'
runner_case "a part is handed on" 0 "2 passed, 0 failed, 0 skipped" "^live +2 passed" live/frames live/6.1/hist
suites live 'for part in "$@"; do echo "ok $part"; done; [ $# != 0 ] || { echo "ok all"; echo "ok of it"; }'
runner_case "a part and the whole are the whole" 0 "2 passed, 0 failed, 0 skipped" "^live +2 passed" live/frames live
meet() { # FILE FILE: makes the first, waits for the second
	printf ': >"$BUILD/%s"; until [ -e "$BUILD/%s" ]; do sleep 0.05; done; echo "ok met"' "$1" "$2"
}
suites lint "$(meet first second)" vm "$(meet second first)"
runner_case "lanes run side by side" 0 "2 passed, 0 failed, 0 skipped" "^2 suites, 2 at a time" lint vm
suites lint 'sleep 0.5; echo "ok a"; : >"$BUILD/lint.over"' unit '[ -e "$BUILD/lint.over" ] && echo "ok after"'
runner_case "the suites of a lane one after the other" 0 "2 passed, 0 failed, 0 skipped" "^2 suites, one after the other" lint unit
suites unit '[ "$SUITE $LANG ${LC_ALL:-none}" = "unit C none" ] && echo "ok a"; [ ! -e /proc/self/fd/3 ] && echo "ok b"'
LC_ALL=C.UTF-8 LANG=zh_CN.UTF-8 runner_case "a suite knows its name, speaks English, has no file of the runner" 0 "2 passed, 0 failed, 0 skipped" "^unit " unit

# ---- skips
suites live 'echo "skip attach - no kprobes"; echo "skip attach-xdp - no"; echo "skip other - no"; echo "ok a"' \
	vm 'echo "ok 6.1: attach: one"; echo "ok 6.1: something: other"; echo "skip 5.10: attach-xdp - no"'
runner_case "what a guest ran is not skipped" 0 "3 passed, 0 failed, 3 skipped" "^1 tests that this kernel cannot run ran on a guest's" live vm
suites live 'echo "skip attach - no kprobes"' vm 'echo "ok 6.1: attach: one"'
runner_case "a guest that was not asked ran nothing" 0 "0 passed, 0 failed, 1 skipped" "^skip live: attach - no kprobes" live

# ---- what cannot be asked for
suites
runner_case "refuses a suite it does not know" 2 "tests/run.sh: no suite 'no-such'; there are: $(
	sed -n '/^suites="/,/"$/p' "$top/tests/run.sh" | grep -oE '[a-z]+:[0-9]+:[a-z]+' | cut -d : -f 1 | tr '\n' ' ' | sed 's/ $//'
); a part of one is SUITE/PART: unit/where_test" "" no-such
suites
rm "$case_build/tests/support/patient"
runner_case "says when nothing is built" 2 "tests/run.sh: $case_build/tests/support/patient is not there; make test builds it" "" lint

# ---- Ctrl-C: everything ends, and tidies up before; what does not is killed by the second
# interrupted_case NAME SIGNAL TIMES SUITE...: a suite that is ready makes $BUILD/ready.SUITE and writes its process ids into $BUILD/pids.
interrupted_case() { beside "$case_build/verdict" interrupt_case "$@"; }
interrupt_case() {
	local name=$1 signal=$2 times=$3 code=0 suite pid
	shift 3
	start_runner "$@"
	for suite in "$@"; do wait_until -p $runner test -e "$case_build/ready.$suite" || echo "$suite did not begin" >>"$case_build/wrong"; done
	kill -"$signal" $runner
	if [ "$times" = 2 ]; then
		wait_until -p $runner test -e "$case_build/asked"
		kill -"$signal" $runner
	fi
	wait $runner || code=$?
	while read -r pid; do
		! kill -0 "$pid" 2>/dev/null || echo "process $pid still runs" >>"$case_build/wrong"
	done <"$case_build/pids"
	[ "$times" = 2 ] || for suite in "$@"; do
		! grep -q "not ok $suite" "$case_build/out" || echo "$suite is told as a failure" >>"$case_build/wrong"
		[ -e "$case_build/tidy.$suite" ] || echo "$suite could not tidy up" >>"$case_build/wrong"
	done
	judge_runner "$name" 130 interrupted "" $code
}
waiting() { # SUITE
	printf 'trap '\'': >"$BUILD/tidy.%s"; exit 1'\'' TERM; echo "ok a"; sleep 597 & echo $! >>"$BUILD/pids"; echo $$ >>"$BUILD/pids"; : >"$BUILD/ready.%s"; wait' "$1" "$1"
}
suites lint "$(waiting lint)" vm "$(waiting vm)" asan "$(waiting asan)"
interrupted_case "Ctrl-C ends every suite" INT 1 lint vm asan
suites lint "$(waiting lint)" vm "$(waiting vm)"
interrupted_case "so does TERM" TERM 1 lint vm
suites lint 'trap ": >\"\$BUILD/asked\"" TERM; echo "ok a"; echo $$ >>"$BUILD/pids"; : >"$BUILD/ready.lint"; while :; do sleep 0.1; done'
interrupted_case "the second Ctrl-C kills what stays" INT 2 lint
