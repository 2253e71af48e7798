#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A result file that is a pipe (D8): nobody reads it, its reader sleeps, another user has put it there. And a result file that is none is whole or
# not there, however ecli ends.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/blocked.inc"
package=$PACKAGES/profile/package.json
is_root || { cannot profile_fifo "loading programs takes root"; exit 0; }

mkfifo "$scratch/nobody"
code=0
patiently --idle 20 "$ECLI" run "$package" -p $$ -d 0.2 -o flame="$scratch/nobody" >"$rows" 2>"$err" || code=$?
if [ $code = 1 ] && has_text "$err" "cannot write $scratch/nobody: nobody reads this pipe"; then ok no-reader; else not_ok no-reader "status $code instead of 1 (124: it hung), or another sentence" "$err"; fi

full_pipe "$scratch/full" 7
"$ECLI" run "$package" -p $$ -d 0.2 -o flame="$scratch/full" >"$rows" 2>"$err" 7>&- &
ecli_pid=$!
wait_ready
writes() { grep -q '^State:[[:space:]]*S' "/proc/$ecli_pid/status" && [ -n "$(find /proc/"$ecli_pid"/fd -lname "$scratch/full" 2>/dev/null)" ]; }
wait_until -p "$ecli_pid" writes || not_ok sleeping-reader "it does not write to the pipe" "$err"
stop_ecli TERM
if [ "$status" = 1 ] && has_text "$err" "cannot write $scratch/full: its reader does not read"; then ok sleeping-reader; else not_ok sleeping-reader "status $status instead of 1 (137: it did not end), or another sentence" "$err"; fi

# A reader who reads has all of it.
mkfifo "$scratch/read"
cat "$scratch/read" >"$scratch/got" &
reader=$!
opened() { [ -n "$(find /proc/$reader/fd -lname "$scratch/read" 2>/dev/null)" ] || grep -q '^State:[[:space:]]*S' /proc/$reader/status; }
wait_until -p $reader opened
code=0
patiently --idle 20 "$ECLI" run "$package" -p $$ -d 0.2 -o flame="$scratch/read" >"$rows" 2>"$err" || code=$?
wait_end $reader
if [ $code = 0 ] && tail -n 1 "$scratch/got" | grep -q '</html>'; then ok reader; else not_ok reader "status $code, or not the whole page" "$err"; fi

# In a folder of all users.
mkdir -m 1777 "$scratch/all"
chmod 755 "$scratch"
setpriv --reuid=65534 --regid=65534 --clear-groups mkfifo "$scratch/all/cpu.html"
chmod 666 "$scratch/all/cpu.html" 2>/dev/null
exec 8<>"$scratch/all/cpu.html"
code=0
patiently --idle 20 "$ECLI" run "$package" -p $$ -d 0.1 -o flame="$scratch/all/cpu.html" >"$rows" 2>"$err" 8>&- || code=$?
if [ $code = 1 ] && has_text "$err" 'it is a pipe that another user has put there' && ! has_text "$err" "$ready_line"; then ok other-user; else not_ok other-user "status $code instead of 1 before anything was loaded" "$err"; fi
exec 8>&-

# Nothing is left beside the result.
mkdir "$scratch/out"
code=0
patiently "$ECLI" run "$package" -p $$ -d 0.1 -o flame="$scratch/out/cpu.html" >"$rows" 2>"$err" || code=$?
left=$(ls -A "$scratch/out")
if [ $code = 0 ] && [ "$left" = cpu.html ] && tail -n 1 "$scratch/out/cpu.html" | grep -q '</html>' && [ "$(stat -c %a "$scratch/out/cpu.html")" = "$(printf %o $((0666 & ~$(umask))))" ]; then
	ok whole
else
	not_ok whole "status $code, in the folder: $left" "$err"
fi
