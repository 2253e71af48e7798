#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tables of sampled maps: sorted, cut, cleared, and per-CPU values made one. 100 marks on CPU 0, then 50 on another, give every
# row a known value: key K counts K for each mark N with N % 10 == K.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
need_mark
build table || exit 0
table=$scratch/table/package.json
mapfile -t cpus < <(taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' | while IFS=- read -r a b; do seq "$a" "${b:-$a}"; done)

# over ROWS ARGS: run ecli with ARGS over 100 marks on the first CPU and 50 on the last; between them, and before the end, that many more
# lines are waited for: looks.
over() {
	local lines=$1
	shift
	start_ecli "$table" "$@" || { not_ok table "did not become ready" "$err"; exit 0; }
	taskset -c "${cpus[0]}" "$scratch/mark" 100
	wait_until -p "$ecli_pid" has_lines "$rows" "$lines" ''
	[ "$lines" = 0 ] || lines=$((lines + $(wc -l <"$rows")))
	taskset -c "${cpus[-1]}" "$scratch/mark" 50
	wait_until -p "$ecli_pid" has_lines "$rows" "$lines" ''
	stop_ecli
}
# The last whole round of a map as an array, without time and map.
last() { printf '(map(select(.map == "%s")) | (last | .time) as $t | map(select(.time == $t) | del(.time, .map)))' "$1"; }

over 0 -o json
check_rows table-sorted "$(last one) | [.[] | [.key, .count, .least, .comm]] == [range(9; -1; -1) | [., . * 15, -., \"mark\"]]"
check_rows table-per-cpu-sum "$(last each) | map([.key, .count, .comm]) == [range(4) | [., . * 15, \"mark\"]]"
check_rows table-per-cpu-max "$(last greatest) == [{key: 0, value: 99}]"

over 0 -o json --sort +least --top 3
check_rows table-option-sort "($(last one) | map(.least)) == [-9, -8, -7] and ($(last each) | map(.key)) == [9, 8, 7]"

over 0 -o json --sort comm --interval 0.05
check_rows table-equal-rows-have-an-order "$(last one) | map(.key) == [range(10)]"

# One look after the other; no more of them than intervals, and one at the end.
start_ecli "$table" -o json --interval 0.05 --stats
"$scratch/mark" 100
wait_until -p "$ecli_pid" has_lines "$rows" 5 '"map":"greatest"'
stop_ecli
check_rows table-interval 'last.seconds as $s | map(select(.map == "greatest") | .time) | length >= 5 and length <= $s / 0.05 + 2'

# Each mark is counted in exactly one round. An entry of an array that is 0 is left out.
over 1 -o json --clear
check_rows table-cleared '(map(select(.map == "one" and .key == 9) | .count) | add) == 135 and ([.[] | select(.map == "greatest") | .value] | max) == 99 and
	([.[] | select(.map == "greatest") | .value] | min) > 0'

# As text each round is a table with a header of its own, below its time.
jq -c '.meta.bpf_skel.maps |= map(select(.ident == "one" or (.sample | not)))' "$table" >"$scratch/text.json"
table=$scratch/text.json over 1 --top 2
tail -n 5 "$rows" | sed 's/^[0-9][0-9:]*:[0-9][0-9]$/TIME/' >"$scratch/got"
printf '%s\n' '' TIME '    KEY        COUNT   LEAST COMM' '      9          135      -9 mark' '      8          120      -8 mark' >"$scratch/want"
if cmp -s "$scratch/want" "$scratch/got" && head -n 1 "$rows" | grep -qE '^[0-9]{2}:[0-9]{2}:[0-9]{2}$'; then ok table-as-text; else not_ok table-as-text "another table" "$scratch/got" "$rows"; fi

refuse() { # NAME WORDS ARGS
	local name=$1 words=$2 status=0
	shift 2
	patiently "$ECLI" run "$@" >"$rows" 2>"$err" || status=$?
	if [ "$status" = 2 ] && grep -qF -- "$words" "$err"; then ok "$name"; else not_ok "$name" "status $status" "$err"; fi
}
refuse table-no-such-column 'has no column nonsense to sort by; it has key, ' "$scratch/text.json" --sort nonsense
refuse table-needs-an-option 'this package has one only with --count-targets' "$PACKAGES/tcpconnect/package.json" --top 3
refuse table-needs-a-sampled-map 'are for sampled maps, and this package has none' "$PACKAGES/exitsnoop/package.json" --top 3
refuse table-top-zero '--top takes a whole number from 1 to 18446744073709551615, not "0"' "$scratch/text.json" --top 0
refuse table-interval-tiny '--interval takes a time from 1ms on, or 0 for one look at the end, not "0.0001"' "$scratch/text.json" --interval 0.0001
refuse table-third-word '"3" is not expected here: it is not an option' "$scratch/text.json" 1 2 3
refuse table-second-word '"3" is not expected here: it is not an option' "$PACKAGES/profile/package.json" 2 3
refuse table-word-duration '"often" is not expected here: it is neither an option nor a time to run (DURATION)' "$PACKAGES/profile/package.json" often
# Of a tool that shows its maps once, at the end, the number is the duration.
if patiently "$ECLI" run "$PACKAGES/profile/package.json" 0.5 --stats >"$rows" 2>"$err" &&
	awk '/ events? in [0-9.]+ s/ { sub(/.* events? in /, ""); long = $1 >= 0.5 } END { exit !long }' "$err"; then
	ok table-duration
else
	not_ok table-duration "it did not end, or before half a second was over" "$err"
fi
# On a terminal the line that told how far it was is taken away before rows come.
patiently script -qec "'$ECLI' run '$PACKAGES/profile/package.json' -I 1.6 --top 1" "$scratch/terminal" </dev/null >"$rows" 2>"$err"
if tr '\r' '\n' <"$scratch/terminal" | grep -qE '^collecting: [0-9]+ s' && tr '\r' '\n' <"$scratch/terminal" | grep -q '^ *PID COMM  *COUNT$'; then
	ok table-after-progress
else
	not_ok table-after-progress "no line of progress, or a heading that stands behind it" "$scratch/terminal" "$err"
fi
refuse table-word '"often" is not expected here: it is neither an option nor a time between two looks (INTERVAL)' "$scratch/text.json" often
