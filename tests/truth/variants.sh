#!/bin/sh
# SPDX-License-Identifier: MIT
#
#     variants.sh ECC OUT [TOOL...]      only those of these tools
#
# The same tools with their better choices taken away, so that the other ones are tested too on a kernel that can do the first:
# a hook is renamed to one that no kernel has, a map made one of a kind that no kernel has. Packages: OUT/runqslower-raw, OUT/exitsnoop-raw, OUT/unlinksnoop-syscalls,
# OUT/unlinksnoop-hash, OUT/opensnoop-syscalls, OUT/execsnoop-raw, OUT/runqlat-raw; OUT/runqslower-small, runqslower-raw with room for 1024 threads; OUT/runqslower-half and runqslower-raw-half, which
# miss half of the wakeups and switches by chance, as if the kernel showed them to no program; and OUT/memleak-ids, where all stacks come by one id.
set -eu
ecc=$1 out=$2
shift 2
only=" $* "
tools=$(cd "$(dirname "$0")/../../tools" && pwd)

variant() { # TOOL NAME SED-SCRIPT: also for the hooks that tools share
	[ "$only" = "  " ] || case $only in *" $1 "*) ;; *) return 0 ;; esac
	folder=$out/src/$1
	rm -rf "$out/src"
	mkdir -p "$folder" "$out/$1-$2"
	cp -R "$tools/include" "$out/src/"
	cp "$tools/$1/$1.h" "$tools/$1/$1.bpf.c" "$folder/"
	cat "$out"/src/*/* >"$out/before"
	for file in "$out/src/include"/* "$folder/$1.bpf.c"; do
		sed "$3" "$file" >"$out/changed"
		mv "$out/changed" "$file"
	done
	cat "$out"/src/*/* >"$out/after"
	if cmp -s "$out/before" "$out/after"; then
		echo "variants.sh: nothing to take away from $1" >&2
		exit 1
	fi
	"$ecc" -o "$out/$1-$2" "$folder/$1.bpf.c" "$folder/$1.h"
}

half='/BPF_PROG([a-z]*_wakeup, /{n;s/{/{ if (bpf_get_prandom_u32() \& 1) return 0;/}; s/^	if (\(next->pid\|pid\) == 0)$/	if (\1 == 0 || bpf_get_prandom_u32() \& 1)/'
variant runqslower half "$half"
variant runqslower raw-half 's|"tp_btf/sched_switch"|"tp_btf/no_such_hook"|; '"$half"
variant runqslower raw 's|"tp_btf/sched_switch"|"tp_btf/no_such_hook"|'
variant runqslower small 's|"tp_btf/sched_switch"|"tp_btf/no_such_hook"|; /@max_entries threads_max/d; s|max_entries, 32768|max_entries, 1024|'
variant runqlat raw 's|"tp_btf/sched_switch"|"tp_btf/no_such_hook"|'
variant offcputime raw 's|"tp_btf/sched_switch"|"tp_btf/no_such_hook"|'
variant wakeuptime raw 's|"tp_btf/sched_switch"|"tp_btf/no_such_hook"|'
variant exitsnoop raw 's|"tracepoint/sched/sched_process_exit"|"tracepoint/sched/no_such_hook"|'
variant cpudist raw 's|"tp_btf/sched_switch"|"tp_btf/no_such_hook"|'
variant syscount hash 's|"tracepoint/raw_syscalls/|"tracepoint/no_such_hooks/|'
variant filetop kprobe 's|"fexit/vfs_|"fexit/no_such_|'
variant vfsstat kprobe 's|"fentry/|"fentry/no_such_|'
variant tcptop fexit 's|"raw_tp/sock_|"raw_tp/no_such_|'
variant tcptop kprobe 's|"raw_tp/sock_|"raw_tp/no_such_|; s|"fexit/tcp_|"fexit/no_such_|'
variant unlinksnoop syscalls 's|"fentry/[a-z_]*unlinkat"|"fentry/no_such_function"|'
variant opensnoop syscalls 's|"fexit/do_sys_openat2"|"fexit/no_such_function"|'
variant execsnoop raw 's|"tracepoint/sched/sched_process_exec"|"tracepoint/sched/no_such_hook"|'
variant memleak ids 's|return hash >> 33;|return 7;|'
variant unlinksnoop hash 's|__uint(type, BPF_MAP_TYPE_TASK_STORAGE)|__uint(type, 999)|'
rm -rf "$out/src" "$out/before" "$out/after"
