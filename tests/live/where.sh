#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# --where and --sample: the same rows whether the kernel checks or ecli does, and those that jq chooses from all rows; what is
# not wanted is not sent.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
need_mark
marks=60

build where && build storm_perf || exit 0
mkdir -p "$scratch/plain"
"$ECC" -a -DECLI_NO_LOSS_COUNT "$here/where.bpf.c" -o "$scratch/plain" >"$scratch/ecc.out" 2>&1 || not_ok plain "ecc failed" "$scratch/ecc.out"

# take NAME PACKAGE ARGS: rows of one run on one CPU into $scratch/NAME.rows, sorted, without what no two runs share
take() {
	local name=$1 package=$2
	shift 2
	start_ecli "$scratch/$package/package.json" -v -o json "$@" || { not_ok "$name" "did not become ready" "$err"; return 1; }
	taskset -c 0 "$scratch/mark" $marks
	stop_ecli
	cp "$err" "$scratch/$name.err"
	jq -cS 'select(has("ecli") | not) | del(.time)' "$rows" | sort >"$scratch/$name.rows"
}

take all where || exit 0
[ "$(wc -l <"$scratch/all.rows")" = $((4 * marks)) ] && ok all-rows || not_ok all-rows "$(wc -l <"$scratch/all.rows") rows" "$err"

same() { # NAME EXPRESSION JQ-CONDITION
	jq -cS "select($3)" "$scratch/all.rows" | sort >"$scratch/expected"
	take in-kernel where --where "$2" && take here plain --where "$2" || return
	if ! cmp -s "$scratch/in-kernel.rows" "$scratch/here.rows"; then
		not_ok "$1" "$2: the kernel says something else" <(diff "$scratch/in-kernel.rows" "$scratch/here.rows" | head) "$scratch/in-kernel.err"
	elif ! cmp -s "$scratch/expected" "$scratch/here.rows"; then
		not_ok "$1" "$2: not what jq says" <(diff "$scratch/expected" "$scratch/here.rows" | head)
	else
		ok "$1"
	fi
}

# Wanted of all rows: neither none nor all, or the test could not fail.
same numbers 'index > 10 && minus < 300 && big != 18446744073709551600 && is_odd' '.index > 10 and .minus < 300 and .index != 15 and .is_odd'
for part in 'submits:' 'outputs:' 'sends:' 'larges:'; do
	grep -qE "^ecli: $part index > 10 && minus < 300 && big != 18446744073709551600 && is_odd is checked in the kernel$" "$scratch/in-kernel.err" || not_ok in-kernel "-v does not say it of $part" "$scratch/in-kernel.err"
done
grep -q 'checked by ecli' "$scratch/in-kernel.err" && not_ok in-kernel-whole "something is left" "$scratch/in-kernel.err" || ok in-kernel
grep -q 'was not built to check --where in the kernel' "$scratch/here.err" && ok told-old || not_ok told-old "-v does not say it" "$scratch/here.err"
same bits '(mid & 3) != 2 && slow < 0 && low in (1..5) && color != RED' \
	'(.mid % 4) != 2 and .slow < 0 and .low >= 1 and .low <= 5 and .color != "RED"'
same names 'color == BLUE && port == 65 || port > 500 && text ~ "r[1-3]"' \
	'(.color == "BLUE" and .port == 65) or (.port > 500 and (.text | test("^r[1-3]$")))'
same port 'port != 130 && !(kind == 3) && text != "r7"' '.port != 130 and .kind != 3 and .text != "r7"'
same eight 'index > 1 && index < 58 && minus > -40 && kind != 4 && color != BLUE && low != 0 && mid > 5 && slow != 3 && big > 1' \
	'.index > 1 and .index < 58 and .minus > -40 and .kind != 4 and .color != "BLUE" and .low != 0 and .mid > 5 and .slow != 3'
grep -q 'larges: .*slow != 3 is checked in the kernel' "$scratch/in-kernel.err" && ok eight-at-512-bytes ||
	not_ok eight-at-512-bytes "the verifier did not take them" "$scratch/in-kernel.err"

# Random ones, of which bash writes both texts. The seed is told, so that a failure comes again.
seed=${ECLI_TEST_SEED:-$(date +%N)}
RANDOM=$((10#$seed % 32768))
echo "# ECLI_TEST_SEED=$seed"
fields=(index minus kind low mid slow port)
operators=('==' '!=' '<' '<=' '>' '>=')
for round in 1 2 3 4 5; do
	expression= condition=
	for ((i = 0; i <= RANDOM % 4; i++)); do
		field=${fields[RANDOM % ${#fields[@]}]} operator=${operators[RANDOM % 6]} value=$((RANDOM % 60 - 10))
		join=$((RANDOM % 3))
		if [ $i != 0 ]; then
			[ $join = 0 ] && expression+=' || ' condition+=' or ' || { expression+=' && ' && condition+=' and '; }
		fi
		expression+="$field $operator $value" condition+=".$field $operator $value"
	done
	same "random-$round" "$expression" "$condition"
done

# Exactly one of four of what is wanted, the first first.
sampled() { # NAME PACKAGE MAP FIRST-WORDS
	take "$1" "$2" --where 'kind != 2' --sample 1/4 --stats || return
	jq -se '[.[] | select(.map == "'"$3"'")] | sort_by(.index) | map(.index)' "$scratch/$1.rows" >"$scratch/got"
	jq -s '[.[] | select(.map == "'"$3"'" and .kind != 2)] | sort_by(.index) | to_entries | map(select(.key % 4 == 0).value.index)' \
		"$scratch/all.rows" >"$scratch/expected"
	if cmp -s "$scratch/got" "$scratch/expected" && jq -se 'last | .ecli == "summary" and .sample == 4 and .lost == 0' "$rows" >/dev/null &&
		grep -q ' 0 lost, one row of 4 shown' "$err"; then
		ok "$1"
	else
		not_ok "$1" "not one of four" "$scratch/got" "$scratch/expected" "$scratch/$1.err"
	fi
}
# Another call of the object sends what has no type, so the kernel may not choose for any.
sampled sampled-here where submits
sed 's/send_any(ctx, /bpf_perf_event_output(ctx, \&sends, BPF_F_CURRENT_CPU, /' "$here/where.bpf.c" >"$scratch/typed.bpf.c"
if "$ECC" "$scratch/typed.bpf.c" -o "$scratch/typed" >"$scratch/ecc.out" 2>&1; then
	sampled sampled-in-kernel typed outputs
	grep -q 'outputs: one row of so many is chosen in the kernel' "$err" && ok sampled-told || not_ok sampled-told "-v does not say it" "$err"
	sampled sampled-perf typed sends
else
	not_ok typed "ecc failed" "$scratch/ecc.out"
fi

# A reader that sleeps: what is not wanted is never sent, so a small buffer has room for all that is.
start_ecli "$scratch/storm_perf/package.json" -o json --stats --where 'index == 77' --per_mark 5000
kill -STOP "$ecli_pid"
"$scratch/mark" 20
kill -CONT "$ecli_pid"
stop_ecli
check_rows not-sent 'map(select(.index == 77)) | length == 20' && check_rows not-lost 'last | .events == 20 and .lost == 0'

# A run that had nothing to show says so.
for how in where plain; do
	start_ecli "$scratch/$how/package.json" --where 'index == 4000000000'
	taskset -c 0 "$scratch/mark" 3
	stop_ecli
	[ "$status" = 0 ] && grep -q '^ecli: nothing matched --where in [0-9.]* s$' "$err" && ok "nothing-$how" || not_ok "nothing-$how" "status $status" "$err"
done
start_ecli "$scratch/where/package.json"
stop_ecli
[ "$status" = 0 ] && grep -q '^ecli: no rows in [0-9.]* s$' "$err" && ok nothing || not_ok nothing "status $status" "$err"

# Sampled maps are read, not sent; text has no fields.
if build sampled; then
	start_ecli "$scratch/sampled/package.json" -o json --where 'nosuch == 1'
	stop_ecli
	[ "$status" = 2 ] && grep -q 'there is no field nosuch' "$err" && ok map-fields || not_ok map-fields "status $status" "$err"
	start_ecli "$scratch/sampled/package.json" -o json --where 'count >= 5 && key == 42'
	"$scratch/mark" 3
	rounds "$ecli_pid" 5 # an interval is 100 ms: looks at a count of 3
	"$scratch/mark" 3
	stop_ecli
	check_rows map-rows 'length >= 1 and all(.[]; .count == 6)'
fi
if build printk; then
	start_ecli "$scratch/printk/package.json" --where 'pid == 1'
	stop_ecli
	[ "$status" = 2 ] && grep -q 'has no rows with fields to compare' "$err" && ok text || not_ok text "status $status" "$err"
fi
