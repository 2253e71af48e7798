/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A ring that is written through ecc's prelude, for called_test.c: it calls when a step was written. Never attached. Arguments: 0 how many
 * records, 1 flags for the helper.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/// @export
struct event {
	__u64 number, filler[5];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} ring SEC(".maps");

struct job {
	__u64 flags, number;
};

static long submit(__u32 i, struct job *job)
{
	struct event *event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);

	(void)i;
	if (!event)
		return 1;
	*event = (struct event){ .number = job->number++ };
	bpf_ringbuf_submit(event, job->flags);
	return 0;
}

static long submit_untyped(__u32 i, struct job *job)
{
	void *record = bpf_ringbuf_reserve(&ring, sizeof(struct event), 0);

	(void)i;
	if (!record)
		return 1;
	*(struct event *)record = (struct event){ .number = job->number++ };
	bpf_ringbuf_submit(record, job->flags);
	return 0;
}

static long output(__u32 i, struct job *job)
{
	struct event event = { .number = job->number++ };

	(void)i;
	bpf_ringbuf_output(&ring, &event, sizeof(event), job->flags);
	return 0;
}

#define PROGRAM(name, function)                                                                                        \
	SEC("raw_tp")                                                                                                  \
	int name(struct bpf_raw_tracepoint_args *ctx)                                                                  \
	{                                                                                                              \
		struct job job = { .flags = ctx->args[1] };                                                            \
                                                                                                                       \
		bpf_loop(ctx->args[0], function, &job, 0);                                                             \
		return 0;                                                                                              \
	}

PROGRAM(by_submit, submit)
PROGRAM(by_submit_untyped, submit_untyped)
PROGRAM(by_output, output)
