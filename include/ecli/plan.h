/* SPDX-License-Identifier: MIT */
/*
 * A plan: how to walk the bytes of one event type. Built once from the type model, then run per record without recursion,
 * allocation or BTF. A visitor gets every field in struct order; renderers are visitors and see nothing of BTF.
 *
 *     struct event { char comm[16]; struct { u32 a, b; } p; int v[2]; };
 *
 *     string comm @0 16            leaf  -> visitor.leaf
 *     open   p                     group -> visitor.open
 *     uint   a @16 4
 *     uint   b @20 4
 *     close  p                           -> visitor.close
 *     loop   v @24 stride 4 x 2
 *     sint   @24 4
 *     next   v
 */
#ifndef ECLI_PLAN_H
#define ECLI_PLAN_H

#include <ecli/base.h>

struct ecli_types; /* types.h */

enum ecli_value_kind {
	ECLI_VALUE_UINT,
	ECLI_VALUE_SINT,
	ECLI_VALUE_BOOL,
	ECLI_VALUE_CHAR,   /* one character; `u` holds the byte */
	ECLI_VALUE_STRING, /* char array up to its NUL; any bytes, not necessarily UTF-8 */
	ECLI_VALUE_ENUM,   /* `name` or NULL, and the number in `u` or `s` (is_signed) */
	ECLI_VALUE_POINTER,
	ECLI_VALUE_FLOAT,
	ECLI_VALUE_UINT128,
	ECLI_VALUE_SINT128,
	ECLI_VALUE_BYTES, /* a float of 2, 12 or 16 bytes: raw bytes in `str`, shown as hex */
};

/* What is constant of a field. Owned by the plan. */
struct ecli_field {
	const char *name;          /* member name; "" for an array element */
	enum ecli_value_kind kind; /* of leaves */
	uint32_t size_bytes;       /* of leaves: width of the value; strings: of the array */
	uint32_t depth;            /* 0: a top-level field of the record, a column */
	uint32_t column;           /* index of the top-level field this belongs to */
	bool is_signed;
	bool hidden; /* not a column of table and plain output; JSON has it. True for all fields of such a column */
};

struct ecli_value {
	enum ecli_value_kind kind;
	union {
		uint64_t u;
		int64_t s;
		double f;
		__extension__ unsigned __int128 wide;
		struct {
			const char *text; /* into the record, not NUL-terminated */
			size_t len;
		} str;
	};
	const char *name; /* ENUM only */
};

enum ecli_group { ECLI_GROUP_STRUCT, ECLI_GROUP_ARRAY };

struct ecli_visitor {
	void (*leaf)(void *ctx, const struct ecli_field *field, const struct ecli_value *value);
	void (*open)(void *ctx, const struct ecli_field *field, enum ecli_group group);
	void (*close)(void *ctx, const struct ecli_field *field, enum ecli_group group);
};

/* How a named top-level field is treated, from the package (doc tags). */
struct ecli_plan_note {
	const char *field;
	bool hidden; /* @hidden: JSON only */
	bool is_time; /* @time: bpf_ktime_get_ns() of the event; gives the row its time and is not shown. A 64-bit integer */
};

struct ecli_plan;

/*
 * @types: must outlive the plan. @type_id: a struct or union (typedefs are followed), or any sized type: a scalar is shown
 * as one column called "value". @notes: may be NULL when @n_notes is 0; a note for a field that does not exist is ignored.
 * Anonymous struct and union members are flattened into their parent, as C names them. Members without bytes (flexible and empty
 * arrays, empty structs) and without a name (padding) are left out: a group or column always has a leaf.
 * Errors: -EINVAL (not decodable: says which member and why), -E2BIG (more than 4096 ops), -ENOMEM.
 */
int ecli_plan_build(const struct ecli_types *types, uint32_t type_id, const struct ecli_plan_note *notes,
		    size_t n_notes, struct ecli_err *err, struct ecli_plan **ret_plan);

/*
 * A row of a sampled map: the key's fields, then the value's. The record handed to ecli_plan_run() is the key, padded to 8
 * bytes, then the value. A scalar key or value becomes a column "key" or "value"; a field of the value that has the name of one
 * of the key's is called "value_NAME", so that each name is there once.
 */
int ecli_plan_build_pair(const struct ecli_types *types, uint32_t key_id, uint32_t value_id,
			 const struct ecli_plan_note *notes, size_t n_notes, struct ecli_err *err,
			 struct ecli_plan **ret_plan);

/* A member of a record that no type describes. */
struct ecli_plan_member {
	const char *name; /* copied */
	uint32_t type_id, offset_bytes;
};

/*
 * A record described by hand: the members in the order of their offsets, a column each; ecli_plan_size() is the end of the last.
 * Errors: -EINVAL (no member; two overlap; one has no name, the name of another, or a type without bytes; sizes do not fit), -E2BIG,
 * -ENOMEM.
 */
int ecli_plan_build_members(const struct ecli_types *types, const struct ecli_plan_member *members, size_t n_members,
			    struct ecli_err *err, struct ecli_plan **ret_plan);

void ecli_plan_free(struct ecli_plan *plan);

uint64_t ecli_plan_size(const struct ecli_plan *plan); /* bytes a record must have at least */
uint32_t
ecli_plan_columns(const struct ecli_plan *plan); /* top-level fields, hidden ones included, the @time one not */
/* The @index-th top-level field; for a group its kind is the kind of its first leaf. */
const struct ecli_field *ecli_plan_column(const struct ecli_plan *plan, uint32_t index);
bool ecli_plan_column_is_group(const struct ecli_plan *plan, uint32_t index);
bool ecli_plan_has_time(const struct ecli_plan *plan);

/*
 * Runs the plan over one record. @data need not be aligned. -EBADMSG when @size_bytes is less than ecli_plan_size(): the
 * visitor is then not called at all. A longer record is fine (perf records are padded).
 */
int ecli_plan_run(const struct ecli_plan *plan, const void *data, size_t size_bytes, const struct ecli_visitor *visitor,
		  void *ctx);
/* The @time field of a record in ns of CLOCK_MONOTONIC; false when the plan has none or the record is too short. */
bool ecli_plan_time(const struct ecli_plan *plan, const void *data, size_t size_bytes, uint64_t *ret_ns);

/* Readable text of the ops, one a line, as in the picture above; bit-fields are "@BYTE.BIT bits N", enums end with how many
 * names they have, hidden columns with "hidden", and the @time field comes first. */
void ecli_plan_dump(const struct ecli_plan *plan, struct ecli_buf *buf);

#endif
