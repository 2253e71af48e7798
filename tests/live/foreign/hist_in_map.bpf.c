/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* As tools of bcc are: what has begun in one map, the results in another, sizes and reading left to a program of its own. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#define MARK_OPTION 0x6d61726b
#define MAX_SLOTS   26

struct hist {
	__u32 slots[MAX_SLOTS];
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
} start SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct hist);
} hists SEC(".maps");

static struct hist zero;

SEC("tracepoint/syscalls/sys_enter_prctl")
int begins(struct trace_event_raw_sys_enter *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u64 index = ctx->args[1];

	if (ctx->args[0] == MARK_OPTION)
		bpf_map_update_elem(&start, &tid, &index, BPF_ANY);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_prctl")
int ends(struct trace_event_raw_sys_exit *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid(), key = 7, slot = 0;
	__u64 *index = bpf_map_lookup_elem(&start, &tid), value;
	struct hist *hist;

	if (!index)
		return 0;
	value = *index;
	bpf_map_delete_elem(&start, &tid);
	bpf_map_update_elem(&hists, &key, &zero, BPF_NOEXIST);
	hist = bpf_map_lookup_elem(&hists, &key);
	if (!hist)
		return 0;
	while (value > 1 && slot < MAX_SLOTS - 1) {
		value >>= 1;
		slot++;
	}
	if (slot < MAX_SLOTS)
		__sync_fetch_and_add(&hist->slots[slot], 1);
	bpf_get_current_comm(hist->comm, sizeof(hist->comm));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
