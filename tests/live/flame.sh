#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# From a running C++ program to its flame graph: `ecli run profile` on a program that does its work in inlined functions. The file must show
# them, each with the line of source that has its mark in flame.cpp, and most of the weight in the innermost; so must pprof's; and
# Chromium, when it is there, must find them by search, zoom to them by a click and tell the line.
source "$TOP/tests/lib.sh"
source "$TOP/tests/viewers/browser.inc"

if ! has g++; then
	cannot "flame graph of a C++ program" "g++ is not installed"
	exit 0
fi
source_file=$TOP/tests/live/flame.cpp
g++ -O2 -g -fno-omit-frame-pointer "$source_file" -o "$scratch/churner" || { not_ok "flame graph of a C++ program" "flame.cpp does not compile"; exit 1; }
line_of() { grep -n "// @$1\$" "$source_file" | cut -d : -f 1; }

"$scratch/churner" &
churner=$!
end_churner() { kill "$churner" 2>/dev/null; wait "$churner" 2>/dev/null; }
at_exit end_churner
# While it works for half a second of CPU time, which makes some 250 samples.
cpu_time() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$churner/stat"; } # ticks of 10 ms
has_worked() { [ "$(cpu_time)" -ge "$1" ]; }
run_profile() {
	start_ecli "$PACKAGES/profile/package.json" -p "$churner" -F 499 -o "$1" || return
	wait_until -p "$ecli_pid" has_worked $(($(cpu_time) + 50))
	stop_ecli
}
if ! run_profile "flame=$scratch/made.html" || ! run_profile "pprof=$scratch/made.pb.gz"; then
	not_ok "flame graph of a C++ program" "ecli run profile failed" "$err"
	exit 1
fi
end_churner

# A line a box: its depth, function, kind, total, and the line with the most weight.
sed -n '/id="profile">/,/^<\/script>/p' "$scratch/made.html" | sed '1d;$d' | jq -r '. as $p |
	[range(0; .nodes | length; 4)] | to_entries[] | .key as $n | .value as $i | $p.nodes[$i + 1] as $f |
	([$p.lines[] | select(.[0] == $n)][0] // [0, 0, -1, 0]) as $l |
	[$p.nodes[$i], (if $f < 0 then "all" else $p.functions[$f][0] end), (if $f < 0 then 0 else $p.functions[$f][2] end), $p.nodes[$i + 2],
		(if $l[2] < 0 then "" else ($p.files[$l[2]] | split("/") | last) + ":" + ($l[3] | tostring) end)] | @tsv' >"$scratch/boxes"

# The boxes one upon the other: main, then churn, in it sum, in that stir; kind 2 is C++, 8 more is inlined.
is_there() { # FUNCTION KIND LINE
	awk -F '\t' -v name="$1" -v kind="$2" -v line="flame.cpp:$3" '
		NR == 1 { all = $4 }
		$2 == name && $3 == kind && $5 == line { sum += $4 }
		END { printf "%s at %s: %d of %d samples\n", name, line, sum, all; exit !(all >= 40 && sum >= all * 0.8) }' "$scratch/boxes" ||
		{ cat "$scratch/boxes"; return 1; }
}
check "the flame graph has what was inlined, with its lines" eval 'is_there hot::churn 2 "$(line_of churn)" &&
	is_there "hot::sum<unsigned int>" 10 "$(line_of sum)" && is_there hot::Mixer::stir 10 "$(line_of stir)" && is_there main 1 "$(line_of main)"'

if has protoc; then
	gzip -dc "$scratch/made.pb.gz" | protoc --proto_path="$TOP/tests/viewers" --decode=profile.Profile "$TOP/tests/viewers/profile.proto" |
		awk -f "$TOP/tests/viewers/samples.awk" >"$scratch/samples"
	pprof_test() {
		awk -F '\t' -v churn="$(line_of churn)" -v sum="$(line_of sum)" -v stir="$(line_of stir)" '
			{ all += $NF }
			index($0, "hot::churn|" ) && match($0, "\thot::churn\\|[^|]*flame.cpp\\|" churn "\ti hot::sum<unsigned int>\\|[^|]*flame.cpp\\|" sum "\ti hot::Mixer::stir\\|[^|]*flame.cpp\\|" stir) { part += $NF }
			END { printf "%d of %d samples\n", part, all; exit !(all >= 40 && part >= all * 0.8) }' "$scratch/samples" ||
			{ cat "$scratch/samples"; return 1; }
	}
	check "so has the pprof file" pprof_test
fi

if browser_program >/dev/null && browser_start; then
	text_of() { look "document.getElementById('$1').innerText"; }
	browser_test() {
		window 1280 800
		open_page "file://$scratch/made.html"
		press /
		type_text mixer::stir
		look 'parseFloat(document.getElementById("found").value) >= 90'
		[ "$reply" = true ] || { text_of found; echo "found: $reply"; return 1; }
		press Enter # to the first match
		text_of details
		[[ $reply == *hot::Mixer::stir*inlined*"flame.cpp:$(line_of stir)"* ]] || { echo "$reply"; return 1; }
		press Escape
		press Enter
		look 'document.querySelector("#crumbs [aria-current]").textContent'
		[ "$reply" = hot::Mixer::stir ] || { echo "zoomed to $reply"; return 1; }
		# Zoomed, what is below it is as wide as the window: a click on its third row is on what everything comes from.
		look '(() => { const b = document.getElementById("graph").getBoundingClientRect(); return Math.round(b.left + b.width - 4) + " " + Math.round(b.bottom - 30); })()'
		click ${reply}
		look 'document.querySelector("#crumbs [aria-current]").textContent'
		[ "$reply" = churner ] || { echo "a click went to $reply"; return 1; }
		press Escape
		[ -z "$(complaints)" ]
	}
	check "Chromium finds, zooms to and tells them" browser_test
fi
