// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Two ring buffers with an event each, in a header that is found with -I and includes another one. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <rings.h>

const volatile pid_t only = 0;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} opens SEC(".maps"), closes SEC(".maps");

static __always_inline void fill(struct head *h)
{
	h->ts = bpf_ktime_get_ns();
	h->pid = bpf_get_current_pid_tgid() >> 32;
}

SEC("tp/syscalls/sys_enter_openat")
int on_open(struct trace_event_raw_sys_enter *ctx)
{
	struct open_event *e;

	if (only && only != bpf_get_current_pid_tgid() >> 32)
		return 0;
	e = bpf_ringbuf_reserve(&opens, sizeof(*e), 0);
	if (!e)
		return 0;
	fill(&e->h);
	bpf_probe_read_user_str(e->fname, sizeof(e->fname), (const char *)ctx->args[1]);
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("tp/syscalls/sys_enter_close")
int on_close(struct trace_event_raw_sys_enter *ctx)
{
	struct close_event e = { .fd = ctx->args[0] };

	if (only && only != bpf_get_current_pid_tgid() >> 32)
		return 0;
	fill(&e.h);
	bpf_ringbuf_output(&closes, &e, sizeof(e), 0);
	return 0;
}

char __license[] SEC("license") = "GPL";
