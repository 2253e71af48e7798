#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Nothing is lost or counted twice across looks: 10 million updates of each map from all CPUs, at an interval of 100 ms, with and without clearing, in a hash
# of histograms, a per-CPU hash, an array, a variable, and a hash whose keys come and go.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
need_mark
build exact || exit 0
mapfile -t cpus < <(taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' | while IFS=- read -r a b; do seq "$a" "${b:-$a}"; done | head -n 4)

# storm ARGS: run ecli with ARGS over 10,000 marks or more, shared out among the CPUs, each of which makes 1000 rounds of an update in each map;
# until ecli has had more than 5 looks meanwhile. $want: the updates.
storm() {
	local pids i part=$((1000 / ${#cpus[@]}))
	want=0
	start_ecli "$scratch/exact/package.json" -o json "$@" || { not_ok exact "did not become ready" "$err"; exit 0; }
	while [ $want -lt 10000000 ] || { [ $want -lt 500000000 ] && ! has_lines "$rows" 7 '"map":"made"'; }; do
		pids=()
		for i in "${cpus[@]}"; do
			taskset -c "$i" "$scratch/mark" $part &
			pids+=($!)
		done
		wait "${pids[@]}"
		want=$((want + part * ${#cpus[@]} * 1000))
		! is_over "$ecli_pid" || break
	done
	stop_ecli
}
check() { # NAME FILTER: of all rows, $want is what was made
	jq -es --argjson want "$want" "$2" "$rows" >/dev/null && { ok "$1"; return; }
	jq -cs 'group_by(.map) | map({map: .[0].map, looks: (map(.time) | unique | length), last: (.[-1].time as $t | map(select(.time == $t)) | map(.histogram.total // .count // .value) | add),
		all: (map(.histogram.total // .count // .value) | add)})' "$rows" >"$scratch/sums"
	not_ok "$1" "not $want" "$scratch/sums" "$err"
}
sums='map({map, time, n: (.histogram.total // .count // .value)}) | group_by(.map)'

storm
for map in made hists per_cpu cells churn; do
	check "exact-cumulative-$map" "$sums | map(select(.[0].map == \"$map\"))[0] | (last.time as \$t | map(select(.time == \$t) | .n) | add) == \$want and (map(.time) | unique | length) > 5"
done
storm --clear
for map in made hists per_cpu cells churn; do
	check "exact-cleared-$map" "$sums | map(select(.[0].map == \"$map\"))[0] | (map(.n) | add) == \$want and (map(.time) | unique | length) > 5"
done
check exact-cleared-total 'map(select(.map == "churn") | .total) | add == 3 * $want'
if grep -q lost "$err"; then not_ok exact-no-map-was-full "told" "$err"; else ok exact-no-map-was-full; fi
