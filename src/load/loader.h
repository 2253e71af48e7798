/* SPDX-License-Identifier: MIT */
/*
 * Loading through a loader program (docs/design/0005-loader-program.md): libbpf turns the configured object into one
 * program of the kernel's "syscall" kind, and that one makes the maps and loads the programs, in one go and inside the
 * kernel, which also does the relocations. User space never reads the kernel's types.
 */
#ifndef ECLI_LOAD_LOADER_H
#define ECLI_LOAD_LOADER_H

#include <bpf/libbpf.h>

#include <ecli/base.h>

#include "load/fds.h"

/* Whether a loader program can do what this object, opened from @data, needs. On false @ret_why says why not, a constant. */
bool ecli_loader_fits(const struct bpf_object *object, const unsigned char *data, size_t size, const char **ret_why);

/* The most maps of an object. */
#define ECLI_LOADER_MAPS 64

/* Code and data of a loader program, in memory of the object it was made of. Zero-initialise. */
struct ecli_loader_program {
	const void *data, *code;
	uint32_t data_size, code_size;
	bool unmade[ECLI_LOADER_MAPS]; /* by map: not wanted, made all the same, and to be closed */
};

/* The first half of ecli_loader_run(), which needs no kernel. 0, or a negative errno with @ret_why. */
int ecli_loader_make(struct bpf_object *object, const char **ret_why, struct ecli_loader_program *ret_program);

/*
 * Loads the opened and configured @object, all its programs, and its maps but those with autocreate off. The object itself
 * stays as it was for libbpf's own functions: unloaded, and of no further use than for names and definitions.
 * 0 with @ret_fds (own); or a negative errno, which says no more than that the kernel refused one step, with @ret_why.
 */
int ecli_loader_run(struct bpf_object *object, const char **ret_why, struct ecli_fds *ret_fds);

#endif
