#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Functions of programs: what was named is hit and nothing else, whatever characters its name and path have, also of files that were replaced, functions that
# are there twice, versions, functions chosen when a program starts, probes with arguments of every form; or one sentence says why not, of a check too.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
is_root || { cannot user "needs root"; exit 0; }

names=('main.(*Set).Add' 'main.(xSet).Add' 'main.(*Set[go.shape.int]).Add' 'main.(*Set[go.shape.int]).Del+1' 'ns::f(int, char*)' 'operator+' 'a=b'
	'back\slash' 'main.f.func1' 'x?y' 'main.(*T).Run-fm' 'rust::{{closure}}' 'std::operator<< <char>' '7')
{
	printf '\t.text\n'
	for n in "${names[@]}"; do
		printf '\t.globl "%s"\n\t.type "%s", %%function\n"%s":\n\tnop\n\tret\n\t.size "%s", .-"%s"\n' "${n//\\/\\\\}" "${n//\\/\\\\}" "${n//\\/\\\\}" "${n//\\/\\\\}" "${n//\\/\\\\}"
	done
	printf '\t.data\n\t.balign 8\n\t.globl names, n_names\nnames:\n'
	for n in "${names[@]}"; do printf '\t.8byte "%s"\n' "${n//\\/\\\\}"; done
	printf 'n_names:\t.8byte %d\n\t.section .note.GNU-stack, "", %%progbits\n' ${#names[@]}
} >"$scratch/names.s"
make_all() {
	cd "$scratch" && cc -O1 -shared -fPIC -Wl,-soname,libversions.so -Wl,--version-script="$here/user/versions.map" -o libversions.so "$here/user/versions.c" &&
		cc -O1 -c -DN=1 -o twin1.o "$here/user/twin.c" && cc -O1 -c -DN=2 -o twin2.o "$here/user/twin.c" &&
		cc -O1 -o calls "$here/user/calls.c" twin1.o twin2.o names.s "$here/user/sites.S" ./libversions.so -Wl,-rpath,"$scratch" &&
		cc -O1 -static -o calls_static "$here/user/calls.c" twin1.o twin2.o names.s "$here/user/sites.S" "$here/user/versions.c" &&
		cc -O1 -shared -fPIC -o liballocator.so "$here/user/allocator.c" && "$ECC" -o hit "$here/user/hit.bpf.c"
}
(make_all) >"$scratch/made.out" 2>&1 || { not_ok user "the workload or the package does not compile" "$scratch/made.out"; exit 0; }
package=$scratch/hit/package.json calls=$scratch/calls
mkfifo "$scratch/lines"
works_pid=

# works COMMAND...: starts it, with lines to be written to descriptor 9
works() {
	"$@" <"$scratch/lines" >"$scratch/said" 2>&1 &
	works_pid=$!
	exec 9>"$scratch/lines"
	wait_until -p "$works_pid" grep -q ready "$scratch/said"
}
rests() {
	exec 9>&-
	wait_end "$works_pid"
	works_pid=
}
leave() { [ -z "$works_pid" ] || kill "$works_pid"; }
at_exit leave

# numbers NAME "WANTED..." ARG...: what is called once between start and end of a run has these numbers, in their order
numbers() {
	local name=$1 want=$2
	shift 2
	start_ecli "$package" -o json "$@" || { not_ok "$name" "did not become ready" "$err"; return; }
	if [ -n "$works_pid" ]; then
		: >"$scratch/said"
		echo >&9
		wait_until -p "$works_pid" grep -q done "$scratch/said"
	else
		"$calls" </dev/null >/dev/null
	fi
	stop_ecli
	got=$(jq -r 'select(.number != null) | .number' "$rows" | sort -n | tr '\n' ' ')
	[ "${got% }" = "$want" ] && [ "$status" = 0 ] && ok "$name" || not_ok "$name" "numbers $got, not $want, status $status" "$err" "$rows"
}

# told NAME STATUS WORDS ARG...: one sentence, of a run and of a check
told() {
	local name=$1 want=$2 words=$3
	shift 3
	status=0
	"$ECLI" run "$package" -d 0.1 "$@" >"$rows" 2>"$err" || status=$?
	[ $status = "$want" ] && grep -qF -- "$words" "$err" && [ "$(grep -vc '^Try ' "$err")" = 1 ] && ok "$name" || not_ok "$name" "status $status, or not: $words" "$err"
	status=0
	"$ECLI" check "$package" "$@" >"$rows" 2>&1 || status=$?
	[ $status = "$want" ] && grep -qF -- "$words" "$rows" && ok "$name-check" || not_ok "$name-check" "status $status, or not: $words" "$rows"
}

# ---- names and paths --------------------------------------------------------------------------------------------------
i=0
for n in "${names[@]}"; do
	numbers "user-name-$i" $i --attach "hit=$calls:$n"
	numbers "user-name-$i-old" $i --no-links --attach "hit=$calls:$n"
	i=$((i + 1))
done
numbers user-pattern "0 1" --attach "hit=$calls:main.(?Set).Add"
numbers user-pattern-old "0 1" --no-links --attach "hit=$calls:main.(?Set).Add"
numbers user-pattern-and-name "0 1 100" --attach "hit=$calls:main.(?Set).Add" --attach "hit=$calls:plain"
numbers user-name-and-pattern "0 1 100" --no-links --attach "hit=$calls:plain" --attach "hit=$calls:main.(?Set).Add"
numbers user-offset 5 --attach "hit=$calls:operator++1"
built=$calls
for folder in a:b 'st*r' 'b [x]=,+?'; do
	mkdir "$scratch/$folder"
	cp "$built" "$scratch/$folder/calls"
	calls=$scratch/$folder/calls
	numbers "user-path-$folder" 100 --attach "hit=$calls:plain"
	numbers "user-path-$folder-pattern" 100 --attach "hit=$calls:plai?"
	[ "$(uname -m)" != x86_64 ] || numbers "user-path-$folder-usdt" 7 --attach "site=$calls:t:good"
done
calls=$built
told user-no-function 1 "$calls has no function nope" --attach "hit=$calls:nope"
told user-no-pattern 1 "$calls has no function like nope*" --attach "hit=$calls:nope*"
told user-no-offset 1 '"+z" is no offset' --attach "hit=$calls:plain+z"
told user-no-file 1 "there is no file $scratch/none," --attach "hit=$scratch/none:ns::f(int)"
told user-no-probe 1 "$calls has no probe t:none" --attach "site=$calls:t:none"

# ---- twice, in versions, chosen late -----------------------------------------------------------------------------------
numbers user-twins "201 202" --attach "hit=$calls:twin"
numbers user-twins-old "201 202" --no-links --attach "hit=$calls:twin"
for which in versioned versioned@@V_2 versioned@V_2; do numbers "user-$which" 300 --attach "hit=$scratch/libversions.so:$which"; done
strip "$scratch/libversions.so"
numbers user-version-stripped 300 --attach "hit=$scratch/libversions.so:versioned"
numbers user-version-named 300 --attach "hit=$scratch/libversions.so:versioned@V_2"
numbers user-version-old "" --attach "hit=$scratch/libversions.so:versioned@V_1"
told user-no-version 1 "has no function versioned@V_3" --attach "hit=$scratch/libversions.so:versioned@V_3"
told user-chosen-unknown 1 "chooses the code of chosen when a program starts" --attach "hit=$calls:chosen"
works "$calls"
numbers user-chosen 400 --attach "hit=$calls:chosen"
numbers user-chosen-of-process 400 --attach "hit=$calls:chosen" --target-pid "$works_pid"
rests

# A section that was moved after it was linked, as packers and prelinkers do: segments say where code is.
cp "$calls" "$scratch/moved"
headers=$(readelf -hW "$calls" | awk '/Start of section headers/ { print $5 }')
text=$(readelf -SW "$calls" | sed -n 's/^ *\[ *\([0-9]*\)\] \.text .*/\1/p')
printf '\000\000\100\000' | dd of="$scratch/moved" bs=1 seek=$((headers + text * 64 + 16)) conv=notrunc 2>/dev/null
calls=$scratch/moved
numbers user-moved-section 100 --attach "hit=$calls:plain"
calls=$built

# ---- files that were replaced ------------------------------------------------------------------------------------------
works "$calls"
for file in calls libversions.so; do cp "$scratch/$file" "$scratch/new" && mv "$scratch/new" "$scratch/$file"; done
numbers user-replaced-program 100 --target-pid "$works_pid" --attach "hit=$calls:plain"
numbers user-replaced-library 300 --target-pid "$works_pid" --attach "hit=$scratch/libversions.so:versioned"
numbers user-replaced-by-name 300 --target-pid "$works_pid" --attach hit=libversions:versioned
[ "$(uname -m)" != x86_64 ] || numbers user-replaced-usdt 7 --target-pid "$works_pid" --attach "site=$calls:t:good"
"$ECLI" run "$package" -d 0.1 --target-pid "$works_pid" --attach "hit=$scratch/moved:plain" >"$rows" 2>"$err"
grep -q "process $works_pid has not mapped $scratch/moved" "$err" && ok user-not-mapped || not_ok user-not-mapped "no warning" "$err"
told user-no-library 1 "process $works_pid has not mapped a file \"liballocator\"" --target-pid "$works_pid" --attach hit=liballocator:malloc
told user-moved-to-libc 1 "since glibc 2.34 pthread_create is in libc" --target-pid "$works_pid" --attach hit=libpthread:pthread_create
rests

# ---- memory that is not of the C library here --------------------------------------------------------------------------
# leaks NAME COMMAND...: memleak -p sees the piece that is kept
leaks() {
	local name=$1
	shift
	works "$@"
	start_ecli "$PACKAGES/memleak/package.json" -p "$works_pid" -i 0 -o json || { not_ok "$name" "did not become ready" "$err"; rests; return; }
	echo >&9
	wait_until -p "$works_pid" grep -q done "$scratch/said"
	stop_ecli
	jq -e 'select(.bytes == 5000 and .count == 1)' "$rows" >/dev/null && ok "$name" || not_ok "$name" "no piece of 5000 bytes" "$err" "$rows"
	rests
}
leaks user-leak "$calls"
leaks user-leak-static "$scratch/calls_static"
leaks user-leak-allocator env LD_PRELOAD="$scratch/liballocator.so" "$calls"
cp "$scratch/calls_static" "$scratch/stripped" && strip "$scratch/stripped"
works "$scratch/stripped"
status=0
"$ECLI" run memleak -p "$works_pid" -d 0.1 >"$rows" 2>"$err" || status=$?
[ $status = 1 ] && grep -q "process $works_pid does not use the C library that would be probed" "$err" && ok user-leak-unknown || not_ok user-leak-unknown "status $status" "$err"
rests

# ---- USDT ---------------------------------------------------------------------------------------------------------------
if [ "$(uname -m)" = x86_64 ]; then
	numbers user-usdt 7 --attach "site=$calls:t:good"
	numbers user-usdt-some-sites "7 7" --attach "site=$calls:t:mixed"
	grep -q '1 of 3 sites of probe t:mixed are left out: argument 1 of one, 4@(%rsi,%rdi,4)' "$err" && ok user-usdt-warning || not_ok user-usdt-warning "no warning" "$err"
	numbers user-usdt-both "7 7 7" --attach "site=$calls:t:mixed" --attach "site=$calls:t:good"
	told user-usdt-argument 1 "argument 2 of probe t:scaled of $calls, -4@(%rsi,%rdi,4), is of a form" --attach "site=$calls:t:scaled"
else
	lacks user-usdt "the probes are written for x86-64"
fi

# ---- what a probe would do harm to, and what is not for this machine -----------------------------------------------------
objcopy --add-section .go.buildinfo=/dev/null "$calls" "$scratch/go" 2>/dev/null
told user-go-return 1 "is a Go program, which a probe at the return of main.f.func1 would end" --attach "back=$scratch/go:main.f.func1"
told user-go-return-pattern 1 "is a Go program, which a probe at the return of main.* would end" --attach "back=$scratch/go:main.*"
calls=$scratch/go
numbers user-go-entry 8 --attach "hit=$calls:main.f.func1"
numbers user-go-c-return 0 --attach "back=$calls:plain"
cp "$built" "$scratch/foreign"
printf '\362\000' | dd of="$scratch/foreign" bs=1 seek=18 conv=notrunc 2>/dev/null
[ "$(uname -m)" = riscv64 ] || printf '\363\000' | dd of="$scratch/foreign" bs=1 seek=18 conv=notrunc 2>/dev/null
told user-foreign 1 "$scratch/foreign is for another machine" --attach "hit=$scratch/foreign:plain"

# ---- 32 bits ------------------------------------------------------------------------------------------------------------------
runs() { [ "$(readlink "/proc/$works_pid/exe")" = "$scratch/$1" ]; } # PROGRAM

# hits NAME TARGET: a row at least
hits() {
	start_ecli "$package" -o json --attach "hit=$2" || { not_ok "$1" "did not become ready" "$err"; return; }
	wait_until -p "$works_pid" has_lines "$rows" 1 "\"pid\":$works_pid," && ok "$1" || not_ok "$1" "no row" "$err"
	stop_ecli
}
if [ "$(uname -m)" = x86_64 ] && cc -m32 -nostdlib -static -o "$scratch/narrow" "$here/user/narrow.S" 2>"$err"; then
	"$scratch/narrow" 2>/dev/null &
	works_pid=$!
	if wait_until -p "$works_pid" runs narrow; then
		hits user-narrow "$scratch/narrow:narrow"
		hits user-narrow-pattern "$scratch/narrow:narro?"
		kill "$works_pid"
	else
		lacks user-narrow "the kernel runs no programs of 32 bits"
	fi
	works_pid=
else
	lacks user-narrow "there is no assembler for 32 bits"
fi

# ---- files that may be open ------------------------------------------------------------------------------------------------
for most in 8 20 40; do
	status=0
	(ulimit -n $most && exec "$ECLI" run "$package" -d 0.1 --attach "hit=$built:plain") >"$rows" 2>"$err" || status=$?
	[ $status = 1 ] && grep -q "this process may have $most (ulimit -n)" "$err" && ok "user-files-$most" || not_ok "user-files-$most" "status $status" "$err"
done
calls=$built
(ulimit -Sn 16 && exec "$ECLI" run "$package" -d 0.1 --attach "hit=$built:plain") >"$rows" 2>"$err" && ok user-files-raised || not_ok user-files-raised "the soft limit was not raised" "$err"
