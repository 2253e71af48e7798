// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Events through a perf buffer; their struct is in the header, which has `bool` from vmlinux.h. */
#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "execsnoop.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u32));
} events SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_execve")
int tracepoint_syscalls_sys_enter_execve(struct trace_event_raw_sys_enter *ctx)
{
	uid_t uid = (u32)bpf_get_current_uid_gid();
	pid_t tgid = bpf_get_current_pid_tgid() >> 32;
	struct event event = { 0 };
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	event.pid = tgid;
	event.uid = uid;
	event.ppid = BPF_CORE_READ(task, real_parent, tgid);
	char *cmd_ptr = (char *)BPF_CORE_READ(ctx, args[0]);
	bpf_probe_read_str(&event.comm, sizeof(event.comm), cmd_ptr);
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
