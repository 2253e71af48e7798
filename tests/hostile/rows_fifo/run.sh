#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Rows to a named pipe: without a reader that is an error before anything is loaded, with one it works.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/blocked.inc"
package=$PACKAGES/runqlat/package.json
is_root || { cannot rows_fifo "loading programs takes root"; exit 0; }

mkfifo "$scratch/nobody"
code=0
patiently --idle 20 "$ECLI" run "$package" -d 0.1 -o json="$scratch/nobody" >"$rows" 2>"$err" || code=$?
if [ $code = 1 ] && has_text "$err" "cannot write $scratch/nobody: nobody reads this pipe" && ! has_text "$err" "$ready_line"; then ok no-reader; else not_ok no-reader "status $code instead of 1 (124: it hung)" "$err"; fi

exec 8<>"$scratch/nobody"
code=0
patiently --idle 20 "$ECLI" run "$package" -d 0.1 -o json="$scratch/nobody" >"$rows" 2>"$err" 8>&- || code=$?
exec 9<"$scratch/nobody"
exec 8>&-
if [ $code = 0 ] && cat <&9 | jq -es 'length > 0' >/dev/null; then ok reader; else not_ok reader "status $code, or no rows" "$err"; fi
exec 9<&-

# A reader that sleeps, and a signal.
full_pipe "$scratch/full" 7
: >"$err" # that of the run before says that it is ready
"$ECLI" run "$package" --interval 0.1 -o json="$scratch/full" >"$rows" 2>"$err" 7>&- &
ecli_pid=$!
wait_ready
stop_ecli TERM
if [ "$status" = 0 ] && has_text "$err" 'output unread'; then ok sleeping-reader; else not_ok sleeping-reader "status $status (137: it did not end), or the rows are not told as lost" "$err"; fi
