/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * profile: where is CPU time spent?
 *
 * On every CPU a timer looks 99 times a second at what runs: the process, and the functions on its stack, of the kernel and its
 * own. The same stack is counted and not reported again, so an hour costs no more than there are different stacks. 99 and not 100:
 * what works in step with a timer of 100 would be seen always or never.
 *
 * A CPU that has nothing to do is not looked at (-I does).
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "../include/lists.bpf.h"
#include "../include/maps.bpf.h"
#include "../include/runner.bpf.h"
#include "../include/stacks.bpf.h"
#include "profile.h"

/// only these processes (ids, separated by commas)
/// @cmdarg {"short": "p"}
/// @count n_pids
/// @exists /proc/%
const volatile __u32 pids[IDS_MAX];
const volatile __u32 n_pids;
/// only these threads
/// @cmdarg {"short": "L"}
/// @count n_tids
/// @exists /proc/%
const volatile __u32 tids[IDS_MAX];
const volatile __u32 n_tids;
/// only stacks of processes, none of the kernel
/// @cmdarg {"short": "U"}
const volatile bool user_stacks_only = false;
/// only stacks of the kernel, none of processes
/// @cmdarg {"short": "K"}
const volatile bool kernel_stacks_only = false;
/// samples a second on each CPU
/// @cmdarg {"short": "F"}
const volatile __u32 frequency = 99;
/// only this CPU (-1: all)
/// @cmdarg {"short": "C"}
/// @exists /sys/devices/system/cpu/cpu%
const volatile __s32 cpu = -1;
/// count idle CPUs too
/// @cmdarg {"short": "I"}
const volatile bool include_idle = false;

/// @max_entries max_rows
/// @sample {"type": "stacks", "value": "count"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 40960);
	__type(key, struct where);
	__type(value, struct seen);
} counts SEC(".maps");

/// @freq frequency
SEC("perf_event")
int sample(struct bpf_perf_event_data *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct where where = { .pid = id >> 32, .kernel_stack = NO_STACK, .user_stack = NO_STACK };
	struct seen *seen;

	if (cpu >= 0 && cpu != bpf_get_smp_processor_id())
		return 0;
	if ((!where.pid && !include_idle) || is_runner_task((void *)bpf_get_current_task()))
		return 0;
	if (!has_id(pids, n_pids, where.pid) || !has_id(tids, n_tids, (__u32)id))
		return 0;
	/* Both asked for is all of them. */
	if (!user_stacks_only || kernel_stacks_only)
		where.kernel_stack = kernel_stack_id(ctx);
	if (!kernel_stacks_only || user_stacks_only)
		where.user_stack = user_stack_id(ctx);
	bpf_get_current_comm(where.comm, sizeof(where.comm));

	seen = find_or_add(&counts, &where);
	if (seen)
		__sync_fetch_and_add(&seen->count, 1);
	return 0;
}

/// @brief Samples stacks at a fixed rate: where CPU time is spent.
/// @description Looks at every CPU 99 times a second and counts the stacks that it finds. Shows them at the end (Ctrl-C, --duration), those that
/// were seen most often last, or as a flame graph: -o flame=cpu.html; -o folded, -o pprof=FILE.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
