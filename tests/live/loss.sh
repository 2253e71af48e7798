#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What is lost is counted exactly: rows + losses = records made, in every place where something can get lost, in every format.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
need_mark

exact() { # NAME PACKAGE
	local name=$1 package=$2 made=100000
	start_ecli "$package" -o json --stats --strict --buffer 4k --per_mark 5000 || { not_ok "$name" "did not become ready" "$err"; return; }
	kill -STOP "$ecli_pid" # a consumer that sleeps: what does not fit is lost for certain
	"$scratch/mark" 20
	kill -CONT "$ecli_pid"
	stop_ecli
	check_rows "$name-exact" "[.[] | select(has(\"index\"))] as \$rows | [.[] | select(.ecli == \"lost\")] as \$lost |
		last as \$sum | (\$rows | length) + (\$lost | map(.count) | add) == $made and (\$lost | last.total) == (\$lost | map(.count) | add)
		and \$sum.ecli == \"summary\" and \$sum.events == (\$rows | length) and \$sum.lost == (\$lost | last.total) and \$sum.loss_is_exact
		and all(\$lost[]; .map == \"events\" and .reason == \"buffer full\")
		and \$sum.losses == [{map: \"events\", total: \$sum.lost, reason: \"buffer full\"}] and \$sum.missed == 0
		and (\$sum.buffers | length == 1) and (\$sum.buffers[0] | .map == \"events\" and .size_bytes == $(getconf PAGE_SIZE)
			and .high_bytes > .size_bytes * 0.9 and .high_bytes <= .size_bytes and .was_full)"
	[ "$status" = 4 ] && ok "$name-strict-status" || not_ok "$name-strict-status" "status $status instead of 4" "$err"
	if grep -qE '^ecli: lost [0-9]+ events of map events \([0-9]+ in all\): buffer full$' "$err" &&
		grep -qE '^  lost    [0-9]+ events of map events: buffer full$' "$err"; then
		ok "$name-told"
	else
		not_ok "$name-told" "stderr does not tell the loss" "$err"
	fi
	# A workload that fits loses nothing, and strict is content.
	start_ecli "$package" -o json --strict --per_mark 10
	"$scratch/mark" 3
	stop_ecli
	if [ "$status" = 0 ] && [ "$(grep -c index "$rows")" = 30 ]; then
		ok "$name-nothing-lost"
	else
		not_ok "$name-nothing-lost" "status $status, $(wc -l <"$rows") rows instead of 30" "$rows" "$err"
	fi
}
build storm && exact ring "$scratch/storm/package.json"
build storm_perf && exact perf "$scratch/storm_perf/package.json"

# sum NAME MADE HEADERS: rows in the file and what the summary on stderr says of losses make up the records.
sum() {
	local seen said lost
	seen=$(($(wc -l <"$rows") - $3))
	said=$(sed -nE 's/^ecli: ([0-9]+) events in .*/\1/p' "$err")
	lost=$(sed -nE 's/^ecli: [0-9]+ events in [0-9.]+ s, ([0-9]+) lost.*/\1/p' "$err")
	if [ "$seen" = "$said" ] && [ $((seen + lost)) = "$2" ]; then ok "$1"; else not_ok "$1" "$seen rows, said $said, and $lost lost of $2" "$err"; fi
	lost_last=$lost
}
lost_any=0
for kind in storm storm_perf; do
	for format in table plain; do
		for buffer in 4k 64k; do
			start_ecli "$scratch/$kind/package.json" -o $format --stats --buffer $buffer --per_mark 1000
			for _ in 1 2 3 4; do "$scratch/mark" 50; rounds "$ecli_pid" 2; done # bursts of 50,000, and quiet between
			stop_ecli
			sum "$kind-$format-$buffer" 200000 1
			lost_any=$((lost_any + lost_last))
		done
	done
done
[ $lost_any -gt 0 ] && ok bursts-lose || not_ok bursts-lose "nothing was lost, so nothing was tested"

# A reader that sleeps costs rows only when memory says so, and they are counted as what they are; the kernel's buffer is emptied meanwhile.
mkfifo "$scratch/fifo"
exec 7<>"$scratch/fifo" # so that it can be opened though nobody reads
into_fifo() { exec "$ECLI" run "$scratch/storm/package.json" -o json --stats --strict --per_mark 500 "$@" >"$scratch/fifo" 7>&-; }
start into_fifo --buffer 64M
for _ in $(seq 30); do "$scratch/mark" 60; done # 900,000 rows, some 85 MiB; the ring takes them all
wait_until has_text "$err" '^ecli: lost [0-9]+ rows .*: output too slow$'
cat <"$scratch/fifo" >"$scratch/late" 7>&- &
reader=$!
read_or_lost() { # rows in the file, and losses that were told there
	seen=$(grep -c '"index"' "$scratch/late")
	lost=$(sed -nE 's/^\{"ecli":"lost".*"count":([0-9]+).*/\1/p' "$scratch/late" | awk '{ n += $1 } END { print n + 0 }')
	[ $((seen + lost)) -ge 900000 ]
}
wait_until read_or_lost # what is lost is told once a second
stop_ecli
exec 7>&-
wait $reader
read_or_lost
slow=$(tail -n 1 "$scratch/late" | jq '[.losses[] | select(.reason == "output too slow" and .map == null).total] | add // 0')
if [ $((seen + lost)) = 900000 ] && [ "$slow" -gt 0 ] && [ "$slow" = "$lost" ] && [ "$status" = 4 ] && [ "$seen" -gt 300000 ] &&
	grep -qE '^ecli: lost [0-9]+ rows \([0-9]+ in all\): output too slow$' "$err" && ! grep -vqE '^\{.*\}$' "$scratch/late"; then
	ok sleeping-reader
else
	not_ok sleeping-reader "$seen rows + $lost lost of 900000, $slow of them slow, status $status" "$err"
fi
rm "$scratch/late"

# A reader that never reads: the end says how many rows it did not get.
exec 7<>"$scratch/fifo"
start into_fifo --buffer 16M
"$scratch/mark" 40
stop_ecli
exec 7>&-
events=$(sed -nE 's/^ecli: ([0-9]+) events in .*/\1/p' "$err")
unread=$(sed -nE 's/^ecli: lost ([0-9]+) rows \([0-9]+ in all\): output unread$/\1/p' "$err")
if [ "$status" = 4 ] && [ "${unread:-0}" -gt 0 ] && [ $((events + unread)) = 20000 ]; then ok unread; else not_ok unread "$events rows and ${unread:-no} unread of 20000, status $status" "$err"; fi

# Buffers are open before programs are attached: the first event of all is there, though events come all the while.
if build numbered; then
	while :; do "$scratch/mark" 20; done &
	marks=$!
	end_marks() { kill $marks 2>/dev/null; }
	at_exit end_marks
	start_ecli "$scratch/numbered/package.json" -o json --stats --strict
	wait_until has_text "$err" 'map full; --map-size seen=N makes room for more$' # more than 50 marks came
	kill $marks
	wait $marks 2>/dev/null
	stop_ecli
	check_rows first-events '[.[] | select(.map == "rings" and has("number")).number] as $ring | [.[] | select(.map == "perfs" and has("number")).number] as $perf |
		($ring | length > 0) and $ring == [range($ring | length)] and ($perf | sort) == [range($ring | length)] and ($perf | min) == 0'
	check_rows full-map '(last.losses | map(select(.reason == "map full")) | length == 1 and .[0].map == "seen" and .[0].total > 0)
		and (last.losses | length) == 1 and ([.[] | select(has("number"))] | length) == last.events'
	grep -qE '^ecli: lost [0-9]+ entr(y|ies) of map seen \([0-9]+ in all\): map full; --map-size seen=N makes room for more$' "$err" && [ "$status" = 4 ] && ok full-map-told || not_ok full-map-told "status $status" "$err"
fi

# Losses in functions that are given the map: of the map that was full, and where one function serves several, of a map, not of a buffer.
if build helpers; then
	start_ecli "$scratch/helpers/package.json" -o json --stats --strict --buffer 4k
	kill -STOP "$ecli_pid" # 4 records of 1008 bytes fit into the ring
	"$scratch/mark" 20
	kill -CONT "$ecli_pid"
	stop_ecli
	check_rows map-of-a-function 'last.losses | map([.map, .reason, .total]) | sort == [
		[null, "map full", 32], ["a_name_that_is_longer_than_the_field_of_it", "map full", 12], ["events", "buffer full", 16], ["first", "map full", 16],
		["map", "map full", 18], ["queue", "map full", 14], ["second", "map full", 13]]'
	for told in '16 entries of map first (16 in all): map full; --map-size first=N makes room for more' '13 entries of map second (13 in all): map full; --map-size second=N makes room for more' '32 entries of a map (32 in all): map full' \
		'16 events of map events (16 in all): buffer full'; do
		grep -qxF "ecli: lost $told" "$err" && ok "told-${told%% (*}" || not_ok "told-${told%% (*}" "not told" "$err"
	done
	[ "$status" = 4 ] && ok map-of-a-function-status || not_ok map-of-a-function-status "status $status" "$err"
fi

# What the kernel does not run is told, and apart from records.
if ! grep -q btf_trace_bpf_trace_printk /sys/kernel/btf/vmlinux 2>/dev/null; then
	lacks recursion "the kernel has no bpf_trace_printk event"
elif build recursion; then
	start_ecli "$scratch/recursion/package.json" -o json --stats --strict
	"$scratch/mark" 7
	stop_ecli
	check_rows recursion '([.[] | select(has("index")).index] == [range(7)]) and last.missed == 7 and last.lost == 0
		and ([.[] | select(.ecli == "lost")] | map(.count) | add) == 7 and ([.[] | select(.ecli == "lost")] | all(.program == "printed" and .reason == "recursion"))'
	grep -qE '^ecli: lost [0-9]+ runs? of program printed \(7 in all\): recursion$' "$err" && [ "$status" = 4 ] && ok recursion-told || not_ok recursion-told "status $status" "$err"
fi

# Without the prelude nobody can count what a ring refused: that is said, with how full it was.
"$ECC" "$here/storm.bpf.c" -a -DECLI_NO_LOSS_COUNT -o "$scratch/foreign" >"$scratch/ecc.out" 2>&1 || { mkdir -p "$scratch/foreign"; }
start_ecli "$scratch/foreign/package.json" -o json --stats --strict --buffer 4k --per_mark 5000
kill -STOP "$ecli_pid"
"$scratch/mark" 2
kill -CONT "$ecli_pid"
stop_ecli
check_rows foreign-full 'last | .loss_is_exact == false and .lost == 0 and .buffers[0].was_full'
if [ "$status" = 4 ] && grep -q "losses of events cannot be counted; its buffer was [0-9]* % full at most: events were probably lost" "$err"; then ok foreign-told; else not_ok foreign-told "status $status" "$err"; fi
start_ecli "$scratch/foreign/package.json" --stats --strict --per_mark 5
"$scratch/mark" 2
stop_ecli
if [ "$status" = 0 ] && grep -qE "losses of events cannot be counted; its buffer was [0-9]+ % full at most$" "$err" && grep -q "at least 0 lost" "$err"; then ok foreign-calm; else not_ok foreign-calm "status $status" "$err"; fi
start_ecli "$scratch/foreign/package.json" --per_mark 5
"$scratch/mark" 2
stop_ecli
[ "$(wc -l <"$err")" = 1 ] && ok foreign-quiet || not_ok foreign-quiet "more than the ready line" "$err"
