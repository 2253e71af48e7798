/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Needs no types of the kernel at all. Its ring is one page of the smallest size: larger where pages are. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct event {
	unsigned int pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct event);
} events SEC(".maps");

SEC("tracepoint/sched/sched_process_exec")
int on_exec(void *ctx)
{
	struct event event = { .pid = bpf_get_current_pid_tgid() >> 32 };

	bpf_get_current_comm(event.comm, sizeof(event.comm));
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
