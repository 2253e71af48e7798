#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs the suites and counts. The last line is `N passed, N failed, N skipped`; the status is 1 when a test failed, a suite
# died, or a suite that was asked for ran no test at all.
#
#   tests/run.sh                    every suite
#   tests/run.sh lint unit          these
#   tests/run.sh live/frames        only this part of a suite: a script, a program, a tool, MACHINE/SCRIPT of vm
#
# A suite is tests/NAME/run.sh [PART...]; what it prints is said in tests/lib.sh. The suites of a lane run one after the other, the lanes
# side by side. Nothing has a time limit: a suite is ended when it hangs (support/patient.c).
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
cd "$top" || exit 1
export BUILD=${BUILD:-$top/build}
logs=$BUILD/test-logs
patient=$BUILD/tests/support/patient

# name:lane:who. Each lane keeps about one CPU busy: docs/design/0014-tests.md has the figures.
suites="lint:1:user unit:1:user cli:1:root live:1:root truth:1:root
        vm:2:user container:3:root viewers:3:user asan:3:root"
: "${ECLI_TEST_IDLE:=300}" "${ECLI_TEST_CPU:=1800}" # seconds without a result line: asleep, and computing

declare -A lane who parts
names=()
for entry in $suites; do
	IFS=: read -r name l w <<<"$entry"
	names+=("$name")
	lane[$name]=$l who[$name]=$w
done

[ $# -gt 0 ] || set -- "${names[@]}"
wanted=()
for word in "$@"; do
	name=${word%%/*}
	if [ -z "${lane[$name]:-}" ]; then
		echo "tests/run.sh: no suite '$name'; there are: ${names[*]}" >&2
		exit 2
	fi
	[[ " ${wanted[*]:-} " == *" $name "* ]] || wanted+=("$name")
	[ "$word" = "$name" ] || parts[$name]+=" ${word#*/}"
done
mkdir -p "$logs"
for name in "${wanted[@]}"; do rm -f "$logs/$name".{log,err,end,cpu}; done

# ---- running -------------------------------------------------------------------------------------------------------

run_suite() { # NAME: its status and seconds in NAME.end
	local name=$1 as=() began=$SECONDS code=0
	if [ "${who[$name]}" = root ]; then
		[ "$(id -u)" = 0 ] || as=(sudo --preserve-env=BUILD,SUITE,ECLI_TEST_STRICT,http_proxy,https_proxy)
	fi
	as+=("$patient" --idle "$ECLI_TEST_IDLE" --cpu "$ECLI_TEST_CPU" --watch "$logs/$name.log" --usage "$logs/$name.cpu")
	[ "${who[$name]}" != root ] || as+=("$here/own-root.sh")
	# shellcheck disable=SC2086 # words
	SUITE=$name "${as[@]}" "$here/$name/run.sh" ${parts[$name]:-} </dev/null >"$logs/$name.log" 2>"$logs/$name.err" &
	child=$!
	wait $child || code=$?
	printf '%s %s\n' "$code" "$((SECONDS - began))" >"$logs/$name.end"
}

run_lane() { # LANE
	local name child=
	trap '[ -z "$child" ] || kill -TERM $child 2>/dev/null; wait; exit 143' TERM
	for name in "${wanted[@]}"; do
		[ "${lane[$name]}" = "$1" ] || continue
		run_suite "$name"
		echo "$name" >&3
	done
}

# ---- telling -------------------------------------------------------------------------------------------------------

passed=0 failed=0
skips=() # NAME skip line

verdict_on_suite() { # NAME STATUS: a suite that did not do its work has failed, whatever its tests said
	local name=$1 code=$2 log=$logs/$1.log
	case $code in
	124) echo "not ok $name - the suite hung: $(sed -n 's/^patient: [^ ]* hung: \(.*\); of it.*/\1/p' "$logs/$name.err" | tail -n 1) without a result" ;;
	125) echo "not ok $name - the suite left these running: $(sed -n 's/^patient:   *//p' "$logs/$name.err" | tr '\n' ';')" ;;
	0) grep -qE '^(ok|not ok|skip) ' "$log" || echo "not ok $name - the suite ran no test" ;;
	*) grep -q '^not ok ' "$log" || echo "not ok $name - the suite ended with status $code" ;;
	esac >>"$log"
}

report() { # NAME: a line, and failures in full
	local name=$1 log=$logs/$1.log code=1 took=0 cpu=0 p f s
	[ -r "$logs/$name.end" ] && read -r code took <"$logs/$name.end"
	[ -r "$logs/$name.cpu" ] && read -r cpu <"$logs/$name.cpu"
	touch "$log"
	verdict_on_suite "$name" "$code"
	p=$(grep -c '^ok ' "$log")
	f=$(grep -c '^not ok ' "$log")
	s=$(grep -c '^skip ' "$log")
	printf '%-10s %4d passed %4d failed %4d skipped %5d s (%.0f s of CPU time)\n' "$name" "$p" "$f" "$s" "$took" "$cpu"
	awk '/^(ok|not ok|skip) /{show = /^not ok /; if (show) print "  " $0; next} show && /^#/{print "  " $0}' "$log"
	if [ "$f" != 0 ]; then
		if [ -s "$logs/$name.err" ]; then
			echo "  # end of the standard error of $name:"
			tail -n 20 "$logs/$name.err" | sed 's/^/  # | /'
		fi
		echo "  # all of it: ${logs#"$top"/}/$name.log, $name.err; again: make test SUITES=$name"
	fi
	passed=$((passed + p)) failed=$((failed + f))
	while IFS= read -r line; do skips+=("$name $line"); done < <(grep '^skip ' "$log")
}

# What this kernel cannot do a guest's may have done: NAME of a skip is a test there, or the beginning of several.
ran_in_guest() { # NAME: the machine
	[ -r "$logs/vm.log" ] && [[ " ${wanted[*]} " == *" vm "* ]] &&
		awk -v name="$1" '/^ok / { machine = $2; sub(/^ok [^ ]* /, ""); if (sub(/:$/, "", machine) && !/cannot run here/ && index($0, name) == 1 && substr($0, length(name) + 1) ~ /^($|[: ])/) { print machine; exit } }' "$logs/vm.log" | grep .
}

report_skips() {
	local line name machine guests=0
	skipped=0
	for line in "${skips[@]:-}"; do
		[ -n "$line" ] || continue
		name=${line#* skip }
		name=${name%% - *}
		if machine=$(ran_in_guest "$name"); then
			guests=$((guests + 1))
		else
			skipped=$((skipped + 1))
			echo "skip ${line%% *}: ${line#* skip }"
		fi
	done
	[ $guests = 0 ] || echo "$guests tests that this kernel cannot run ran on a guest's"
}

stop() {
	trap - INT TERM HUP
	kill -TERM "${lanes[@]}" 2>/dev/null
	wait
	exit 130
}

pipe=$(mktemp -u "$logs/done.XXXXXX")
mkfifo "$pipe"
exec 3<>"$pipe"
rm "$pipe"
lanes=()
trap stop INT TERM HUP
for number in $(for name in "${wanted[@]}"; do echo "${lane[$name]}"; done | sort -u); do
	run_lane "$number" &
	lanes+=($!)
done
for _ in "${wanted[@]}"; do
	read -r name <&3
	report "$name"
done
wait
report_skips
echo "logs: ${logs#"$top"/}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
