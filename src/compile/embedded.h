/* SPDX-License-Identifier: MIT */
/*
 * Files that are part of the program: libbpf's kernel-side headers, ecc's prelude, the object of the prelude's map. The
 * table is written by packaging/embed.c when the program is built.
 */
#ifndef ECLI_COMPILE_EMBEDDED_H
#define ECLI_COMPILE_EMBEDDED_H

#include <stddef.h>
#include <stdint.h>

struct ecli_embedded_file {
	const char *name; /* "prelude/bpf/bpf_helpers.h"; without a folder: not a header */
	const char *data;
	size_t size;
};

enum { ECLI_EMBEDDED_LOST_MAP = 0 }; /* ecli_lost.bpf.o is the first file */
extern const struct ecli_embedded_file ecli_embedded_files[];
extern const size_t ecli_embedded_count;
extern const uint64_t ecli_embedded_hash; /* of all names and bytes */

#endif
