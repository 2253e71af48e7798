/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A source without a header. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

/// @export
struct mark {
	__u32 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} marks SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_prctl")
int enter(void *ctx)
{
	struct mark mark = { .pid = bpf_get_current_pid_tgid() >> 32 };

	bpf_ringbuf_output(&marks, &mark, sizeof(mark), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
