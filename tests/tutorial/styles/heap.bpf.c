// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* An event that is too large for the stack, made in a per-CPU array and sent with its true length. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAX_PATH 512

struct long_event {
	__u32 pid;
	__u32 len;
	char path[MAX_PATH];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct long_event);
} heap SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} pb SEC(".maps");

struct exec_args {
	unsigned long long common;
	int filename_loc;
	int pid;
	int old_pid;
};

SEC("tp/sched/sched_process_exec")
int handle_exec(struct exec_args *ctx)
{
	__u32 zero = 0;
	struct long_event *e = bpf_map_lookup_elem(&heap, &zero);
	long len;

	if (!e)
		return 0;
	e->pid = ctx->pid;
	len = bpf_probe_read_kernel_str(e->path, sizeof(e->path), (void *)ctx + (ctx->filename_loc & 0xffff));
	e->len = len > 0 ? len : 0;
	bpf_perf_event_output(ctx, &pb, BPF_F_CURRENT_CPU, e, sizeof(*e));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
