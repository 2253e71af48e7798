/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * runqlat: how long do threads wait for a CPU, as a picture?
 *
 * Each wait in a run queue is counted in one of 32 buckets, for the whole machine, each process or each thread, and the runner
 * draws them every second. When a wait begins and ends is in ../include/runq.bpf.h, what becomes of one in ../include/task_hist.bpf.h.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "runqlat.h"

#include "../include/runq.bpf.h"
#include "../include/task_hist.bpf.h"

static void runq_waited(void *ctx, struct task_struct *prev, const struct before_runner *before,
			struct task_struct *next, __u64 wait_ns)
{
	count_time(next, wait_ns);
}

/// @brief Shows how long threads wait for a CPU, as a histogram.
/// @description Counts waits in a run queue, from the moment a thread is able to run until a CPU runs it, and draws them every second
/// (--interval), since the start or, with --clear, since the last time.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
