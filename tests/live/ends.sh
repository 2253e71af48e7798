#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How a run ends: by time, by count, by signal, by a reader who left or does not read; nothing stays behind.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
need_mark
build raw_tp && build storm || exit 0
package=$scratch/raw_tp/package.json
# Its program has a name that nobody else's has.
mkdir "$scratch/printk"
sed "s/\benter\b/own$$/" "$here/printk.bpf.c" >"$scratch/printk.bpf.c"
"$ECC" "$scratch/printk.bpf.c" -o "$scratch/printk" >"$scratch/ecc.out" 2>&1 || { not_ok printk "ecc failed" "$scratch/ecc.out"; exit 0; }

# Not before its time; that it ends at all, `patiently` sees.
up_cs() { sed 's/ .*//; s/\.//' /proc/uptime; } # hundredths of a second
begin=$(up_cs) code=0
patiently "$ECLI" run "$package" --duration 0.5 >"$rows" 2>"$err" || code=$?
took=$(($(up_cs) - begin))
if [ $code = 0 ] && [ $took -ge 49 ]; then ok duration; else not_ok duration "status $code after ${took}0 ms" "$err"; fi

# ended_with NAME COUNT: a clean end, and so many lines
ended_with() {
	local lines
	lines=$(wc -l <"$rows")
	if [ "$status" = 0 ] && [ "$lines" = "$2" ]; then ok "$1"; else not_ok "$1" "status $status and $lines lines instead of 0 and $2" "$rows" "$err"; fi
}

start_ecli "$package" -o plain --count 3
"$scratch/mark" 10
end_ecli
ended_with count 4

for signal in INT TERM HUP; do
	start_ecli "$package" -o plain
	"$scratch/mark" 5 # rows just before the end are not lost
	stop_ecli $signal
	ended_with "signal-$signal" 6
done

# nohup: a terminal that goes away does not end it. Rows come after rows that came after it.
without_hangup() { trap '' HUP; exec "$ECLI" run "$package" -o plain; }
start without_hangup
kill -HUP "$ecli_pid"
for count in 6 11 16; do
	"$scratch/mark" 5
	wait_until -p "$ecli_pid" has_lines "$rows" $count ''
done
stop_ecli TERM
ended_with nohup 16

# `| head -2`: the reader leaves; the next row ends the run, quietly.
: >"$err"
{
	"$ECLI" run "$package" 2>"$err"
	echo $? >"$scratch/status"
} | head -n 2 >"$rows" &
wait_until has_text "$err" "$ready_line"
mark_and_look() { "$scratch/mark" 3; [ -s "$scratch/status" ]; }
wait_until mark_and_look
if [ "$(cat "$scratch/status" 2>/dev/null)" = 0 ] && [ "$(wc -l <"$rows")" = 2 ] && [ "$(wc -l <"$err")" = 1 ]; then
	ok head-ends-quietly
else
	not_ok head-ends-quietly "status $(cat "$scratch/status" 2>/dev/null), expected a quiet 0" "$rows" "$err"
fi

# A reader that does not read, with more waiting than a pipe holds: Ctrl-C still works.
mkfifo "$scratch/fifo"
exec 7<>"$scratch/fifo" # nobody reads from it
: >"$err"
"$ECLI" run "$scratch/storm/package.json" --per_mark 5000 >"$scratch/fifo" 2>"$err" 7>&- &
ecli_pid=$!
wait_ready
for _ in $(seq 30); do "$scratch/mark" 50; done
if stop_ecli; then ok slow-reader-and-ctrl-c; else not_ok slow-reader-and-ctrl-c "status $status after Ctrl-C" "$err"; fi
exec 7>&-

# Nothing stays: no program of ours, no trace instance, also after SIGKILL.
own_programs() { bpftool prog show 2>/dev/null | grep " name own$$ "; }
mkdir "$scratch/tracefs"
mount -t tracefs tracefs "$scratch/tracefs"
unmount() { umount "$scratch/tracefs"; }
at_exit unmount
instances() { ls -d "$scratch/tracefs/instances/ecli-$1" 2>/dev/null; }
none_of() { [ -z "$("$@")" ]; } # the kernel frees programs when it gets to it
start_ecli "$scratch/printk/package.json"
killed=$ecli_pid
[ -n "$(instances "$killed")" ] && ok private-instance || not_ok private-instance "no trace instance of its own" "$err"
! has bpftool || [ -n "$(own_programs)" ] || not_ok nothing-stays-loaded "bpftool does not list own$$ while it runs" "$err"
stop_ecli KILL
patiently "$ECLI" run "$scratch/printk/package.json" --duration 0.2 >/dev/null 2>"$err" # takes away what the killed one left
if ! has bpftool; then cannot nothing-stays-loaded "bpftool is needed"
elif wait_until none_of own_programs; then ok nothing-stays-loaded
else not_ok nothing-stays-loaded "still loaded: $(own_programs)"; fi
if wait_until none_of instances "$killed"; then ok nothing-stays-in-tracefs; else not_ok nothing-stays-in-tracefs "$(instances "$killed")"; fi

# A closed standard error: what would stand there is not written into the file that got its number.
"$ECLI" run "$package" -o json="$scratch/rows.json" --count 3 2>&- &
ecli_pid=$!
mark_until_over() { "$scratch/mark" 3; is_over "$ecli_pid"; }
wait_until mark_until_over
end_ecli
if jq -es 'length == 3 and all(.[]; has("time"))' "$scratch/rows.json" >/dev/null 2>"$err"; then ok closed-stderr; else not_ok closed-stderr "not three rows" "$scratch/rows.json" "$err"; fi
# A closed standard output is an error.
code=0
patiently "$ECLI" run "$package" --duration 0.1 >&- 2>"$err" || code=$?
if [ $code = 1 ] && grep -q 'cannot write the output: Bad file descriptor' "$err"; then ok closed-stdout; else not_ok closed-stdout "status $code" "$err"; fi

# fails NAME WORDS COMMAND...: a run that cannot write ends by itself at the next rows, with an error that names why.
fails() {
	local name=$1 words=$2
	shift 2
	start "$@"
	"$scratch/mark" 100
	end_ecli
	if [ "$status" = 1 ] && grep -q "cannot write the output: $words" "$err"; then ok "$name"; else not_ok "$name" "status $status, or not the words: $words" "$err"; fi
}
on_a_full_disk() { exec "$ECLI" run "$scratch/storm/package.json" --per_mark 50 >/dev/full; }
fails full-disk 'No space left' on_a_full_disk
# A file that may not grow (1 KiB): not the end by a signal.
in_a_small_file() { ulimit -f 1; exec "$ECLI" run "$package" -o json="$scratch/limited.json"; }
fails file-limit 'File too large' in_a_small_file
