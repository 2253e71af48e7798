// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Writes into the memory of the process that calls execve(2); off unless a parent is named. */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "exechijack.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} rb SEC(".maps");

/// @cmdarg {"default": -1, "short": "p", "long": "ppid", "help": "only children of this process"}
const volatile int target_ppid = -1;

SEC("tp/syscalls/sys_enter_execve")
int handle_execve_enter(struct trace_event_raw_sys_enter *ctx)
{
	size_t pid_tgid = bpf_get_current_pid_tgid();
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u8 prog_name[TASK_COMM_LEN];

	if (BPF_CORE_READ(task, real_parent, tgid) != target_ppid)
		return 0;
	__builtin_memset(prog_name, 0, sizeof(prog_name));
	bpf_probe_read_user(&prog_name, TASK_COMM_LEN, (void *)ctx->args[0]);
	prog_name[TASK_COMM_LEN - 1] = '\x00';
	/* The same bytes again: the call is what is shown. */
	long ret = bpf_probe_write_user((void *)ctx->args[0], &prog_name, 1);

	struct event *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);
	if (e) {
		e->success = (ret == 0);
		e->pid = (pid_tgid >> 32);
		for (int i = 0; i < TASK_COMM_LEN; i++)
			e->comm[i] = prog_name[i];
		bpf_ringbuf_submit(e, 0);
	}
	return 0;
}
