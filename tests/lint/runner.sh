# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The runner is shown suites that pass, fail, skip, die, say nothing and hang, and must count each of them right: everything
# else that is tested here rests on it.

runner_tree=$scratch/runner
mkdir -p "$runner_tree/tests"
# One suite gets a limit short enough to see it act.
sed 's/live:alone:root:[0-9]*/live:alone:user:1/; s/\(cli\|asan\):first:root/\1:first:user/' "$top/tests/run.sh" >"$runner_tree/tests/run.sh"
chmod +x "$runner_tree/tests/run.sh"
cp "$top/tests/own-root.sh" "$runner_tree/tests/"

fake() { # SUITE SCRIPT
	mkdir -p "$runner_tree/tests/$1"
	printf '#!/bin/sh\n%s\n' "$2" >"$runner_tree/tests/$1/run.sh"
	chmod +x "$runner_tree/tests/$1/run.sh"
}

fake lint 'echo "ok a"; echo "ok b"; echo "skip c - no such thing here"'
fake unit 'echo "ok a"; echo "not ok b - it is wrong"; echo "# the proof"; exit 1'
fake vm 'echo "ok a"; echo "last words" >&2; exit 3'
fake cli 'echo chatter'
fake asan 'sleep 59 & echo "ok a"'
fake live 'echo "ok a"; sleep 60'

runner_case() { # NAME STATUS LAST-LINE MUST-CONTAIN SUITE...
	local name=$1 status=$2 last=$3 contains=$4 code=0
	shift 4
	BUILD=$runner_tree/build "$runner_tree/tests/run.sh" "$@" >"$scratch/runner.out" 2>&1 || code=$?
	if [ "$code" = "$status" ] && [ "$(tail -n 1 "$scratch/runner.out")" = "$last" ] && grep -qF -- "$contains" "$scratch/runner.out"; then
		ok "runner: $name"
	else
		not_ok "runner: $name" "status $code, wanted $status and the last line '$last'" "$scratch/runner.out"
	fi
}

runner_case "counts what passes and what is skipped" 0 "2 passed, 0 failed, 1 skipped" "skip c - no such thing here" lint
runner_case "shows a failure with its proof" 1 "1 passed, 1 failed, 0 skipped" "# the proof" unit
runner_case "a suite that dies has failed" 1 "1 passed, 1 failed, 0 skipped" "last words" vm
runner_case "a suite without a test has failed" 1 "0 passed, 1 failed, 0 skipped" "ran no test" cli
runner_case "a suite that hangs is ended and has failed" 1 "1 passed, 1 failed, 0 skipped" "did not end within 1 s" live
runner_case "what a suite leaves running is ended and a failure" 1 "1 passed, 1 failed, 0 skipped" "sleep 59" asan
runner_case "adds the suites up" 1 "4 passed, 2 failed, 1 skipped" "lint" lint unit vm
runner_case "refuses a suite it does not know" 2 "tests/run.sh: no suite 'no-such'; there are: $(
	sed -n '/^suites="/,/"$/p' "$top/tests/run.sh" | grep -oE '[a-z]+:[a-z]+:[a-z]+:[0-9]+' | cut -d : -f 1 | tr '\n' ' ' | sed 's/ $//'
)" "" no-such
