#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Columns that are there for an option only (@when of a member), and lists of words (@format argv), from the source to the row.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
is_root || { cannot when "needs root"; exit 0; }

need_mark
build when || exit 0
grep -q "is ignored" "$scratch/when/ecc.out" && not_ok when-warnings "ecc warned" "$scratch/when/ecc.out"

# shows NAME HEADER FIRST [OPTION...]: the header behind the time, and the first row.
shows() {
	local name=$1 header=$2 first=$3
	shift 3
	start_ecli "$scratch/when/package.json" "$@" || { not_ok "$name" "did not become ready" "$err"; return; }
	"$scratch/mark" 3
	stop_ecli
	sed 's/^[^ ]* *//; s/  */ /g; s/ $//' "$rows" >"$scratch/got"
	if [ "$(sed -n 1p "$scratch/got")" = "$header" ] && [ "$(sed -n 2p "$scratch/got")" = "$first" ] && [ "$(wc -l <"$scratch/got")" = 4 ]; then
		ok "$name"
	else
		not_ok "$name" "not what was expected" "$rows"
	fi
}
number=$(awk '/__NR_prctl / {print $3}' /usr/include/asm/unistd_64.h /usr/include/asm-generic/unistd.h 2>/dev/null | head -n 1)
: "${number:=157}"
shows when-compiled-values "PARITY NUMBER WORDS" "0 $number 'a b' ''"
shows when-given "INDEX PARITY WORDS" "0 0 'a b' ''" -x
# No program reads that variable: the tag does.
if grep -q 'has no effect' "$err"; then not_ok when-has-effect "a warning without a reason" "$err"; else ok when-has-effect; fi
shows when-not "NUMBER WORDS" "$number 'a b' ''" --parity-wanted 0
shows when-plain "index words" "0 'a\\x20b'\\x20''" -x --parity-wanted 0 -o plain

start_ecli "$scratch/when/package.json" -o json && "$scratch/mark" 3
stop_ecli
check_rows when-json-has-all 'map(del(.time)) == [
	{index: 0, parity: 0, number: '"$number"', words: ["a b", ""], words_cut: false},
	{index: 1, parity: 1, number: '"$number"', words: ["a b", "", "c"], words_cut: false},
	{index: 2, parity: 0, number: '"$number"', words: ["a "], words_cut: true}]'

start_ecli "$scratch/when/package.json" -o json --where 'words ~ "*c"' && "$scratch/mark" 3
stop_ecli
check_rows when-words-where 'map(.index) == [1]'

# A name that is no variable of the tool's.
sed 's/"when":"with_index"/"when":"no_such"/' "$scratch/when/package.json" >"$scratch/wrong.json"
status=0
"$ECLI" run "$scratch/wrong.json" -d 1 >"$rows" 2>"$err" || status=$?
if [ $status = 1 ] && grep -q 'member index: @when names "no_such", but the tool has no such global variable' "$err"; then
	ok when-no-such-variable
else
	not_ok when-no-such-variable "status $status" "$err"
fi
