#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How a run ends: by time, by count, by signal, by a reader who left or does not read; nothing stays behind.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
cc -O1 -o "$scratch/mark" "$here/mark.c"
build raw_tp || exit 0
build printk || exit 0
build storm || exit 0
package=$scratch/raw_tp/package.json

now_ms() { echo $(($(date +%s%N) / 1000000)); }

begin=$(now_ms) code=0
"$ECLI" run "$package" --duration 0.5 >"$rows" 2>"$err" || code=$?
took=$(($(now_ms) - begin))
if [ $code = 0 ] && [ $took -ge 500 ] && [ $took -lt 1500 ]; then ok duration; else not_ok duration "status $code after $took ms" "$err"; fi

start_ecli "$package" -o plain --count 3
"$scratch/mark" 10
wait_for_exit "$ecli_pid" 5 && [ "$(wc -l <"$rows")" = 4 ] && ok count || not_ok count "not 3 rows and a clean end" "$rows" "$err"

for signal in INT TERM HUP; do
	start_ecli "$package" -o plain
	"$scratch/mark" 5 # rows just before the end are not lost
	kill -$signal "$ecli_pid"
	if wait_for_exit "$ecli_pid" 2 && [ "$(wc -l <"$rows")" = 6 ]; then ok "signal-$signal"; else not_ok "signal-$signal" "no clean end, or not 5 rows" "$rows" "$err"; fi
done

# nohup: a terminal that goes away does not end it.
: >"$err"
(trap '' HUP; exec "$ECLI" run "$package" -o plain --duration 20) >"$rows" 2>"$err" &
ecli_pid=$!
wait_ready
kill -HUP "$ecli_pid"
sleep 0.3
"$scratch/mark" 5
kill -TERM "$ecli_pid"
if wait_for_exit "$ecli_pid" 2 && [ "$(wc -l <"$rows")" = 6 ]; then ok nohup; else not_ok nohup "no clean end, or not the 5 rows that came after SIGHUP" "$rows" "$err"; fi

# `| head -2`: the reader leaves; the next row ends the run, quietly.
{
	"$ECLI" run "$package" 2>"$err"
	echo $? >"$scratch/status"
} | head -n 2 >"$rows" &
wait_ready_by_file() { local i; for ((i = 0; i < 300; i++)); do grep -q running "$err" 2>/dev/null && return; sleep 0.02; done; return 1; }
wait_ready_by_file
for _ in 1 2 3 4 5 6 7 8; do "$scratch/mark" 3; sleep 0.15; done
for ((i = 0; i < 100; i++)); do [ -s "$scratch/status" ] && break; sleep 0.02; done
if [ "$(cat "$scratch/status" 2>/dev/null)" = 0 ] && [ "$(wc -l <"$rows")" = 2 ] && [ "$(wc -l <"$err")" = 1 ]; then
	ok head-ends-quietly
else
	not_ok head-ends-quietly "status $(cat "$scratch/status" 2>/dev/null), expected a quiet 0" "$rows" "$err"
fi

# A reader that does not read: Ctrl-C still works.
mkfifo "$scratch/fifo"
sleep 30 <"$scratch/fifo" &
reader=$!
: >"$err"
"$ECLI" run "$scratch/storm/package.json" --per_mark 5000 >"$scratch/fifo" 2>"$err" &
ecli_pid=$!
wait_ready
for _ in $(seq 30); do "$scratch/mark" 50; done
kill -INT "$ecli_pid"
if wait_for_exit "$ecli_pid" 3; then ok slow-reader-and-ctrl-c; else not_ok slow-reader-and-ctrl-c "Ctrl-C did not end it within 3 s" "$err"; fi
kill $reader

# Nothing stays: no program of ours, no trace instance, also after SIGKILL. Programs are told by id: others may load theirs.
own_programs() { bpftool prog show 2>/dev/null | awk -F: -v first="$first_id" '/ name (enter|sample|called) / && $1 + 0 > first { print $1 }'; }
mkdir "$scratch/tracefs"
mount -t tracefs tracefs "$scratch/tracefs"
unmount() { umount "$scratch/tracefs"; }
at_exit unmount
instances() { ls -d "$scratch/tracefs/instances/ecli-$1" 2>/dev/null; }
gone() { # waits a little: the kernel frees programs when it gets to it
	local i
	for ((i = 0; i < 100; i++)); do [ -z "$("$@")" ] && return; sleep 0.05; done
	return 1
}
first_id=$(bpftool prog show 2>/dev/null | awk -F: '$1 + 0 > max { max = $1 + 0 } END { print max + 0 }')
start_ecli "$scratch/printk/package.json"
killed=$ecli_pid
[ -n "$(instances "$killed")" ] && ok private-instance || not_ok private-instance "no trace instance of its own" "$err"
kill -KILL "$killed"
wait "$killed" 2>/dev/null
"$ECLI" run "$scratch/printk/package.json" --duration 0.2 >/dev/null 2>"$err" # takes away what the killed one left
if ! has bpftool; then cannot nothing-stays-loaded "bpftool is needed"
elif gone own_programs; then ok nothing-stays-loaded
else not_ok nothing-stays-loaded "still loaded: $(own_programs)"; fi
if gone instances "$killed"; then ok nothing-stays-in-tracefs; else not_ok nothing-stays-in-tracefs "$(instances "$killed")"; fi

# A closed standard error: what would stand there is not written into the file that got its number.
"$ECLI" run "$package" -o json="$scratch/rows.json" --count 3 2>&- &
ecli_pid=$!
for _ in $(seq 50); do
	"$scratch/mark" 3
	kill -0 "$ecli_pid" 2>/dev/null || break
	sleep 0.1
done
wait_for_exit "$ecli_pid" 1
if jq -es 'length == 3 and all(.[]; has("time"))' "$scratch/rows.json" >/dev/null 2>"$err"; then ok closed-stderr; else not_ok closed-stderr "not three rows" "$scratch/rows.json" "$err"; fi
# A closed standard output is an error.
code=0
"$ECLI" run "$package" --duration 0.1 >&- 2>"$err" || code=$?
if [ $code = 1 ] && grep -q 'cannot write the output: Bad file descriptor' "$err"; then ok closed-stdout; else not_ok closed-stdout "status $code" "$err"; fi

# A full disk is an error with its name, at once.
code=0
: >"$err" # or the line that wait_ready looks for is the last run's
timeout 10 "$ECLI" run "$scratch/storm/package.json" >/dev/full 2>"$err" &
ecli_pid=$!
wait_ready
"$scratch/mark" 5
wait "$ecli_pid" || code=$?
if [ $code = 1 ] && grep -q 'cannot write the output: No space left' "$err"; then ok full-disk; else not_ok full-disk "status $code" "$err"; fi
# A file that may not grow (1 KiB) is an error, not the end by a signal.
code=0
: >"$err"
(ulimit -f 1; exec "$ECLI" run "$package" -o json="$scratch/limited.json" --duration 20) 2>"$err" &
ecli_pid=$!
wait_ready
"$scratch/mark" 100
wait "$ecli_pid" || code=$?
if [ $code = 1 ] && grep -q 'cannot write the output: File too large' "$err"; then ok file-limit; else not_ok file-limit "status $code" "$err"; fi
