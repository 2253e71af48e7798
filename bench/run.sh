#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What `make bench` runs: every figure of docs/performance.md, measured here and now, printed, and written into that page between
# its markers (and its plot).
#
#   PEERS=1      fetch bpftrace and libbpf-tools first (bench/peers.sh); once there they are measured each time
#   ONLY="..."   only these of: rendering storms latency wakeups startup ends compile cost symbols profile; then the page is left alone
#   BASE=DIR     the build folder of another version, for wakeups: its ecli with its packages, beside this one
#   ROUNDS=3     how often each storm is made
#
# Sides alternate within a round and medians are printed, so that a machine's moods hit all alike; an idle machine is still
# what the figures need. Status 1 when something could not be measured, or a reader's account of a storm was wrong.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
build=${BUILD:-$top/build}
rounds=${ROUNDS:-3}
root=$build/peers/root
results=$build/bench/results

if [ "$(id -u)" != 0 ]; then
	exec sudo BUILD="$build" ROUNDS="$rounds" PEERS="${PEERS:-}" ONLY="${ONLY:-}" BASE="${BASE:-}" "$0"
fi
if [ -n "${PEERS:-}" ]; then "$here/peers.sh" make "$root" || echo "bench: going on without peers" >&2; fi
if [ -d "$root" ] && [ -z "${BENCH_MOUNTED:-}" ]; then
	BENCH_MOUNTED=1 exec "$here/peers.sh" with "$root" "$0"
fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ecli-bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$results"
bin=$build/bench ecli=$build/ecli runqslower=$build/tools/runqslower/package.json

has_peers() { [ -d "$root" ]; }
wanted() { [[ -z ${ONLY:-} || " $ONLY " == *" $1 "* ]]; }
# Told at once and in the status at the end; what could be measured is shown all the same.
failed() {
	echo "bench: $1" >&2
	: >"$scratch/failed"
}
say() { printf '\n== %s\n' "$1"; }

# ---- storms -------------------------------------------------------------------------------------------------------

# The rows the others print have ecli's columns.
bpftrace_storm='tracepoint:task:task_rename /pid == %p/ {
	$i = 0;
	while ($i < %b) {
		printf("%s %s %s %llu %d %d\n", strftime("%H:%M:%S", nsecs), comm, comm, nsecs(monotonic), pid, cpu);
		$i++;
	}
}'
storm() { # NAME OPTION...: one storm for this reader; its line goes to standard output
	local name=$1 stamp=0
	shift
	[[ " $* " != *" --latency "* ]] || stamp=1
	set -- "$bin/storm" --raw --name "$name" "$@"
	case $name in
	table | plain | json) "$@" --format "$name" "$ecli" ;;
	table-disk) "$@" --folder "$build/bench" --format table "$ecli" ;;
	table-perf) "$@" --map perf --format table "$ecli" ;;
	json-perf) "$@" --map perf --format json "$ecli" ;;
	stdio-*) "$@" --ready "running and waiting" -- "$bin/stdio_reader" "$bin/records/${name#stdio-}/storm.bpf.o" %p %b $stamp ;;
	bpftrace) "$@" --ready "Attached" -- chroot "$root" /usr/bin/bpftrace -e "$bpftrace_storm" ;;
	esac || failed "no storm for $name"
}
storms() {
	local round name rate readers="table plain json table-perf json-perf stdio-ring stdio-perf"
	! has_peers || readers+=" bpftrace"
	for ((round = 0; round < rounds; round++)); do
		for rate in 100k 1M 3M 6M 0; do
			for name in $readers; do
				storm "$name" --rate $rate --seconds 1 | sed "s/^/$rate\t/"
			done
			case $rate in 3M | 0) storm table-disk --rate $rate --seconds 1 | sed "s/^/$rate\t/" ;; esac
		done
	done
}
latency() {
	local round name readers="table json table-perf stdio-ring stdio-perf"
	! has_peers || readers+=" bpftrace"
	for ((round = 0; round < rounds; round++)); do
		for name in $readers; do storm "$name" --rate 100k --seconds 1 --latency; done
	done
}

# How often the reader goes to sleep, from nothing to a storm; how late a lone row is; what a burst from rest loses, 20 ms at full rate.
wakeups() {
	local round map rate side
	for ((round = 0; round < rounds; round++)); do
		for map in ring perf; do
			for rate in lone 24 1k 10k 100k 3M 0 burst; do
				for side in ${BASE:+base} this; do
					set -- "$bin/storm" --raw --name $side --map $map --format table
					case $rate in
					lone) set -- "$@" --rate 5 --seconds 2 --latency ;;
					burst) set -- "$@" --rate 0 --seconds 0.02 ;;
					*) set -- "$@" --rate $rate --seconds 1 ;;
					esac
					[ $side = this ] || set -- "$@" --packages "$BASE/bench/records"
					[ $side = this ] && set -- "$@" "$ecli" || set -- "$@" "$BASE/ecli"
					"$@" | sed "s/^/$map\t$rate\t/"
				done
			done
		done
	done
}

# ---- the rest -----------------------------------------------------------------------------------------------------

startup() {
	set -- "$ecli" run "$runqslower" --min-us 10000 \
		-- --name "ecli, loaded by libbpf" "$ecli" run --loader libbpf "$runqslower" --min-us 10000
	if has_peers; then
		set -- "$@" -- --ready Tracing --root "$root" /usr/sbin/runqslower-libbpf \
			-- --ready Attached --root "$root" /usr/bin/bpftrace /usr/sbin/runqlat.bt
	fi
	"$bin/startup" 20 "$@"
	has_peers || printf '%-24s  not installed\n' runqslower-libbpf bpftrace
}

# A program on an ordinary tracepoint: the kernel waits for two grace periods when it lets go of one.
ends() {
	set -- "$ecli" run "$build/tools/exitsnoop/package.json"
	if has_peers; then
		set -- "$@" -- --ready PCOMM --root "$root" /usr/sbin/exitsnoop-libbpf \
			-- --ready Attached --root "$root" /usr/bin/bpftrace -e 'tracepoint:sched:sched_process_exit { printf("%s\n", comm); }'
	fi
	"$bin/startup" 20 "$@"
	has_peers || printf '%-24s  not installed\n' exitsnoop-libbpf bpftrace
}

# A clang in front of the real one writes down how long that took. What its own shell costs counts against ecc.
compile() {
	local real i begin total before after
	real=$(for name in clang clang-{14..30}; do command -v $name || true; done | xargs -r ls -v | tail -n 1)
	mkdir -p "$scratch/bin" "$scratch/out"
	cat >"$scratch/bin/clang-99" <<-SH
		#!/bin/bash
		begin=\${EPOCHREALTIME/./}
		"$real" "\$@" || exit
		echo \$((\${EPOCHREALTIME/./} - begin)) >>"$scratch/clang_us"
	SH
	chmod +x "$scratch/bin/clang-99"
	ecc() { PATH="$scratch/bin:$PATH" "$build/ecc" -o "$scratch/out" "$top"/tools/runqslower/runqslower.{bpf.c,h} >/dev/null; }
	ecc # fills the cache of vmlinux.h
	: >"$scratch/clang_us"
	for ((i = 0; i < 20; i++)); do
		before=$(awk '{ s += $1 } END { print s + 0 }' "$scratch/clang_us") # clang may run more than once in a compilation
		begin=${EPOCHREALTIME/./}
		ecc
		total=$((${EPOCHREALTIME/./} - begin))
		after=$(awk '{ s += $1 } END { print s + 0 }' "$scratch/clang_us")
		[ "$after" -gt "$before" ] || { echo "bench: ecc did not use the clang that was put in front of it" >&2; return 1; }
		echo "$total $((after - before))"
	done | sort -n | awk '
		{ total[NR] = $1; clang[NR] = $2 }
		END {
			m = int((NR + 1) / 2)
			printf "ecc %.1f ms, of which clang %.1f ms: %.1f %% on top (median of %d)\n", total[m] / 1e3, clang[m] / 1e3,
				(total[m] - clang[m]) * 100 / clang[m], NR
		}'
}

cost() {
	local choice package
	sh "$top/tests/truth/variants.sh" "$build/ecc" "$scratch/variants" >/dev/null
	for choice in typed raw; do
		package=$runqslower
		[ $choice = typed ] || package=$scratch/variants/runqslower-raw/package.json
		set -- -- "$ecli" run "$package" --min-us 10000
		! has_peers || set -- "$@" -- chroot "$root" /usr/sbin/runqslower-libbpf
		"$bin/cost" 5 1 "$@" | sed "s/^/$choice\t/"
	done
}

rendering() { "$bin/render_bench"; }

symbols() { "$bin/symbols_bench" "$bin/busy_one" "$bin/busy_two"; }

# A minute at 99 samples a second on every CPU, while each of them is busy: with gzip(1), whose stacks are few, and with short
# processes, whose stacks are many. All that ecli does is in the figure: looking for new processes, names, the files at the end.
profile() {
	local seconds=60 pids=() i
	for ((i = 0; i < $(nproc); i++)); do
		gzip -c /dev/zero >/dev/null &
		pids+=($!)
	done
	(while :; do ls -l /usr/bin >/dev/null; sleep 0.2; done) &
	pids+=($!)
	"$ecli" run -o json="$scratch/profile.json" -o flame="$scratch/profile.html" --stats -d $seconds "$build/tools/profile/package.json" 2>"$scratch/profile.err" ||
		failed "profile did not run: $(tail -n 1 "$scratch/profile.err")"
	kill "${pids[@]}" 2>/dev/null
	wait "${pids[@]}" 2>/dev/null || true
	jq -rs --arg cpus "$(nproc)" --arg html "$(stat -c %s "$scratch/profile.html")" '
		(map(select(.count)) | [length, (map(.count) | add)]) as [$stacks, $samples] | last |
		"\(.seconds | floor) s at 99 samples a second on \($cpus) busy CPUs: \($samples) samples, \($stacks) stacks of processes; \(.lost) stacks lost\n" +
		"ecli: \((.cpu_user_seconds + .cpu_system_seconds) * 1000 | round) ms of CPU time, \((.cpu_user_seconds + .cpu_system_seconds) / .seconds * 10000 | round / 100) % of one CPU; " +
		"\(.peak_memory_bytes / 1048576 | round) MiB of memory; attached in \(.attach_ms * 10 | round / 10) ms; flame graph of \($html | tonumber / 1024 | round) KiB"' "$scratch/profile.json"
}

machine() {
	echo "$(uname -s) $(uname -r | cut -d- -f1), $(nproc) x $(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(awk '/^MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo)"
	echo "ecli $("$ecli" --version | awk '{ print $2; exit }') at commit $(git -c safe.directory='*' -C "$top" rev-parse --short HEAD), $(date -u +%Y-%m-%d)"
	if has_peers; then
		chroot "$root" dpkg-query -W -f '${Package} ${Version}, ' bpftrace libbpf-tools | sed 's/, $/\n/'
	else
		echo "peers not installed"
	fi
}

ninja -C "$build" --quiet >/dev/null
read -r load _ </proc/loadavg
awk -v load="$load" 'BEGIN { exit load < 0.7 }' && echo "bench: the machine is not idle (load $load): the figures will be worse than they could be" >&2
machine | tee "$results/machine"
for part in rendering storms latency wakeups startup ends compile cost symbols profile; do
	wanted $part || continue
	say $part
	$part >"$results/$part" || failed "$part could not be measured"
	awk -f "$here/report.awk" -v part=$part "$results/$part"
done
[ -n "${ONLY:-}" ] || "$here/page.sh" "$results" "$top/docs/performance.md"
! grep -hP '\twrong' "$results/storms" "$results/latency" 2>/dev/null && [ ! -e "$scratch/failed" ]
