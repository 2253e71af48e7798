// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The same for openat(2), with a text among its options. */
#include <vmlinux.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define NAME_MAX 64

/// @description "Process ID to trace"
const volatile int target_pid = 0;

/// @cmdarg {"default": "", "long": "rewrite", "help": "the name that is opened instead"}
const volatile char rewrite[NAME_MAX] = "";

struct filename_buf {
	char fname[NAME_MAX];
};

SEC("fentry/__x64_sys_openat")
int BPF_PROG(x64_sys_openat, struct pt_regs *regs)
{
	const char *name = (char *)PT_REGS_PARM2(regs);
	struct filename_buf buf;

	if (target_pid == 0 || target_pid != bpf_get_current_pid_tgid() >> 32 || !rewrite[0])
		return 0;
	for (int i = 0; i < NAME_MAX; i++)
		buf.fname[i] = rewrite[i];
	bpf_probe_write_user((char *)name, &buf, sizeof(buf));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
