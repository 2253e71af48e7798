#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Names of processes that come and go between two looks: known from what the kernel told of them while they lived.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
cc -O1 -g -fno-omit-frame-pointer -o "$scratch/gone" "$here/gone.c" 2>"$err" || { not_ok gone "the workload does not compile" "$err"; exit 0; }

# named NAME WORD...: of the samples in which the program's own time was spent, all but a few that were taken while it started have its function.
named() {
	local name=$1
	shift
	start_ecli "$PACKAGES/profile/package.json" -F 997 -U -o folded="$scratch/folded" || { not_ok "$name" "did not become ready" "$err"; return; }
	for _ in $(seq 30); do "$scratch/gone" "$@"; done
	stop_ecli || { not_ok "$name" "status $status" "$err"; return; }
	# 30 ms of 30 processes are some 900 samples where the CPU has a timer that fine; a tenth of them is enough to judge.
	awk '$1 ~ /^gone;/ { all += $NF; if (/;burn_brief(;| )/ && /;main(;| )/) named += $NF; if (/\[unknown\]/) unknown += $NF }
		END { print all + 0, named + 0, unknown + 0; exit !(all >= 90 && named >= all / 2 && unknown <= all / 10) }' "$scratch/folded" >"$scratch/counts" &&
		ok "$name" || not_ok "$name" "of $(tr '\n' ' ' <"$scratch/counts") samples: all, with main and burn_brief, with unknown frames" "$scratch/folded" "$err"
}
named gone 30
named gone-copy 30 copy
