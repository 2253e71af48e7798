#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A process has as many mappings as the kernel lets it have, of a file with a long name. Finding where to probe it takes time by their number, not by its square.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/symbols.inc"

cc -O1 -o "$theirs/maps" "$TOP/tests/hostile/maps_many/maps.c" 2>"$err" || { not_ok made "the program does not compile" "$err"; exit 0; }
long=$(printf '%0200d' 0)
mkdir "$theirs/$long"
cp "$scratch/bare" "$theirs/$long/$long"
start_burner holder $as_user ./maps "$long/$long" 60000
mappings=$(wc -l <"/proc/$burner/maps")
[ "$mappings" -gt 10000 ] && ok made || not_ok made "$mappings mappings only"
# finds NAME ARG...: within so much CPU time, of which a look at each pair of mappings would take a hundred times as much.
finds() {
	local name=$1 code=0
	shift
	patiently "$BUILD/tests/support/patient" --cpu 100 "$ECLI" run "$PACKAGES/memleak/package.json" -p "$burner" -d 0.2 "$@" >"$rows" 2>"$err" </dev/null || code=$?
	[ $code -lt 124 ] && ok "$name" || not_ok "$name" "status $code" "$err"
}
finds 'a library'
finds 'a chosen function' --attach 'malloc_entry=libc:strlen'
