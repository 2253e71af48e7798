#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A process maps more files as code than ecli knows at a time: programs of others that are seen after it have their names all the same.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/symbols.inc"

cc -O1 -o "$theirs/many" "$TOP/tests/hostile/files_many/many.c" 2>"$err" || { not_ok made "the program does not compile" "$err"; exit 0; }
# after NAME COUNT ATTACKER...: each maps COUNT files; once all are seen, a program of root's goes on that stood still until then.
after() {
	local name=$1 count=$2 good attacker
	shift 2
	for attacker in "$@"; do
		cp "$theirs/many" "$theirs/$attacker"
		start_burner "$attacker" $as_user "./$attacker" "files-$attacker" "$count"
	done
	start_burner good "$scratch/good"
	good=$burner
	kill -STOP "$good"
	start_profile -p "$(echo $burners | tr ' ' ,)"
	for attacker in "$@"; do
		wait_until -p "$ecli_pid" has_text "$rows" "^$attacker;" || not_ok "$name" "$attacker is not seen" "$rows" "$err"
	done
	kill -CONT "$good"
	shows "$name" '^good;.*main;known_work '
	ends_well "$name"
	stop_burners
	rm -rf "$theirs"/files-*
}
after 'more files than are known' 2000 holder

