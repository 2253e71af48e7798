#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What is lost is counted exactly: rows + losses = records made, in every place where losses are told.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
cc -O1 -o "$scratch/mark" "$here/mark.c"

exact() { # NAME PACKAGE
	local name=$1 package=$2 made=100000
	start_ecli "$package" -o json --stats --strict --per_mark 5000 || { not_ok "$name" "did not become ready" "$err"; return; }
	kill -STOP "$ecli_pid" # a reader that sleeps: what does not fit is lost for certain
	"$scratch/mark" 20
	kill -CONT "$ecli_pid"
	stop_ecli
	check_rows "$name-exact" "[.[] | select(has(\"index\"))] as \$rows | [.[] | select(.ecli == \"lost\")] as \$lost |
		last as \$sum | (\$rows | length) + (\$lost | map(.count) | add) == $made and (\$lost | last.total) == (\$lost | map(.count) | add)
		and \$sum.ecli == \"summary\" and \$sum.events == (\$rows | length) and \$sum.lost == (\$lost | last.total) and \$sum.loss_is_exact
		and all(\$lost[]; .map == \"events\")"
	[ "$status" = 4 ] && ok "$name-strict-status" || not_ok "$name-strict-status" "status $status instead of 4" "$err"
	if grep -qE '^ecli: lost [0-9]+ events of events \([0-9]+ in all\)$' "$err"; then
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
