#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ecli run --buffer: sizes it takes, and what it says of those it does not.
source "$(dirname "$0")/../lib.sh"

refused() { # NAME VALUE TEXT
	local code=0
	"$ECLI" run --buffer "$2" runqslower >"$scratch/out" 2>"$scratch/err" || code=$?
	if [ $code = 2 ] && [ ! -s "$scratch/out" ] && grep -qF -- "$3" "$scratch/err" && [ "$(wc -l <"$scratch/err")" -le 2 ]; then
		ok "$1"
	else
		not_ok "$1" "status $code, not: $3" "$scratch/err" "$scratch/out"
	fi
}
refused zero 0 "--buffer takes a size from 1 to 2G, such as 4k or 16M, not \"0\""
refused too-large 2049M "--buffer takes a size from 1 to 2G, such as 4k or 16M, not \"2049M\""
refused no-size large "such as 4k or 16M, not \"large\""
refused no-unit 4kk "not \"4kk\""
refused negative -1 "--buffer"
refused half-a-byte 0.5 "--buffer"
"$ECLI" run --help >"$scratch/help" && grep -q -- '--buffer SIZE' "$scratch/help" && ok help || not_ok help "no --buffer" "$scratch/help"
