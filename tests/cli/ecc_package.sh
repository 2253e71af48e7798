#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What ecc makes of a source: the package of each fixture in tests/golden/ecc word for word, its warnings, the lines on stdout, the
# same bytes wherever source and cache are. `UPDATE=1 tests/cli/ecc_package.sh` writes the golden files anew.
source "$(dirname "$0")/../lib.sh"
golden=$top/tests/golden/ecc
has jq || { cannot ecc-package "jq is not installed"; exit 0; }
export XDG_CACHE_HOME=$scratch/cache

# What does not depend on the compiler's version.
metadata() { jq -S 'del(.bpf_object, .bpf_object_size) | del(.meta.export_types[]?.type_id)' "$1"; }

# ---- golden
cd "$golden" || exit 1
for source in *.bpf.c; do
	name=${source%.bpf.c} header=
	[ -f "$name.h" ] && header=$name.h
	if ! "$ECC" -o "$scratch/$name" "$source" $header >"$scratch/$name.out" 2>"$scratch/$name.err"; then
		not_ok "golden-$name" "ecc failed" "$scratch/$name.err"
		continue
	fi
	metadata "$scratch/$name/package.json" >"$scratch/$name.json"
	if [ -n "${UPDATE:-}" ]; then
		cp "$scratch/$name.json" "$name.json"
		if [ -s "$scratch/$name.err" ]; then cp "$scratch/$name.err" "$name.err"; else rm -f "$name.err"; fi
	fi
	check "golden-$name" diff -u "$name.json" "$scratch/$name.json"
	if [ -f "$name.err" ]; then
		check "golden-$name-warnings" diff -u "$name.err" "$scratch/$name.err"
	else
		check "golden-$name-warnings" diff -u /dev/null "$scratch/$name.err"
	fi
done

# ---- stdout
printf '%s\n' 'Compiling bpf object...' 'Generating export types...' \
	'Packing ebpf object and config into package.json...' >"$scratch/three"
sed 2d "$scratch/three" >"$scratch/two"
check stdout-with-exports diff -u "$scratch/three" "$scratch/tags.out"
check stdout-without-exports diff -u "$scratch/two" "$scratch/nothing.out"

# ---- odd texts: line ends of another system, no final newline, no text at all
mkdir "$scratch/odd" && cd "$scratch/odd" || exit 1
for name in tags alone; do
	for file in "$golden/$name".bpf.c "$golden/$name".h; do
		[ ! -f "$file" ] || sed 's/$/\r/' "$file" | head -c -1 >"$(basename "$file")"
	done
	"$ECC" $name.bpf.c $([ ! -f $name.h ] || echo $name.h) >/dev/null 2>err || not_ok "crlf-$name" "ecc failed" err
	metadata package.json >meta
	check "crlf-$name" diff -u "$golden/$name.json" meta
done
printf '/** @export never closed' >open.bpf.c
"$ECC" open.bpf.c >/dev/null 2>err && not_ok unterminated-comment "ecc accepted it" err
check unterminated-comment grep -q 'unterminated /\* comment' err
: >empty.bpf.c
"$ECC" empty.bpf.c >/dev/null 2>err && not_ok empty-source "ecc accepted it" err
check empty-source grep -q 'empty.bpf.c defines nothing: no program, no map, no variable' err

# ---- the same bytes from everywhere
# The source has what carries paths: inline functions of headers, __FILE__, code in a header beside it.
mkdir -p "$scratch/one/sub" "$scratch/far/deeper/three"
cat >"$scratch/one/sub/part.h" <<'C'
static __attribute__((noinline)) int part(int *x) { *x += bpf_get_smp_processor_id(); return *x; }
C
cat >"$scratch/one/sub/place.bpf.c" <<'C'
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include "part.h"
/// @export
struct event { int x; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
const volatile char file[] = __FILE__;
SEC("raw_tp/sched_switch") int place(void *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	int x = 0;
	if (!event) return 0;
	event->x = part(&x) + file[x & 1];
	bpf_tail_call_static(ctx, &events, 1);
	bpf_ringbuf_submit(event, 0);
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
C
cp "$scratch/one/sub"/* "$scratch/far/deeper/three"
build() { # NAME FOLDER CACHE SOURCE: compiles from FOLDER, keeps the package as NAME
	(cd "$2" && XDG_CACHE_HOME=$3 "$ECC" -c "$clang" -o "$scratch/out" "$4" >/dev/null 2>"$scratch/err" &&
		mv "$scratch/out/package.json" "$scratch/$1.package") || not_ok "same-$1" "ecc failed" "$scratch/err"
}
for clang in clang-14 clang-19 clang; do
	has $clang || continue
	build here "$scratch/one/sub" "$scratch/cache" place.bpf.c
	build dot "$scratch/one/sub" "$scratch/cache" ./place.bpf.c
	build below "$scratch/one" "$scratch/cache" sub/place.bpf.c
	build far "$scratch" "$scratch/other/cache" "$scratch/far/deeper/three/place.bpf.c"
	build cache-below-source / "$scratch/one/sub/cache" "$scratch/one/sub/place.bpf.c"
	for name in dot below far cache-below-source; do
		check "same-bytes-$clang-$name" cmp "$scratch/here.package" "$scratch/$name.package"
	done
done

# ---- the object by itself
cd "$scratch/one/sub" && "$ECC" --keep-object -o "$scratch/kept" place.bpf.c >/dev/null 2>&1
check keep-object test -s "$scratch/kept/place.bpf.o"
check keep-object-size sh -c "test \$(stat -c %s '$scratch/kept/place.bpf.o') = \$(jq .bpf_object_size '$scratch/kept/package.json')"
strings -a "$scratch/kept/place.bpf.o" >"$scratch/strings"
check no-paths sh -c "! grep -E '$scratch|^\./' '$scratch/strings'"
# What the verifier's messages and a reader of the object need: names of files and lines of source.
for line in place.bpf.c part.h ecc/libbpf/bpf/bpf_helpers.h; do
	check "file-$line" grep -qx "$line" "$scratch/strings"
done
check source-lines grep -q 'event->x = part(&x) + file\[x & 1\];' "$scratch/strings"
check keep-object-without-dwarf sh -c "! readelf -SW '$scratch/kept/place.bpf.o' | grep -q debug_"
check beside-the-source sh -c "cd '$scratch/one' && '$ECC' sub/place.bpf.c >/dev/null && test -s sub/package.json"

# ---- -y is not a silent no-op, -a and -v reach clang
cd "$scratch/one/sub" || exit 1
"$ECC" -v -a -DUNIQUE=1 -a -Wall place.bpf.c >/dev/null 2>err
check cflags grep -q -- '-DUNIQUE=1 -Wall' err
"$ECC" -h >help && check help-to-stdout grep -q -- '--keep-object' help
check help-within-80 sh -c "! grep -q '.\{81\}' help"
check version sh -c "'$ECC' -V | grep -qE '^ecc [0-9]+\.[0-9]+\.[0-9]+$'"
