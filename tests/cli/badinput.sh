#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Bad input of every kind: the documented status, one plain sentence that names what is wrong, nothing on stdout.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
cd "$scratch" || exit 1

# bad NAME STATUS REGEX COMMAND...: the sentence on stderr must match, and nothing internal may leak into it.
bad() {
	local name=$1 want=$2 regex=$3 code=0
	shift 3
	patiently "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || code=$?
	if [ "$code" != "$want" ]; then
		not_ok "$name" "status $code instead of $want" "$scratch/err" "$scratch/out"
	elif ! grep -qE -e "$regex" "$scratch/err"; then
		not_ok "$name" "the sentence does not match: $regex" "$scratch/err"
	elif head -n 1 "$scratch/err" | grep -qE 'libbpf|ecli_[a-z]+_[a-z]+|Sanitizer|-[0-9]+$|errno'; then
		not_ok "$name" "internals leaked into the message" "$scratch/err"
	elif [ -s "$scratch/out" ]; then
		not_ok "$name" "something was printed on stdout" "$scratch/out"
	else
		ok "$name"
	fi
}

cat >tool.bpf.c <<'C'
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
/// @export
struct event { __u32 pid; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
/// Least size
const volatile __u8 small = 3;
const volatile char word[8] = "";
const volatile __s32 level = -1;
SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(void *ctx)
{
	struct event event = { .pid = small + level + word[0] };

	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
C
"$ECC" tool.bpf.c >/dev/null 2>ecc.err || { not_ok badinput "ecc failed" ecc.err; exit 0; }
size=$(stat -c %s package.json)

# ---- the package
bad missing-file 1 'cannot read nowhere\.json: No such file' "$ECLI" run nowhere.json
bad mistyped-tool 1 '^ecli: no installed tool is called opensnop; did you mean opensnoop\?$' env ECLI_PACKAGES="$PACKAGES" "$ECLI" run opensnop
bad missing-tool 1 'no installed tool is called nosuchtool' "$ECLI" run nosuchtool
bad a-folder 1 'Is a directory' "$ECLI" run .
: >empty.json
bad empty-file 1 'empty\.json' "$ECLI" run empty.json
for cut in 1 20 $((size / 2)) $((size - 2)); do
	head -c "$cut" package.json >cut.json
	bad "truncated-at-$cut" 1 'cut\.json.*line [0-9]+' "$ECLI" run cut.json
done
echo '[1,2]' >array.json
bad json-not-a-package 1 'array\.json' "$ECLI" run array.json
echo '{"meta":{}}' >noobject.json
bad no-object 1 'noobject\.json.*bpf_object' "$ECLI" run noobject.json
jq -c '.bpf_object = "!!!!"' package.json >b64.json
bad wrong-base64 1 'b64\.json.*base64' "$ECLI" run b64.json
jq -c '.bpf_object = "aGVsbG8gd29ybGQ="' package.json >zlib.json
bad not-zlib 1 'zlib\.json' "$ECLI" run zlib.json
jq -c '.bpf_object_size += 1' package.json >size.json
bad wrong-size 1 'size\.json.*bytes' "$ECLI" run size.json
jq -c '.bpf_object_size = 99999999999' package.json >huge.json
bad huge-size 1 'huge\.json' "$ECLI" run huge.json
jq -c '.meta.bpf_skel = 5' package.json >skel.json
bad wrong-meta 1 'skel\.json.*bpf_skel' "$ECLI" run skel.json
head -c 4096 /dev/urandom >noise.json
bad noise 1 'noise\.json' "$ECLI" run noise.json
cp "$ECLI" elf.json
bad foreign-elf 1 'elf\.json' "$ECLI" run elf.json
"${CLANG:-$(command -v clang-19 clang | head -n 1)}" -O2 -target bpf -c -x c - -o nobtf.bpf.o <<'C'
__attribute__((section("tracepoint/syscalls/sys_enter_prctl"), used)) int enter(void *ctx) { return 0; }
char LICENSE[] __attribute__((section("license"), used)) = "GPL";
C
bad no-btf 1 'nobtf\.bpf\.o.*BTF' "$ECLI" run nobtf.bpf.o
bad stdin-noise 1 'standard input' sh -c 'printf x | "$0" run -' "$ECLI"

# ---- the command line
bad no-command 2 'run' "$ECLI"
bad unknown-command 2 'unknown command "rnu"' "$ECLI" rnu
bad no-package 2 'package' "$ECLI" run
bad unknown-option 2 '"?--smal"?.*--small' "$ECLI" run package.json --smal 3
bad unknown-own-option 2 '"?--outptu"?.*--output' "$ECLI" run --outptu json package.json
bad value-too-large 2 '--small.*0 to 255.*300' "$ECLI" run package.json --small 300
bad value-negative 2 '--small.*-1' "$ECLI" run package.json --small -1
bad value-no-number 2 '--level.*"?ten"?' "$ECLI" run package.json --level ten
bad value-too-long 2 '--word.*7' "$ECLI" run package.json --word much_too_long
bad value-missing 2 '--small' "$ECLI" run package.json --small
bad format-unknown 2 'table, plain(,| or) json' "$ECLI" run -o xml package.json
takes_time='takes a time from 1ms to 1000000h, such as 10 or 0\.5 \(seconds\), 500ms or 2m, not'
for time in 0 x -1 5k 1ms2 0.9ms 1e1 inf 1000001h 99999999999999999999 ''; do
	bad "duration-${time:-empty}" 2 "^ecli: --duration $takes_time \"$time\"\$" "$ECLI" run package.json --duration "$time"
done
bad interval-too-short 2 '^ecli: --interval takes a time from 1ms on, or 0 for one look at the end, not "999us"$' "$ECLI" run --interval 999us package.json
bad interval-too-long 2 '^ecli: --interval takes a time from 0 to 24h, .*, not "25h"$' "$ECLI" run --interval 25h package.json
bad buffer-too-large 2 '^ecli: --buffer takes a size from 1 to 2G, such as 4k or 16M, not "4G"$' "$ECLI" run --buffer 4G package.json
bad buffer-time 2 '^ecli: --buffer takes a size .*, not "1ms"$' "$ECLI" run --buffer 1ms package.json
bad count-zero 2 '^ecli: --count takes a whole number from 1 to [0-9]*, not "0"$' "$ECLI" run -n 0 package.json
bad cpus-zero 2 '^ecli: --cpus takes a whole number from 1 to 65535, not "0"$' "$ECLI" inspect --cpus 0 package.json
bad btf-empty 2 '^ecli: --btf takes FILE, not an empty text$' "$ECLI" run --btf '' package.json
bad check-btf-empty 2 '^ecli: --btf takes FILE, not an empty text$' "$ECLI" check --btf '' package.json
bad sort-missing 2 '^ecli: --sort needs a value: COLUMN$' "$ECLI" run package.json --sort
bad package-empty 2 '^ecli: the name of the package is empty$' "$ECLI" run ''
bad two-files-of-rows 2 '^ecli: -o table comes after an -o that writes to a\.json: there can be one of the two$' "$ECLI" run package.json -o json=a.json -o table
bad two-flames 2 'there can be one of the two' "$ECLI" run package.json -o flame=a.html -o flame=b.html
bad plan-and-schema 2 '^ecli: --plan is text of its own: leave out --schema$' "$ECLI" inspect --plan --schema package.json
bad tool-is-no-command 2 '^ecli: "runqslower" is a tool, not a command; write: ecli run runqslower$' "$ECLI" runqslower --min_us 5
bad limits-cross 2 '^ecli: --min_block_time 10s is above --max_block_time 5s: that leaves nothing to show$' "$ECLI" run "$PACKAGES/offcputime/package.json" -m 10s -M 5s
bad limits-cross-check 2 '^ecli: --min_size 2k is above --max_size 1k: that leaves nothing to show$' "$ECLI" check "$PACKAGES/memleak/package.json" -z 2k -Z 1k
# Who helps is named: where the option was wrong.
bad help-of-run 2 "^Try 'ecli run --help'\.\$" "$ECLI" run --zz package.json
bad help-of-tool 2 "^Try 'ecli run package\.json --help'\.\$" "$ECLI" run package.json --zz
bad help-of-inspect 2 "^Try 'ecli inspect --help'\.\$" "$ECLI" inspect --zz package.json
bad help-of-check 2 "^Try 'ecli check --help'\.\$" "$ECLI" check package.json --zz
bad help-of-clean 2 "^Try 'ecli clean --help'\.\$" "$ECLI" clean --zz
bad help-of-list 2 "^Try 'ecli list --help'\.\$" "$ECLI" list --zz
bad help-of-nothing 2 'unknown command "nothing"; there are run, list, inspect, check and clean' "$ECLI" help nothing
bad extra-word 2 'word' "$ECLI" run package.json word
bad list-word 2 'list' "$ECLI" list all

# ---- the kernel
broken() { # NAME PROGRAM-TEXT: a package whose program is this
	mkdir -p "$1"
	sed -e '/^SEC("tracepoint/,/^}/d' tool.bpf.c >"$1/tool.bpf.c"
	printf '%s\n' "$2" >>"$1/tool.bpf.c"
	"$ECC" "$1/tool.bpf.c" >/dev/null 2>ecc.err || not_ok "$1" "ecc failed" ecc.err
}
if is_root; then
broken notracepoint 'SEC("tracepoint/sched/no_such_thing") int enter(void *ctx) { return small; }'
bad missing-tracepoint 3 'tracepoint sched/no_such_thing' "$ECLI" run notracepoint/package.json
broken nofunction 'SEC("tp_btf/no_such_thing") int enter(void *ctx) { return small; }'
bad missing-tp-btf 3 'no_such_thing' "$ECLI" run nofunction/package.json
broken rejected 'SEC("tracepoint/syscalls/sys_enter_prctl") int enter(void *ctx) {
	long *p = (long *)(long)bpf_get_current_pid_tgid();
	return *p; /* the bad read */ }'
bad verifier-rejection 1 'rejected.*enter.*invalid mem access.*; compare .* with NULL first' "$ECLI" run rejected/package.json
if grep -q 'return \*p' err; then ok verifier-source-line; else not_ok verifier-source-line "the source line is not named" err; fi
else
	for name in missing-tracepoint missing-tp-btf verifier-rejection verifier-source-line; do cannot "$name" "loading programs takes root"; done
fi
broken badsection 'SEC("nonsense/x") int enter(void *ctx) { return small; }'
bad unknown-section 1 'nonsense' "$ECLI" run badsection/package.json
mkdir -p noexport
# The size is a number and the bytes are anybody's: no call says what is reported.
cat >noexport/tool.bpf.c <<'C'
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
SEC("tracepoint/syscalls/sys_enter_prctl") int enter(void *ctx) {
	__u64 bytes[2] = {};
	return bpf_ringbuf_output(&events, bytes, 16, 0); }
char LICENSE[] SEC("license") = "GPL";
C
"$ECC" noexport/tool.bpf.c >/dev/null 2>&1
bad no-event-type 1 'events.*@export' "$ECLI" run noexport/package.json
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
if ! is_root || ! has setpriv; then
	cannot no-privileges "needs root and setpriv"
elif ! "${nobody[@]}" test -x / 2>/dev/null; then
	lacks no-privileges "on this machine an ordinary user may not enter /"
else
	chmod 755 . && chmod 644 package.json
	install -m 755 "$ECLI" "$scratch/ecli-copy"
	bad no-privileges 1 'root|sudo' "${nobody[@]}" "$scratch/ecli-copy" run "$scratch/package.json"
fi

# ---- what is no package
bad fetches-nothing 1 'curl -fsSL https://example.org/package.json \| ecli run -' "$ECLI" run https://example.org/package.json
gzip -c package.json >package.json.gz
bad compressed 1 'package.json.gz: this is compressed; unpack it first \(gunzip\)' "$ECLI" run package.json.gz
bad struct-ops-in-maps 1 'struct-ops-map\.bin: map events cannot be of type struct_ops in SEC\("\.maps"\)' "$ECLI" check "$top/tests/fuzz/corpus/loader/struct-ops-map.bin"
bad function-too-large 1 'function-too-large\.bin: the object is damaged: function two lies outside its section$' "$ECLI" run "$top/tests/fuzz/corpus/loader/function-too-large.bin"
bad name-without-end 1 'name-without-end\.bin: the object is damaged: the name of symbol 4 does not end in its table, or has more than 4095 characters$' "$ECLI" run "$top/tests/fuzz/corpus/loader/name-without-end.bin"
bad source-instead-of-package 1 'compile it first: ecc' "$ECLI" run tool.bpf.c

# ---- output
bad full-disk 1 'No space left' sh -c '"$0" run package.json --help >/dev/full' "$ECLI"

# ---- ecc
bad ecc-no-source 2 'source' "$ECC"
bad ecc-an-object 2 '^ecc: nobtf\.bpf\.o is compiled already; ecli run takes it as it is$' "$ECC" nobtf.bpf.o
bad ecc-a-package 2 '^ecc: package\.json is a package already; ecli run takes it as it is$' "$ECC" package.json
bad ecc-a-header 2 '^ecc: tool\.h is a header; write ecc SOURCE HEADER, or --header-only' "$ECC" tool.h
bad ecc-standard-input 2 '^ecc: - is no file: ecc reads a source by its name' "$ECC" -
# A name that begins like an option, and comments that stand before macros: of a name that the object has, and of none.
sed 's|^const volatile __u8 small = 3;|#define KNOB(type, name, value) const volatile type name = value\nKNOB(__u8, small, 3);|; s|^/// Least size||' tool.bpf.c |
	sed 's|^KNOB|/// Least size\nKNOB|' >-x.bpf.c
printf '#define COUNTER(name) __u64 n_##name;\n/// how many\nCOUNTER(seen)\n' >>-x.bpf.c
mkdir -p dash
if "$ECC" -o dash -- -x.bpf.c >out 2>err && [ -s dash/package.json ]; then ok ecc-leading-dash; else not_ok ecc-leading-dash "ecc failed" err; fi
"$ECLI" run dash/package.json --help >out 2>&1
if grep -q -- '--small .*Least size' out; then ok ecc-comment-before-macro; else not_ok ecc-comment-before-macro "the option has no help" out; fi
if grep -q '^ecc: -x.bpf.c:[0-9]*: the doc comment is ignored: no variable, map or program has the name of an argument of COUNTER()' err && ! grep -q 'KNOB()' err
then ok ecc-comment-before-macro-unknown; else not_ok ecc-comment-before-macro-unknown "the wrong warnings" err; fi
rm -f -- -x.bpf.c
bad ecc-output-empty 2 '^ecc: --output takes DIR, not an empty text$' "$ECC" -o '' tool.bpf.c
bad ecc-clang-empty 2 '^ecc: --clang-bin takes PATH, not an empty text$' "$ECC" --clang-bin= tool.bpf.c
bad ecc-btf-missing 2 '^ecc: --btf needs a value: FILE$' "$ECC" tool.bpf.c --btf
bad ecc-missing-source 1 'none\.bpf\.c' "$ECC" none.bpf.c
# In a folder of tools a name means the installed tool, not the folder.
mkdir -p opensnoop && "$ECLI" run opensnoop --help >out 2>err
if [ $? = 0 ] && grep -q '^ *Shows who opens which file' out; then ok folder-of-a-tool; else not_ok folder-of-a-tool "not the tool's help" err; fi
bad ecc-missing-header 1 'none\.h' "$ECC" tool.bpf.c none.h
bad ecc-unknown-option 2 '--outptu' "$ECC" --outptu x tool.bpf.c
bad ecc-yaml 2 'yaml|YAML|-y' "$ECC" -y tool.bpf.c
bad ecc-no-clang 1 'clang' env PATH=/nonexistent "$ECC" -o "$scratch" tool.bpf.c
mkdir -p broken && echo 'int x = ;' >broken/tool.bpf.c
code=0
"$ECC" broken/tool.bpf.c >out 2>err || code=$?
if [ $code = 1 ] && grep -q 'tool.bpf.c:1:9: error: expected expression' err && [ "$(ls broken)" = tool.bpf.c ]; then
	ok ecc-compile-error
else
	not_ok ecc-compile-error "status $code; clang's message unchanged and no file were expected" err
fi
