#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The row of a lone event is shown without another event, a signal or an end: in a pipe and on a terminal, from a ring buffer and from
# a perf buffer. (How late it is: make bench.)
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
cc -O1 -o "$scratch/lone_row" "$here/lone_row.c" -lutil

for tool in raw_tp tp_btf; do
	build $tool mark.bpf.h || continue
	for output in pipe terminal; do
		check "lone-row-$output-$tool" patiently --idle 20 "$scratch/lone_row" $output "$ECLI" run "$scratch/$tool/package.json"
	done
done
