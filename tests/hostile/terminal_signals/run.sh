#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The screen of sampled maps, ended by every signal that can be caught (W6), and on a terminal that takes nothing: the terminal has its modes and its
# own screen again, and the process ends.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/blocked.inc"
is_root || { cannot terminal_signals "loading programs takes root"; exit 0; }
cc -D_GNU_SOURCE -O1 -o "$scratch/terminal" "$TOP/tests/hostile/terminal_signals/terminal.c" 2>"$err" || { not_ok terminal "it does not compile" "$err"; exit 0; }
cp "$TOP/tests/live/screen.bpf.c" "$scratch/screen.bpf.c"
compile screen
has_screen=$("$ECLI" run "$scratch/screen/package.json" --no-screen --help 2>&1 | grep -c -- --no-screen)
[ "$has_screen" -gt 0 ] || { lacks terminal_signals "built without a screen"; exit 0; }

# ended NAME HOW WANTED: what the terminal has to say.
ended() {
	local code=0 said
	said=$(patiently --idle 20 "$scratch/terminal" "$2" "$ECLI" run "$scratch/screen/package.json" --interval 0.1 2>&1) || code=$?
	case "$said" in
	"ok $3") ok "$1" ;;
	*) not_ok "$1" "status $code (124: it did not end), expected \"ok $3\", seen: $(printf '%s' "$said" | tail -n 1 | tr -d '\033' | cut -c 1-200)" ;;
	esac
}
for name in INT TERM HUP; do
	ended "$name" "$(kill -l $name)" "with status 0"
done
# USR1 asks for a look, USR2 and PIPE are not the kernel's business here: USR1 and PIPE do not end it.
for name in QUIT ILL TRAP ABRT BUS FPE USR2 SEGV ALRM STKFLT XCPU VTALRM PROF IO PWR SYS; do
	ended "$name" "$(kill -l $name)" "by signal $(kill -l $name)"
done
for number in 34 35 40 64; do
	ended "real-time-$number" $number "by signal $number"
done
ended stopped-terminal stop "with status 0"
ended unread-terminal unread "with status 0"
