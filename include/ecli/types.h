/* SPDX-License-Identifier: MIT */
/*
 * An immutable, checked model of BTF: what a plan, an option or an export needs to know of a type.
 *
 * Built once from the bytes of a .BTF section (untrusted). After a successful read every id that is reachable is in range,
 * every name is NUL-terminated inside the model and (tags apart) printable ASCII, no walk over types comes back to where it
 * was except through a pointer to a struct, union or function, members lie inside their struct, and sizes do not overflow.
 * Source of the format: Documentation/bpf/btf.rst of the Linux kernel.
 */
#ifndef ECLI_TYPES_H
#define ECLI_TYPES_H

#include <ecli/base.h>

enum ecli_type_kind {
	ECLI_TYPE_VOID,
	ECLI_TYPE_INT,  /* signed or unsigned, 1 to 16 bytes; `is_signed` tells */
	ECLI_TYPE_CHAR, /* 1 byte named "char", or with CHAR encoding and not named "signed char" or "unsigned char" */
	ECLI_TYPE_BOOL,
	ECLI_TYPE_FLOAT,
	ECLI_TYPE_POINTER,
	ECLI_TYPE_ENUM, /* ENUM and ENUM64; `is_signed` tells */
	ECLI_TYPE_ARRAY,
	ECLI_TYPE_STRUCT,
	ECLI_TYPE_UNION,
	ECLI_TYPE_FORWARD,
	ECLI_TYPE_TYPEDEF,
	ECLI_TYPE_MODIFIER, /* const, volatile, restrict, type tag */
	ECLI_TYPE_FUNC,
	ECLI_TYPE_FUNC_PROTO,
	ECLI_TYPE_VAR,
	ECLI_TYPE_SECTION, /* DATASEC: its members are variables */
	ECLI_TYPE_TAG,     /* declaration tag */
};

/* A member of a struct or union, or a variable of a section. */
struct ecli_type_member {
	const char *name;     /* "" when anonymous; for a section the variable's name */
	uint32_t type_id;     /* for a section: the variable's own type, not the VAR (a kernel function: the FUNC) */
	uint64_t offset_bits; /* from the start of the struct or section */
	uint32_t bits;        /* width of a bit-field in either encoding, 0 for an ordinary member */
	uint32_t size_bytes;  /* sections only: bytes the variable takes */
	bool is_static;       /* sections only: a file-local variable */
};

struct ecli_type_value {
	const char *name;
	int64_t value; /* reinterpret as uint64_t when the enum is unsigned */
};

/* One type. Owned by the model, valid as long as it. */
struct ecli_type {
	uint32_t id;
	enum ecli_type_kind kind;
	const char *name; /* "" when it has none */
	/* Of a scalar, enum, struct, union, pointer (8), array (element size * count), section; of a typedef or modifier what it
	 * stands for has. A section straight from clang has 0 unless it was read with its object. */
	uint64_t size_bytes;
	bool is_signed;
	uint32_t int_bits; /* INT, CHAR, BOOL: width in bits; the older bit-field encoding has less than 8 * size */
	uint32_t int_offset_bits; /* the older bit-field encoding: bits to skip */
	uint32_t target_id;       /* pointer, typedef, modifier, array element, var, tag, func */
	uint32_t count;           /* array: elements */
	uint32_t param_id;        /* func proto: type of the first parameter; 0: it has none */
	uint32_t n_members;       /* struct, union, section */
	const struct ecli_type_member *members;
	uint32_t n_values; /* enum */
	const struct ecli_type_value *values;
};

struct ecli_types;

/*
 * Reads the bytes of a .BTF section (a copy is made). Little-endian only: big-endian is refused with a sentence.
 * @ret_types: owned by the caller, ecli_types_free(). Errors: -EINVAL (malformed, with where), -ENOTSUP (big-endian), -ENOMEM.
 */
int ecli_types_read(const void *btf, size_t size_bytes, struct ecli_err *err, struct ecli_types **ret_types);

/*
 * Reads the .BTF section of an ELF object in memory. Sections of variables that no linker has filled in get their size and the
 * offsets of their variables from the object. -ENOENT when it has no BTF ("... compile it with -g"), -ENOTSUP (big-endian).
 */
int ecli_types_read_object(const void *elf, size_t size_bytes, struct ecli_err *err, struct ecli_types **ret_types);

void ecli_types_free(struct ecli_types *types); /* NULL is fine */

uint32_t ecli_types_count(const struct ecli_types *types); /* ids are 0 (void) to count - 1 */
/* NULL when @id is out of range. */
const struct ecli_type *ecli_types_get(const struct ecli_types *types, uint32_t id);
/* Follows typedefs, const, volatile, restrict and type tags. Never NULL for an id taken from the model. */
const struct ecli_type *ecli_types_resolve(const struct ecli_types *types, uint32_t id);
/* The first type of that kind and name, or NULL. */
const struct ecli_type *ecli_types_find(const struct ecli_types *types, enum ecli_type_kind kind, const char *name);

/* Appends the type as C writes it without a variable name: "unsigned long long", "char[16]", "struct event *", "u64". What has
 * no name is "struct {...}", parameters are left out: "int (*)()". Nothing when @id is out of range. */
void ecli_type_format(const struct ecli_types *types, uint32_t id, struct ecli_buf *buf);

/* One BPF map as its definition in ".maps" tells (BTF-defined maps; __uint and __type members decoded). */
struct ecli_type_map {
	const char *name;
	uint32_t map_type;                          /* BPF_MAP_TYPE_* */
	uint32_t key_type_id, value_type_id;        /* 0 when not given */
	uint32_t pinning;                           /* LIBBPF_PIN_BY_NAME: 1; 0: none */
	uint32_t key_size, value_size, max_entries; /* 0 when not given; sizes of the types when only those are given */
};
/* Number of map definitions, and the @index-th one. False when @index is out of range. */
uint32_t ecli_types_map_count(const struct ecli_types *types);
bool ecli_types_map(const struct ecli_types *types, uint32_t index, struct ecli_type_map *ret_map);

#endif
