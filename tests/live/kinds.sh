#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each kind of program this kernel can run, end to end: ecc compiles it, ecli runs it, a known workload is seen.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"

# The workload of most is mark.c: a process that calls prctl(2) with arguments nobody else uses, N times.
need_mark

kind() { # NAME N JQ-FILTER [HEADER [ROWS]]: ecc NAME.bpf.c; run it over N marks, until there are ROWS; the filter over all rows must say true
	local name=$1 count=$2 filter=$3
	build "$name" $4 || return
	start_ecli "$scratch/$name/package.json" -o json || { not_ok "$name" "did not become ready" "$err"; return; }
	"$scratch/mark" "$count"
	[ -z "${5:-}" ] || wait_until -p "$ecli_pid" has_lines "$rows" "$5" ''
	stop_ecli
	check_rows "$name" "$filter"
}

kind raw_tp 100 'length == 100 and all(.number == 157 and .comm == "mark") and ([.[].index] == [range(100)])'
kind tp_btf 100 'length == 100 and all(.number == 157 and .comm == "mark") and ([.[].index] == [range(100)])' mark.bpf.h
kind tracepoint 100 'length == 100 and all(.comm == "mark") and ([.[].index] == [range(100)])'
# The kernel may have no name of a process that has just ended: "<...>". All lines of one process are seen, in order, all the same.
kind printk 20 '[.[] | select(.message | startswith("mark "))] | length == 20 and ([.[].pid] | unique | length == 1) and
	all(.task == "mark" or .task == "<...>") and ([.[].message] == [range(20) | "mark \(.)"])'
kind perf_event 0 'length >= 5 and all(.cpu >= 0)' '' 5 # a clock makes them
kind sampled 50 '[.[] | select(.key == 42)] | length >= 1 and last.count == 50 and last.last == 49'
kind two_buffers 10 '[.[] | select(.map == "rings")] as $r | [.[] | select(.map == "perfs")] as $p |
	($r | length == 10 and all(.index >= 0)) and ($p | length == 10 and all(.twice == .index * 2))'

# An iterator prints its text and ends by itself.
if build iter; then
	if patiently "$ECLI" run "$scratch/iter/package.json" >"$rows" 2>"$err" && grep -qE "^ *$BASHPID +$BASHPID " <(sed 's/^/ /' "$rows"); then
		ok iter
	else
		not_ok iter "no line for process $BASHPID, or it did not end by itself" "$rows" "$err"
	fi
fi

# A uprobe on a function of the workload itself.
if sed "s|@BIN@|$scratch/mark|" "$here/uprobe.bpf.c.in" >"$scratch/uprobe.bpf.c" && "$ECC" "$scratch/uprobe.bpf.c" -o "$scratch" >/dev/null 2>"$err"; then
	start_ecli "$scratch/package.json" -o json
	"$scratch/mark" 7
	stop_ecli
	check_rows uprobe 'length == 7 and ([.[].argument] == [range(7)])'
else
	not_ok uprobe "ecc failed" "$err"
fi

# A bare object: its event is found in what ecc kept, or by its name in an object that ecc never saw.
mkdir "$scratch/bare"
"$ECC" --keep-object -o "$scratch/bare" "$here/tp_btf.bpf.c" "$here/mark.bpf.h" >"$err" 2>&1
start_ecli "$scratch/bare/tp_btf.bpf.o" -o json
"$scratch/mark" 5
stop_ecli
check_rows bare-object-of-ecc 'length == 5 and ([.[].index] == [range(5)]) and all(.comm == "mark")'
