/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * runqslower: who has to wait for a CPU, and how long?
 *
 * One row for each wait in a run queue, when it ends: the thread that waited, and the one that had the CPU until then. When
 * a wait begins and ends is in ../include/runq.bpf.h; here is only what becomes of one.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/runq.bpf.h"
#include "runqslower.h"

/// report only waits of at least this long
/// @unit us
const volatile __u64 min_us = 0;

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

static void runq_waited(void *ctx, struct task_struct *prev, const struct before_runner *before,
			struct task_struct *next, __u64 wait_ns)
{
	__u64 delta_us = wait_ns / 1000;

	if (delta_us < min_us)
		return;

	struct event event = { .delta_us = delta_us };

	event.pid = BPF_CORE_READ(next, pid);
	bpf_probe_read_kernel_str(event.task, sizeof(event.task), next->comm);
	if (before) {
		event.prev_pid = before->pid;
		__builtin_memcpy(event.prev_task, before->comm, sizeof(event.prev_task));
	} else {
		event.prev_pid = BPF_CORE_READ(prev, pid);
		bpf_probe_read_kernel_str(event.prev_task, sizeof(event.prev_task), prev->comm);
	}
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
}

/// @brief Shows which threads had to wait for a CPU, and how long.
/// @description Reports each wait in a run queue: from the moment a thread is able to run until a CPU runs it.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
