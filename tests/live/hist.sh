#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Histograms of a sampled map, in every format: 100 marks whose numbers 0 to 99 fall into known buckets, over two edges of the
# linear scale as well; nothing is drawn before the first mark, and clearing leaves each mark in exactly one interval.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")/packages" && pwd)
source "$here/../run.inc"
need_mark
build hist hist.h || exit 0
hist=$scratch/hist/package.json

# over ARGS: run ecli with ARGS over 100 marks, from before the first.
over() {
	start_ecli "$@" || { not_ok "hist" "did not become ready" "$err"; exit 0; }
	"$scratch/mark" 100
	stop_ecli
}
# drawn: the last drawing, without its time
drawn() { tac "$rows" | awk '/^$/ { blanks++ } blanks > 1 { exit } { print }' | tac | sed 's/^[0-9][0-9:]* //'; }

cat >"$scratch/want" <<'END'
key = 4294967295, comm = mark
     marks               : count    distribution
         0 -> 1          : 2        |**                                      |
         2 -> 3          : 2        |**                                      |
         4 -> 7          : 4        |****                                    |
         8 -> 15         : 8        |********                                |
        16 -> 31         : 16       |*****************                       |
        32 -> 63         : 32       |***********************************     |
        64 -> 127        : 36       |****************************************|
     100 in all, p50 <= 63, p90 <= 127, p99 <= 127, max <= 127

END
over "$hist"
drawn >"$scratch/got"
if cmp -s "$scratch/want" "$scratch/got"; then ok hist-drawn; else not_ok hist-drawn "another drawing" "$scratch/got" "$err"; fi

over "$hist" -o plain
tail -n 7 "$rows" | cut -d ' ' -f 2- >"$scratch/got"
printf '4294967295 mark %s\n' '0 1 2' '2 3 2' '4 7 4' '8 15 8' '16 31 16' '32 63 32' '64 127 36' >"$scratch/want"
if cmp -s "$scratch/want" "$scratch/got" && [ "$(head -n 1 "$rows")" = 'time key comm from to count' ]; then
	ok hist-plain
else
	not_ok hist-plain "other lines" "$rows"
fi

over "$hist" -o json
check_rows hist-json 'last | .comm == "mark" and .slots == [2, 2, 4, 8, 16, 32, 36, 0] and .histogram.unit == "marks" and
	.histogram.total == 100 and [.histogram.buckets[].count] == [2, 2, 4, 8, 16, 32, 36] and
	(.histogram.buckets[3] == {from: 8, to: 15, count: 8})'

jq -c '(.meta.bpf_skel.maps[] | select(.ident == "hists") | .sample) = {interval: 100, type: "linear_hist", base: -20, step: 10}' \
	"$hist" >"$scratch/linear.json"
over "$scratch/linear.json" -o json
check_rows hist-linear 'last | .histogram.unit == "(unit)" and
	.histogram.buckets[0] == {from: -20, to: -11, count: 2} and .histogram.buckets[6] == {from: 40, to: 49, count: 36}'

# Cleared after each interval: every mark is in one of them, and none in two.
jq -c '(.meta.bpf_skel.maps[] | select(.ident == "hists") | .sample.clear_map) = true' "$hist" >"$scratch/clear.json"
shown() { [ "$(jq -s 'map(.histogram.total) | add // 0' "$rows" 2>/dev/null)" = "$1" ]; }
start_ecli "$scratch/clear.json" -o json
for sum in 100 200 300; do
	"$scratch/mark" 100
	wait_until -p "$ecli_pid" shown $sum
done
"$scratch/mark" 100
stop_ecli
check_rows hist-cleared '(map(.histogram.total) | add) == 400 and (map(select(.histogram.total > 0)) | length) >= 4'

# As a heat map: one line a look, of what has come since the one before, whether the map is cleared or not; a look without marks is an empty line.
start_ecli "$hist" -o heatmap --interval 1h --count 4
lines=2 # of titles
for marks in 100 2 0 0; do
	"$scratch/mark" $marks
	kill -USR1 "$ecli_pid"
	lines=$((lines + 1))
	wait_until -p "$ecli_pid" has_lines "$rows" $lines ''
done
end_ecli
printf '%s\n' 'marks    0' 'legend   . 1  : 4  - 16  = 64  + 256  * 1024  # 4096  @ 16384 and more' \
	'|..::--- |      100 key = 4294967295, comm = mark' >"$scratch/head"
sed -E 's/^[0-9:]{8} //' "$rows" >"$scratch/got"
if [ "$(wc -l <"$rows")" = 6 ] && cmp -s <(head -n 3 "$scratch/got") "$scratch/head" &&
	grep -q '^|\.       | *2 key' "$scratch/got" && [ "$(tail -n 1 "$scratch/got")" = '|        |        0' ]; then
	ok hist-heatmap
else
	not_ok hist-heatmap "another map" "$rows" "$err"
fi

# A value without an array of counters is shown as rows, and -v says why.
"$ECC" "$here/../sampled.bpf.c" -o "$scratch" >/dev/null 2>&1
jq -c '(.meta.bpf_skel.maps[] | select(.ident == "table") | .sample.type) = "log2_hist"' "$scratch/package.json" >"$scratch/rows.json"
over -v "$scratch/rows.json" -o json
if jq -es 'last | .key == 42 and .count == 100' "$rows" >/dev/null && grep -q 'no array of counters called slots; shown as rows' "$err"; then
	ok hist-without-counters
else
	not_ok hist-without-counters "not the rows of the map" "$rows" "$err"
fi
