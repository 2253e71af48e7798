#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A map of a million entries (W7): a signal ends the look at it, in the loop and at the end of a run; what was not read or shown is told.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/blocked.inc"
is_root || { cannot big_look_end "loading programs takes root"; exit 0; }
cc -O1 -DMARK_OPTION=0x62696721 -o "$scratch/mark" "$TOP/tests/live/mark.c" 2>"$err" || { not_ok mark "the workload does not compile" "$err"; exit 0; }
cat >"$scratch/big.bpf.c" <<'END'
/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#define ENTRIES (1 << 20)

struct value {
	__u64 count, other;
	char text[48];
};

/// @sample {"interval": INTERVAL, "sort": "text"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ENTRIES);
	__type(key, __u32);
	__type(value, struct value);
} big SEC(".maps");

__u64 filled;

static long fill(__u32 index, void *ctx)
{
	struct value value = { .count = index * 2654435761u };

	for (int i = 0; i < 40; i++)
		value.text[i] = 'a' + (index * 2654435761u >> i % 24) % 26;
	bpf_map_update_elem(&big, &index, &value, BPF_ANY);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	if (ctx->args[0] == 0x62696721)
		bpf_loop(ENTRIES, fill, NULL, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
END
sed 's/INTERVAL/0/' "$scratch/big.bpf.c" >"$scratch/once.bpf.c"
sed 's/INTERVAL/100/' "$scratch/big.bpf.c" >"$scratch/often.bpf.c"
compile once
compile often

# begin NAME ARGS...: ecli under patient, which counts its CPU time; the map is full then.
begin() {
	local package=$scratch/$1/package.json
	shift
	: >"$rows"
	: >"$err"
	"$BUILD/tests/support/patient" --usage "$scratch/usage" "$ECLI" run "$package" "$@" >"$rows" 2>"$err" &
	ecli_pid=$!
	wait_ready
	ecli=$(pgrep -P "$ecli_pid" -x "${ECLI##*/}")
	"$scratch/mark" 1
}
# ended NAME: the signal is sent; less than a second of CPU time, a normal end.
ended() {
	local before used
	before=$(cpu_ms "$ecli")
	kill -TERM "$ecli"
	wait_end "$ecli_pid"
	ecli_pid=
	used=$(awk -v before="$before" '{ print int($1 * 1000) - before }' "$scratch/usage")
	if [ "$status" = 0 ] && [ "$used" -lt 1000 ]; then ok "$1"; else not_ok "$1" "status $status, and $used ms of CPU time after the signal instead of less than 1000" "$err"; fi
}
computes() { [ "$(cpu_ms "$ecli")" -ge "$1" ]; }

begin once -o json
ended last-look

# In the middle of a look that the loop makes.
begin often -o json
wait_until -p "$ecli_pid" computes 200
ended look-in-the-loop

begin often --where 'count > 5' --sort -text -o table
wait_until -p "$ecli_pid" computes 1200
ended sorting

# A run that ended by its time, and the signal finds it at its last look. On a busy machine that look may be over before the map is full, and complete:
# then a longer run is tried.
told=not_ok
for seconds in 1 10 100; do
	begin once -d $seconds -o json
	wait_until -p "$ecli_pid" computes 300 2>/dev/null
	ended last-look-after-its-time >"$scratch/verdict"
	if has_text "$err" 'ended by a signal before everything was read' || has_text "$err" 'lost [0-9]+ rows .*: output unread' || [ "$(grep -c '"key"' "$rows")" = 1048576 ]; then
		told=ok
		break
	fi
done
cat "$scratch/verdict"
$told told "nobody says that rows are missing" "$err"
