/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf_helpers.h>

struct event {
	__u32 pid;
};
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct event);
} events SEC(".maps");
const volatile __u32 never = 0; /* nobody knows that but the verifier */

static __always_inline int report(__u32 pid)
{
	struct event e = { .pid = pid };

	if (never)
		bpf_ringbuf_output(&events, &e, sizeof(e), 0);
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
