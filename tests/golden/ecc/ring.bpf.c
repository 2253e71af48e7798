// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include "ring.h"

typedef struct record record_t;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, record_t);
} events SEC(".maps");

SEC("raw_tp/sched_switch")
int raw(void *ctx)
{
	record_t record = {};

	return bpf_ringbuf_output(&events, &record, sizeof(record), 0);
}

char LICENSE[] SEC("license") = "GPL";
