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
# side by side. Nothing has a time limit: a suite is ended when it hangs (support/patient.c). Ctrl-C ends all of them, and lets them
# tidy up; the second one kills them.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
cd "$top" || exit 1
export BUILD=${BUILD:-$top/build}
# Tests read what programs say: in English, sorted by bytes. Those that need another locale set it.
unset LC_ALL LANGUAGE "${!LC_@}"
export LANG=C
logs=$BUILD/test-logs
patient=$BUILD/tests/support/patient

# name:lane:who. Each lane keeps about one CPU busy: docs/design/0014-tests.md has the figures.
suites="lint:1:user unit:1:user cli:1:root live:1:root truth:1:root
        vm:2:user hostile:2:root container:3:root viewers:3:user asan:3:root"
: "${ECLI_TEST_IDLE:=300}" "${ECLI_TEST_CPU:=1800}" # seconds without a result line: asleep, and computing

declare -A lane who parts whole
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
	if [ "$word" != "$name" ] && [ -z "${word#*/}" ]; then
		echo "tests/run.sh: $word names no part of suite $name; all of it: $name" >&2
		exit 2
	fi
	if [ -z "$name" ] || [ -z "${lane[$name]:-}" ]; then
		echo "tests/run.sh: no suite '$name'; there are: ${names[*]}; a part of one is SUITE/PART: unit/where_test" >&2
		exit 2
	fi
	[[ " ${wanted[*]:-} " == *" $name "* ]] || wanted+=("$name")
	if [ "$word" = "$name" ]; then whole[$name]=yes; else parts[$name]+=" ${word#*/}"; fi
done
for name in "${!whole[@]}"; do parts[$name]=; done
if ! [ -x "$patient" ]; then
	echo "tests/run.sh: $patient is not there; make test builds it" >&2
	exit 2
fi
if ! probe=$(mktemp -d "${TMPDIR:-/tmp}/ecli-test.XXXXXX" 2>/dev/null); then
	echo "tests/run.sh: cannot make a folder in ${TMPDIR:-/tmp}: set TMPDIR to one that can be written" >&2
	exit 2
fi
rmdir "$probe"
mkdir -p "$logs" || exit 2
for name in "${wanted[@]}"; do rm -f "$logs/$name".{log,err,end,cpu,pid} || exit 2; done

# ---- running -------------------------------------------------------------------------------------------------------

# One question for the password, not one from each lane.
become=()
if [ "$(id -u)" != 0 ] && command -v sudo >/dev/null; then
	become=(sudo --preserve-env=BUILD,SUITE,LANG,ECLI_TEST_STRICT,ECLI_TEST_FULL,http_proxy,https_proxy)
	for name in "${wanted[@]}"; do
		[ "${who[$name]}" = user ] || { sudo -v || become=(); break; }
	done
fi

# In a lane: a process of its own, which a TERM from stop() asks to end.
child='' stopped=''
end_suite() { # the one that runs
	local pid
	while [ -n "$child" ] && [ -d "/proc/$child" ]; do
		if read -r pid 2>/dev/null <"$logs/$name.pid"; then
			kill -TERM "$pid" 2>/dev/null || "${become[@]:-false}" -n kill -TERM "$pid" 2>/dev/null
			return
		fi
		sleep 0.1
	done
}

run_suite() { # NAME: its status and seconds in NAME.end
	local name=$1 as=() began=$SECONDS code=0
	[ "${who[$name]}" = user ] || as=("${become[@]}")
	as+=("$patient" --session "$logs/$name.pid" --idle "$ECLI_TEST_IDLE" --cpu "$ECLI_TEST_CPU" --watch "$logs/$name.log" --usage "$logs/$name.cpu")
	[ "${who[$name]}" = user ] || as+=("$here/own-root.sh")
	# shellcheck disable=SC2086 # words
	SUITE=$name "${as[@]}" "$here/$name/run.sh" ${parts[$name]:-} </dev/null >"$logs/$name.log" 2>"$logs/$name.err" 3>&- 4<&- &
	child=$!
	[ -z "$stopped" ] || end_suite
	while :; do # a signal ends the waiting, too
		wait "$child"
		code=$?
		[ -d "/proc/$child" ] || break
	done
	printf '%s %s\n' "$code" "$((SECONDS - began))" >"$logs/$name.end"
}

run_lane() { # LANE
	local name
	trap 'stopped=yes; end_suite' TERM
	for name in "${wanted[@]}"; do
		[ "${lane[$name]}" = "$1" ] || continue
		[ -z "$stopped" ] || exit 143
		run_suite "$name"
		echo "$name" >&3
	done
}

# ---- telling -------------------------------------------------------------------------------------------------------

passed=0 failed=0
skips=() # NAME skip line

# of_suite NAME WHAT: what patient said of the suite itself, as against the patience of a test, and which processes it named.
of_suite() {
	awk -v begin="patient: $here/" -v what="$2" '
		/^patient: [^ ]/ { at = index($0, begin) == 1 ? index($0, what) : 0; if (at) said = substr($0, at + length(what)) }
		/^patient:  / && at { sub(/^patient: +/, "; "); said = said $0 }
		END { sub(/; of it there were:/, "", said); sub(/^; /, "", said); print said }' "$logs/$1.err"
}

verdict_on_suite() { # NAME STATUS: a suite that did not do its work has failed, whatever its tests said
	local name=$1 code=$2 log=$logs/$1.log said
	[ ! -s "$log" ] || [ -z "$(tail -c 1 "$log")" ] || echo >>"$log"
	case $code in
	124) said=$(of_suite "$name" " hung: ") ;;
	125) said=$(of_suite "$name" " left these running") ;;
	*) said= ;;
	esac
	if [ "$code" = 124 ] && [ -n "$said" ]; then
		echo "not ok $name - the suite hung without a result: $said"
	elif [ "$code" = 125 ] && [ -n "$said" ]; then
		echo "not ok $name - the suite left these running: $said"
	elif [ "$code" != 0 ]; then
		grep -q '^not ok ' "$log" || echo "not ok $name - the suite ended with status $code"
	elif ! grep -qE '^(ok|not ok|skip) ' "$log"; then
		echo "not ok $name - the suite ran no test${parts[$name]:+ of:${parts[$name]}}"
	fi >>"$log"
}

again() { # NAME: what was asked for of this suite, as a word of a shell
	local part words=$1
	[ -z "${parts[$1]:-}" ] || words=$(for part in ${parts[$1]}; do echo "$1/$part"; done | paste -sd ' ')
	case $words in *" "*) echo "'$words'" ;; *) echo "$words" ;; esac
}

report() { # NAME: a line, and failures, of long lines the beginning
	local name=$1 log=$logs/$1.log code=1 took=0 cpu=0 p f s
	[ -r "$logs/$name.end" ] && read -r code took <"$logs/$name.end"
	[ -r "$logs/$name.cpu" ] && read -r cpu <"$logs/$name.cpu"
	touch "$log"
	verdict_on_suite "$name" "$code"
	p=$(grep -c '^ok ' "$log")
	f=$(grep -c '^not ok ' "$log")
	s=$(grep -c '^skip ' "$log")
	printf '%-10s %4d passed %4d failed %4d skipped %5d s (%.0f s of CPU time)\n' "$name" "$p" "$f" "$s" "$took" "$cpu"
	awk 'function say(line) { print "  " (length(line) > 300 ? substr(line, 1, 300) " ..." : line) }
		/^(ok|not ok|skip) /{show = /^not ok /; if (show) print "  " $0; next} /^#   alone: /{print "  " $0; next} show && /^#/{say($0)}' "$log"
	if [ "$f" != 0 ]; then
		if [ -s "$logs/$name.err" ]; then
			echo "  # end of the standard error of $name:"
			tail -n 20 "$logs/$name.err" | sed 's/^/  # | /'
		fi
		echo "  # all of it: ${logs#"$top"/}/$name.log, $name.err; again: make test SUITES=$(again "$name")"
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
	stopped=yes
	kill -TERM "${lanes[@]}" 2>/dev/null
}

so_far() { # how far the suites are that run
	local name line=
	for name in "${wanted[@]}"; do
		[ -e "$logs/$name.log" ] && [ ! -e "$logs/$name.end" ] || continue
		line+=", $name $(grep -cE '^(ok|not ok|skip) ' "$logs/$name.log")"
	done
	[ -z "$line" ] || echo "  ... after $SECONDS s, tests so far: ${line#, }"
}

pipe=$(mktemp -u "$logs/done.XXXXXX")
mkfifo "$pipe" || exit 2
exec 3<>"$pipe" 4<"$pipe" # when the last lane has ended, however it did, 4 is at its end
rm "$pipe"
lanes=()
trap stop INT TERM HUP PIPE # PIPE: nobody reads what is told any more
for number in $(for name in "${wanted[@]}"; do echo "${lane[$name]}"; done | sort -u); do
	run_lane "$number" 4<&- &
	lanes+=($!)
done
exec 3>&-
[ ${#wanted[@]} = 1 ] || echo "${#wanted[@]} suites, $([ ${#lanes[@]} = 1 ] && echo "one after the other" || echo "${#lanes[@]} at a time"), a line when one has ended; logs: ${logs#"$top"/}"
reported=' '
while [ -z "$stopped" ]; do
	code=0
	read -r -t 60 name <&4 || code=$?
	[ -z "$stopped" ] || break
	if [ $code = 0 ]; then
		report "$name"
		reported+="$name "
		[ ${#become[@]} = 0 ] || sudo -n -v 2>/dev/null # or it asks again in the middle
	elif [ $code -gt 128 ]; then
		so_far
	else
		break
	fi
done
while ! wait; do :; done
if [ -n "$stopped" ]; then
	echo "interrupted"
	exit 130
fi
for name in "${wanted[@]}"; do # of a lane that died
	[[ "$reported" == *" $name "* ]] || report "$name"
done
report_skips
echo "logs: ${logs#"$top"/}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
