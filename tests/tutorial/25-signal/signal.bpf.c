// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ends what calls ptrace(2), and reports it. */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "signal.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} rb SEC(".maps");

/* 0: every process; else only children of this one. */
const volatile int target_ppid = 0;

SEC("tp/syscalls/sys_enter_ptrace")
int bpf_dos(struct trace_event_raw_sys_enter *ctx)
{
	long ret = 0;
	size_t pid_tgid = bpf_get_current_pid_tgid();
	int pid = pid_tgid >> 32;

	if (target_ppid != 0) {
		struct task_struct *task = (struct task_struct *)bpf_get_current_task();
		int ppid = BPF_CORE_READ(task, real_parent, tgid);

		if (ppid != target_ppid)
			return 0;
	}
	ret = bpf_send_signal(9); /* SIGKILL */

	struct event *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);
	if (e) {
		e->success = (ret == 0);
		e->pid = pid;
		bpf_get_current_comm(&e->comm, sizeof(e->comm));
		bpf_ringbuf_submit(e, 0);
	}
	return 0;
}
