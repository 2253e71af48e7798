// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* 跟踪 openat 系统调用：头文件里有枚举，注释是中文，编译时没有给出头文件。 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "opens.h"

/// @description "要跟踪的进程号"
const volatile int pid_target = 0;

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u32));
} events SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_openat")
int tracepoint__syscalls__sys_enter_openat(struct trace_event_raw_sys_enter *ctx)
{
	u64 id = bpf_get_current_pid_tgid();
	u32 pid = id >> 32;
	struct event event = {};

	if (pid_target && pid_target != pid)
		return false;
	event.pid = pid;
	event.kind = KIND_OPEN;
	bpf_get_current_comm(&event.comm, sizeof(event.comm));
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
	return 0;
}

/// @brief 跟踪 open 系列系统调用
char LICENSE[] SEC("license") = "GPL";
