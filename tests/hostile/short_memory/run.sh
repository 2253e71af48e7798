#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Memory that runs out while names are looked up ends no run: libdw prints and exits, or asserts, when it gets none. What has no name is shown
# without one, and the status is 0.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/symbols.inc"

cp "$scratch/good" "$theirs/good"
start_burner good $as_user ./good
cd "$scratch" || exit 1
for kib in 24000 28000 32000 40000 60000; do
	code=0
	# A run that cannot even begin with so little is another matter.
	patiently bash -c 'ulimit -v "$1" && shift && exec "$@"' sh $kib "$ECLI" run "$profile" -d 0.5 -o folded </dev/null >"$rows" 2>"$err" || code=$?
	if ! grep -qE "$ready_line" "$err"; then
		lacks "$kib KiB" "ecli does not start with so little: $(tail -n 1 "$err")"
	elif [ $code = 0 ] && ! grep -qi 'libdw\|assert\|Cannot allocate' "$err"; then
		ok "$kib KiB"
	else
		not_ok "$kib KiB" "status $code" "$err"
	fi
done
