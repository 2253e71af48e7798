/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One program of each kind, and several that a kernel must refuse. All sections begin with '?': nothing loads unless the
 * test tags it as an alternative. Program number N counts in slot N of `hits`.
 */
#include "load.bpf.h"

/* The number of getppid(2) on this machine; the test sets it. */
const volatile __u32 getppid_nr = 0;

/* ---- programs that work where their kind does ---- */

SEC("?tp_btf/sys_enter")
int BPF_PROG(tp_btf_enter, void *regs, long id)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();

	return id == getppid_nr && self_tgid && task->tgid == self_tgid ? hit(0) : 0;
}

SEC("?raw_tp/sys_enter")
int raw_tp_enter(struct bpf_raw_tracepoint_args *ctx)
{
	return ctx->args[1] == getppid_nr && is_self() ? hit(1) : 0;
}

SEC("?tp/syscalls/sys_enter_getppid")
int tp_enter(void *ctx)
{
	return is_self() ? hit(2) : 0;
}

SEC("?fentry/ksys_read")
int BPF_PROG(fentry_read)
{
	return is_self() ? hit(3) : 0;
}

SEC("?perf_event")
int sample(void *ctx)
{
	return is_self() ? hit(4) : 0;
}

SEC("?uprobe//proc/self/exe:load_test_mark")
int uprobe_mark(void *ctx)
{
	return is_self() ? hit(5) : 0;
}

struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
} __attribute__((preserve_access_index));
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

SEC("?iter/task")
int iter_task(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task) {
		int tgid = task->tgid;

		bpf_seq_write(ctx->meta->seq, &tgid, sizeof(tgid));
	}
	return 0;
}

/* ---- names that no kernel has ---- */

SEC("?fentry/ecli_no_such_function")
int fentry_missing(void *ctx)
{
	return 0;
}

SEC("?tp_btf/ecli_no_such_event")
int tp_btf_missing(void *ctx)
{
	return 0;
}

SEC("?tp/sched/ecli_no_such_event")
int tp_missing(void *ctx)
{
	return 0;
}

SEC("?raw_tp/ecli_no_such_event")
int raw_tp_missing(void *ctx)
{
	return 0;
}

SEC("?iter/ecli_no_such_thing")
int iter_missing(void *ctx)
{
	return 0;
}

SEC("?kprobe/ecli_no_such_function")
int kprobe_missing(void *ctx)
{
	return 0;
}

SEC("?uprobe//ecli/no/such/file:f")
int uprobe_no_file(void *ctx)
{
	return 0;
}

SEC("?uprobe//proc/self/exe:ecli_no_such_function")
int uprobe_no_symbol(void *ctx)
{
	return 0;
}

/* ---- programs that are wrong ---- */

SEC("?raw_tp/sys_enter")
int rejected(void *ctx)
{
	__u32 slot = bpf_get_smp_processor_id();
	__u64 *count = bpf_map_lookup_elem(&hits, &slot);

	return *count; /* not checked */
}

SEC("?raw_tp/sys_enter")
int unknown_helper(void *ctx)
{
	return ((long (*)(void))100000)();
}

struct task_struct___ecli {
	int ecli_no_such_member;
} __attribute__((preserve_access_index));

SEC("?tp_btf/sys_enter")
int unknown_member(void *ctx)
{
	struct task_struct___ecli *task = (void *)bpf_get_current_task_btf();

	return task->ecli_no_such_member;
}

SEC("?lwt_in")
int not_supported(void *ctx)
{
	return 0;
}

SEC("?fentry")
int no_target(void *ctx)
{
	return 0;
}

/* ---- a map that only one alternative uses ---- */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} spare SEC(".maps");

SEC("?raw_tp/sys_enter")
int uses_spare(void *ctx)
{
	__u32 key = 0;

	bpf_map_delete_elem(&spare, &key);
	return 0;
}

/* A kind of map that no kernel has. */
struct {
	__uint(type, 9999);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} strange SEC(".maps");
