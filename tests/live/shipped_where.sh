#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fields of the shipped tools: one thing has one name, format and unit in all of them; --where takes the unit, the name, the pattern or the network of each, and what is
# checked in the kernel and what ecli checks say the same.
source "$(dirname "$0")/../lib.sh"
cd "$scratch" || exit 1

# ---- a table of all fields: tool, field, format, unit ----
for package in "$PACKAGES"/*/package.json; do
	jq -r --arg tool "$(basename "$(dirname "$package")")" '.meta.export_types[].members[] | select(.time | not) |
		[$tool, .name, (.format // (if .type == "enum" then "enum" else "-" end)), (.unit // "-")] | @tsv' "$package"
done >fields
# Words with two meanings: flags of open(2) and of a request to a disk; an end of a connection as an address, and as one with its port.
awk -F '\t' '$2 != "flags" && $2 !~ /^[lr]addr$/ { what = $3 " " $4; if ($2 in seen && seen[$2] != what) print $2 ": " seen[$2] " and " what " (" $1 ")"; seen[$2] = what }' fields >twice
if [ -s fields ] && [ ! -s twice ]; then ok shipped-one-format; else not_ok shipped-one-format "a field has two" twice; fi
# What a name says it is, it is.
awk -F '\t' 'BEGIN { split("_ns:ns _us:us|ns_in_us ms:ns_in_ms _usecs:ns_in_us _kb:bytes_in_kib bytes:bytes ret:errno err:errno uid:uid laddr:ip|endpoint raddr:ip|endpoint daddr:ip stack:kernel_stack|user_stack state:tcp_state signal:signal syscall:syscall", rules, " ")
	for (i in rules) { split(rules[i], rule, ":"); want[rule[1]] = "|" rule[2] "|" } }
	{ for (end in want) if (substr($2, length($2) - length(end) + 1) == end && !index(want[end], "|" $3 "|") && !index(want[end], "|" $4 "|"))
		print $1, $2, $3, $4 }' fields >untold
if [ ! -s untold ]; then ok shipped-names-say-what; else not_ok shipped-names-say-what "a field without its format" untold; fi

# ---- what people type ----
# taken TOOL EXPRESSION [OPTION...]: status 2 is a refusal; whether this kernel can run the tool is another matter.
taken() {
	local tool=$1 expression=$2 code=0
	shift 2
	patiently "$ECLI" run "$PACKAGES/$tool/package.json" "$@" --duration 0.01 -o json --where "$expression" >rows 2>err </dev/null || code=$?
	if [ $code = 2 ]; then not_ok "shipped-$tool: $expression" "refused" err; else ok "shipped-$tool: $expression"; fi
}
taken biolatency 'disk ~ "sd*"' -D
taken biolatency 'operation ~ "*ead*" || operation == Write || flags ~ "*Sync*"' -F
taken cpudist 'pid > 1 || comm ~ "c*"' -P
taken execsnoop 'ret == -ENOENT || ret ~ "-EA*" || uid == root || uid ~ "r*t" || args ~ "*x*"'
taken exitsnoop 'duration_ns > 100ms || signal == SIGKILL || signal ~ "SIGT*" || core_dumped'
taken filetop 'r_kb > 4k || w_kb in (1M, 2M) || dev == 8:1 || dev ~ "8:*"'
taken hardirqs 'total_usecs > 10ms || max_usecs < 1s || hardirq ~ "eth*"'
taken memleak 'bytes > 1M && bytes < 4G'
taken offcputime 'us > 1ms'
taken opensnoop 'err == ENOENT || err ~ "EA*" || flags & O_CREAT || flags ~ "*CREAT*" || mode == 0755 || uid == root'
taken profile 'count > 1'
taken runqlat 'comm ~ "c*"' -P
taken runqslower 'delta_us > 10ms || task ~ "c*"'
taken softirqs 'softirq ~ "net*" || softirq == timer || total_usecs > 1ms'
taken syscount 'syscall ~ "open*" || syscall == openat || time_us > 10ms' -L
taken tcpconnect 'uid == root || daddr == 10.0.0.0/8 || daddr ~ "10.*" || err == ECONNREFUSED || err ~ "ECONN*" || ms > 10us' -r
taken tcplife 'laddr ~ "127*" || raddr != fe80::/10 || ms > 1s || tx_kb > 1M'
taken tcpstates 'newstate == ESTABLISHED || oldstate ~ "SYN_*" || ms > 1s || laddr == ::1'
taken tcptop 'raddr == 10.0.0.0/8 || raddr == 10.0.0.1:443 || laddr.port == 22 || laddr ~ "10.*" || rx_kb > 1M'
taken unlinksnoop 'ret == -ENOENT || ret ~ "-E*" || uid == root'
taken vfsstat 'read_s > 1'
taken wakeuptime 'us > 1ms || waker ~ "c*"'

# ---- the same rows, wherever it is checked: a predicate alone goes to the kernel, one with || true-for-none is ecli's ----
# rows_of EXPRESSION: what three commands that end differently leave
rows_of() {
	start_ecli "$PACKAGES/exitsnoop/package.json" -v -o json --where "$1" || { not_ok "shipped-same" "did not become ready" "$err"; exit 0; }
	(exit 3)
	{ sh -c 'kill -KILL $$'; sh -c 'kill -TERM $$'; } 2>/dev/null
	stop_ecli
	jq -r "select(.ppid == $$ and (.exit_code == 3 or .signal_raw != 0)) | [.exit_code, .signal, .signal_raw] | @tsv" "$rows" | sort
}
for one in 'signal == SIGKILL' 'duration_ns < 1h' 'signal in (SIGKILL, SIGTERM)' 'signal ~ "SIGK*"'; do
	rows_of "$one" >kernel
	rows_of "($one) || comm == \"no such name\"" >user
	lines=$(wc -l <kernel)
	if cmp -s kernel user && [ "$lines" -ge 1 ]; then ok "shipped-same: $one"; else not_ok "shipped-same: $one" "other rows" kernel user; fi
done
