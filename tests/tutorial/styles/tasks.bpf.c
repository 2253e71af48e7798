// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* An iterator that writes structs, made in a per-CPU array, instead of text. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct task_info {
	int pid, tid;
	char comm[16];
	u64 marks[300];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct task_info);
} buffer SEC(".maps");

SEC("iter/task")
int get_tasks(struct bpf_iter__task *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;
	const __u32 zero = 0;
	struct task_info *t;

	if (!task)
		return 0;
	t = bpf_map_lookup_elem(&buffer, &zero);
	if (!t)
		return 0;
	t->pid = task->tgid;
	t->tid = task->pid;
	t->marks[299] = 7;
	bpf_probe_read_kernel_str(t->comm, sizeof(t->comm), task->comm);
	bpf_seq_write(seq, t, sizeof(struct task_info));
	return 0;
}

char _license[] SEC("license") = "GPL";
