#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A package whose programs keep the kernel's verifier busy for long: a signal ends ecli there, at once, with the status of a signal, and nothing of
# it stays. Also while standard input brings no package.
source "$TOP/tests/lib.sh"
source "$TOP/tests/hostile/blocked.inc"
is_root || { cannot load_signal "loading programs takes root"; exit 0; }

# Each program is accepted, and takes nearly all the steps that the verifier goes for one.
{
	cat <<'END'
/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

__u64 sums[16];

static __always_inline int busy(void)
{
	__u64 sum = bpf_get_prandom_u32();

	for (int i = 0; i < 60000; i++) {
		sum = sum * 7 + i;
		sums[sum & 15] = sum;
	}
	return 0;
}
END
	for number in $(seq 40); do
		printf 'SEC("tracepoint/syscalls/sys_enter_prctl")\nint busy%s(void *ctx)\n{\n\treturn busy();\n}\n' "$number"
	done
	printf 'char LICENSE[] SEC("license") = "GPL";\n'
} >"$scratch/busy.bpf.c"
sed 's/return 0;/if (sum == 7)\n\t\tbpf_printk("seven");\n\treturn 0;/' "$scratch/busy.bpf.c" >"$scratch/prints.bpf.c"
compile busy
compile prints

# The kernel counts what it does for a process as its CPU time.
has_used() { [ "$(cpu_ms "$ecli_pid")" -ge "$1" ]; }
none_of() { [ -z "$("$@")" ]; }
programs() { bpftool prog show 2>/dev/null | grep -E ' name busy[0-9]+ '; }
for way in auto libbpf; do
	for package in busy prints; do
		for signal in TERM INT HUP; do
			env --default-signal=INT "$ECLI" run "$scratch/$package/package.json" --loader $way >"$rows" 2>"$err" &
			ecli_pid=$!
			wait_until -p "$ecli_pid" has_used 150
			has_text "$err" "$ready_line" && not_ok "$package-$way" "it was loaded before the signal was sent" "$err"
			kill -$signal "$ecli_pid" 2>/dev/null
			wait_end "$ecli_pid"
			ecli_pid=
			if [ "$status" = $((128 + $(kill -l $signal))) ]; then ok "$package-$way-$signal"; else not_ok "$package-$way-$signal" "status $status instead of $((128 + $(kill -l $signal))) (137: it did not end)" "$err"; fi
		done
	done
done
if ! has bpftool; then cannot nothing-stays "bpftool is needed"
elif wait_until none_of programs; then ok nothing-stays; else not_ok nothing-stays "still loaded: $(programs)"; fi

# A package that never comes.
mkfifo "$scratch/never"
exec 8<>"$scratch/never"
for signal in TERM INT HUP; do
	env --default-signal=INT "$ECLI" run - <"$scratch/never" >"$rows" 2>"$err" 8>&- &
	ecli_pid=$!
	waits() { [ "$(readlink "/proc/$ecli_pid/exe")" = "$(readlink -f "$ECLI")" ] && grep -q '^State:[[:space:]]*S' "/proc/$ecli_pid/status"; }
	wait_until -p "$ecli_pid" waits
	kill -$signal "$ecli_pid"
	wait_end "$ecli_pid"
	ecli_pid=
	if [ "$status" = $((128 + $(kill -l $signal))) ]; then ok "reading-$signal"; else not_ok "reading-$signal" "status $status" "$err"; fi
done
