#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The memory that `ecli inspect` estimates against what the kernel counts for the same maps while they are loaded.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"

build memory || exit 0
if ! has bpftool; then
	cannot memory "needs bpftool"
	exit 0
fi
if [ "$(printf '%s\n' 6.4 "$(uname -r)" | sort -V | head -n 1)" != 6.4 ]; then
	lacks memory "kernels before 6.4 count in another way"
	exit 0
fi
"$ECLI" inspect -j "$scratch/memory/package.json" >"$scratch/estimate" 2>"$err"
start_ecli "$scratch/memory/package.json" || { not_ok memory "did not become ready" "$err"; exit 0; }
bpftool map list -j >"$scratch/counted"
stop_ecli
# The head of a map is left out of the estimate, up to 1 KiB, and a large buffer's list of pages, 16 bytes a page.
if jq -en --slurpfile e "$scratch/estimate" --slurpfile c "$scratch/counted" '
	[$e[0].maps[] | select(.name | startswith("memory_")) | . as $map
	 | select(any($c[0][] | select((.name // "") == $map.name) | .bytes_memlock - $map.memory_bytes; . >= 0 and . <= 1024 + $map.memory_bytes / 256))] | length == 10' \
	>/dev/null 2>"$scratch/jq.err"; then
	ok memory
else
	jq -r '.maps[] | "\(.name) \(.memory_bytes)"' "$scratch/estimate" >"$scratch/estimated.txt"
	jq -r '.[] | select((.name // "") | startswith("memory_")) | "\(.name) \(.bytes_memlock)"' "$scratch/counted" >"$scratch/counted.txt"
	not_ok memory "estimate and count differ" "$scratch/estimated.txt" "$scratch/counted.txt" "$scratch/jq.err"
fi
