// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* No header at all; the event has a typedef, bit-fields, a union without a name and an array of arrays, and a helper sends it. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

typedef struct exec_info {
	u32 pid;
	u32 first : 4, second : 12, : 8, last : 8;
	union {
		u64 whole;
		u32 half[2];
	};
	s16 grid[2][3];
	bool is_root;
	char comm[16];
} exec_info_t;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} rb SEC(".maps");

static __always_inline int send(exec_info_t *info)
{
	return bpf_ringbuf_output(&rb, info, sizeof(*info), 0);
}

SEC("raw_tracepoint/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	exec_info_t info = {};

	info.pid = BPF_CORE_READ(task, tgid);
	info.first = 5;
	info.second = 0xabc;
	info.last = 0xff;
	info.whole = 0x100000002ULL;
	info.grid[0][1] = -7;
	info.grid[1][2] = 300;
	info.is_root = !(u32)bpf_get_current_uid_gid();
	bpf_get_current_comm(info.comm, sizeof(info.comm));
	send(&info);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
