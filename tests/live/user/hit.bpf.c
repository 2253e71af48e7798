/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A row for each call of a function of a program: the number that the caller gave it. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

struct event {
	__s64 number;
	__u32 pid;
	__u32 is_return;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct event);
} events SEC(".maps");

static int tell(__s64 number, __u32 is_return)
{
	struct event event = { .number = number, .pid = bpf_get_current_pid_tgid() >> 32, .is_return = is_return };

	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return 0;
}

SEC("?uprobe") int BPF_KPROBE(hit, long number)
{
	return tell(number, 0);
}

SEC("?uretprobe") int back(void *ctx)
{
	return tell(0, 1);
}

SEC("?usdt") int site(struct pt_regs *ctx)
{
	long number = 0;

	bpf_usdt_arg(ctx, 0, &number);
	return tell(number, 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
