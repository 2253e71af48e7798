#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A process mounts a FIFO over its C library: whoever opens it waits for ever. The library that is mapped is traced; the path is refused.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/files.inc"

libc=$(awk '/\/libc\.so\.6$/ { print $6; exit }' /proc/self/maps)
libc=${libc:-$(ldd "$scratch/victim" | awk '/libc\.so\.6/ { print $3 }')}
start_victim "$begin mkfifo fifo && mount --bind fifo '$(readlink -f "$libc")'"
sees "the library that is mapped" --target-pid "$victim" --attach hit=libc.so.6:getppid
sees "a pattern" --target-pid "$victim" --attach 'hit=libc:getppi?'
ends "the library's path" 1 "cannot trace $libc: it is not a regular file" --target-pid "$victim" --attach "hit=$libc:getppid"
ends "the library's path, a pattern" 1 'it is not a regular file' --target-pid "$victim" --attach "hit=$libc:getppi*"
ends "notes" 1 'it is not a regular file' --target-pid "$victim" --attach "note=$libc:libc:setjmp"
code=0
patiently "$ECLI" check "$package" --target-pid "$victim" --attach "hit=$libc:getppid" >"$rows" 2>"$err" </dev/null || code=$?
if [ $code != 124 ] && grep -q 'it is not a regular file' "$rows" "$err"; then
	ok "ecli check"
else
	not_ok "ecli check" "status $code, or it does not say that the file is none" "$rows" "$err"
fi
