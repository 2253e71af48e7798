# SPDX-License-Identifier: MIT
# The packages of tests/live, built once on the machine that builds: each runs here, and a row says what its workload did. (What the rows mean in
# full is tested there, with jq. Not here: what prints from within printing, which 5.10 itself does not survive.)
. /tests/guest.inc

live() { # NAME WORKLOAD COUNT PATTERN: that many rows
	local name=live-$1 seen=0
	if ! start_tool -o json "/packages/live/$1/package.json"; then
		not_started "$name"
		return
	fi
	$2 >/dev/null
	wait_until -p "$ecli_pid" has_lines "$rows" "$3" "$4" || seen=1
	stop_ecli
	if [ "$status" != 0 ]; then
		not_ok "$name" "it ended with status $status instead of 0" "$err"
	elif [ $seen != 0 ]; then
		not_ok "$name" "$(grep -cE -e "$4" "$rows") rows instead of $3 have $4" "$rows" "$err"
	else
		ok "$name"
	fi
}

prctl=157
[ "$(uname -m)" = x86_64 ] || prctl=167
ends_with_3() { sh -c 'exit 3'; true; }

# From each kind of source, ...
live tracepoint 'mark 5' 1 '"index":4,"comm":"mark"}'
live raw_tp 'mark 5' 1 "\"number\":$prctl,\"index\":4,\"comm\":\"mark\"}"
live tp_btf 'mark 5' 1 "\"number\":$prctl,\"index\":4,\"comm\":\"mark\"}"
live printk 'mark 5' 1 '"message":"mark 4"}'
live perf_event 'mark 1' 10 '"cpu":[0-9]+,"pid":'
live iter 'mark 1' 1 '"text":" +1 +1 init"}'
live tc 'act udp 7777' 1 '"port":7777'
live tcx 'act udp 7777' 1 '"port":7777'
live xdp 'act udp 7777' 1 '"port":7777'
live bootstrap ends_with_3 1 '"exit_code":3,.*"comm":"sh",.*"exit_event":true}'
# ... through each kind of map, ...
live two_buffers 'mark 5' 1 '"map":"perfs","index":4,"twice":8}'
live several 'mark 5' 1 '"map":"wide","index":"73786976294838206469","negative":"-1"'
live numbered 'mark 1' 1 '"map":"perfs","number":0'
live storm 'mark 2' 2 '"index":999,'
live storm_perf 'mark 2' 2 '"index":999,'
live sampled 'mark 5' 1 '"key":42,"count":5,"last":4}'
live table 'mark 5' 1 '"map":"greatest","key":0,"value":4}'
live hist 'mark 5' 1 '"slots":\[2,2,1,0,0,0,0,0\],"comm":"mark"'
# ... and of each type, format and option.
live every_kind 'mark 5' 5 '"u64":18446744073709551615,"s64":-9223372036854775808,"u32":4294967295,"s32":-1'
live every_format 'mark 5' 5 '"timestamp":"'
live formats 'mark 5' 5 '"sig":"SIGKILL","sig_raw":9'
live values 'mark 5' 5 '"str":"A-String"'
live tail 'mark 5' 1 '"map":"opens","index":4,"text":"abcd"}'
live where 'mark 5' 1 '"index":4,"big":18446744073709551611,"minus":-22,'
live options 'mark 5' 5 '"least":1000,'
live stacks 'mark 5' 5 '"comm":"mark",.*"ustack":\["'
