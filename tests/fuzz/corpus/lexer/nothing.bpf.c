// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf_helpers.h>
#include <linux/bpf.h>
#include <linux/types.h>

SEC("raw_tp/sched_switch")
int raw(void *ctx)
{
	bpf_printk("switch");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
