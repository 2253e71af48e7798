#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a person types arrives in the kernel program, and what nobody types stays as it was compiled: options.bpf.c reports all its
# variables with each mark.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
is_root || { cannot options "needs root"; exit 0; }

need_mark
build options || exit 0
grep -q "is ignored" "$scratch/options/ecc.out" && not_ok options-warnings "ecc warned" "$scratch/options/ecc.out"

values() { # NAME JQ-FILTER [OPTION...]: run with the options; the one row must be what the filter says
	local name=$1 filter=$2
	shift 2
	start_ecli "$scratch/options/package.json" -o json "$@" || { not_ok "$name" "did not become ready" "$err"; return; }
	"$scratch/mark" 1
	stop_ecli
	check_rows "$name" "length == 1 and (.[0] | $filter)"
}

compiled='.a_u8 == 1 and .a_s16 == -2 and .a_u64 == 3 and .a_s64 == -4 and .a_pid == 5 and .a_uid == 6 and .a_char == 97'
compiled+=' and .a_bool == true and .b_bool == false and .a_text == "seven" and .a_colour == "GREEN" and .a_vast == "VAST_TOP"'
compiled+=' and .double_bits == 4598175219545276416 and .least == 1000 and .size == 4096 and .span == 1 and .colours == ["BLUE", "RED"]'
compiled+=' and .ip == 16777226 and .ip6[0:3] == [254, 128, 0] and .port == 20480'
lists=' and .ports == [80, 443, 0, 0] and .n_ports == 2'
data=' and .in_data == 8 and .in_bss == 0' # the package's default for in_data is written

values options-not-given "$compiled$lists$data"
values options-one-given "$compiled$data and .ports == [22, 0, 0, 0] and .n_ports == 1" --ports 22
values options-empty-list "$compiled$data and .ports == [0, 0, 0, 0] and .n_ports == 0" --ports ''
values options-all-given '.a_u8 == 255 and .a_s16 == -32768 and .a_u64 == 4294967297 and .a_s64 == -5000000000 and .a_pid == -1
	and .a_uid == 0 and .a_char == 122 and .a_bool == false and .b_bool == true and .a_text == "1234567" and .a_colour == "BLUE"
	and .a_vast == "VAST_NONE" and .double_bits == 13832806255468478464 and .least == 1500000 and .size == 16777216
	and .span == 10000000 and .ports == [1, 2, 3, 65535] and .n_ports == 4 and .colours == ["GREEN", "RED"]
	and .ip == 33663168 and .ip6 == [32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] and .port == 47873
	and .in_data == -1 and .in_bss == 9' \
	--a_u8 0xff --a_s16=-32768 --a-u64 4294967297 --a_s64 -5000000000 --a_pid -1 --a_uid root --a_char z --no-a_bool --enable-b_bool \
	--a_text 1234567 --a_colour BLUE --a_vast VAST_NONE --a_double -1.5 --least 1.5s --size 16M --span 10ms --ports 1,2,3,0xffff \
	--colours GREEN,RED --ip 192.168.1.2 --ip6 2001:db8::1 --port 443 --in-data -1 --in-bss 9

"$ECLI" run "$scratch/options/package.json" --help >"$scratch/help" 2>&1
shown=0
for text in '--least TIME ' '(default 1ms)' '--size SIZE ' '(default 4k)' '--ports N,... ' '(default 80,443)' '--ip ADDRESS ' '(default 10.0.0.1)' \
	'(default fe80::)' '(default 80)' '--a_uid USER' '--a_char CHAR ' "(default 'a')" '(default VAST_TOP)' '(default BLUE)'; do
	grep -qF -- "$text" "$scratch/help" || { not_ok options-help "not there: $text" "$scratch/help"; shown=1; break; }
done
[ $shown = 1 ] || ok options-help
"$ECLI" run "$scratch/options/package.json" --ports 1,2,3,4,5 >"$scratch/out" 2>&1
[ $? = 2 ] && grep -q 'up to 4 values' "$scratch/out" && ok options-too-many || not_ok options-too-many "status or sentence" "$scratch/out"
