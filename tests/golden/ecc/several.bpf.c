// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include "several.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct key);
	__type(value, struct value);
} counts SEC(".maps");

/// @sample
static int helper(void)
{
	return 1;
}

SEC("raw_tp/sched_switch")
int raw(void *ctx)
{
	/// @value 3
	return helper();
}

/// @hidden
char LICENSE_TEXT[] SEC("license") = "GPL";
/// @cmdarg {}
