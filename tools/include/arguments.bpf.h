/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Arguments and results of probed functions (kprobe, uprobe and their returns), in one object for every architecture.
 *
 * What a probe gets are registers, and which of them is an argument, the architecture decides. libbpf's macros decide when the tool
 * is compiled. Here the decision is made when it is loaded: each architecture's registers are a flavour of struct pt_regs,
 * and the kernel has the members of only one. ecc knows by `___any_` that such a flavour ties the object to no architecture.
 *
 * x86-64 and arm64; elsewhere all are 0, and a tool needs another way there (fentry gets its arguments by itself).
 *
 * Include after vmlinux.h and bpf/bpf_core_read.h.
 */
#ifndef TOOLS_ARGUMENTS_BPF_H
#define TOOLS_ARGUMENTS_BPF_H

struct pt_regs___any_x86 {
	unsigned long di, si, dx, ax;
} __attribute__((preserve_access_index));

struct pt_regs___any_arm64 {
	__u64 regs[31];
} __attribute__((preserve_access_index));

#define REGISTER_OR(ctx, x86, arm64)                                                                                   \
	(bpf_core_field_exists(struct pt_regs___any_x86, x86) ? BPF_CORE_READ((struct pt_regs___any_x86 *)(ctx), x86)  \
	 : bpf_core_field_exists(struct pt_regs___any_arm64, regs)                                                     \
		 ? BPF_CORE_READ((struct pt_regs___any_arm64 *)(ctx), regs[arm64])                                     \
		 : 0)

static inline unsigned long argument_1(struct pt_regs *ctx)
{
	return REGISTER_OR(ctx, di, 0);
}

static inline unsigned long argument_2(struct pt_regs *ctx)
{
	return REGISTER_OR(ctx, si, 1);
}

static inline unsigned long argument_3(struct pt_regs *ctx)
{
	return REGISTER_OR(ctx, dx, 2);
}

/* Of a kretprobe or uretprobe. */
static inline long result(struct pt_regs *ctx)
{
	return REGISTER_OR(ctx, ax, 0);
}

#endif
