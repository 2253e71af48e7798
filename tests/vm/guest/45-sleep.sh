# SPDX-License-Identifier: MIT
# A machine that sleeps (suspend to RAM) and a wall clock that is set: a row's time is that of its moment, whenever it is read. The kernel itself makes rows
# at each step of falling asleep and of waking up, when nobody can read them. (QEMU 7.2 sleeps once only.) boot.sh wakes the machine 3 s after it fell asleep.
. /tests/guest.inc

if ! grep -qw mem /sys/power/state 2>/dev/null || ! grep -qw deep /sys/power/mem_sleep 2>/dev/null; then
	lacks sleep "this machine cannot sleep"
	exit 0
fi
start_tool -o json /packages/steps/package.json || { not_started sleep; exit 0; }
watches() { ls -l "/proc/$ecli_pid/fd" | grep -q 'perf_event'; } # after 5 s
wait_until -p "$ecli_pid" watches || not_ok sleep-watch "ecli does not look when the machine sleeps" "$err"
# The second CPU is off meanwhile: its perf buffer has to be opened again.
"$ECLI" run -o json /packages/live/two_buffers/package.json >"$scratch/two" 2>"$scratch/two.err" &
two=$!
wait_until -p $two has_text "$scratch/two.err" "$ready_line"
now=$(date +%s)
date -s '2035-05-05 05:05:05' >/dev/null
sleep 1 # so that it has been looked at
before=$(date +%s)
echo deep >/sys/power/mem_sleep
echo mem >/sys/power/state || not_ok sleep-slept "the machine does not fall asleep"
after=$(date +%s)
wait_until -p "$ecli_pid" has_text "$rows" '"action":"thaw_processes","start":0'
stop_ecli
marks() {
	taskset 2 mark 5 >/dev/null
	has_text "$scratch/two" '"map":"perfs","index":4'
}
if wait_until -p $two marks; then ok sleep-perf; else not_ok sleep-perf "no row through the perf buffer of the second CPU" "$scratch/two" "$scratch/two.err"; fi
kill -INT $two
wait $two
date -s "@$now" >/dev/null

[ $((after - before)) -ge 3 ] && ok sleep-slept || not_ok sleep-slept "it slept for $((after - before)) s"
# Both clocks tell the same moment, to 200 ms (the two CPUs take turns); `time` is that of CLOCK_MONOTONIC.
if awk '
	function seconds(name,    text) { # of the day
		if (!match($0, "\"" name "\":\"[^\"]*\"")) return -1
		text = substr($0, RSTART, RLENGTH)
		sub(/^.*T/, "", text)
		return substr(text, 1, 2) * 3600 + substr(text, 4, 2) * 60 + substr(text, 7, 9)
	}
	/"action":/ {
		n++
		mono = seconds("time"); boot = seconds("boot")
		if (mono < 0 || boot < 0 || mono - boot > 0.2 || boot - mono > 0.2) { print "apart: " $0; bad++ }
		if (mono + 0.2 < last) { print "earlier than the row before: " $0; bad++ }
		last = mono
		if (/"action":"syscore_suspend","start":0/) asleep = mono
		if (/"action":"syscore_resume","start":0/ && mono - asleep >= 2) slept++
	}
	END { print n " rows, " slept " sleeps"; exit n < 30 || bad > 0 || slept != 1 }' "$rows" >"$scratch/times"; then
	ok sleep-times
else
	not_ok sleep-times "the clocks tell different times of one moment, or there is no step of its sleep" "$scratch/times" "$err" "$rows"
fi
[ "$status" = 0 ] && ok sleep-runs-on || not_ok sleep-runs-on "status $status" "$err"
