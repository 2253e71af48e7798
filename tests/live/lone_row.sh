#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A row is there within 150 ms of its event, in a pipe and on a terminal, from a ring buffer and from a perf buffer.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
cc -O1 -o "$scratch/latency" "$here/latency.c" -lutil

for tool in raw_tp tp_btf; do
	build $tool mark.bpf.h || continue
	for output in pipe terminal; do
		check "latency-$output-$tool" "$scratch/latency" $output 150 "$ECLI" run "$scratch/$tool/package.json"
	done
done
