#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# While events come ecli is not woken for each: it goes to sleep far less often than there are events, by its own count of voluntary switches, and nothing
# is lost. (How often in a second: make bench ONLY=wakeups.)
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"

# paced N TURNS: N marks with so many turns of a loop between two of them.
cat >"$scratch/paced.c" <<'C'
#include <stdlib.h>
#include <sys/prctl.h>
int main(int argc, char **argv)
{
	(void)argc;
	for (long i = 0, count = atol(argv[1]), turns = atol(argv[2]); i < count; i++) {
		prctl(0x6d61726b, i, 0, 0, 0);
		for (volatile long turn = 0; turn < turns; turn++)
			;
	}
	return 0;
}
C
cc -O1 -o "$scratch/paced" "$scratch/paced.c" || { not_ok wakeups "the workload does not compile"; exit 0; }

# rests NAME TOOL EVENTS TURNS MOST: a reader that looks again and again sleeps once or more for each event of a ring that comes after a
# millisecond, and a thousand times during the 20,000 of a perf buffer, 20 us apart.
rests() {
	local before after
	build "$2" mark.bpf.h || return 0
	start_ecli -o json "$scratch/$2/package.json" || { not_ok "$1" "did not become ready" "$err"; return 0; }
	before=$(wakes "$ecli_pid")
	"$scratch/paced" "$3" "$4"
	after=$(wakes "$ecli_pid")
	stop_ecli
	if [ "$(grep -c '"index"' "$rows")" != "$3" ]; then
		not_ok "$1" "$(grep -c '"index"' "$rows") rows of $3 events" "$err"
	elif [ $((after - before)) -gt "$5" ]; then
		not_ok "$1" "it woke $((after - before)) times for $3 events"
	else
		ok "$1"
	fi
}
rests ring-rests raw_tp 1000 500000 900
rests perf-rests tp_btf 20000 8000 600
