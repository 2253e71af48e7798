/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Two ways to one hook, as tools have them whose own user space chose one: with both attached each mark would be a row twice. */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "mark.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct event);
} events SEC(".maps");

static __always_inline int report(struct pt_regs *regs, long number)
{
	struct event event = { .number = number };

	if (PT_REGS_PARM1_CORE_SYSCALL(regs) != MARK_OPTION)
		return 0;
	event.index = PT_REGS_PARM2_CORE_SYSCALL(regs);
	bpf_get_current_comm(event.comm, sizeof(event.comm));
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(enter_btf, struct pt_regs *regs, long number)
{
	return report(regs, number);
}

SEC("raw_tp/sys_enter")
int BPF_PROG(enter_raw, struct pt_regs *regs, long number)
{
	return report(regs, number);
}

char LICENSE[] SEC("license") = "GPL";
