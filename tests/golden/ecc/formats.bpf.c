/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Formats of members: those that fit go into the package without a word, the others with a warning. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/// @format errno
struct event {
	/// What came of it.
	/// @format errno
	int ret;
	unsigned int addr; ///< @format ipv4
	/// @format "ipv6"
	unsigned char to[16];
	/// @format ipv4
	unsigned int hops[4];
	/// @format ernno
	int typo;
	/// @format port
	unsigned int port;
	/// @format
	int alone;
	/// @format ipv4
	unsigned int few : 5;
	/// @format flags
	int no_enum;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct event);
} events SEC(".maps");

/// @format tcp_state
const volatile int limit = 0;

SEC("raw_tp/sched_switch") int on_switch(void *ctx)
{
	return limit;
}

char LICENSE[] SEC("license") = "GPL";
