#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A process has a "libc.so.6" mapped whose 300,000 functions have one name of 64 MiB: comparing each costs all of it. Bounded by CPU time, of
# which there is far less to use than looking through would take.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/files.inc"

cc -O1 -o "$scratch/same_names" "$hostile/same_names.c" || exit 1
for bytes in 67108864 -67108864; do
	as_user "$scratch/same_names" "$theirs/libc.so.6" 300000 $bytes
	start_victim "$begin" libc.so.6
	ends "no such function ($bytes)" 1 "$theirs/libc.so.6 has no function getppid" --target-pid "$victim" --attach hit=libc.so.6:getppid
	ends "a name as long ($bytes)" 1 "$theirs/libc.so.6 has no function AAAA" --target-pid "$victim" --attach hit=libc.so.6:AAAA
	ends "a pattern ($bytes)" 1 "$theirs/libc.so.6 has no function like" --target-pid "$victim" --attach 'hit=libc.so.6:*A*A*A*A*B'
	[ $bytes -gt 0 ] && sentence='has no probe' || sentence='is not a program or library for this machine'
	ends "notes ($bytes)" 1 "$sentence" --target-pid "$victim" --attach note=libc.so.6:a:b
	stop_victims
done
as_user "$scratch/same_names" "$theirs/libc.so.6" 300000 4000
start_victim "$begin" libc.so.6
ends "names that patterns cost much for" 1 "has more functions, or longer names, than are looked through" \
	--target-pid "$victim" --attach 'hit=libc.so.6:*A*A*A*A*B'
