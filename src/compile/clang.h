/* SPDX-License-Identifier: MIT */
/* clang: finding the newest one, and running it on one source with the headers of the cache. */
#ifndef ECLI_COMPILE_CLANG_H
#define ECLI_COMPILE_CLANG_H

#include "compile/cache.h"
#include "compile/run.h"
#include "compile/target.h"

#define ECLI_CLANG_MIN_VERSION 14 /* the first whose BTF and relocations the loaders of today take without surprises */

/*
 * @wanted: a path or a name to look for in PATH, taken as it is; NULL: the newest of clang and clang-NN in PATH.
 * @ret_path: malloc'ed. -ENOENT with a sentence that says what to install.
 */
int ecli_clang_find(const char *wanted, struct ecli_calm *calm, struct ecli_err *err, char **ret_path);

/* The version in the name of a clang: "/usr/lib/llvm-14/bin/clang" and "clang-14" are 14; 0 when no name tells. */
unsigned int ecli_clang_version_of(const char *path);

struct ecli_clang_job {
	const char *clang;
	const char *source;
	const struct ecli_cache *cache;
	const struct ecli_target *target;
	int include_fd;            /* memory file to include before the source, -1: none */
	const char *const *cflags; /* NULL-terminated, or NULL */
	bool is_header;            /* a header: compiled as C all the same, not precompiled */
};

/*
 * Compiles into a memory file. clang writes its messages itself; when it fails, the error has "" as text.
 * @ret_object_fd: the object, owned by the caller.
 */
int ecli_clang_run(const struct ecli_clang_job *job, struct ecli_calm *calm, struct ecli_err *err, int *ret_object_fd);

#endif
