#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Debug files of an attacker's for programs of others: beside a program in a folder that everybody may write to, and in the attacker's own /usr/lib/debug for
# a file that others map as well, under another name. What they say is not taken for others.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/symbols.inc"

# As the program, but for the name of its function.
objcopy -g --redefine-sym known_work=forged_work "$scratch/good" "$theirs/forged" && chown 65534:65534 "$theirs/forged" || exit 1
cp "$scratch/good" "$theirs/rooted"
(cd "$theirs" && strip -s rooted && objcopy --remove-section .note.gnu.build-id --add-gnu-debuglink=forged rooted) || exit 1

# has_no_forged NAME COMM: rows of the victim have come, and none has the attacker's name.
has_no_forged() {
	shows "$1" "^$2;.*\[$2\]"
	wait_until -p "$ecli_pid" has_lines "$rows" 3 '^$'
	if grep "^$2;" "$rows" | grep -E 'forged|other_name' >"$scratch/forged_rows"; then
		not_ok "$1: not the attacker's name" "a row has it" "$scratch/forged_rows"
	else
		ok "$1: not the attacker's name"
	fi
}
start_burner rooted ./rooted
start_profile -p "$burner"
has_no_forged 'a debug file beside a program' rooted
ends_well 'a debug file beside a program'
stop_burners

if ! $as_root_inside true 2>/dev/null; then
	lacks "a debug file in an attacker's root" "users may not have namespaces of their own here"
	exit 0
fi
cp "$scratch/good" "$scratch/shared"
strip -s "$scratch/shared"
id=$(readelf -n "$scratch/shared" | sed -n 's/.*Build ID: //p')
: >"$theirs/other_name"
cat >"$theirs/mounts" <<SH
mount -t tmpfs none /usr/lib/debug && mkdir -p /usr/lib/debug/.build-id/${id:0:2} || exit
cp forged /usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug && mount --bind "$scratch/shared" other_name && exec ./other_name
SH
chown 65534:65534 "$theirs/other_name"
mkdir -p /usr/lib/debug
start_burner other $as_root_inside sh ./mounts
other=$burner
start_burner shared "$scratch/shared"
victim=$burner
kill -STOP "$victim"
start_profile -p "$other,$victim"
wait_until -p "$ecli_pid" has_text "$rows" '^other_name;' || not_ok attacker "it is not seen" "$rows" "$err"
kill -CONT "$victim"
has_no_forged "a debug file in an attacker's root" shared
ends_well "a debug file in an attacker's root"
