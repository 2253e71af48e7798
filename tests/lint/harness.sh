# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# tests/lib.sh and support/patient do what they say: in bash, as suites on the host use the harness, and in dash and busybox sh, as guests
# do. In place of ecli there is a script that behaves as its first word says. The tests run side by side.

harness_count=0
# aside NAME COMMAND...: check, in a process of its own with a folder of its own, $own. beside (run.sh) prints its line.
aside() {
	harness_count=$((harness_count + 1))
	own=$scratch/harness.$harness_count
	mkdir "$own"
	beside "$own/verdict" check "$@"
}

harness=$scratch/harness
mkdir -p "$harness"
cat >"$harness/ecli" <<'FAKE'
#!/usr/bin/env -S --default-signal=INT sh
[ "$1" = run ] || exit 2
ready() { echo 'running and waiting for the ebpf events from nowhere...' >&2; }
case $2 in
rows) # until it is interrupted; a row more comes before its end
	trap 'echo last row; exit 4' INT TERM
	echo first row
	ready
	while :; do sleep 0.02; done ;;
refuse) echo 'ecli: no' >&2; exit 3 ;;
short) ready; exit 5 ;;
deaf) trap '' INT TERM; ready; while :; do sleep 0.02; done ;;
esac
FAKE
chmod +x "$harness/ecli"

# What every shell must print, to the letter.
cat >"$harness/words.sh" <<'WORDS'
count() { # FILE N: true at the Nth try
	echo x >>"$1"
	[ "$(wc -l <"$1")" -ge "$2" ]
}
wait_until count "$scratch/tries" 3 && echo "true after $(wc -l <"$scratch/tries")"
(patience=4; wait_until count "$scratch/never" 99 || echo "false after $(wc -l <"$scratch/never")")
(exit 7) &
pid=$!
wait_end $pid
echo "ended with $status"
sh -c 'kill -TERM $$' &
wait_end $!
echo "ended with $status"
sh -c 'sleep 0.2; : >"$0"' "$scratch/made" &
wait_until -p $! test -e "$scratch/made" && echo "made in time"
true &
pid=$!
wait_until is_over $pid && wait_until -p $pid count "$scratch/end" 2 && echo "made at the end"
wait_until -p $pid false || echo "not made, and nobody is there to make it"
(patience=3; sh -c 'trap "" TERM; exec sleep 60' & wait_end $!; echo "killed: $status")

printf 'a 1\na 2\n-b\n' >"$scratch/text"
has_lines "$scratch/text" 2 '^a' && ! has_lines "$scratch/text" 3 '^a' && has_lines "$scratch/text" 1 '-b' && echo "counts lines"
has_text "$scratch/text" 'a [12]' && ! has_text "$scratch/text" c && ! has_text "$scratch/nowhere" a && echo "finds text"

start_ecli rows && echo "attached: $(cat "$rows")"
[ -n "$ecli_pid" ] && kill -0 "$ecli_pid" && echo "it runs"
stop_ecli
echo "stopped with $? $status, pid '$ecli_pid', rows: $(tr '\n' ',' <"$rows")"
start_ecli rows
stop_ecli TERM || echo "stopped by TERM with $status"
start_ecli refuse || echo "refused with $status, pid '$ecli_pid', says: $(cat "$err")"
start_ecli short && echo "was ready"
end_ecli || echo "ended by itself with $status"
start_ecli deaf
patience=5
stop_ecli || echo "killed with $status"
patience=2000
start env ANY=thing "$ECLI" run rows && kill -0 "$ecli_pid" && echo "started in its own way"
stop_ecli TERM

ok 'a name'
not_ok 'a name' 'why' "$scratch/text" "$scratch/nowhere"
lacks 'a name' 'no such kernel'
ECLI_TEST_STRICT=0 cannot 'a name' 'no such tool'
(ECLI_TEST_STRICT=1; cannot 'a name' 'no such tool')
check 'true is true' true
check 'it says why' sh -c 'echo because; exit 9'
has sh && ! has no-such-program && echo "knows programs"
split_parts "$harness" words frames/a 'frames'
echo "scripts:$scripts programs:$programs"
bye() { echo "hook $1"; }
first_hook() { echo "first hook"; }
second_hook() { echo "second hook, scratch is $([ -d "$scratch" ] && echo there)"; return 1; }
at_exit first_hook
at_exit second_hook
start_ecli rows
echo "$ecli_pid $scratch" >"$own/left"
exit 6
WORDS

cat >"$harness/words.txt" <<'EXPECTED'
true after 3
false after 4
ended with 7
ended with 143
made in time
made at the end
not made, and nobody is there to make it
killed: 137
counts lines
finds text
attached: first row
it runs
stopped with 4 4, pid '', rows: first row,last row,
stopped by TERM with 4
refused with 3, pid '', says: ecli: no
was ready
ended by itself with 5
killed with 137
started in its own way
ok a name
not ok a name - why
#   text:
#   | a 1
#   | a 2
#   | -b
skip a name - no such kernel
skip a name - no such tool
not ok a name - could not run: no such tool
ok true is true
not ok it says why - status 9 from: sh -c echo because; exit 9 
#   check:
#   | because
knows programs
scripts: words programs: frames/a frames
first hook
second hook, scratch is there
EXPECTED

words_test() { # SHELL [ARG...]
	local code=0 pid folder
	# In guests nothing but these is set.
	env -i PATH="$PATH" BUILD="$BUILD" ECLI="$harness/ecli" own="$own" harness="$harness" TMPDIR="$own" \
		"$@" -c '. "$0"; . "$1"' "$top/tests/lib.sh" "$harness/words.sh" >"$own/out" 2>"$own/err" || code=$?
	# The scratch files of check have a random end.
	sed -i -E 's/^(#   check)\.[A-Za-z0-9]{6}:$/\1:/' "$own/out"
	diff "$harness/words.txt" "$own/out" || return 1
	[ $code = 6 ] || { echo "status $code, not 6"; return 1; }
	read -r pid folder <"$own/left"
	[ ! -e "$folder" ] || { echo "the folder is left"; return 1; }
	wait_until is_over "$pid" || { echo "ecli is left"; return 1; }
	! grep -v Killed "$own/err" | grep . || { echo "something on standard error"; return 1; }
}
interrupted_test() { # SHELL [ARG...]: a suite that gets a TERM tidies up
	local folder
	env -i PATH="$PATH" BUILD="$BUILD" "$@" -c '. "$0"; echo "$scratch" >"$1.tmp"; mv "$1.tmp" "$1"; while :; do sleep 0.05; done' "$top/tests/lib.sh" "$own/folder" &
	wait_until -p $! test -e "$own/folder"
	folder=$(cat "$own/folder")
	[ -d "$folder" ] || { echo "there was no folder"; return 1; }
	kill -TERM $!
	wait_end $!
	[ "$status" = 143 ] && [ ! -e "$folder" ] || { echo "status $status, or $folder is left"; return 1; }
}

for shell in bash dash "busybox sh"; do
	if has "${shell%% *}"; then
		# shellcheck disable=SC2086 # words
		aside "harness: its words in ${shell%% *}" words_test $shell
		# shellcheck disable=SC2086
		aside "harness: ${shell%% *} tidies up when it is ended" interrupted_test $shell
	else
		cannot "harness: its words in ${shell%% *}" "it is not installed"
	fi
done

# ---- folders of scripts
mkdir -p "$harness/folder.d"
script() { printf '%s\n' "$2" >"$harness/folder.d/$1.sh"; }
script run 'echo "ok never"'
script a 'echo "ok $(basename "$0" .sh) of $TOP"; echo chatter; sleep 0.3; echo "skip x - no"'
script b 'echo "ok b"; echo "last words" >&2; exit 3'
script c 'echo "ok c"; echo "not ok d - no"; echo "what went wrong" >&2'
script e ':'
cat >"$harness/scripts.txt" <<EXPECTED
ok pre: a of $top
chatter
skip pre: x - no
ok pre: b
not ok pre: b - the script ended with status 3
#   b.err:
#   | last words
#   alone: make test SUITES=some/b
ok pre: c
not ok pre: d - no
#   alone: make test SUITES=some/c
not ok pre: e - the script ran no test
#   alone: make test SUITES=some/e
EXPECTED
scripts_test() { # [-j JOBS]
	SUITE=some bash -c '. "$0"; run_scripts "$@"' "$top/tests/lib.sh" "$@" "$harness/folder.d" "pre: " >"$own/out" 2>"$own/err"
	diff "$harness/scripts.txt" "$own/out" && diff - "$own/err" <<<'what went wrong'
}
aside "harness: scripts one by one" scripts_test
aside "harness: scripts two at a time" scripts_test -j 2
aside "harness: scripts three at a time" scripts_test -j 3
aside "harness: one script" bash -c '. "$0"; [ "$(run_scripts "$1" "" b | head -n 1) $(run_scripts -j 2 "$1" "" a | grep -c "^ok")" = "ok b 1" ]' \
	"$top/tests/lib.sh" "$harness/folder.d"

# ---- patience
patient_test() { # STATUS MESSAGE ARG...: of patient
	local want=$1 says=$2 code=0
	shift 2
	"$BUILD/tests/support/patient" "$@" >"$own/out" 2>"$own/err" || code=$?
	[ "$code" = "$want" ] && { [ -z "$says" ] || grep -qE "$says" "$own/err"; } && return
	echo "status $code instead of $want, or nothing like: $says"
	cat "$own/err"
	return 1
}
aside "patient: the command's status" patient_test 7 '' bash -c 'exit 7' </dev/null
aside "patient: the signal that ended it" patient_test 137 '' bash -c 'kill -KILL $$'
aside "patient: no such command" patient_test 127 'no-such-command: No such file' /no-such-command
aside "patient: not a program" patient_test 126 'Permission denied' /etc/passwd
aside "patient: what it does not know" patient_test 2 usage --what 1 true
aside "patient: all sleep" patient_test 124 'sh hung: it slept for [1-9][0-9]* s.*of it there were' --idle 1 sh -c 'sleep 60 & wait'
locked() {
	(
		flock 9
		patient_test 124 'hung: it slept for .*, and waits for a lock of process [1-9]' --idle 0.2 flock "$own/lock" true 9<&-
	) 9>"$own/lock"
}
aside "patient: one waits for another's lock" locked
aside "patient: they compute for ever" patient_test 124 'used [1-9][0-9]* s of CPU time' --cpu 1 --idle 600 sh -c '(while :; do :; done) & wait'
aside "patient: one looks for ever" patient_test 124 'hung: it slept' --idle 1 sh -c 'while :; do sleep 0.3; done'
aside "patient: one that sleeps in the order of things" patient_test 0 '' --idle 5 sleep 1.2
left_test() { # MESSAGE SHELL COMMAND: which leaves a process and tells its id
	patient_test 125 "$1" "$2" -c "$3" || return
	[ -s "$own/out" ] && is_over "$(cat "$own/out")" || { echo "it runs, or never did: $(cat "$own/out")"; return 1; }
}
aside "patient: what is left is ended" left_test 'left these running' sh 'sleep 596 & echo $!'
aside "patient: what is left by one whose parent ended" left_test ' S sleep 595' sh "setsid sh -c 'echo \$\$; exec sleep 595' &"
aside "patient: what is left and does not listen" left_test 'left these running' bash '(trap "" TERM; echo $BASHPID; while :; do sleep 0.1; done) &'
aside "patient: a child that ignores its children" patient_test 0 '' bash -c 'trap "" CHLD; true & wait; exit 0'
aside "patient: a parent that ignores its children" patient_test 7 '' env --ignore-signal=CHLD "$BUILD/tests/support/patient" sh -c 'exit 7'
grow() { # a file grows while all sleep
	: >"$own/grows"
	patient_test 0 '' --idle 2 --watch "$own/grows" sh -c 'for i in 1 2 3 4; do sleep 1.5; echo >>"$0"; done' "$own/grows"
}
aside "patient: results come" grow
usage_test() {
	patient_test 0 '' --usage "$own/usage" bash -c 'for ((i = 0; i < 300000; i++)); do :; done' || return
	awk '{ exit !($1 > 0.01 && $1 < 60) }' "$own/usage" || { cat "$own/usage"; return 1; }
}
aside "patient: the CPU time" usage_test
signal_test() { # SIGNAL: the command gets it
	local out
	"$BUILD/tests/support/patient" bash -c 'trap "exit 9" '"$1"'; : >"$0"; while :; do sleep 0.05; done' "$own/ready.$1" &
	wait_until -p $! test -e "$own/ready.$1"
	kill -"$1" $!
	wait_end $!
	[ "$status" = 9 ] || { echo "status $status"; return 1; }
}
for signal in TERM INT HUP; do aside "patient: $signal is passed on" signal_test $signal; done
session_test() { # it has no terminal, and tells its number; one that does not listen is killed
	patient_test 0 '' --session "$own/session" bash -c '
		[ "$(ps -o sid= -p $$ | tr -d " ")" = "$(cat "$0")" ] && [ "$(cat "$0")" = $PPID ]' "$own/session" || return
	"$BUILD/tests/support/patient" --session "$own/session" bash -c 'trap "" TERM; : >"$0"; exec sleep 60' "$own/ready.session" &
	wait_until -p $! test -e "$own/ready.session"
	kill -TERM "$(cat "$own/session")"
	wait_end $!
	[ "$status" = 143 ] || { echo "status $status"; return 1; }
}
aside "patient: a session" session_test
