#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A killed run of a tool that prints with bpf_printk() leaves its trace buffer in the kernel: ecli clean finds it, and leaves alone what is in use and what
# is not ours.
source "$TOP/tests/lib.sh"
cat >"$scratch/printk.bpf.c" <<'C'
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
SEC("tp/sched/sched_process_exit")
int handle(void *ctx)
{
	bpf_printk("gone");
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
C
"$ECC" "$scratch/printk.bpf.c" -o "$scratch/printk" >"$err" 2>&1 || { not_ok printk "ecc failed" "$err"; exit 0; }
mkdir "$scratch/tracefs"
mount -t tracefs tracefs "$scratch/tracefs" || { cannot tracefs "it cannot be mounted"; exit 0; }
unmount() { umount "$scratch/tracefs"; }
at_exit unmount
is_there() { [ -d "$scratch/tracefs/instances/ecli-$1" ]; }
is_gone() { ! is_there "$1"; }
cleans() { patiently "$ECLI" clean "$@" >"$scratch/said" 2>&1; }
says() { grep -qx "$1" "$scratch/said"; }

start_ecli "$scratch/printk/package.json" || { not_ok printk "did not become ready" "$err"; exit 0; }
killed=$ecli_pid
check "it has a trace buffer" is_there "$killed"
cleans -v
if says "in use     trace buffer ecli-$killed (process $killed)" && is_there "$killed"; then ok "in use: it stays"; else not_ok "in use: it stays" "ecli clean -v did not say so" "$scratch/said"; fi
stop_ecli KILL
check "killed: it is left" is_there "$killed"
cleans -n
if says "left       trace buffer ecli-$killed (process $killed)" && is_there "$killed"; then ok "a dry run names it"; else not_ok "a dry run names it" "ecli clean -n did not, or removed it" "$scratch/said"; fi
mkdir "$scratch/tracefs/instances/ecli-mine"
code=0
cleans || code=$?
if [ $code = 0 ] && says "removed    trace buffer ecli-$killed (process $killed)" && is_gone "$killed"; then ok "clean removes it"; else not_ok "clean removes it" "status $code" "$scratch/said"; fi
check "what is not ours stays" is_there mine
rmdir "$scratch/tracefs/instances/ecli-mine"
