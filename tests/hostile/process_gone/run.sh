#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# --target-pid of a process that has ended, whose files cannot be looked at, or that lives in a root of its own: a sentence, or its own files.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/files.inc"

# A root of its own: a file system in memory with nothing but the program and its libraries, which lie nowhere else.
libraries=$(ldd "$scratch/victim" | grep -o '/[^ ]*')
start_victim "mkdir root && mount -t tmpfs none root && mkdir root/private &&
	for file in $(echo $libraries); do mkdir -p root\${file%/*} && cp \$file root\$file || exit 1; done
	cp \"\$1\" root/private/victim && cp root$(echo "$libraries" | grep 'libc\.so') root/private/libmine.so.1 || exit 1
	chroot root /private/victim /private/libmine.so.1 <calls >ready & echo \$! >pid
	until [ -s ready ]; do kill -0 \$! || exit 1; done"
sees "a library in a root of its own" --target-pid "$victim" --attach hit=libc.so.6:getppid
ends "its program" 1 "/private/victim has no function getppid" --target-pid "$victim" --attach hit=/private/victim:getppid
ends "a file that only it has mapped" 1 "/private/libmine.so.1 has no function nosuch" --target-pid "$victim" --attach hit=mine:nosuch
if as_user unshare -Ur true 2>/dev/null; then
	code=0
	# Somebody who may load programs, but not look at others' files.
	cp "$ECLI" "$scratch/ecli"
	patiently setpriv --reuid=65533 --regid=65533 --clear-groups --inh-caps=+bpf,+perfmon --ambient-caps=+bpf,+perfmon \
		"$scratch/ecli" run "$package" --target-pid "$victim" --attach hit=libc.so.6:getppid >"$rows" 2>"$err" </dev/null || code=$?
	if [ $code = 1 ] && grep -q "may not look at the files of process $victim, which program hit traces: try sudo" "$err"; then
		ok "files that may not be looked at"
	else
		not_ok "files that may not be looked at" "status $code" "$err"
	fi
fi
stop_victims

# Ended, but its parent has not asked for its status.
cat >"$scratch/zombie.c" <<'C'
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	printf("%d\n", child);
	fflush(stdout);
	return (int)read(0, &child, 1);
}
C
cc -O1 -o "$scratch/zombie" "$scratch/zombie.c" || exit 1
"$scratch/zombie" <>"$theirs/calls" >"$scratch/child" &
attackers="$attackers $!"
is_zombie() { [ -s "$scratch/child" ] && grep -q '^State:.*zombie' "/proc/$(cat "$scratch/child")/status"; }
if wait_until is_zombie; then
	zombie=$(cat "$scratch/child")
	ends "a process that has ended" 1 "process $zombie has ended (program hit)" --target-pid "$zombie" --attach hit=libc.so.6:getppid
	ends "the same, a path" 1 "process $zombie has ended (program hit)" --target-pid "$zombie" --attach hit=/bin/sh:main
else
	not_ok zombie "it did not become one"
fi
