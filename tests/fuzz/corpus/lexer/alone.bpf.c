// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/** Copyright of somebody: says nothing about the tool. */
#include <bpf/bpf_helpers.h>
#include <linux/bpf.h>
#include <linux/types.h>

struct helper {
	int x;
};

/// @export
struct exit_event {
	/// 进程号
	int pid;
	struct helper helper;
};

/// @export
struct first {
	char text[8];
};

/// 工具的名字 — "名"
const volatile int option = 1;

SEC("raw_tp/sched_switch")
int raw(void *ctx)
{
	return option;
}

/// @description 显示“进程”
char LICENSE[] SEC("license") = "GPL";