#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The child of ecli that looks up names is left out of what a tool shows, as ecli is, and there with --trace-self. Each look asks it, so it sleeps
# between two, which is what offcputime counts.
source "$(dirname "$0")/../lib.sh"

child() { cat "/proc/$ecli_pid/task/$ecli_pid/children"; }
has_child() { [ -n "$(child)" ]; }
# looked COUNT: asks for looks until so many have shown something.
looked() {
	kill -USR1 "$ecli_pid"
	[ "$(cut -d ' ' -f 1 "$rows" | sort -u | wc -l)" -ge "$1" ]
}

traced() { # NAME OPTION...: $own and $childs are the numbers of rows of both
	local name=$1 pid
	shift
	start_ecli -o plain --interval 1h "$BUILD/tools/offcputime/package.json" "$@" || { not_ok "$name" "did not become ready" "$err"; exit 0; }
	wait_until -p "$ecli_pid" looked 2
	wait_until -p "$ecli_pid" has_child
	pid=$(child)
	wait_until -p "$ecli_pid" looked 8
	tracer=$ecli_pid
	stop_ecli
	own=$(awk -v pid="$tracer" '$2 == pid' "$rows" | wc -l)
	childs=$(awk -v pid="${pid% }" '$2 == pid' "$rows" | wc -l)
}

traced left-out
[ "$own" = 0 ] && [ "$childs" = 0 ] && ok left-out || not_ok left-out "$own rows of ecli, $childs of its child" "$rows"
traced trace-self --trace-self
[ "$own" -gt 0 ] && [ "$childs" -gt 0 ] && ok trace-self || not_ok trace-self "$own rows of ecli, $childs of its child" "$rows"
