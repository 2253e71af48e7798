/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the runner tells a tool about itself.
 *
 * A tool that reports on the whole machine also sees the program that prints its rows. Each row printed can then cause
 * the next one: without this, a busy terminal traces itself. The runner writes its own process id here before the
 * programs are loaded; 0 means "leave nobody out" (--trace-self, or a loader that does not know the variable).
 *
 * Include after vmlinux.h and bpf/bpf_helpers.h.
 */
#ifndef TOOLS_RUNNER_BPF_H
#define TOOLS_RUNNER_BPF_H

const volatile __u32 ecli_self_tgid;

/* @tgid: a process id as user space knows it (the kernel calls that one "thread group id"). */
static inline bool is_runner(__u32 tgid)
{
	return ecli_self_tgid && tgid == ecli_self_tgid;
}

#endif
