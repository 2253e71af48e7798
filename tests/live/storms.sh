#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Delivered rows and told losses are together exactly what was made: at each rate, in each format, for both buffers. How
# much arrives is a matter of the machine and of `make bench`; a wrong account, a row that comes twice, cut or out of order is not.
source "$(dirname "$0")/../lib.sh"
storm=$BUILD/bench/storm

if [ ! -x "$storm" ]; then
	cannot storms "bench/storm is not built (meson's option tests)"
	exit 0
elif [ "$(nproc)" -lt 2 ]; then
	lacks storms "takes two CPUs"
	exit 0
fi

account() { # FORMAT MAP RATE
	local verdict made
	"$storm" --raw --folder "$scratch" --seconds 0.3 --map "$2" --rate "$3" --format "$1" "$ECLI" >"$scratch/line" 2>"$scratch/err"
	IFS=$'\t' read -r _ _ _ made _ _ verdict _ <"$scratch/line"
	if [ "$verdict" = exact ] && [ "$made" -gt 100 ]; then
		ok "storm-$1-$2-$3"
	else
		not_ok "storm-$1-$2-$3" "${verdict:-no storm}" "$scratch/line" "$scratch/err"
	fi
}

for format in table plain json; do
	for rate in 100k 1M 3M 0; do account $format ring $rate; done
	account $format perf 1M
done
