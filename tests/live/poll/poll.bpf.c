/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the live tests of poll/ read: programs that produce a known number of records when a test runs them
 * (BPF_PROG_TEST_RUN on a raw tracepoint), so nothing depends on what else the machine does. They are never attached.
 *
 * Arguments: 0 how many, 1 flags for the helper, 2 where the numbering starts, 3 zero: a zero that the verifier does
 * not know of, or it would walk a loop's every turn to count along.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "poll_live_event.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1024 * 1024);
} large_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(max_entries, 128);
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 20000);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 64);
	__type(key, struct poll_key);
	__type(value, __u32);
} per_cpu SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE); /* has no call that reads and deletes */
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1000);
	__type(key, struct poll_prefix);
	__type(value, __u64);
} prefixes SEC(".maps");

/* What could not be written: index 0 ring, 1 perf; and 2: what was taken back. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} failed SEC(".maps");

struct job {
	void *ctx;
	__u64 flags, seq, failed, discarded;
};

static void note_failed(__u32 index, __u64 count)
{
	__u64 *sum = bpf_map_lookup_elem(&failed, &index);

	if (sum && count)
		__sync_fetch_and_add(sum, count);
}

static long write_ring(__u32 i, struct job *job)
{
	struct poll_event *event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);

	(void)i;
	if (!event) {
		job->failed++;
		job->seq++;
		return 0;
	}
	event->seq = job->seq++;
	event->ktime_ns = bpf_ktime_get_ns();
	event->filler[0] = event->filler[3] = ~event->seq;
	event->filler[1] = event->filler[2] = 0;
	if (event->seq % 1000 == 999 && (job->flags & POLL_DISCARD_SOME)) {
		job->discarded++;
		bpf_ringbuf_discard(event, job->flags & 3);
	} else {
		bpf_ringbuf_submit(event, job->flags & 3);
	}
	return 0;
}

SEC("raw_tp")
int ring_burst(struct bpf_raw_tracepoint_args *ctx)
{
	struct job job = {
		.flags = ctx->args[1], .seq = ctx->args[2], .failed = ctx->args[3], .discarded = ctx->args[3]
	};

	bpf_loop(ctx->args[0], write_ring, &job, 0);
	note_failed(0, job.failed);
	note_failed(2, job.discarded);
	return 0;
}

static long write_large_ring(__u32 i, struct job *job)
{
	struct poll_event *event = bpf_ringbuf_reserve(&large_ring, sizeof(*event), 0);

	(void)i;
	if (!event) {
		job->failed++;
		return 0;
	}
	event->seq = job->seq++;
	event->ktime_ns = 0;
	event->filler[0] = event->filler[1] = event->filler[2] = event->filler[3] = 0;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

SEC("raw_tp")
int large_ring_burst(struct bpf_raw_tracepoint_args *ctx)
{
	struct job job = { .seq = ctx->args[2], .failed = ctx->args[3] };

	bpf_loop(ctx->args[0], write_large_ring, &job, 0);
	note_failed(0, job.failed);
	return 0;
}

static long write_perf(__u32 i, struct job *job)
{
	struct poll_event event = { .seq = job->seq++, .ktime_ns = bpf_ktime_get_ns() };

	(void)i;
	event.filler[0] = event.filler[3] = ~event.seq;
	if (bpf_perf_event_output(job->ctx, &perf, BPF_F_CURRENT_CPU, &event, sizeof(event)))
		job->failed++;
	return 0;
}

SEC("raw_tp")
int perf_burst(struct bpf_raw_tracepoint_args *ctx)
{
	struct job job = { .ctx = ctx, .flags = ctx->args[1], .seq = ctx->args[2], .failed = ctx->args[3] };

	bpf_loop(ctx->args[0], write_perf, &job, 0);
	note_failed(1, job.failed);
	return 0;
}

SEC("raw_tp")
int print(struct bpf_raw_tracepoint_args *ctx)
{
	bpf_printk("poll test %llu of %llu", ctx->args[0], ctx->args[1]);
	bpf_printk("two\nlines: %llu", ctx->args[0]);
	return 0;
}

struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
} __attribute__((preserve_access_index));
struct task_struct {
	int pid, tgid;
} __attribute__((preserve_access_index));
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

SEC("iter/task")
int tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct poll_task out;

	if (!task)
		return 0;
	out.pid = task->pid;
	out.tgid = task->tgid;
	bpf_seq_write(ctx->meta->seq, &out, sizeof(out));
	return 0;
}
