#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program lies on an overlay over a file system that the attacker serves, and answers nothing any more: whoever asks about the program waits, even
# against SIGKILL. Nobody asks. Other programs have their names.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/symbols.inc"

cc -O1 -o "$scratch/serve" "$TOP/tests/hostile/overlay_served/serve.c" 2>"$err" || { not_ok made "the server does not compile" "$err"; exit 0; }
# As on most machines: everybody may open it.
mknod -m 666 "$scratch/fuse" c 10 229 2>"$err" || { lacks served "no device file can be made here"; exit 0; }
mkdir "$theirs/served" "$theirs/empty" "$theirs/top"
chown 65534:65534 "$theirs"/*
cat >"$theirs/attack" <<'SH'
"$1" "$2" served "$3" silent >said &
echo $! >server
until [ -s said ]; do kill -0 $! || exit 7; done
mount -t overlay overlay -o lowerdir="$PWD/served:$PWD/empty" top || exit 7
: >mounted
exec top/program -
SH
cat >"$scratch/tried" <<'SH'
[ -e "$1/mounted" ] || ! [ -d "/proc/$2" ]
SH
# The end of the server is the end of all waiting for it.
stop_server() { [ ! -s "$theirs/server" ] || kill -KILL "$(cat "$theirs/server")" 2>/dev/null; }
at_exit stop_server

: >"$scratch/attacker.said"
(cd "$theirs" && exec $as_root_inside bash attack "$scratch/serve" "$scratch/fuse" "$scratch/bare") >"$scratch/attacker.said" 2>&1 &
attacker=$! burners=$!
wait_until bash "$scratch/tried" "$theirs" "$attacker"
if [ ! -e "$theirs/mounted" ]; then
	lacks served "users cannot serve file systems here"
	exit 0
fi
wait_until -p "$attacker" has_text "$scratch/attacker.said" '^ready$' || not_ok attacker "the program does not run" "$scratch/attacker.said"
: >"$theirs/silent"

start_burner good "$scratch/good"
start_profile
shows 'others have names' '^good;.*main;known_work '
shows 'the program is seen' '^program[; ]'
ends_well 'all of the machine'

start_profile -p "$attacker"
shows 'the program alone' '^program[; ]'
ends_well 'the program alone'

# finishes NAME ARG...: it ends, whatever its status.
finishes() {
	local name=$1 code=0
	shift
	patiently "$ECLI" "$@" >"$rows" 2>"$err" </dev/null || code=$?
	[ $code -lt 124 ] && ok "$name" || not_ok "$name" "status $code" "$err"
}
finishes 'its memory' run "$PACKAGES/memleak/package.json" -p "$attacker" -d 0.5
finishes 'a function of it' run "$PACKAGES/memleak/package.json" -p "$attacker" -d 0.5 --attach "malloc_entry=program:main"
