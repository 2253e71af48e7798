#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What ecc writes is what other loaders read: keys and types (strict.jq), their order, the object inside; and the flags that the
# eunomia-bpf compiler has keep their meaning, or are refused with a sentence.
source "$(dirname "$0")/../lib.sh"
golden=$top/tests/golden/ecc strict=$top/tests/cli/strict.jq
has jq || { cannot ecc-format "jq is not installed"; exit 0; }
export XDG_CACHE_HOME=$scratch/cache
cd "$scratch" || exit 1
cp "$golden"/*.c "$golden"/*.h .

# ---- keys, types, order
readable() { # NAME FILE: no mistake for the public loader's readers, keys sorted, one line
	local mistakes
	if ! mistakes=$(jq -r -f "$strict" "$2" 2>&1) || [ -n "$mistakes" ]; then
		not_ok "$1" "$(head -n 3 <<<"$mistakes" | tr '\n' ';')"
	elif ! jq -cS . "$2" | cmp -s - "$2"; then
		not_ok "$1" "its keys are not sorted, or it is not one line"
	else
		ok "$1"
	fi
}
for source in *.bpf.c; do
	name=${source%.bpf.c}
	"$ECC" --skel -o "$name" "$source" $([ ! -f $name.h ] || echo $name.h) >/dev/null 2>err || not_ok "format-$name" "ecc failed" err
	readable "format-$name" "$name/package.json"
	readable "format-$name-skel" "$name/$name.skel.json"
	check "skel-is-meta-$name" cmp <(jq -cS .meta "$name/package.json") "$name/$name.skel.json"
done
# The checker itself must find what is wrong.
jq '.meta.bpf_skel.progs[0].link = 1 | del(.meta.bpf_skel.maps[0].ident)' ring/package.json >wrong.json
check strict-finds sh -c "[ \$(jq -r -f '$strict' wrong.json | wc -l) = 2 ]"
if has python3; then
	inflated() { python3 -c 'import base64,json,sys,zlib
p = json.load(open(sys.argv[1])); o = zlib.decompress(base64.b64decode(p["bpf_object"], validate=True))
sys.exit(not (len(o) == p["bpf_object_size"] and o == open(sys.argv[2], "rb").read() and o[:4] == b"\x7fELF"))' "$@"; }
	check object-inside inflated ring/package.json ring/ring.bpf.o
fi
# The loader finds event types by their id in the object's BTF.
if has bpftool; then
	id=$(jq '.meta.export_types[0].type_id' ring/package.json)
	check type-id sh -c "bpftool btf dump file ring/ring.bpf.o | grep -qE '^\[$id\] STRUCT .*vlen=$(jq '.meta.export_types[0].members | length' ring/package.json)\$'"
fi

# ---- flags that keep their meaning
rm -rf n && "$ECC" -n -o n ring.bpf.c ring.h >out 2>err
check no-package sh -c 'ls n | tr "\n" " " | grep -qx "ring.bpf.o ring.skel.json " && ! grep -q package.json out'
check no-package-same cmp n/ring.skel.json ring/ring.skel.json
check no-package-object cmp n/ring.bpf.o ring/ring.bpf.o
"$ECC" --no-generate-package-json --output-path long --clang-bin "$(command -v clang-19 || command -v clang)" --additional-cflags -DX \
	-l llvm-strip ring.bpf.c ring.h >/dev/null 2>err
check long-names test -s long/ring.skel.json

printf 'struct part { int a; };\nstruct event { int pid; char comm[16]; struct part part; };\n' >only.h
"$ECC" --header-only -o only only.h >/dev/null 2>err || not_ok header-only "ecc failed" err
readable header-only-format only/package.json
check header-only jq -e '.meta.bpf_skel.progs == null and .meta.export_types[0].name == "event" and (.meta.export_types | length) == 2' only/package.json
"$ECC" --header-only only.h ring.h >/dev/null 2>err
check header-only-takes-one sh -c 'grep -q "one file too many" err && ! grep -q "ring.bpf" err'

# ---- flags that are refused, each with one sentence
for flag in -y --yaml -b --btfgen "--btfhub-archive x" -s --standalone --subskeleton "-w x" "--workspace-path x" --wasm-header; do
	rm -rf refused code=0
	code=0
	"$ECC" $flag -o refused ring.bpf.c ring.h >out 2>err || code=$?
	check "refused$(printf %s " $flag" | tr ' ' _)" sh -c "[ $code = 2 ] && [ ! -s out ] && [ ! -e refused ] &&
		[ \$(grep -c '^ecc: .*: .*' err) = 1 ] && [ \$(wc -l <err) = 2 ]"
done

# ---- doc tags that are unknown or malformed: a warning with file and line, and the rest is compiled
cat >tag.bpf.c <<'C'
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

/// @cmdarg {"long": "half", "short": 5}
/// @cmdrag {"short": "a"}
const volatile int a = 1;
/** text
 * @cmdarg {"long": */
const volatile int b = 1;
/// @sample {"interval": "x"}
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u32); } h SEC(".maps");
/// @brief a program
/// @param ctx is of no interest
/// @name other
SEC("raw_tp/sched_switch") int t(void *ctx) { __u32 k = a + b; return !!bpf_map_lookup_elem(&h, &k); }
char LICENSE[] SEC("license") = "GPL";
C
"$ECC" -o tag tag.bpf.c >/dev/null 2>err || not_ok tag "ecc failed" err
cat >expected <<'T'
ecc: tag.bpf.c:5: @cmdarg is ignored: cmdarg.short must be a text, but is a number
ecc: tag.bpf.c:6: @cmdrag is no tag of ecc; it is kept in the package as it is
ecc: tag.bpf.c:9: @cmdarg is ignored: cmdarg must be an object, but is a text
ecc: tag.bpf.c:11: @sample is ignored: sample.interval must be a whole number, but is a text
ecc: tag.bpf.c:15: @name is ignored: name comes from the declaration and cannot be set by a tag
T
check tag-warnings diff -u expected err
check tag-ignored-whole jq -e '[.meta.bpf_skel.data_sections[].variables[] | select(.name == "a" or .name == "b") | .cmdarg] | all(. == null)' tag/package.json
check tag-no-sample jq -e '[.meta.bpf_skel.maps[] | .sample] | all(. == null)' tag/package.json
