/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libbpf's header of this name, and what sources use that newer ones have and older ones (1.1) lack: the sixth and further arguments of functions and
 * system calls, by hand and in BPF_KPROBE() and its like; the names for uprobes, which do what those for kprobes do.
 *
 * ecc's bpf_helpers.h comes first: newer libbpf's headers take the one beside them, and its calls would not be counted.
 */
#pragma clang system_header
#include <bpf/bpf_helpers.h>
#include_next <bpf/bpf_tracing.h>

#ifndef BPF_UPROBE
#define BPF_UPROBE(name, args...)    BPF_KPROBE(name, ##args)
#define BPF_URETPROBE(name, args...) BPF_KRETPROBE(name, ##args)
#endif

#ifndef PT_REGS_PARM6

/* Those that ecc compiles for. Where a register is not given, no argument is in one, and clang names the member that is not there. */
#if defined(bpf_target_x86)
#define __PT_PARM6_REG r9
#elif defined(bpf_target_arm64)
#define __PT_PARM6_REG regs[5]
#define __PT_PARM7_REG regs[6]
#define __PT_PARM8_REG regs[7]
#elif defined(bpf_target_riscv)
#define __PT_PARM6_REG a5
#define __PT_PARM7_REG a6
#define __PT_PARM8_REG a7
#elif defined(bpf_target_powerpc)
#define __PT_PARM6_REG gpr[8]
#define __PT_PARM7_REG gpr[9]
#define __PT_PARM8_REG gpr[10]
#else
#define __PT_PARM6_REG __unsupported__
#endif
#ifndef __PT_PARM7_REG
#define __PT_PARM7_REG __unsupported__
#define __PT_PARM8_REG __unsupported__
#endif

#define PT_REGS_PARM6(x)      (__PT_REGS_CAST(x)->__PT_PARM6_REG)
#define PT_REGS_PARM7(x)      (__PT_REGS_CAST(x)->__PT_PARM7_REG)
#define PT_REGS_PARM8(x)      (__PT_REGS_CAST(x)->__PT_PARM8_REG)
#define PT_REGS_PARM6_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM6_REG)
#define PT_REGS_PARM7_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM7_REG)
#define PT_REGS_PARM8_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM8_REG)

/* No system call of these machines has a seventh. */
#define PT_REGS_PARM6_SYSCALL(x)      PT_REGS_PARM6(x)
#define PT_REGS_PARM7_SYSCALL(x)      (__PT_REGS_CAST(x)->__unsupported__)
#define PT_REGS_PARM6_CORE_SYSCALL(x) PT_REGS_PARM6_CORE(x)
#define PT_REGS_PARM7_CORE_SYSCALL(x) BPF_CORE_READ(__PT_REGS_CAST(x), __unsupported__)

/* BPF_KPROBE(), BPF_KSYSCALL() count their arguments and end here with more than five. */
#define ___bpf_kprobe_args6(x, args...)  ___bpf_kprobe_args5(args), (void *)PT_REGS_PARM6(ctx)
#define ___bpf_kprobe_args7(x, args...)  ___bpf_kprobe_args6(args), (void *)PT_REGS_PARM7(ctx)
#define ___bpf_kprobe_args8(x, args...)  ___bpf_kprobe_args7(args), (void *)PT_REGS_PARM8(ctx)
#define ___bpf_syscall_args6(x, args...) ___bpf_syscall_args5(args), (void *)PT_REGS_PARM6_SYSCALL(regs)
#define ___bpf_syscall_args7(x, args...) ___bpf_syscall_args6(args), (void *)PT_REGS_PARM7_SYSCALL(regs)
#define ___bpf_syswrap_args6(x, args...) ___bpf_syswrap_args5(args), (void *)PT_REGS_PARM6_CORE_SYSCALL(regs)
#define ___bpf_syswrap_args7(x, args...) ___bpf_syswrap_args6(args), (void *)PT_REGS_PARM7_CORE_SYSCALL(regs)

#endif
