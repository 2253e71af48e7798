#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Faults are named rightly and with the right exit status, the same from run and check; two ways to one hook are alternatives; times are right within a
# time namespace. (The table itself: tests/unit/causes_test.c.)
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
is_root || { cannot causes "needs root"; exit 0; }

need_mark
build pairs || exit 0
build helper || exit 0

# fails NAME STATUS SENTENCE COMMAND...: both ways of asking, `COMMAND run PACKAGE` and `COMMAND check PACKAGE`.
fails() {
	local name=$1 status=$2 sentence=$3 package=$4 way code
	shift 4
	for way in run check; do
		code=0
		"$@" "$ECLI" "$way" "$package" >"$scratch/out" 2>&1 || code=$?
		if [ $code = "$status" ] && grep -qF "$sentence" "$scratch/out"; then
			ok "$name-$way"
		else
			not_ok "$name-$way" "status $code and not $status, or the sentence is not: $sentence" "$scratch/out"
		fi
	done
}
fails causes-helper 1 'which no kernel (up to Linux 6.18) lets raw tracepoint programs call' "$scratch/helper/package.json"
without() { # PLACE COMMAND...: with an empty folder in its place
	PLACE=$1 unshare -m sh -c 'mount --make-rprivate / && umount -R -l "$PLACE" && mount -t tmpfs none "$PLACE" && exec "$@"' sh "${@:2}"
}
if without /sys true 2>"$err"; then
	fails causes-no-sys 1 '/sys is not mounted' "$PACKAGES/runqslower/package.json" without /sys
	code=0
	without /sys "$ECC" "$here/helper.bpf.c" -o "$scratch/no-sys" >"$scratch/out" 2>&1 || code=$?
	[ $code = 1 ] && grep -qF '/sys is not mounted' "$scratch/out" && ok causes-no-sys-ecc || not_ok causes-no-sys-ecc "status $code, or another sentence" "$scratch/out"
else
	lacks causes-no-sys "no mount namespaces here"
fi

grep -q 'enter_btf (tp_btf/sys_enter) and enter_raw (raw_tp/sys_enter) are at one hook' "$scratch/pairs/ecc.out" && ok causes-pair-told ||
	not_ok causes-pair-told "ecc does not warn" "$scratch/pairs/ecc.out"
"$ECLI" inspect "$scratch/pairs/package.json" >"$scratch/out" 2>&1
grep -q 'enter_btf .*; alternative tp_btf+raw_tp/tp_btf' "$scratch/out" && grep -q 'enter_raw .*; alternative tp_btf+raw_tp/raw_tp' "$scratch/out" && ok causes-pair-inspect ||
	not_ok causes-pair-inspect "inspect does not show the alternatives" "$scratch/out"
once() { # NAME ROWS PACKAGE OPTION...: five marks
	local name=$1 expected=$2
	shift 2
	start_ecli "$@" -o plain || { not_ok "$name" "did not become ready" "$err"; return; }
	"$scratch/mark" 5
	stop_ecli
	[ "$(grep -c ' mark$' "$rows")" = "$expected" ] && ok "$name" || not_ok "$name" "not $expected rows" "$rows" "$err"
}
once causes-pair 5 "$scratch/pairs/package.json"
once causes-pair-second 5 "$scratch/pairs/package.json" --attach enter_btf=none
mkdir -p "$scratch/both"
sed 's|^SEC("|/// @both\n&|' "$here/pairs.bpf.c" >"$scratch/both/both.bpf.c"
cp "$here/mark.bpf.h" "$scratch/both/"
if "$ECC" "$scratch/both/both.bpf.c" -o "$scratch/both" >"$scratch/both/ecc.out" 2>&1; then
	once causes-pair-both 10 "$scratch/both/package.json"
	grep -q 'at one hook' "$scratch/both/ecc.out" && not_ok causes-pair-both-told "ecc warns all the same" "$scratch/both/ecc.out" || ok causes-pair-both-told
else
	not_ok causes-pair-both "ecc failed" "$scratch/both/ecc.out"
fi

# A row's time lies between two looks at the wall clock, whatever the namespace's clocks say.
for shift in 1000000 -10; do
	if ! unshare -T --monotonic $shift --boottime $shift --fork true 2>/dev/null; then
		lacks "causes-time$shift" "no time namespaces here"
		continue
	fi
	before=$(date +%s)
	start unshare -T --monotonic $shift --boottime $shift --fork --kill-child "$ECLI" run "$scratch/pairs/package.json" -j --count 1 ||
		{ not_ok "causes-time$shift" "did not become ready" "$err"; continue; }
	"$scratch/mark" 1
	wait_end "$ecli_pid"
	# shellcheck disable=SC2034
	time=$(date -d "$(jq -r 'select(.ecli == null).time' "$rows" | head -n 1)" +%s)
	[ "$time" -ge "$before" ] && [ "$time" -le "$(date +%s)" ] && ok "causes-time$shift" || not_ok "causes-time$shift" "$time is not between $before and now" "$rows" "$err"
done
