/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A stack trace for each mark, in the style of the public profile tool: one member has a name of its own. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "stacks.h"

const volatile bool empty_odd = false;

/// @intepreter {"stack_trace": {"field_map": {"pid": "tgid"}}}
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	struct stack_event *event;

	if (ctx->args[0] != 0x6d61726b)
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return 0;
	event->tgid = bpf_get_current_pid_tgid() >> 32;
	event->cpu_id = bpf_get_smp_processor_id();
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	event->kstack_sz = bpf_get_stack(ctx, event->kstack, sizeof(event->kstack), 0);
	event->ustack_sz = bpf_get_stack(ctx, event->ustack, sizeof(event->ustack), BPF_F_USER_STACK);
	if (empty_odd && ctx->args[1] % 2)
		event->kstack_sz = event->ustack_sz = 0;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
