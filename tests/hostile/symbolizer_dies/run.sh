#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The process that looks names up is killed, or stopped, while ecli runs: the run goes on, names come from the next one, nothing is left. And it
# ends with ecli, however ecli ends, and holds none of ecli's programs and maps.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/symbols.inc"

cp "$scratch/good" "$theirs/good"
start_burner good $as_user ./good
known='^good;(.*;)?known_work( |;)'
symbolizer() { symbolizers | grep -q .; }
# names_again: of looks that are still to come.
names_again() {
	local before
	before=$(grep -cE "$known" "$rows")
	wait_until -p "$ecli_pid" has_lines "$rows" $((before + 3)) "$known"
}
another() { symbolizer && [ "$(symbolizers)" != "$1" ]; }

for signal in KILL STOP; do
	start_profile -p "$burner"
	shows "$signal: names before" "$known"
	for round in 1 2; do
		first=$(symbolizers)
		# shellcheck disable=SC2086 # a word
		kill -$signal $first
		if names_again && wait_until -p "$ecli_pid" another "$first"; then
			ok "$signal: names after, $round"
		else
			not_ok "$signal: names after, $round" "there are none, or no other process looks them up" "$rows" "$err"
		fi
		for pid in $first; do
			wait_until is_over "$pid" && ok "$signal: it is gone, $round" || not_ok "$signal: it is gone, $round" "process $pid is there: $(grep State "/proc/$pid/status")"
		done
	done
	ends_well "$signal"
done

# Stopped, and then the run is told to end: it does not wait for an answer.
start_profile -p "$burner"
shows "stopped at the end: names before" "$known"
# shellcheck disable=SC2046 # words
kill -STOP $(symbolizers)
ends_well "stopped at the end"

# ecli is killed.
start_profile -p "$burner"
shows "ecli is killed: names before" "$known"
left=$(symbolizers)
held=$(for pid in $left; do ls -l "/proc/$pid/fd"; cat "/proc/$pid/maps"; done | grep -c 'bpf\|perf_event')
[ "$held" = 0 ] && ok "it holds no program, map or link" || not_ok "it holds no program, map or link" "$held descriptors or mappings of BPF"
kill -KILL "$ecli_pid"
wait_end "$ecli_pid"
ecli_pid=
gone=true
for pid in $left; do wait_until is_over "$pid" || gone=false; done
$gone && ok "it ends with ecli" || not_ok "it ends with ecli" "one of $left is there"

# Runs without stacks start none.
start_ecli "$PACKAGES/exitsnoop/package.json" -d 1
if symbolizer; then not_ok "none without stacks" "there is one" "$err"; else ok "none without stacks"; fi
end_ecli
