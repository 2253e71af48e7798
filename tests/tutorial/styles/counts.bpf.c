// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A map of counters that is shown every 200 ms; tags in block comments, no vmlinux.h, everything in one file. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

/**
 * @cmdarg {
 *   "default": 0,
 *   "long": "pid", "short": "p",
 *   "help": "only this process"
 * }
 */
const volatile int target_pid = 0;

/** @cmdarg {"default": true, "long": "all"} */
const volatile bool also_names = true;

struct key {
	__u32 pid;
	__u32 nr;
};

struct value {
	__u64 count;
	char comm[16];
};

/**
 * Calls of each process.
 * @sample {"interval": 200, "type": "default_kv", "clear_map": true}
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct key);
	__type(value, struct value);
} counts SEC(".maps");

struct sys_enter_args {
	unsigned long long common;
	long id;
	unsigned long args[6];
};

SEC("tracepoint/raw_syscalls/sys_enter")
int count(struct sys_enter_args *ctx)
{
	struct key key = { bpf_get_current_pid_tgid() >> 32, ctx->id };
	struct value fresh = { .count = 1 }, *old;

	if (target_pid && target_pid != key.pid)
		return 0;
	old = bpf_map_lookup_elem(&counts, &key);
	if (old) {
		__sync_fetch_and_add(&old->count, 1);
		return 0;
	}
	if (also_names)
		bpf_get_current_comm(fresh.comm, sizeof(fresh.comm));
	bpf_map_update_elem(&counts, &key, &fresh, BPF_NOEXIST);
	return 0;
}

char _license[] SEC("license") = "GPL";
