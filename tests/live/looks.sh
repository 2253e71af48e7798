#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Looks at everything that holds data: variables, queues, stacks, LRU and per-CPU maps, storage of tasks and cgroups; computed columns,
# two tables of one map, looks that are counted, asked for, or only at the end. 100 marks give each row a known value.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
need_mark
build looks || exit 0
looks=$scratch/looks/package.json

# over ARGS: run ecli with ARGS over 100 marks on one CPU; the marking task stays for the last look.
over() {
	start_ecli "$@" || { not_ok looks "did not become ready" "$err"; exit 0; }
	rm -f "$scratch/tid"
	taskset -c 0 "$scratch/mark" 100 stay >"$scratch/tid" &
	mark_pid=$!
	wait_until -p "$mark_pid" has_text "$scratch/tid" .
	stop_ecli
	kill "$mark_pid"
	wait "$mark_pid" 2>/dev/null
}
of() { printf '[.[] | select(.map == "%s") | del(.time, .map)]' "$1"; }

over "$looks" -o json --interval 0
check_rows looks-struct-variable "$(of single) == [{count: 100, sum: 4950, avg: 49.5}]"
check_rows looks-array-variable "$(of classes) == [range(4) | {class: ., count: 25, sum: (1200 + 25 * .)}]"
check_rows looks-hist-variable "$(of slots) | .[0].histogram | .total == 100 and [.buckets[].count] == [2, 2, 4, 8, 16, 32, 36]"
check_rows looks-scalar-variable "$(of total) == [{value: 1100}]"
check_rows looks-queue-peek "$(of queue) == [{count: 1, sum: 0}]"
check_rows looks-stack-peek "$(of stack) == [{value: 99}]"
check_rows looks-lru "$(of lru) == [{key: 0, value: 34}, {key: 1, value: 33}, {key: 2, value: 33}]"
check_rows looks-each-cpu "$(of each) == [{key: 1, value: 100, cpu: 0}]"
check_rows looks-task-storage "$(of tasks) == [{tid: $mark_pid, count: 100, sum: 4950}]"
check_rows looks-two-tables "$(of by_count | sed 's/del(/del(.ecli, /') == [{key: 0, count: 20, sum: 950}, {key: 1, count: 20, sum: 970}, {count: 100, sum: 4950}] and
	($(of by_key) | map([.key, .sum])) == [[0, 950], [1, 970], [2, 990], [3, 1010], [4, 1030]]"
if [ "$(grep -c 'only its next value can be seen, unless --clear' "$err")" = 2 ]; then ok looks-peek-is-told; else not_ok looks-peek-is-told "not said" "$err"; fi

# A map of cgroups is looked at by its own iterator (Linux 6.2).
sed 's/TASK_STORAGE/CGRP_STORAGE/; s/bpf_task_storage_get(&tasks, bpf_get_current_task_btf(),/bpf_cgrp_storage_get(\&tasks, bpf_get_current_task_btf()->cgroups->dfl_cgrp,/' \
	"$here/looks.bpf.c" >"$scratch/cgroups.bpf.c"
mkdir -p "$scratch/cgroups"
if "$ECC" "$scratch/cgroups.bpf.c" -o "$scratch/cgroups" >"$scratch/ecc.out" 2>&1; then
	group=$(sed -n 's/^0:://p' /proc/self/cgroup) id=1 # the root's
	[ "$group" = / ] || id=$(stat -c %i "$(findmnt -nt cgroup2 -o TARGET | head -n 1)$group")
	over "$scratch/cgroups/package.json" -o json --interval 0
	check_rows looks-cgroup-storage "$(of tasks) == [{cgroup: $id, count: 100, sum: 4950}]"
else
	not_ok looks-cgroup-storage "ecc failed" "$scratch/ecc.out"
fi

# Cleared: what was taken out or subtracted is in one look only.
start_ecli "$looks" -o json --interval 0.1 --clear
for i in 1 2 3; do
	"$scratch/mark" 100
	wait_until -p "$ecli_pid" has_lines "$rows" $((i * 100)) '"map":"queue"'
done
stop_ecli
check_rows looks-cleared "def sum(f): map(f) | add; ($(of queue) | [length, sum(.sum)]) == [300, 14850] and ($(of stack) | [length, sum(.value)]) == [300, 14850] and
	($(of single) | [sum(.count), sum(.sum)]) == [300, 14850] and ($(of classes) | sum(.count)) == 300 and ($(of lru) | sum(.value)) == 300 and
	($(of slots) | sum(.histogram.total)) == 300 and ($(of each) | sum(.value)) == 300 and ($(of by_key) | sum(.sum)) == 14850"

# Only one map, for looks that are counted.
jq -c '.meta.bpf_skel.maps |= map(if .ident != "twice" then del(.sample) else . end) |
	.meta.bpf_skel.data_sections |= map(.variables |= map(del(.sample))) |
	(.meta.bpf_skel.maps[] | select(.ident == "twice") | .sample) = {interval: 1000, counters: true, columns: ["key", "n = count", "n_s = rate(count)", "share = percent(sum)", "none = n / (key - key)"], sort: "+key", total: true}' \
	"$looks" >"$scratch/one.json"
ask() { # a look now, and its rows: the total is the last
	local before
	before=$(grep -c '"total"' "$rows")
	kill -USR1 "$ecli_pid"
	wait_until -p "$ecli_pid" has_lines "$rows" $((before + 1)) '"total"'
}

# Looks that are counted: it ends by itself after three of them, by the clock (a look at nothing yet shows nothing), ...
start_ecli "$scratch/one.json" 200ms 3 -o json
"$scratch/mark" 100
end_ecli
if [ "$status" = 0 ] && ! has_lines "$rows" 4 '"total"'; then ok looks-counted; else not_ok looks-counted "status $status, or more than three looks" "$rows" "$err"; fi

# ... and when somebody asks for them.
start_ecli "$scratch/one.json" --interval 1h --count 3 -o json
"$scratch/mark" 100
ask
"$scratch/mark" 100
ask
kill -USR1 "$ecli_pid"
end_ecli
check_rows looks-formulas 'map(select(.ecli | not)) | .[:5] | map([.key, .n, .none, (.share * 100 | round)]) == [[0, 20, null, 1919], [1, 20, null, 1960], [2, 20, null, 2000], [3, 20, null, 2040], [4, 20, null, 2081]]'
# What has come between two looks by the time between them.
check_rows looks-rate 'def us: (.[0:19] + "Z" | fromdate) * 1000000 + (.[20:26] | tonumber);
	map(select(.ecli | not)) as $all | ($all[5].time | us) - ($all[0].time | us) | . as $took |
	. > 0 and ($all[5].n_s * $took / 20000000 | . > 0.99 and . < 1.01) and $all[10].n_s == 0'
check_rows looks-total '[.[] | select(.ecli == "total") | [.n, (.share | round)]] == [[100, 100], [200, 100], [200, 100]] and (.[5].ecli == "total")'

start_ecli "$scratch/one.json" --interval 0 --where 'share > 20.2' --sort -share
"$scratch/mark" 100
stop_ecli
printf '%s\n' 'KEY N SHARE NONE' '4 20 20.81 -' '3 20 20.40 -' 'total 40 41.21 -' >"$scratch/want"
awk '{ print $1, $2, $4, $5 }' "$rows" >"$scratch/got" # a rate depends on when the machine got to it
if cmp -s "$scratch/want" "$scratch/got"; then ok looks-where-and-sort-computed; else not_ok looks-where-and-sort-computed "another table" "$rows" "$err"; fi

# Only at the end, and when SIGUSR1 asks for a look.
start_ecli "$scratch/one.json" -i 0 -o json
"$scratch/mark" 50
ask
"$scratch/mark" 50
stop_ecli
check_rows looks-asked-for '[.[] | select(.ecli == "total") | .n] == [50, 100]'

# A look that was asked for is made before ecli sleeps again, not when the clock wakes it.
start_ecli "$scratch/one.json" --interval 1h -o json
"$scratch/mark" 50
for ((i = 1; i <= 4; i++)); do
	kill -USR1 "$ecli_pid"
	wait_until -p "$ecli_pid" has_taken "$ecli_pid"
	has_lines "$rows" $i '"total"' || break
	rounds "$ecli_pid" 1 # so that it is the other's turn to be first, the map's or the signal's
done
stop_ecli
[ $i = 5 ] && ok looks-asked-for-at-once || not_ok looks-asked-for-at-once "ecli took signal $i and slept without a look" "$err"

# Times with units: a look every 100 ms and one at the end, not before 1.05 s; an hour and 90 minutes are not over at once.
start_ecli "$scratch/one.json" 100ms -d 1050ms -o json --stats
"$scratch/mark" 100
if end_ecli; then
	check_rows looks-milliseconds 'last.seconds as $s | $s >= 1.05 and ([.[] | select(.ecli == "total")] | length <= $s / 0.1 + 1)'
else
	not_ok looks-milliseconds "status $status" "$err"
fi
# A duration of whole intervals has as many looks, and no other one behind the last; what is left of an interval has no rate.
start_ecli "$scratch/one.json" 100ms -d 600ms -o json
"$scratch/mark" 100
end_ecli
check_rows looks-of-a-duration '[.[] | select(.ecli == "total")] | length >= 1 and length <= 6'
jq -c '(.meta.bpf_skel.maps[] | select(.ident == "twice") | .sample.columns) = ["key", "n_s = rate(count)"]' "$scratch/one.json" >"$scratch/rates.json"
start_ecli "$scratch/rates.json" 2s -d 2200ms -o json
"$scratch/mark" 100
end_ecli
check_rows looks-fraction-has-no-rate '[group_by(.time)[] | map(.n_s)] | (.[0] | all(. != null)) and (length == 1 or (length == 2 and (.[1] | all(. == null))))'
start_ecli "$scratch/one.json" 100ms -o json
"$scratch/mark" 100
wait_until -p "$ecli_pid" has_lines "$rows" 3 '"total"' && ok looks-every-100-ms || not_ok looks-every-100-ms "three looks did not come" "$rows" "$err"
stop_ecli
start_ecli "$scratch/one.json" --interval 1h --duration 90m -o json
"$scratch/mark" 50
ask
is_over "$ecli_pid" && not_ok looks-minutes "90 minutes were over" "$err" || ok looks-minutes
stop_ecli
check_rows looks-hour-asked-for '[.[] | select(.ecli == "total") | .n] == [50, 50]'

# What cannot be is told, by ecc and by ecli.
sed 's|avg = sum / count|avg = sum / counts|' "$here/looks.bpf.c" >"$scratch/bad.bpf.c"
mkdir -p "$scratch/bad"
"$ECC" "$scratch/bad.bpf.c" -o "$scratch/bad" >"$scratch/ecc.out" 2>&1
status=0
patiently "$ECLI" run "$scratch/bad/package.json" >"$rows" 2>"$err" || status=$?
if grep -qF '@sample: "sum / counts": there is no column counts; there are count, sum' "$scratch/ecc.out" && [ "$status" = 1 ] &&
	grep -qF 'map single: column: "sum / counts": there is no column counts; there are count, sum' "$err"; then
	ok looks-bad-formula
else
	not_ok looks-bad-formula "status $status" "$scratch/ecc.out" "$err"
fi
