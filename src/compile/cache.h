/* SPDX-License-Identifier: MIT */
/*
 * Folders of headers for clang: what the program carries, and vmlinux.h made from BTF. They live in the cache and are
 * made once.
 *
 *     $XDG_CACHE_HOME/ecc/include-<hash>/prelude/bpf/bpf_helpers.h     ours, in front
 *                                        libbpf/bpf/...                libbpf's kernel-side headers
 *                         vmlinux-<hash>/vmlinux.h                     one folder a kernel
 *
 * A header that is not exactly what it should be is written again. Every file is replaced as a whole, so two runs at
 * once do not disturb each other. Without a usable cache the folders are temporary and go with the run.
 */
#ifndef ECLI_COMPILE_CACHE_H
#define ECLI_COMPILE_CACHE_H

#include <ecli/base.h>

#define ECLI_CACHE_KERNEL_BTF "/sys/kernel/btf/vmlinux"

struct ecli_cache {
	char *root;        /* absolute */
	char *include_dir; /* include-<hash> */
	char *vmlinux_dir; /* NULL: there is no BTF to make it from */
	bool is_temporary; /* root is removed at the end */
};

/*
 * @btf_path: BTF of another kernel, raw or in an ELF file; NULL: @kernel_btf, and when that does not exist there is no
 * vmlinux.h. @kernel_btf: ECLI_CACHE_KERNEL_BTF but in tests. @target: whose registers vmlinux.h has.
 */
struct ecli_target;
int ecli_cache_open(const char *btf_path, const char *kernel_btf, const struct ecli_target *target,
		    struct ecli_err *err, struct ecli_cache *ret_cache);
void ecli_cache_close(struct ecli_cache *cache);

#endif
