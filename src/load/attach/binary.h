/* SPDX-License-Identifier: MIT */
/*
 * Files of user programs, for probes: from "libc" or "bash" to an open file. It is opened once, through base/foreign.h: what is read of it and what
 * the kernel is told is the same file, whatever becomes of its path meanwhile.
 */
#ifndef ECLI_LOAD_ATTACH_BINARY_H
#define ECLI_LOAD_ATTACH_BINARY_H

#include <limits.h>

#include <ecli/base.h>

#include "base/foreign.h"

struct ecli_binary {
	int fd; /* -1: none */
	char path
		[PATH_MAX]; /* for sentences: where the process, or we, see it; what was asked for when there is none */
	char kernel_path[ECLI_FOREIGN_PATH]; /* for who takes a path */
	bool is_mapped;                      /* by the process that was asked about */
};

/*
 * The file that @name means: a path; the name of a library ("libc.so.6", "libc", "c") as the dynamic linker would find it; a
 * program of $PATH. With @pid (-1: none) as that process sees it: the file that it has mapped, deleted or replaced since or not, and paths from its
 * root on. 0; -ENOENT: there is none; -EUNATCH: a library or program of that name is here, and the process has not mapped it; -ESRCH: the process has
 * ended; -EREMOTE: its files cannot be looked at; -EPERM: it has mapped a file that is deleted or replaced now, and that one may not be opened; else why
 * @ret->path, which was found, is not opened (ecli_foreign_words()). The caller closes @ret, whatever comes back.
 */
int ecli_binary_open(const char *name, int pid, struct ecli_binary *ret);
void ecli_binary_close(struct ecli_binary *binary);

/* Calls @fn for each file whose code the process has mapped and that can be opened; what @fn takes it sets to fd -1. Ends with what @fn returns if that is
 * not 0; -ESRCH, -EREMOTE. */
typedef int (*ecli_binary_fn)(void *ctx, struct ecli_binary *binary);
int ecli_binary_each_mapped(int pid, ecli_binary_fn fn, void *ctx);

/*
 * Keeps everybody from writing to the file or cutting it until ecli_binary_let_go(), for a reader that maps it: writers wait, at most
 * /proc/sys/fs/lease-break-time seconds. -EBUSY: somebody has it open for writing. 0 also where the file system has no leases, and for files of others
 * when we are not root.
 */
int ecli_binary_hold(const struct ecli_binary *binary);
void ecli_binary_let_go(const struct ecli_binary *binary);

#endif
