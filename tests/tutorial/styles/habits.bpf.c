// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* An event whose struct has a typedef only, another one beside it in the same ring, a global that is set from outside, names of newer libbpf. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

enum event_type { EVENT_ENTER, EVENT_EXIT };

struct event_hdr {
	enum event_type type;
	u32 pid;
};

typedef struct {
	struct event_hdr hdr;
	u64 mask;
} enter_event;

typedef struct exit_event {
	struct event_hdr hdr;
	s64 ret;
	u8 extra[3];
} exit_event_t;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} rb SEC(".maps");

int my_pid = 0;
const int fixed = 5; // not volatile: the compiler uses the value
volatile unsigned calls;

SEC("tp/syscalls/sys_enter_umask")
int enter(struct trace_event_raw_sys_enter *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (my_pid && pid != my_pid)
		return 0;
	calls += fixed;
	enter_event *e = bpf_ringbuf_reserve(&rb, sizeof(enter_event), 0);
	if (!e)
		return 0;
	e->hdr.type = EVENT_ENTER;
	e->hdr.pid = pid;
	e->mask = ctx->args[0];
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("tp/syscalls/sys_exit_umask")
int leave(struct trace_event_raw_sys_exit *ctx)
{
	struct bpf_dynptr ptr;
	exit_event_t e = { { EVENT_EXIT, bpf_get_current_pid_tgid() >> 32 }, ctx->ret, { 1, 2, calls } };

	if (my_pid && e.hdr.pid != my_pid)
		return 0;
	bpf_ringbuf_reserve_dynptr(&rb, sizeof e, 0, &ptr);
	bpf_dynptr_write(&ptr, 0, &e, sizeof e, 0);
	bpf_ringbuf_submit_dynptr(&ptr, 0);
	return 0;
}

SEC("uprobe//bin/bash:readline")
int BPF_UPROBE(prompt, const char *text)
{
	return 0;
}

SEC("uretprobe//bin/bash:readline")
int BPF_URETPROBE(line, const char *text)
{
	return 0;
}

/// \brief What umask was and is
/// \details Of one process, when asked.
char LICENSE[] SEC("license") = "Dual MIT/GPL"
;