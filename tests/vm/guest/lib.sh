# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The words of tests/lib.sh for the guest's shell (busybox sh: no arrays, no process substitution).

ok() { echo "ok $1"; }

not_ok() { # NAME WHY [FILE...]
	echo "not ok $1 - $2"
	shift 2
	for file in "$@"; do
		[ -s "$file" ] || continue
		echo "#   ${file##*/}:"
		tail -n 30 "$file" | sed 's/^/#   | /'
	done
}

lacks() { echo "skip $1 - $2"; }

# word NAME: what the kernel's command line says of it: ecli_machine, ecli_kernel (its release).
word() { sed -n "s/.*$1=\([^ ]*\).*/\1/p" /proc/cmdline; }

# start_ecli ARG...: runs `ecli run ARG...` with its rows in /tmp/rows and its messages in /tmp/messages; returns when it is
# attached, 1 when it ended before.
start_ecli() {
	: >/tmp/rows
	: >/tmp/messages
	ecli run "$@" >/tmp/rows 2>/tmp/messages &
	ecli_pid=$!
	tries=0
	while ! grep -q '^running and waiting' /tmp/messages; do
		kill -0 $ecli_pid 2>/dev/null || return 1
		tries=$((tries + 1))
		[ $tries -lt 600 ] || return 1
		sleep 0.05
	done
}

# wait_rows PATTERN COUNT: until that many rows match, 5 seconds at most.
wait_rows() {
	tries=0
	while [ "$(grep -cE "$1" /tmp/rows)" -lt "$2" ]; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || return 1
		sleep 0.05
	done
}

# stop_ecli: as Ctrl-C does; returns its status.
stop_ecli() {
	kill -INT $ecli_pid 2>/dev/null
	wait $ecli_pid
}
