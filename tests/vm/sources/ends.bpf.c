/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A kprobe whose every value is known: the status from a register, the ids through relocations. For kernels that hide their types. */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct event {
	__u32 pid, ppid;
	__s32 code;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
	__type(value, struct event);
} events SEC(".maps");

SEC("kprobe/do_exit")
int BPF_KPROBE(on_do_exit, long code)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct event event = { .code = code };

	event.pid = BPF_CORE_READ(task, group_leader, tgid);
	event.ppid = BPF_CORE_READ(task, real_parent, tgid);
	bpf_get_current_comm(event.comm, sizeof(event.comm));
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
