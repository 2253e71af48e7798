#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# long.sh SECONDS [TARGET...]: each fuzz target under libFuzzer, ASan and UBSan for that long, one after the other. Starts
# from tests/fuzz/corpus; what is learned is kept below $BUILD/fuzz/grown for the next time. A finding is a file in
# $BUILD/fuzz/found: its fix goes with that file, put into the corpus. Prints what ran; status 1 when anything was found.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
: "${BUILD:=$top/build}"
seconds=${1:?usage: long.sh SECONDS [TARGET...]}
shift
folder=$BUILD/fuzz
[ $# != 0 ] || set -- package tar btf oracle relocs loader lexer options symbols where stacks functions inspect trace formula btfs

# The targets are C without a test framework, so that a machine without one can build them.
if [ ! -f "$folder/build.ninja" ]; then
	CC=clang-19 meson setup "$folder" "$top" -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
fi
programs=("${@/#/tests/fuzz/}")
ninja -C "$folder" --quiet "${programs[@]/%/_fuzz}" >/dev/null

status=0
mkdir -p "$folder/found"
for target in "$@"; do
	log=$folder/$target.log words=()
	[ ! -f "$top/tests/fuzz/$target.dict" ] || words=(-dict="$top/tests/fuzz/$target.dict")
	mkdir -p "$folder/grown/$target"
	seeds=$top/tests/fuzz/corpus/$target
	[ "$target" != lexer ] || seeds=$top/tests/golden/ecc # sources are there already
	code=0
	nice -n 19 "$folder/tests/fuzz/${target}_fuzz" -max_total_time="$seconds" -max_len=12000 -timeout=20 -rss_limit_mb=1500 \
		-print_final_stats=1 -artifact_prefix="$folder/found/$target-" "${words[@]}" \
		"$folder/grown/$target" "$seeds" >"$log" 2>&1 || code=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	if [ "$code" = 0 ]; then
		printf '%-9s %10s inputs in %s s, nothing found\n' "$target" "$runs" "$seconds"
	else
		printf '%-9s %10s inputs, then this (%s):\n' "$target" "$runs" "$log"
		grep -aE 'ERROR|SUMMARY|not true|runtime error|Test unit written' "$log" | head -n 8 || tail -n 8 "$log"
		status=1
	fi
done
exit $status
