# SPDX-License-Identifier: MIT
# CPUs that come while ecli runs, that go and come back, and a first CPU that is off: rows and losses make up what was made, and nothing ends.
. /tests/guest.inc

cpus=/sys/devices/system/cpu
switch() { echo "$2" 2>/dev/null >$cpus/cpu$1/online; } # CPU 0|1
on() { # CPU COMMAND...
	local mask=$((1 << $1))
	shift
	taskset $mask "$@" >/dev/null
}
whole() { # NAME MADE: rows and what the summary calls lost
	local seen lost
	seen=$(grep -c '"index":' "$rows")
	lost=$(sed -n 's/.*"ecli":"summary".*"lost":\([0-9]*\).*/\1/p' "$rows")
	if [ "$status" = 0 ] && [ $((seen + ${lost:-0})) = "$2" ]; then
		ok "$1"
	else
		not_ok "$1" "status $status, $seen rows and ${lost:-no} lost of $2" "$err" "$rows"
	fi
}
# from_second NAME: marks on the second CPU until a last one is seen. What comes before its buffer is there is told as lost.
from_second() {
	local before now
	before=$(grep -c "$last" "$rows")
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		on 1 mark 70
		made=$((made + 70))
		sleep 1
		now=$(grep -c "$last" "$rows")
		[ "$now" -gt "$before" ] && ok "$1" && return
	done
	not_ok "$1" "no row from there" "$rows" "$err"
}

if ! switch 1 0; then
	lacks cpus "this machine's second CPU cannot be switched off"
	exit 0
fi
for package in two_buffers tracepoint; do # a perf buffer and a ring, which has no CPUs
	start_tool -o json "/packages/live/$package/package.json" --stats || { not_started "cpus-$package"; continue; }
	last='"index":69' made=50 times=1
	[ $package = tracepoint ] || last='"map":"perfs","index":69' times=2
	on 0 mark 50
	switch 1 1
	from_second "cpus-$package-came"
	switch 1 0
	on 0 mark 20
	switch 1 1
	from_second "cpus-$package-back"
	switch 1 0
	stop_ecli
	whole "cpus-$package" $(((made + 20) * times))
done

# Samples of the CPU that came.
busy() { exec taskset 2 sh -c 'while :; do :; done'; }
if start_tool -o json -i 1 profile -K; then
	switch 1 1
	busy &
	load=$!
	if wait_until -p "$ecli_pid" has_text "$rows" "\"pid\":$load,"; then ok cpus-profile; else not_ok cpus-profile "no sample of it" "$rows" "$err"; fi
	kill $load
	wait $load 2>/dev/null
	stop_ecli
else
	not_started cpus-profile
	switch 1 1
fi

# Where the first can be switched off, everything attaches to the others.
if switch 0 0; then
	for one in "two_buffers mark" "tracepoint mark" "raw_tp mark" "perf_event :"; do
		package=${one% *} workload=${one#* }
		if ! start_tool -o json "/packages/live/$package/package.json"; then
			not_started "cpus-no-first-$package"
			continue
		fi
		[ "$workload" = : ] || $workload 3 >/dev/null
		if wait_until -p "$ecli_pid" has_text "$rows" '"(index|cpu)":'; then ok "cpus-no-first-$package"; else not_ok "cpus-no-first-$package" "no row" "$rows" "$err"; fi
		stop_ecli
	done
	switch 0 1
fi
switch 1 1
exit 0
