#!/bin/sh
# SPDX-License-Identifier: MIT
#
#     variants.sh ECC OUT
#
# The same tools with their better choices taken away, so that the other ones are tested too on a kernel that can do the first:
# a hook is renamed to one that no kernel has, a map made one of a kind that no kernel has. Packages: OUT/runqslower-raw, OUT/exitsnoop-raw, OUT/unlinksnoop-syscalls,
# OUT/unlinksnoop-hash.
set -eu
ecc=$1 out=$2
tools=$(cd "$(dirname "$0")/../../tools" && pwd)

variant() { # TOOL NAME SED-SCRIPT
	folder=$out/src/$1
	mkdir -p "$folder" "$out/$1-$2"
	cp -R "$tools/include" "$out/src/"
	cp "$tools/$1/$1.h" "$folder/"
	sed "$3" "$tools/$1/$1.bpf.c" >"$folder/$1.bpf.c"
	if cmp -s "$folder/$1.bpf.c" "$tools/$1/$1.bpf.c"; then
		echo "variants.sh: nothing to take away from $1" >&2
		exit 1
	fi
	"$ecc" -o "$out/$1-$2" "$folder/$1.bpf.c" "$folder/$1.h"
}

variant runqslower raw 's|"tp_btf/sched_switch"|"tp_btf/no_such_hook"|'
variant exitsnoop raw 's|"tracepoint/sched/sched_process_exit"|"tracepoint/sched/no_such_hook"|'
variant unlinksnoop syscalls 's|"fentry/[a-z_]*unlinkat"|"fentry/no_such_function"|'
variant unlinksnoop hash 's|__uint(type, BPF_MAP_TYPE_TASK_STORAGE)|__uint(type, 999)|'
rm -rf "$out/src"
