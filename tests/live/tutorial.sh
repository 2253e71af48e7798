#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The lessons of tests/tutorial on this kernel: each loads, attaches, and shows what its workload did. What this kernel does not have
# (kprobes, fentry, LSM) is tried on others by tests/vm.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"

if ! "$top/tests/tutorial/build.sh" "$scratch/tutorial" "$ECC" >"$err" 2>&1; then
	not_ok tutorial "a lesson does not compile" "$err"
	exit 0
fi
# A program with the name and the symbol that one of them traces; the registers are those of its calling convention.
mkdir -p "$scratch/go-server-http"
cat >"$scratch/go.c" <<'C'
#include <unistd.h>
void casgstatus(void *gp, long old, long new) __asm__("runtime.casgstatus");
__asm__(".globl runtime.casgstatus\n.type runtime.casgstatus,@function\nruntime.casgstatus: ret\n.size runtime.casgstatus,1\n");
int main(void)
{
	static unsigned long g[64];
	g[0x98 / sizeof(*g)] = 4711;
#ifdef __x86_64__
	for (int i = 0; i < 5; i++)
		__asm__ volatile("call runtime.casgstatus" : : "a"(g), "b"(1L), "c"(2L) : "memory");
#endif
	return 0;
}
C
cc -no-pie -mno-red-zone -o "$scratch/go-server-http/main" "$scratch/go.c" 2>"$err" || not_ok tutorial-go "the workload does not compile" "$err"
cd "$scratch" || exit 1

lesson() { # PACKAGE WORKLOAD JQ-FILTER [OPTION...]: over all rows as one array; $me is this shell
	local name=tutorial-$1 package=$scratch/tutorial/$1/package.json workload=$2 filter=$3
	shift 3
	if ! start_ecli "$package" -o json "$@"; then
		if [ "$status" = 3 ]; then
			lacks "$name" "$(tail -n 1 "$err" | sed 's/^ecli: //')"
		else
			not_ok "$name" "status $status before it was ready" "$err"
		fi
		return
	fi
	eval "$workload" >/dev/null 2>&1
	stop_ecli
	if [ "$status" != 0 ]; then
		not_ok "$name" "it ended with status $status" "$err"
	else
		check_rows "$name" ". as \$rows | $BASHPID as \$me | $filter"
	fi
}
calls() { for _ in 1 2 3; do (: </etc/hostname); done; }
connect() { python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 0)); c = socket.create_connection(s.getsockname()); s.accept(); c.close()'; }

lesson 01-hello/hello 'echo x >&2' 'any(.message | test("sys_enter_write of process [0-9]+"))'
lesson 02-kprobe/unlink 'touch f; rm f' 'any(.message | test("KPROBE ENTRY.*filename = f")) and any(.message | test("KPROBE EXIT.*ret = 0"))'
lesson 03-fentry/unlink 'touch f; rm f' 'any(.message | test("fentry: .*filename = f")) and any(.message | test("fexit: .*filename = f, ret = 0"))'
lesson 04-opensnoop/opensnoop ': </etc/hostname; cat /etc/hostname' 'length > 0 and all(.message == "Process ID: \($me) enter sys openat")' --pid_target $BASHPID
lesson 05-bashreadline/bashreadline 'printf "echo typed\n" | HISTFILE= /bin/bash --norc --noprofile -i' 'any(.message | test("\\(bash\\) read: echo typed"))'
lesson 06-sigsnoop/sigsnoop 'kill -0 $BASHPID' 'any(.message | test("PID \($me) .*sent signal 0")) and any(.message | test("to PID \($me), ret = 0"))'
lesson 07-execsnoop/execsnoop '/bin/true' 'any(.comm == "/bin/true" and .ppid == $me and .is_exit == false and .uid == 0)'
lesson 08-exitsnoop/exitsnoop '(exit 7)' 'any(.ppid == $me and .exit_code == 7 and .duration_ns > 0)'
lesson 09-runqlat/runqlat /bin/true 'any((.slots | length == 26) and (.slots | add) > 0 and (.comm | length) > 0)'
lesson 10-hardirqs/hardirqs : 'all(.slots | length == 20)'
if has python3; then
	lesson 14-tcpstates/tcpstates connect 'any(.family == 2 and .newstate == 1 and .saddr == 16777343) or any(.family == 2 and (.saddr | tostring) == "16777343")'
	lesson 14-tcprtt/tcprtt connect 'any(.slots | length == 27)'
fi
lesson 19-lsm/lsm ':' 'true'
# Only the children of a process that does not exist are ended.
lesson 25-signal/signal ':' 'length == 0' --target_ppid 99999999
lesson 31-goroutine/goroutine "./go-server-http/main" 'length == 5 and all(.goid == 4711 and .state == "RUNNING")'
lesson 34-syscall/exechijack ':' 'length == 0'
lesson 34-syscall/open_modify ':' 'length == 0'
