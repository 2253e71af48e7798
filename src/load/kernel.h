/* SPDX-License-Identifier: MIT */
/*
 * Cheap questions to the running kernel, asked before or after a try: does its type information know a name, may this
 * process load programs, what are its kinds of maps called. An answer "no" is certain; "yes" only means that trying is
 * worth it.
 */
#ifndef ECLI_LOAD_KERNEL_H
#define ECLI_LOAD_KERNEL_H

#include <bpf/bpf.h>

#include <ecli/base.h>

/* Zero-initialise. Holds the names of the kernel's type information once they were needed (1 to 2 MB). */
struct ecli_kernel {
	struct ecli_buf names;
	bool names_read;
};

void ecli_kernel_done(struct ecli_kernel *kernel);

#define ECLI_KERNEL_BTF "/sys/kernel/btf/vmlinux"

/* Whether the kernel offers type information (CONFIG_DEBUG_INFO_BTF). */
bool ecli_kernel_has_btf(void);

/* False: neither the kernel nor a module has a type or function of this name. */
bool ecli_kernel_may_have_name(struct ecli_kernel *kernel, const char *name);

/* CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN, are in effect. */
bool ecli_kernel_may_load(void);
/* CAP_NET_ADMIN is in effect: what packets, sockets and cgroups take, beside the two. */
bool ecli_kernel_may_network(void);
/* Whether maps and programs count against the memory that this user may lock (ulimit -l), and that has a limit. */
bool ecli_kernel_limits_memory(void);

/* "task storage", "ring buffer"; for kinds without a usual name what the kernel's headers call them. */
const char *ecli_kernel_map_words(enum bpf_map_type type);

/* "bpf_ringbuf_reserve" for 131; NULL for a number our headers do not know. */
const char *ecli_kernel_helper_name(uint64_t number);

/* errno or libbpf's own codes, positive or negative, in words. */
const char *ecli_kernel_errno_words(int code);

#endif
