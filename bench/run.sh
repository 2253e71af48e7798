#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What `make bench` prints: the figures that issue and README promise, measured here and now.
#
#   - ecli, from start to attached, and its peak memory, for runqslower (promised: under 25 ms and 16 MB on a warm machine)
#   - rows a second, against stdio writing the same bytes (promised: 12 million as text, 10 million as JSON, 5 times stdio)
#   - ecc, what it adds to the time clang itself takes, with vmlinux.h cached (promised: at most 15 %)
#
# Loading programs takes root. Nothing is compared with a stored figure: machines differ, the reader judges.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$top/build}
rounds=${ROUNDS:-20}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ecli-bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

ninja -C "$build" --quiet bench/startup bench/render_bench
echo "== ecli: start to attached, $rounds rounds"
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo)
"${sudo[@]}" "$build/bench/startup" "$rounds" "$build/ecli" run "$build/tools/runqslower/package.json"

echo "== rows, $rounds rounds"
"$build/bench/render_bench" "$rounds"

# A clang in front of the real one writes down how long that took. What its own shell costs counts against ecc.
echo "== ecc: beside clang, $rounds rounds"
real=$(for name in clang clang-{14..30}; do command -v $name || true; done | xargs -r ls -v | tail -n 1)
mkdir "$scratch/bin" "$scratch/out"
cat >"$scratch/bin/clang-99" <<SH
#!/bin/bash
begin=\${EPOCHREALTIME/./}
"$real" "\$@" || exit
echo \$((\${EPOCHREALTIME/./} - begin)) >>"$scratch/clang_us"
SH
chmod +x "$scratch/bin/clang-99"
compile() { PATH="$scratch/bin:$PATH" "$build/ecc" -o "$scratch/out" "$top"/tools/runqslower/runqslower.{bpf.c,h} >/dev/null; }
compile # fills the cache of vmlinux.h
: >"$scratch/clang_us"
for ((i = 0; i < rounds; i++)); do
	before=$(awk '{ s += $1 } END { print s + 0 }' "$scratch/clang_us") # clang may run more than once in a compilation
	begin=${EPOCHREALTIME/./}
	compile
	total=$((${EPOCHREALTIME/./} - begin))
	after=$(awk '{ s += $1 } END { print s + 0 }' "$scratch/clang_us")
	[ "$after" -gt "$before" ] || { echo "bench: ecc did not use the clang that was put in front of it" >&2; exit 1; }
	echo "$total $((after - before))" >>"$scratch/rounds"
done
sort -n "$scratch/rounds" | awk '
	{ total[NR] = $1; clang[NR] = $2 }
	END { m = int((NR + 1) / 2); printf "ecc %.1f ms, of which clang %.1f ms: %.1f %% on top   (median round of %d)\n", total[m] / 1e3, clang[m] / 1e3, (total[m] - clang[m]) * 100 / clang[m], NR }'
