/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libbpf's header of this name, and what sources use that newer ones have and older ones (1.1) lack: the names for uprobes, which do what those for
 * kprobes do.
 */
#pragma clang system_header
#include_next <bpf/bpf_tracing.h>

#ifndef BPF_UPROBE
#define BPF_UPROBE(name, args...)    BPF_KPROBE(name, ##args)
#define BPF_URETPROBE(name, args...) BPF_KRETPROBE(name, ##args)
#endif
