#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Debug information that is made to be large: strings of 480 MiB that are a hole, six times; blocks inside each other, thousands deep; and functions
# whose names are thousands of letters long. Functions keep their names, the memory its bound.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/symbols.inc"

libraries=''
for ((i = 0; i < 6; i++)); do
	library lib$i.so $i -g
	"$scratch/grow" "$theirs/lib$i.so" .debug_str $((480 << 20)) 2>"$err" || not_ok "holes" "the file could not be made" "$err"
	libraries+=" ./lib$i.so"
done
cp "$scratch/good" "$theirs/good"
# shellcheck disable=SC2086 # words
start_burner holes $as_user ./good $libraries
start_profile -p "$burner"
shows "holes: the library's functions" '^good;(.*;)?work( |;)'
shows "holes: the program's functions" '^good;(.*;)?known_work( |;)'
ends_well "holes"
spent=$(cpu_ms)
if [ "$spent" -lt 5000 ]; then ok "holes: CPU time"; else not_ok "holes: CPU time" "$spent ms, where 5000 are the limit" "$err"; fi
stop_burners

# deep LEVELS: a library whose work() has so many blocks inside each other, each with a variable.
deep() {
	printf 'int work(int n);\nint work(int n)\n{\n\tint sum = 0;\n'
	for ((i = 0; i < $1; i++)); do printf '{ volatile int v%d = n;\n' "$i"; done
	printf 'for (int i = 0; i < n; i++) sum += v%d;\n' $(($1 - 1))
	for ((i = 0; i < $1; i++)); do printf '}'; done
	printf '\nreturn sum;\n}\n'
}
deep 3000 >"$scratch/deep.c"
cc -O0 -g -shared -fPIC -o "$theirs/deep.so" "$scratch/deep.c" || exit 1
# Names of 8,000 letters, of which the first is in use.
name=$(printf 'x%.0s' {1..8000})
{
	cat "$hostile/library.c"
	for ((i = 0; i < 2000; i++)); do printf '__attribute__((used)) int %s%d(void) { return %d; }\n' "$name" $i $i; done
} >"$scratch/names.c"
cc -O1 -shared -fPIC -DNUMBER=1 -o "$theirs/names.so" "$scratch/names.c" || exit 1
start_burner deep $as_user ./good ./deep.so ./names.so
start_profile -p "$burner"
shows "deep: the library's functions" '^good;(.*;)?work( |;)'
shows "deep: the program's functions" '^good;(.*;)?known_work( |;)'
ends_well "deep"
