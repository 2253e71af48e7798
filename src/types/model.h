/* SPDX-License-Identifier: MIT */
/*
 * Inside of the type model. Four steps fill it, each in its own file, and nothing changes it afterwards:
 *
 *     object.c   ELF object -> bytes of .BTF, sizes and offsets of variables from the symbol table
 *     read.c     bytes -> arrays below, every record inside the bytes, every name inside the strings
 *     check.c    every reference in range and of a kind that makes sense, no loops, every size and offset consistent
 *     model.c    look-ups                    format.c  C text                 maps.c  map definitions
 *
 * A model that fails a step is freed, so look-ups never see an unchecked one.
 */
#ifndef ECLI_TYPES_MODEL_H
#define ECLI_TYPES_MODEL_H

#include <assert.h>
#include <endian.h>

#include <ecli/types.h>

#include "base/cleanup.h"

static_assert(__BYTE_ORDER == __LITTLE_ENDIAN, "numbers in objects and events are taken as they are");

/* Limits of the kernel (include/uapi/linux/btf.h, BTF_MAX_SIZE in kernel/bpf/btf.c): no object above them can be
 * loaded. */
#define TYPES_MAX_BYTES (16u << 20)
#define TYPES_MAX_COUNT 0x000fffffu

/* What `raw` holds for a type: its kind in the bytes, and one bit more where that kind has one. */
#define RAW_KIND 0x1f
#define RAW_FLAG 0x80 /* forward: of a union; variable: file-local */

struct ecli_types {
	uint32_t count; /* types, void included */
	struct ecli_type *types;
	uint32_t *resolved; /* per type: what it is past typedefs and modifiers */
	uint8_t *raw;       /* per type: see RAW_ */
	struct ecli_type_member *members;
	struct ecli_type_value *values;
	char *strings; /* ends with a NUL */
	uint32_t strings_size;
	uint32_t maps_id; /* the section ".maps", 0 when there is none */
};

DEFINE_CLEANUP(types, struct ecli_types *, ecli_types_free)

/* read.c: fills a model from bytes; references are not yet checked. */
int types_parse(const void *btf, size_t size_bytes, struct ecli_err *err, struct ecli_types **ret_types);
/* check.c: the rest of the promises in the public header; computes `resolved` and the sizes that follow from others. */
int types_check(struct ecli_types *types, struct ecli_err *err);
/* check.c: that the variables of one section lie in it; again after object.c has placed them. */
int types_check_section(const struct ecli_types *types, const struct ecli_type *section, struct ecli_err *err);
/* read.c: "the type information (BTF) is damaged: type 12 (event): ...". Returns -EINVAL. */
int types_malformed(const struct ecli_types *types, uint32_t id, struct ecli_err *err, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
