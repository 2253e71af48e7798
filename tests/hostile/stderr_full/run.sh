#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A standard error that nobody reads (D7): the run goes on, ends in time and with its own status, and a signal ends it.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/blocked.inc"
package=$PACKAGES/runqlat/package.json
full_pipe "$scratch/full" 7

# What patient has to say does not go there.
to_full() { patiently --idle 20 sh -c 'full=$1; shift; exec "$@" 2>"$full" 7>&-' sh "$scratch/full" "$@"; }
code=0
to_full "$ECLI" run "$package" -vv -d 0.5 -o json --stats >"$rows" 2>"$err" || code=$?
if [ $code = 0 ] && tail -n 1 "$rows" | grep -q '^{"ecli":"summary"'; then ok ends-by-itself; else not_ok ends-by-itself "status $code (124: it hung) and the last row is not the summary" "$rows"; fi

for signal in TERM INT HUP; do
	: >"$rows"
	env --default-signal=INT "$ECLI" run "$package" -vv -o json --interval 0.1 >"$rows" 2>"$scratch/full" 7>&- &
	ecli_pid=$!
	wait_until -p "$ecli_pid" has_text "$rows" '^{"time"'
	stop_ecli $signal
	if [ "$status" = 0 ]; then ok "ends-by-$signal"; else not_ok "ends-by-$signal" "status $status (137: it did not end)" "$rows"; fi
done

# What is said before something is attached waits for its reader, as that of any program; a signal ends it.
"$ECLI" run "$package" --where 'no_such_column > 1' -d 0.1 >"$rows" 2>"$scratch/full" 7>&- &
ecli_pid=$!
waits() { grep -q '^State:[[:space:]]*S' "/proc/$ecli_pid/status" && [ "$(readlink "/proc/$ecli_pid/exe")" = "$(readlink -f "$ECLI")" ]; }
wait_until -p "$ecli_pid" waits
stop_ecli TERM
if [ "$status" = 143 ]; then ok failure; else not_ok failure "status $status instead of 143 (137: it did not end)"; fi

# Whoever reads later has what was said.
mkfifo "$scratch/late"
exec 8<>"$scratch/late"
"$ECLI" run "$package" -o json --interval 0.1 >"$rows" 2>"$scratch/late" 7>&- 8>&- &
ecli_pid=$!
wait_until -p "$ecli_pid" has_text "$rows" '^{"time"'
stop_ecli TERM
exec 9<"$scratch/late"
exec 8>&-
said=$(cat <&9)
if [ "$status" = 0 ] && [ "$said" = "running and waiting for the ebpf events from map..." ]; then ok late-reader; else not_ok late-reader "status $status, and the reader found: $said"; fi
