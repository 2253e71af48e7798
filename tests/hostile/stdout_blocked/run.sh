#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A standard output that nobody reads: each command ends by a signal, in whatever it waits.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/blocked.inc"
package=$PACKAGES/execsnoop/package.json
full_pipe "$scratch/full" 7

# sleeps PID: it waits for the pipe's reader.
sleeps() { grep -q '^State:[[:space:]]*S' "/proc/$1/status" && [ "$(cpu_ms "$1")" = "$(cpu_ms "$1")" ]; }

# Rows: what was read is told.
"$ECLI" run "$package" --trace_self -o json >"$scratch/full" 2>"$err" 7>&- &
ecli_pid=$!
wait_ready
for _ in 1 2 3 4 5; do /bin/true; done
stop_ecli TERM
if [ "$status" = 0 ]; then ok run; else not_ok run "status $status (137: it did not end)" "$err"; fi

# Ended by its time, it waits for the reader; a signal ends that.
"$ECLI" run "$package" -o json -d 0.2 >"$scratch/full" 2>"$err" 7>&- &
ecli_pid=$!
wait_ready
until_detached() { /bin/true; sleeps "$ecli_pid"; }
wait_until -p "$ecli_pid" until_detached
stop_ecli TERM
if [ "$status" = 0 ] || [ "$status" = 143 ]; then ok run-at-its-end; else not_ok run-at-its-end "status $status (137: it did not end)" "$err"; fi

# All others have the usual action of signals.
ends() { # NAME COMMAND...
	local name=$1 pid
	shift
	"$@" >"$scratch/full" 2>"$err" 7>&- </dev/null &
	pid=$!
	wait_until -p "$pid" sleeps "$pid"
	kill -TERM "$pid" 2>/dev/null
	wait_end "$pid"
	if [ "$status" = 143 ]; then ok "$name"; else not_ok "$name" "status $status instead of 143 (137: it did not end)" "$err"; fi
}
ends check "$ECLI" check "$package"
ends inspect "$ECLI" inspect "$package"
ends list "$ECLI" list
ends help "$ECLI" run --help
ends tool-help "$ECLI" run "$package" --help
ends completion "$ECLI" complete run profile --
printf '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\nchar LICENSE[] SEC("license") = "GPL";\nint counter;\n' >"$scratch/small.bpf.c"
ends ecc "$ECC" "$scratch/small.bpf.c" -o "$scratch/small"
ends ecc-help "$ECC" --help
