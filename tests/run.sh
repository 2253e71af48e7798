#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs the suites and counts. The last line is `N passed, N failed, N skipped`; the status is 1 when a test failed, a suite
# died, or a suite that was asked for ran no test at all.
#
#   tests/run.sh                 every suite
#   tests/run.sh lint unit       these
#
# A suite is tests/NAME/run.sh; what it prints is said in tests/lib.sh. Suites that mostly wait (vm, container, viewers) run beside
# the first ones. live and truth measure time on the real kernel, so they run alone, after everything else has ended.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
cd "$top" || exit 1
export BUILD=${BUILD:-$top/build}
logs=$BUILD/test-logs

# name : when (side: beside the others | first: in this order | alone: when all others are done) : who : limit in seconds
suites="lint:first:user:120 unit:first:user:300 cli:first:root:300 asan:first:root:900
        vm:side:user:1200 container:side:root:900 viewers:side:user:180 live:alone:root:600 truth:alone:root:300"

declare -A when who limit pid
names=()
for entry in $suites; do
	IFS=: read -r name w o l <<<"$entry"
	names+=("$name")
	when[$name]=$w who[$name]=$o limit[$name]=$l
done

wanted=" ${*:-${names[*]}} "
for name in $wanted; do
	[ -n "${when[$name]:-}" ] && continue
	echo "tests/run.sh: no suite '$name'; there are: ${names[*]}" >&2
	exit 2
done
mkdir -p "$logs"
passed=0 failed=0 skipped=0

end_leftovers() { # GROUP: what a suite started, it has to end; what it did not is a failure, and is ended here
	local i left
	for i in 1 2 3 4 5 6 7 8 9 10; do
		left=$(pgrep -r D,R,S,T -g "$1" -a | cut -c 1-150) || return 0
		sleep 0.1
	done
	echo "not ok leftovers - the suite left these running: ${left//$'\n'/; }"
	kill -KILL -- "-$1"
}

start() { # NAME: runs the suite in the background
	local name=$1 as=()
	rm -f "$logs/$name".{log,err,end}
	if [ "${who[$name]}" = root ]; then
		[ "$(id -u)" = 0 ] || as=(sudo --preserve-env=BUILD,ECLI_TEST_STRICT,http_proxy,https_proxy)
		as+=("$here/own-root.sh")
	fi
	{
		local began=$SECONDS code=0 group
		timeout --kill-after=20 "${limit[$name]}" "${as[@]}" "$here/$name/run.sh" </dev/null \
			>"$logs/$name.log" 2>"$logs/$name.err" &
		group=$! # timeout(1) makes itself the leader of a process group
		trap 'kill -TERM $group 2>/dev/null' TERM
		wait $group || code=$?
		end_leftovers "$group" >>"$logs/$name.log"
		printf '%s %s\n' "$code" "$((SECONDS - began))" >"$logs/$name.end"
	} &
	pid[$name]=$!
}

finish() { # NAME: waits for it and counts; failures and skips are shown in full
	local name=$1 log=$logs/$1.log err=$logs/$1.err code=1 took=0 p f s
	wait "${pid[$name]}"
	unset "pid[$name]"
	[ -r "$logs/$name.end" ] && read -r code took <"$logs/$name.end"
	touch "$log"
	f=$(grep -c '^not ok ' "$log")
	if [ "$code" = 124 ] || [ "$code" = 137 ]; then
		echo "not ok $name - the suite did not end within ${limit[$name]} s" >>"$log"
	elif [ "$code" != 0 ] && [ "$f" = 0 ]; then
		echo "not ok $name - the suite ended with status $code" >>"$log"
	elif ! grep -qE '^(ok|not ok|skip) ' "$log"; then
		echo "not ok $name - the suite ran no test" >>"$log"
	fi
	p=$(grep -c '^ok ' "$log")
	f=$(grep -c '^not ok ' "$log")
	s=$(grep -c '^skip ' "$log")
	printf '%-10s %4d passed %4d failed %4d skipped %5d s\n' "$name" "$p" "$f" "$s" "$took"
	awk '/^(ok|not ok|skip) /{show = !/^ok /; if (show) print "  " $0; next} show && /^#/{print "  " $0}' "$log"
	if [ "$f" != 0 ] && [ -s "$err" ]; then
		echo "  # end of the standard error of $name:"
		tail -n 20 "$err" | sed 's/^/  # | /'
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

stop() {
	trap - INT TERM HUP
	[ ${#pid[@]} = 0 ] || kill -TERM "${pid[@]}" 2>/dev/null
	wait
	exit 130
}
trap stop INT TERM HUP

each() { # WHEN COMMAND...: for the wanted suites of that kind
	local kind=$1 name command
	shift
	for name in "${names[@]}"; do
		[ "${when[$name]}" = "$kind" ] && [[ $wanted == *" $name "* ]] || continue
		for command in "$@"; do "$command" "$name"; done
	done
}
each side start
each first start finish
each side finish
each alone start finish

echo "logs: ${logs#"$top"/}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
