/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The storm: a known number of records, as fast as a kernel can make them.
 *
 * Each time the producer names itself (prctl PR_SET_NAME), `batch` records are made. That hook is used because nobody
 * else passes it often: the reader's own system calls cost what they always cost. Records are numbered, so that a
 * row that is missing, doubled or out of order is seen.
 *
 * A record is 48 bytes and looks like a row of runqslower. Compiled twice: for a ring buffer, and with STORM_PERF for a perf buffer.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/// @export
struct event {
	char task[16];
	char prev_task[16];
	/// the record's number, from 1; with `stamp` the time it was made, CLOCK_MONOTONIC in ns
	__u64 delta_us;
	__u32 pid;
	__u32 prev_pid;
};

/// process whose renames count
const volatile __u32 producer = 0;
/// records made at each rename
const volatile __u32 batch = 1;
/// number the records by the clock
const volatile bool stamp = false;

static __u64 number;

#ifdef STORM_PERF

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

static void send(void *ctx, const struct event *event)
{
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, (void *)event, sizeof(*event));
}

#else

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

static void send(void *ctx, const struct event *event)
{
	struct event *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

	if (!record)
		return;
	*record = *event;
	bpf_ringbuf_submit(record, 0);
}

#endif

struct work {
	void *ctx;
	struct event event;
};

static long make(__u32 index, void *arg)
{
	struct work *work = arg;

	number++;
	work->event.delta_us = stamp ? bpf_ktime_get_ns() : number;
	send(work->ctx, &work->event);
	return 0;
}

SEC("raw_tp/task_rename")
int BPF_PROG(storm)
{
	struct work work = { .ctx = ctx, .event = { .prev_task = "swapper/0" } };

	work.event.pid = bpf_get_current_pid_tgid() >> 32;
	if (work.event.pid != producer)
		return 0;
	bpf_get_current_comm(work.event.task, sizeof(work.event.task));
	work.event.prev_pid = bpf_get_smp_processor_id();
	bpf_loop(batch, make, &work, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
