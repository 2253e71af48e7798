#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Stacks from the kernel to names: ids of several maps and arrays of addresses in events, weights by tag, a sampled map of a process that is
# gone before it is read, stacks that found their slot taken; and what -o makes of them, with its errors.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
cc -O1 -g -fno-omit-frame-pointer -o "$scratch/frames_load" "$here/frames_load.c"
build frames || exit 0
frames=$scratch/frames/package.json

# with_load A B ARGS: ecli with ARGS while alpha() marks A times and beta() B times. until="COUNT PATTERN": and until so many lines match.
until=
with_load() {
	local a=$1 b=$2
	shift 2
	start_ecli "$frames" "$@" || { not_ok frames "did not become ready" "$err"; exit 0; }
	coproc LOAD { exec "$scratch/frames_load" "$a" "$b"; }
	read -r _ <&"${LOAD[0]}"
	[ -z "$until" ] || wait_until -p "$ecli_pid" has_lines "$rows" $until
	stop_ecli
	kill "$LOAD_PID" 2>/dev/null
	wait "$LOAD_PID" 2>/dev/null
}

# Events: ids of two maps and the addresses themselves tell the same functions, in the right order.
with_load 30 20 --send -o json -o folded="$scratch/folded"
check_rows frames-ids '[.[] | select(.ecli | not)] | length == 50 and
	all(.[]; (.user | map(.function) | index("main")) > 0 and .user[-1].kernel == false and .user_raw >= 0) and
	([.[] | select(.user | map(.function) | index("alpha"))] | length) == 30 and
	([.[] | select(.user | map(.function) | index("beta"))] | length) == 20'
check_rows frames-addresses '[.[] | select(.ecli | not)] | all(.[]; (.addresses | map(.address)) == (.user | map(.address)) and
	(.addresses_raw | length) == ([.addresses[] | select(.inlined | not)] | length))'
check_rows frames-kernel '[.[] | select(.ecli | not)] | all(.[]; (.kernel | map(.function) | join(" ") | test("do_syscall_64|el0_svc|invoke_syscall")) and
	all(.kernel[]; .kernel) and (.kernel[0].module != "bpf"))'
check_rows frames-module '[.[] | select(.ecli | not)] | all(.[]; any(.user[]; .function == "main" and .module == "frames_load" and
	(.file | endswith("frames_load.c")) and .line > 0))'
# The weight is the tagged member: 10 + index of each.
awk '{ sum += $NF } /;alpha;/ { alpha += $NF } END { exit !(sum == 50 * 10 + 435 + 190 && alpha == 300 + 435) }' "$scratch/folded" &&
	ok frames-weight || not_ok frames-weight "the folded stacks do not weigh what the marks cost" "$scratch/folded" "$err"

# Text: frames below the row.
with_load 1 0 --send -o plain
if [ "$(grep -c '^    ' "$rows")" -gt 6 ] && grep -qE '^    alpha\+0x[0-9a-f]+ \[frames_load\] .*frames_load\.c:[0-9]+$' "$rows"; then
	ok frames-text
else
	not_ok frames-text "no frames below the row" "$rows" "$err"
fi

# What a file would tell and is not read, a sentence says, once: too much debug information, or half of it in another file. The names are there.
mv "$scratch/frames_load" "$scratch/frames_load.usual"
objcopy --dump-section .debug_str="$scratch/texts" "$scratch/frames_load.usual"
head -c 33M /dev/zero >>"$scratch/texts"
left_out() { # NAME WHY OPTION...: of objcopy
	local name=$1 why=$2
	shift 2
	objcopy "$@" "$scratch/frames_load.usual" "$scratch/frames_load"
	with_load 3 2 --send -o json
	check_rows "frames-$name" 'length == 5 and all(.[]; any(.user[]; .function == "main" and .module == "frames_load" and .file == null))'
	if [ "$(grep -c 'are left out' "$err")" = 1 ] && grep -qx "ecli: lines of source of frames_load are left out: $why" "$err"; then ok "frames-$name-told"; else not_ok "frames-$name-told" "not one sentence" "$err"; fi
}
left_out much 'it has more than 32 MiB of debug information' --update-section .debug_str="$scratch/texts"
left_out split 'its debug information is split over two files or compressed in the old way, which is not read' --add-section .gnu_debugaltlink="$here/frames.sh"
mv "$scratch/frames_load.usual" "$scratch/frames_load"

# A sampled map, read at the end, of a process that has ended long before.
start_ecli "$frames" -o json
coproc LOAD { exec "$scratch/frames_load" 7 5; }
load=$LOAD_PID
read -r _ <&"${LOAD[0]}"
# While it lives the process that finds names finds out what its addresses mean.
knows() { for pid in $(cat "/proc/$ecli_pid/task/$ecli_pid/children"); do ls -l "/proc/$pid/fd"; done 2>/dev/null | grep -q '/frames_load$'; }
wait_until -p "$ecli_pid" knows || not_ok frames-gone "ecli did not open the program of process $load while it lived" "$err"
kill "$load"
wait "$load" 2>/dev/null
stop_ecli
check_rows frames-gone 'length == 2 and map([.count, .sum, (.user | map(.function) | index("alpha") != null)]) == [[5, 10, false], [7, 21, true]]'

# Heaviest last; --top takes the heaviest; --sort is the person's.
with_load 7 5 -o json --top 1
check_rows frames-top 'map(.count) == [7]'
with_load 7 5 -o json --sort +count
check_rows frames-sort 'map(.count) == [5, 7]'
"$ECLI" inspect --schema "$frames" | jq '.anyOf[1] | del(.properties.map) | .required -= ["map"]' >"$scratch/schema.json" # the other source is left out
if jq -es -L "$top/tests" --slurpfile s "$scratch/schema.json" 'include "schema"; [.[] | problems($s[0])[]] == [] and
	([.[] | .user[0] |= del(.line) | problems($s[0])] | all(. != []))' "$rows" >/dev/null 2>"$scratch/jq.err"; then
	ok frames-schema
else
	not_ok frames-schema "rows and schema do not agree" "$scratch/jq.err" "$scratch/schema.json" "$rows"
fi
with_load 7 5 -o json --where 'count < 7'
check_rows frames-where 'map(.count) == [5]'

# One slot: the second stack is lost, every mark of it is counted as such, and its weight stays.
with_load 7 5 -o json --stats --slots 1
check_rows frames-slot-taken '(map(select(.ecli == "lost") | .count) | add) == 5 and all(.[] | select(.ecli == "lost"); .map == "user_stacks" and .reason == "stack slot taken") and
	([.[] | select(.ecli | not) | [.count, .user_raw, (.user | length > 2)]] == [[5, -17, false], [7, 0, true]])'
with_load 7 5 -o folded --slots 1
if grep -qx 'frames_load;\[lost stack\] 5' "$rows" && [ "$(awk '{ s += $NF } END { print s }' "$rows")" = 12 ]; then
	ok frames-lost-weight
else
	not_ok frames-lost-weight "the lost stack has no weight" "$rows" "$err"
fi

# All at once; files are whole and replaced.
echo old >"$scratch/f.html"
with_load 7 5 -o flame="$scratch/f.html" -o pprof="$scratch/f.pb.gz" -o folded="$scratch/f.txt"
if [ ! -s "$rows" ] && grep -q '</html>' "$scratch/f.html" && grep -q 'frames_load' "$scratch/f.html" && gzip -t "$scratch/f.pb.gz" &&
	grep -qE '^frames_load;.*;main;alpha;.* 7$' "$scratch/f.txt" && grep -qx 'ecli: wrote .*/f.html: 2 stacks, 12 samples' "$err"; then
	ok frames-files
else
	not_ok frames-files "the files are not what was asked for" "$rows" "$scratch/f.txt" "$err"
fi
if [ "$(find "$scratch" -name 'f.*.*' ! -name 'f.pb.gz' | wc -l)" = 0 ]; then ok frames-nothing-left; else not_ok frames-nothing-left "a temporary file is there"; fi
with_load 3 0 -o json="$scratch/rows.json"
if [ ! -s "$rows" ] && jq -es 'map(.count) == [3]' "$scratch/rows.json" >/dev/null; then ok frames-rows-to-a-file; else not_ok frames-rows-to-a-file "not the rows" "$scratch/rows.json" "$err"; fi

# With an interval, folded stacks of each look: of a map that is not cleared all of it each time, else what is new.
until='2 ;alpha;.*[^0-9]7$' with_load 7 5 -o folded --interval 0.1
if [ "$(grep -c ';alpha;.* 7$' "$rows")" -ge 2 ] && grep -qx '' "$rows"; then ok frames-looks; else not_ok frames-looks "not every look has all" "$rows" "$err"; fi
until='1 ^$' with_load 7 5 -o folded --interval 0.1 --clear -o pprof="$scratch/c.pb.gz"
if [ "$(awk '{ s += $NF } END { print s }' "$rows")" = 12 ]; then ok frames-looks-cleared; else not_ok frames-looks-cleared "marks are there twice or missing" "$rows" "$err"; fi

# refused NAME STATUS PATTERN ARGS
refused() {
	local name=$1 want=$2 pattern=$3 status=0
	shift 3
	patiently "$ECLI" run "$@" >"$rows" 2>"$err" </dev/null || status=$?
	if [ "$status" = "$want" ] && [ "$(grep -cv "^Try " "$err")" = 1 ] && grep -qE -- "$pattern" "$err"; then ok "$name"; else not_ok "$name" "status $status" "$rows" "$err"; fi
}
refused frames-no-stacks 2 '-o flame is for tools that report stacks, and this one reports none' "$PACKAGES/exitsnoop/package.json" -d 1 -o flame=x.html
refused frames-no-folder 1 'cannot write /nonexistent/x.html: No such file or directory' "$frames" -d 1 -o flame=/nonexistent/x.html
refused frames-folder 1 'cannot write .*: Is a directory' "$frames" -d 1 -o flame="$scratch"
refused frames-no-name 2 '-o flame= needs the name of a file after it' "$frames" -d 1 -o flame=
refused frames-two 2 'only one of several outputs can go to standard output' "$frames" -d 1 -o folded -o json
refused frames-unknown 2 '--output takes one of table, .*folded, flame, pprof' "$frames" -o flames=x
# What only tags name (a map's size, a frequency, columns) has an effect, and no warning says otherwise.
"$ECLI" run "$PACKAGES/profile/package.json" 0.1 -F 49 --stack-storage-size 64 --max-rows 64 >"$rows" 2>"$err"
"$ECLI" run "$PACKAGES/opensnoop/package.json" -d 0.1 -U -e >"$rows" 2>>"$err"
if grep -q 'no effect' "$err"; then not_ok frames-options-have-effect "a warning" "$err"; else ok frames-options-have-effect; fi
refused frames-slots 2 '--slots is the size of a map' "$frames" --slots 0 -d 1
