#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sources as others write them, unchanged: results that are only in maps, types that only a macro names, sizes and meanings that are left to user space.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)/foreign
source "$here/../run.inc"
need_mark

# run_marks NAME MARKS WORD...: a run of the package with so many marks during it, rows into $rows
run_marks() {
	local name=$1 marks=$2
	shift 2
	build "$name" || return 1
	start_ecli "$scratch/$name/package.json" -o json "$@" || { not_ok "$name" "did not become ready" "$err"; return 1; }
	"$scratch/mark" "$marks"
	stop_ecli
}

says() { # NAME PATTERN FILE
	grep -qE "$2" "$3" && ok "$1" || not_ok "$1" "no line is: $2" "$3"
}

# Numbers 0 to 19 are in slots 0 (0, 1), 1 (2, 3), 2 (4 to 7), 3 (8 to 15) and 4.
if run_marks hist_in_map 20; then
	check_rows hist 'last | .key == 7 and .comm == "mark" and .slots[0:6] == [2,2,4,8,4,0] and .histogram.total == 20'
	check_rows hist-alone 'all(.[]; has("slots"))'
	says hist-told '^this tool reports nothing by itself; what its maps hold is shown: hists \(--show' "$err"
	says size-told 'ecc: .*hist_in_map.bpf.c:[0-9]+: map start has no __uint\(max_entries' "$scratch/hist_in_map/ecc.out"
	run_marks hist_in_map 20 --show hists=table && check_rows hist-as-table 'last | .key == 7 and .slots[0:6] == [2,2,4,8,4,0] and (has("histogram") | not)'
fi
if run_marks in_variables 20; then
	check_rows variables '(map(select(.map == "counts")) | .[-4:] | map(.value) == [5,5,5,5]) and (map(select(.map == "hists")) | .[-4:] | map(.slots[0:2]) == [[5,0],[0,5],[5,0],[0,5]])'
	run_marks in_variables 20 --show counts && check_rows one-variable 'length >= 4 and all(.[]; has("slots") | not)'
fi
run_marks bucket_in_key 21 && check_rows buckets '.[-3:] | map([.kind, .bucket, .value]) | sort == [[3,0,7],[3,1,7],[3,2,7]]'
# Room for one of the three: each mark of the others is lost, and told.
run_marks bucket_in_key 21 --map-size latency=1 && check_rows map-size 'map(select(has("kind"))) | last | .kind == 3 and .bucket == 0 and .value == 7' &&
	says map-size-told '^ecli: lost [0-9]+ entr(y|ies) of map latency \([0-9]+ in all\): map full; --map-size latency=N makes room for more$' "$err"
if run_marks stacks_in_map 20; then
	check_rows stacks 'length == 1 and (.[0] | .comm == "mark" and .value == 20 and (.user_stack_id | length >= 1) and (.kern_stack_id | any(.kernel)))'
	start_ecli "$scratch/stacks_in_map/package.json" -o folded
	"$scratch/mark" 20
	stop_ecli
	says folded '^mark;.* 20$' "$rows"
fi
if run_marks gadget 3; then check_rows gadget 'map([.index, .comm]) == [[0,"mark"],[1,"mark"],[2,"mark"]]'; fi
if run_marks sent_by_macro 2; then
	check_rows macro 'map([.index, .saddr, .dport]) == [[0,16777343,20480],[1,16777343,20480]]'
	run_marks sent_by_macro 2 --format saddr=ipv4 --format dport=port --format daddr=ip --format args=argv &&
		check_rows formats 'map([.index, .saddr, .dport, .daddr, .args]) == [[0,"127.0.0.1",80,"::1",["ls","-l","/tmp"]],[1,"127.0.0.1",80,"::1",["ls","-l","/tmp"]]]'
fi

# A program of another kernel.
if build one_of_two; then
	start_ecli "$scratch/one_of_two/package.json"
	stop_ecli
	[ "$status" = 3 ] && grep -q 'no tracepoint syscalls/sys_enter_prctl_of_old' "$err" && ok missing || not_ok missing "status $status" "$err"
	run_marks one_of_two 3 --skip-missing && check_rows skip-missing 'map(.index) == [0,1,2]'
	"$ECLI" check "$scratch/one_of_two/package.json" --skip-missing >"$scratch/out" 2>&1 && says check-skip-missing '^This kernel can run it' "$scratch/out"
	start_ecli "$scratch/one_of_two/package.json" --skip-missing --attach of_this_kernel=none
	stop_ecli
	[ "$status" != 0 ] && ok nothing-left || not_ok nothing-left "a run without any program is none" "$err"
fi

# Packets in a network of its own: each of three datagrams of 2 bytes to a port where nobody listens (44 bytes) has its answer (72).
if build xdp_counts; then
	unshare -n bash -s "$ECLI" "$scratch" <<'NET'
ip link set lo up
"$1" run "$2/xdp_counts/package.json" -o json --interval 0 --ifname lo >"$2/xdp.rows" 2>"$2/xdp.err" &
ecli=$!
until grep -q ^running "$2/xdp.err" || ! [ -d "/proc/$ecli" ]; do :; done
for i in 1 2 3; do echo "$i" >/dev/udp/127.0.0.1/9; done
kill -INT "$ecli"
wait "$ecli"
NET
	cp "$scratch/xdp.rows" "$rows"
	cp "$scratch/xdp.err" "$err"
	check_rows xdp 'length == 1 and (.[0] | .key == 2 and .packets == 6 and .bytes == 3 * (44 + 72))'
fi

# What cannot be.
refused() { # NAME PATTERN PACKAGE WORD...
	local name=$1 pattern=$2 package=$3
	shift 3
	status=0
	"$ECLI" run "$scratch/$package/package.json" "$@" >"$rows" 2>"$err" </dev/null || status=$?
	[ "$status" = 2 ] && grep -qE "$pattern" "$err" && [ ! -s "$rows" ] && ok "$name" || not_ok "$name" "status $status, or not: $pattern" "$err"
}
refused show-nothing '^ecli: --show nosuch: the tool has no such map.* it has start, hists$' hist_in_map --show nosuch
refused show-kind '^ecli: --show hists=pie: a map is shown as table, log2_hist, linear_hist or stacks$' hist_in_map --show hists=pie
refused show-events '^ecli: --show events: this map carries events, which are shown anyway$' gadget --show events
refused format-form '^ecli: --format takes FIELD=FORMAT' gadget --format index
refused format-field "^ecli: --format nosuch=hex: the tool's events and maps have no field nosuch$" gadget --format nosuch=hex
refused format-name '^ecli: --format index=pie: there is no format pie' gadget --format index=pie
refused format-fit '^ecli: --format index=ipv6: the format ipv6 is for 16 bytes' gadget --format index=ipv6
refused size-form '^ecli: --map-size takes MAP=N' hist_in_map --map-size start=0
refused size-map '^ecli: --map-size nosuch=3: the tool has no map nosuch$' hist_in_map --map-size nosuch=3
refused size-events '^ecli: --map-size events=3: this map carries events: --buffer' gadget --map-size events=3
