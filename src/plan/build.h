/* SPDX-License-Identifier: MIT */
/*
 * Between the two halves of building: walk.c goes over a type, build.c knows records and columns.
 */
#ifndef ECLI_PLAN_BUILD_H
#define ECLI_PLAN_BUILD_H

#include "plan/ops.h"

struct builder {
	const struct ecli_types *types;
	const struct ecli_plan_note *notes;
	size_t n_notes;
	struct ecli_err *err;
	struct ecli_plan *plan;
	uint32_t room;  /* in ops, fields and columns of the plan */
	uint32_t looks; /* at members, so far */
	/* The top-level field being added; its index is the number of columns finished. */
	bool is_hidden;
	bool may_vary; /* a record's end may lie within its last column */
	/* Of a key and value: columns before this one are the key's. 0: there is no key. */
	uint32_t n_key_columns;
};

/* A place in the record and what is there: a member, an element, or the record itself. */
struct spot {
	const char *name;
	uint32_t type_id;
	uint64_t offset_bits;
	uint32_t bits;      /* of a bit-field, else 0 */
	uint32_t depth;     /* of its field */
	uint32_t nesting;   /* of this walk: flattened members count too */
	const char *format; /* by tag, or NULL */
	const char *stacks; /* the same */
	const char *unit;   /* the same */
	bool is_flat;       /* its members are its parent's: the record, an anonymous member */
};

/* walk.c: adds the ops for a place. Nothing when there are no bytes to show. */
int plan_add_spot(struct builder *builder, const struct spot *spot);
/* walk.c: the same, without the bounds and without a column. */
int plan_add_by_kind(struct builder *builder, const struct spot *spot);
/* walk.c: the same for an array of unknown length, as if it had one element. */
int plan_add_flexible(struct builder *builder, const struct spot *spot);
/* build.c: a place that is a top-level field. */
int plan_add_column(struct builder *builder, const struct spot *spot);
/* widen.c: makes room for sums in the value, whose ops begin at @first and whose bytes at @value_offset. */
void plan_widen(struct builder *builder, uint32_t value_id, uint32_t first, uint32_t value_offset);
/* walk.c: a column of 8 bytes, or a number of 4, that no type describes. */
int plan_add_made(struct builder *builder, const char *name, enum plan_code code, enum ecli_value_kind kind,
		  uint64_t offset_bytes);
/* build.c: an empty plan; the type whole, at @offset_bytes (the members of a struct, or one column called @name); names and a last check. */
int plan_start(struct builder *builder);
int plan_add_record(struct builder *builder, uint32_t type_id, const char *name, uint64_t offset_bytes);
int plan_finish(struct builder *builder, struct ecli_plan **ret_plan);
/* formats.c: the format of a place; ECLI_AS_NUMBER: none. */
enum ecli_as plan_format_of(const struct builder *builder, const struct spot *spot);
/* formats.c: whether all bytes of the place are one value in that format, whatever is in them. */
bool plan_format_is_whole(const struct ecli_type *type, enum ecli_as as);
/* formats.c: gives a field of the plan its format. @type: of the place. @names: of an enum, or NULL. 0 or -ENOMEM. */
int plan_format_set(struct builder *builder, uint32_t field_index, enum ecli_as as, const struct ecli_type *type,
		    const struct plan_enum *names);
/* formats.c: gives a stack the name of its map, which is copied; nothing without a name or for another format. 0 or -ENOMEM. */
int plan_format_set_stacks(struct builder *builder, uint32_t field_index, const char *stacks);
/* raw_names.c: names of formatted fields and of their raw values, when all fields are there. 0 or -ENOMEM. */
int plan_name_raw_values(struct builder *builder);
/* Keeps @text, which it takes over (NULL: out of memory), for the life of the plan. NULL when there is no memory. */
const char *plan_keep_name(struct ecli_plan *plan, char *text);
/* Returns -ENOMEM. */
int plan_no_memory(struct builder *builder);

#endif
