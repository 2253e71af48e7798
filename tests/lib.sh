# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# What every suite is written with, on the host (bash) and in the guests (busybox sh): result lines, waiting, starting and
# stopping ecli. POSIX sh and `local`, which all three shells have.
#
# A suite is a program that prints one line for each test on standard output:
#
#     ok NAME
#     not ok NAME - WHY
#     skip NAME - WHY
#
# WHY says what was expected and what was seen. Lines that begin with "# " after a "not ok" belong to it and are shown with it.
# Everything else is chatter for the log.
#
# There are two reasons to skip. `lacks` is for what the running kernel or machine does not have: nobody can install it, so the
# skip is honest everywhere. `cannot` is for what should have been there (a tool, a download, root): with ECLI_TEST_STRICT=1,
# as in CI, it is a failure.
#
# No test may fail because the machine is slow (docs/design/0014-tests.md). So nothing here is limited by the clock:
#
#     wait_until      waits for a condition; gives up after so many tries, and each try starts a process, so that tries
#                     are slow where the machine is
#     patiently       runs a command; ends it when it sleeps, or computes, for ever (support/patient.c)

if [ -n "${BASH_SOURCE-}" ]; then
	top=$(cd "$(dirname "$BASH_SOURCE")/.." && pwd)
	: "${BUILD:=$top/build}"
fi
: "${ECC:=${BUILD-}/ecc}" "${ECLI:=${BUILD-}/ecli}" "${PACKAGES:=${BUILD-}/tools}"
export BUILD ECC ECLI PACKAGES

# ---- result lines --------------------------------------------------------------------------------------------------

ok() { printf 'ok %s\n' "$1"; }

not_ok() { # NAME WHY [FILE...]: the files' last lines are shown
	local file
	printf 'not ok %s - %s\n' "$1" "$2"
	shift 2
	for file in "$@"; do
		[ -s "$file" ] || continue
		printf '#   %s:\n' "${file##*/}"
		tail -n 40 "$file" | tr -d '\000' | sed 's/^/#   | /'
	done
}

lacks() { printf 'skip %s - %s\n' "$1" "$2"; }

cannot() { # NAME WHY
	if [ "${ECLI_TEST_STRICT:-}" = 1 ]; then
		not_ok "$1" "could not run: $2"
	else
		printf 'skip %s - %s\n' "$1" "$2"
	fi
}

# check NAME COMMAND [ARG...]: ok when the command succeeds; its output is the explanation when it does not.
check() {
	local name out code=0
	name=$1
	shift
	out=$(mktemp "$scratch/check.XXXXXX")
	"$@" >"$out" 2>&1 || code=$?
	if [ $code = 0 ]; then
		ok "$name"
	else
		not_ok "$name" "status $code from: $(printf '%s ' "$@" | cut -c 1-200)" "$out"
	fi
}

has() { command -v "$1" >/dev/null 2>&1; }

is_root() { [ "$(id -u)" = 0 ]; }

# ---- a folder of one's own -----------------------------------------------------------------------------------------

# It is gone when the script ends, however it ends; so is an ecli that start_ecli started. at_exit FUNCTION runs before that.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ecli-test.XXXXXX") || {
	echo "cannot make a folder in ${TMPDIR:-/tmp}: set TMPDIR to one that can be written" >&2
	exit 2
}
rows=$scratch/rows err=$scratch/err ecli_pid= exit_hooks=
at_exit() { exit_hooks="$exit_hooks $1"; }
cleanup() {
	local hook
	[ -z "$ecli_pid" ] || kill "$ecli_pid" 2>/dev/null
	for hook in $exit_hooks; do
		"$hook" || true
	done
	rm -rf ${BASH_SOURCE:+--one-file-system} "$scratch" # not busybox's
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- waiting -------------------------------------------------------------------------------------------------------

patience=2000 # tries: a minute where a process starts at once

# wait_until [-p PID] COMMAND [ARG...]: tries the command until it is true. False when it never is, or when process PID, which is to
# make it true, has ended.
wait_until() {
	local tries=0 pid=
	if [ "$1" = -p ]; then
		pid=$2
		shift 2
	fi
	until "$@"; do
		if [ -n "$pid" ] && is_over "$pid"; then
			"$@"
			return
		fi
		tries=$((tries + 1))
		[ $tries -lt $patience ] || return 1
		sleep 0.03
	done
}

is_over() { ! kill -0 "$1" 2>/dev/null; } # PID

# has_lines FILE COUNT PATTERN: so many lines, or more, match (grep -E); has_text FILE PATTERN: one does.
has_lines() { [ "$(grep -cE -e "$3" "$1" 2>/dev/null)" -ge "$2" ]; }
has_text() { grep -qE -e "$2" "$1" 2>/dev/null; }

# wait_end PID: waits until this child has ended, and leaves its status in $status. One that does not end is killed (status 137).
wait_end() {
	wait_until is_over "$1" || kill -KILL "$1" 2>/dev/null
	status=0
	wait "$1" || status=$?
	return 0
}

# patiently COMMAND [ARG...]: runs it; its status, or 124 when it hangs.
patiently() { "$BUILD/tests/support/patient" "$@"; }

# Tests that trace "marks" of the kernel see those of every other such test of that kernel: they take turns, also with tests that have another root. in_turn COMMAND [ARG...]
turns=/sys/kernel/uevent_seqnum # the same file for all who share a kernel and a network namespace
[ -r "$turns" ] || { turns=${TMPDIR:-/tmp}/ecli-tests.turns && : >>"$turns"; }
in_turn() {
	(
		flock 9
		"$@" 9<&- # or what it leaves behind would keep the turn
	) 9<"$turns"
}

# ---- ecli ----------------------------------------------------------------------------------------------------------

ready_line='^running( and waiting for the ebpf events from|; this tool shows nothing:)'

# start COMMAND [ARG...]: starts a command that runs ecli, with its rows in $rows, its messages in $err and its process id in $ecli_pid.
# True when ecli is attached; false when it ended before that, with its status in $status.
start() {
	: >"$rows"
	: >"$err"
	"$@" >"$rows" 2>"$err" &
	ecli_pid=$!
	wait_ready
}

start_ecli() { start "$ECLI" run "$@"; } # ARG...: of `ecli run`

# wait_ready: the same for an ecli that the caller started.
wait_ready() {
	wait_until -p "$ecli_pid" has_text "$err" "$ready_line" && return
	wait_end "$ecli_pid"
	ecli_pid=
	return 1
}

# stop_ecli [SIGNAL]: as Ctrl-C does. Leaves ecli's status in $status and returns it.
stop_ecli() {
	[ -z "$ecli_pid" ] || kill -"${1:-INT}" "$ecli_pid" 2>/dev/null
	end_ecli
}

# end_ecli: waits until it has ended by itself. Status as stop_ecli.
end_ecli() {
	[ -z "$ecli_pid" ] || wait_end "$ecli_pid"
	ecli_pid=
	return "${status:-1}"
}

# ---- suites that are a folder of scripts -----------------------------------------------------------------------------

# run_scripts [-j JOBS] FOLDER PREFIX [NAME...]: each NAME.sh of the folder, all but run.sh without a NAME, in a process of its own with
# ECC, ECLI, PACKAGES, BUILD and TOP in its environment. One that dies without having said so fails. The prefix goes before every name.
# With run_in=in_turn each runs when it is its turn. With JOBS so many run at a time; what they print comes script by script all the same, in the order of the names. Bash only.
run_scripts() {
	local jobs=1 folder prefix script name running=0 pending=
	if [ "$1" = -j ]; then
		jobs=$2
		shift 2
	fi
	folder=$1 prefix=$2
	shift 2
	export TOP="$top"
	for script in "$folder"/*.sh; do
		name=$(basename "$script" .sh)
		[ "$name" != run ] && [ -f "$script" ] || continue
		[ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
		if [ "$jobs" = 1 ]; then
			${run_in:-} run_script "$script" "$name" | sed -u -E "s/^(ok|not ok|skip) /&$prefix/"
			continue
		fi
		if [ $running = "$jobs" ]; then
			wait -n
			running=$((running - 1))
			show_scripts
		fi
		{
			run_script "$script" "$name" 2>"$scratch/$name.said" | sed -E "s/^(ok|not ok|skip) /&$prefix/" >"$scratch/$name.lines"
			: >"$scratch/$name.done"
		} &
		running=$((running + 1)) pending="$pending $name"
	done
	[ "$jobs" = 1 ] || wait
	show_scripts
}

show_scripts() { # those of $pending that have ended, up to the first that has not
	local name
	for name in $pending; do
		[ -e "$scratch/$name.done" ] || return 0
		cat "$scratch/$name.lines"
		cat "$scratch/$name.said" >&2
		pending=${pending# "$name"}
	done
}

# split_parts FOLDER [PART...]: the parts of a suite that is scripts of a folder and programs that Meson knows: $scripts, $programs, both
# as words. Without a part both are empty, which means all.
split_parts() {
	local folder=$1 part
	scripts='' programs=''
	shift
	for part in "$@"; do
		if [ -f "$folder/$part.sh" ]; then scripts="$scripts $part"; else programs="$programs $part"; fi
	done
}

run_script() { # SCRIPT NAME
	local out=$scratch/$2.out code
	{
		code=0
		bash "$1" 2>"$scratch/$2.err" || code=$?
		echo $code >"$scratch/$2.code"
	} | tee "$out"
	read -r code <"$scratch/$2.code"
	if grep -q '^not ok ' "$out"; then
		cat "$scratch/$2.err" >&2
	elif [ "$code" != 0 ]; then
		not_ok "$2" "the script ended with status $code" "$scratch/$2.err"
	elif ! grep -qE '^(ok|skip) ' "$out"; then
		not_ok "$2" "the script ran no test" "$scratch/$2.err"
	else
		return
	fi
	alone "$2"
}

# alone NAME: how to run only what just failed.
alone() { printf '#   alone: make test SUITES=%s/%s\n' "${SUITE:-?}" "$1"; }
