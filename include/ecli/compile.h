/* SPDX-License-Identifier: MIT */
/*
 * ecc's half: C source -> object -> package. Runs clang as a child process, reads doc comments, decides what to export.
 *
 *     tool.bpf.c, tool.h -- lexer --> comments, struct names          vmlinux.h, prelude: from the cache
 *                        -- clang --> object with DWARF -- linker --> stripped object -- BTF --> exports, variables, maps
 */
#ifndef ECLI_COMPILE_H
#define ECLI_COMPILE_H

#include <ecli/package.h>

enum ecli_compile_step { ECLI_COMPILE_CLANG, ECLI_COMPILE_EXPORTS, ECLI_COMPILE_PACK };

struct ecli_compile_opts {
	const char *source;     /* tool.bpf.c */
	const char *header;     /* tool.h, or NULL */
	const char *output_dir; /* NULL: beside the source */
	const char *btf_path;   /* NULL: the running kernel's */
	const char *target;     /* architecture, NULL: this machine's */
	/* Kernels without BTF of their own: files and folders with theirs, NULL-terminated, or NULL (docs/formats/package.md). */
	const char *const *btf_for;
	const char *clang;         /* NULL: the newest of clang, clang-NN in PATH */
	const char *const *cflags; /* NULL-terminated extra flags, or NULL */
	bool keep_object;          /* also write NAME.bpf.o */
	bool skeleton;             /* also write NAME.skel.json, the package without its object, and NAME.bpf.o */
	bool no_package;           /* write these two and no package.json */
	bool header_only;          /* the source is a header: its structs are exported; @header must be NULL */
	/* Called as each step begins. May be NULL. */
	void (*on_step)(void *ctx, enum ecli_compile_step step);
	void *ctx;
};

/*
 * Compiles and writes package.json, whole or not at all. clang's own messages go to the process's standard error unchanged.
 * @ret_path: path of the package, with no_package of NAME.skel.json (malloc'ed). Errors: ECLI_FAIL_ERROR with "" as text when clang has already said why.
 */
int ecli_compile(const struct ecli_compile_opts *opts, struct ecli_err *err, char **ret_path);

#endif
