/* SPDX-License-Identifier: MIT */
/*
 * Inside of a plan: the ops, and who touches them.
 *
 *     formats.c what a value means to a person                            raw_names.c  what JSON calls raw values
 *     build.c   records and columns    walk.c   type -> ops, recursion bounded    enums.c  sorted names of enums
 *     table.c   rows of tables: key, value, what is computed, in the order in which it is shown
 *     verify.c  a second opinion: no op reaches outside of the record, every loop and group closes
 *     widen.c   numbers of tables get room for sums
 *     fold.c    several values of a per-CPU map into one; the growth of a value
 *     drop.c    without the columns that nothing measures
 *     run.c     ops + bytes -> visitor, the hot loop                     dump.c    ops -> text      plan.c  the rest
 *
 * An op says where its bytes are in the first round of every loop around it; each further round moves all of it on by
 * the stride. So a nested array costs one addition a round, and an op needs no base of its own.
 */
#ifndef ECLI_PLAN_OPS_H
#define ECLI_PLAN_OPS_H

#include <ecli/plan.h>
#include <ecli/types.h>

#include "base/cleanup.h"

#define PLAN_MAX_OPS     4096u
#define PLAN_MAX_NESTING 32u
#define PLAN_MAX_BITS    128u

enum plan_code {
	OP_BITS,  /* 1 to 64 bits anywhere: bit-fields, odd sizes, enums */
	OP_UINT8, /* numbers that lie whole on bytes, the usual case */
	OP_UINT16,
	OP_UINT32,
	OP_UINT64,
	OP_SINT8,
	OP_SINT16,
	OP_SINT32,
	OP_SINT64,
	OP_BOOL8,
	OP_WIDE, /* 65 to 128 bits anywhere */
	OP_FLOAT32,
	OP_FLOAT64,
	OP_STRING,
	OP_BYTES,
	OP_WORDS, /* bytes of which only those up to the last NUL that ends a word count; all of them as a tail */
	OP_OPEN,  /* from here on: structure */
	OP_CLOSE,
	OP_LOOP,
	OP_NEXT,
	OP_COUNT
};

/* The names of one enum, sorted by value, each value once (the name declared first). */
struct plan_enum {
	uint32_t type_id;
	uint32_t count;
	struct ecli_type_value values[];
};

struct plan_op {
	uint8_t code;     /* enum plan_code */
	uint8_t shift;    /* BITS, WIDE: bits to skip in the first byte */
	uint8_t bits;     /* BITS, WIDE: width */
	uint32_t offset;  /* leaves, LOOP: bytes from the start of the record */
	uint32_t size;    /* leaves: bytes looked at; LOOP, NEXT: the stride */
	uint32_t count;   /* LOOP, NEXT: rounds, at least 1 */
	uint32_t partner; /* OPEN and CLOSE, LOOP and NEXT: the other one */
	uint32_t field;
	uint8_t narrow_bytes; /* of a number that was made 8 bytes wide: what it has in a map; else 0 (widen.c) */
	const struct plan_enum *names; /* enums, else NULL */
};

struct plan_dropped;

struct ecli_plan {
	uint32_t n_ops, n_fields, n_columns, n_enums, n_renamed, n_formats;
	uint64_t size_bytes;
	bool has_gaps;                /* members that are the kernel's own business are left out (walk.c) */
	uint32_t value_offset, times; /* of a table that is wider than its map's values (widen.c) */
	struct plan_op *ops;
	struct ecli_field *fields;
	uint32_t *columns; /* the first op of each top-level field */
	struct plan_enum **enums;
	char **renamed; /* names that are not the type model's */
	struct ecli_field_format **formats;
	struct plan_dropped *dropped; /* columns that are not there any more (drop.c) */
	uint32_t n_dropped;
	/* A last column whose length a record decides: a string or loop that begins at tail_offset (build.c). */
	bool has_tail;
	bool is_tail_open;    /* a flexible array: nothing but the record's end ends it */
	uint32_t tail;        /* its op: what verify.c looks at is one element */
	uint32_t tail_offset; /* the least a record must have */
	bool has_time;
	uint32_t time_offset;
	const char *time_name;
};

DEFINE_CLEANUP(plan, struct ecli_plan *, ecli_plan_free)

static inline bool plan_op_is_leaf(const struct plan_op *op)
{
	return op->code < OP_OPEN;
}

/* The first op that may lie beyond what every record has. */
static inline uint32_t plan_tail(const struct ecli_plan *plan)
{
	return plan->has_tail ? plan->tail : UINT32_MAX;
}

/* The least a record must have. */
static inline uint64_t plan_least(const struct ecli_plan *plan)
{
	return plan->has_tail ? plan->tail_offset : plan->size_bytes;
}

/* How far ops may look, when the tail has its length, or one element if it is open. */
static inline uint64_t plan_reach(const struct ecli_plan *plan)
{
	uint64_t end = plan->is_tail_open ? (uint64_t)plan->tail_offset + plan->ops[plan->tail].size : 0;

	return end > plan->size_bytes ? end : plan->size_bytes;
}

/* enums.c: the table for a type, made at its first use. -ENOMEM. */
int plan_enum_get(struct ecli_plan *plan, const struct ecli_type *type, const struct plan_enum **ret_names);
/* enums.c: NULL when no name has that value. */
const char *plan_enum_name(const struct plan_enum *names, int64_t value);
/* Of an array of @size bytes that holds words, each ended by a NUL: how many bytes they are. What is zero behind them is not in use. */
static inline size_t plan_words_len(const char *words, size_t size)
{
	size_t len = size;

	while (len && !words[len - 1])
		len--;
	return len && len < size ? len + 1 : len;
}

/* run.c: the value of a leaf whose bytes begin at @bytes; all of them must be there. */
void plan_load(const struct plan_op *op, const struct ecli_field *field, const void *bytes, struct ecli_value *ret);

/* fold.c: whether the field is a quantity: addresses, ids and error codes are numbers, too, and have no sum. */
bool plan_is_quantity(const struct plan_op *op, const struct ecli_field *field);

/* drop.c */
void plan_free_dropped(struct ecli_plan *plan);

/* verify.c: 0 or -EINVAL. */
int plan_verify(const struct ecli_plan *plan);

#endif
