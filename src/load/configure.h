/* SPDX-License-Identifier: MIT */
/*
 * Everything that is set on an opened object before it is loaded. Needs no kernel.
 */
#ifndef ECLI_LOAD_CONFIGURE_H
#define ECLI_LOAD_CONFIGURE_H

#include <bpf/libbpf.h>

#include <ecli/load.h>

/* Writes the person's values into the first contents of the data sections. Every range is checked against its section.
 */
int ecli_configure_globals(struct bpf_object *object, const struct ecli_global *globals, size_t count,
			   struct ecli_err *err);

/* Makes map definitions acceptable to the kernel (a ring buffer's size, types given only for decoding), applies the
 * "max_entries" of the package and the buffers of @opts, and takes pins off: nothing of a run stays behind. */
int ecli_configure_maps(struct bpf_object *object, const struct ecli_package *package,
			const struct ecli_load_opts *opts, struct ecli_err *err);

/* The least power of two of pages that holds @bytes; @bytes itself where that does not fit 32 bits. */
uint32_t ecli_configure_ring_size(uint32_t bytes, uint32_t page_bytes);

/* The package's own entry for a map of the object, by the kernel's name or the source's; NULL when it has none. */
const struct ecli_package_map *ecli_configure_find_map(const struct ecli_package *package, const char *name);

/* The bytes of a global variable as they will be loaded; NULL: the object has none of that name. As a number, unsigned: -ENOENT. */
const unsigned char *ecli_configure_variable(struct bpf_object *object, const char *name, uint32_t *ret_size);
int ecli_configure_number(struct bpf_object *object, const char *name, uint64_t *ret);

/* The object's map behind a data section (".rodata", ".data.mine"), NULL when there is none. */
struct bpf_map *ecli_configure_section(struct bpf_object *object, const char *section);

#endif
