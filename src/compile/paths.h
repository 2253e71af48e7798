/* SPDX-License-Identifier: MIT */
/*
 * Names of files in an object, freed from where they happened to be: the same source in another folder, with the cache
 * in another home, gives the same bytes.
 *
 *     ./sub/tool.bpf.c                                 tool.bpf.c
 *     /home/me/.cache/ecc/include-1f../libbpf/bpf/x.h  ecc/libbpf/bpf/x.h
 *
 * clang could map them itself (-fdebug-prefix-map), but it opens the mapped names to copy source lines into BTF: the
 * lines, which the verifier's messages need, would be missing.
 */
#ifndef ECLI_COMPILE_PATHS_H
#define ECLI_COMPILE_PATHS_H

#include <stddef.h>

/* A folder and what stands for it. */
struct ecli_path_rule {
	const char *prefix;      /* with a slash at its end; "" never fits. NULL ends the list */
	const char *replacement; /* not longer than the prefix; "" or with a slash at its end */
};

/*
 * Rewrites, in place, the names in the string table of BTF; the first rule that fits counts. Works because no string of
 * clang's table is part of another, and because the linker copies only what is referred to. BTF that is damaged is left
 * alone.
 */
void ecli_paths_clean(const struct ecli_path_rule *rules, unsigned char *btf, size_t size);

/* The folder of a source in the form of a rule: "sub/" for "./sub/tool.bpf.c". malloc'ed; NULL when out of memory. */
char *ecli_paths_dir_of(const char *source);

#endif
