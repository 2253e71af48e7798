/* SPDX-License-Identifier: MIT */
/*
 * The types that the records of one source can have: one in most packages, several when only a record's size can tell.
 */
#ifndef ECLI_SESSION_RECORDS_H
#define ECLI_SESSION_RECORDS_H

#include <ecli/package.h>
#include <ecli/plan.h>
#include <ecli/render.h>
#include <ecli/types.h>
#include <ecli/where.h>

#include "session/snapshot.h"
#include "session/stacks.h"

/* What becomes of a record in a profile (profile.c). */
struct profile_row {
	struct stack_number weight; /* none: each row counts 1 */
	uint32_t name;              /* column of the process's name; STACKS_NONE: it has none */
};

struct record {
	struct ecli_plan *plan;           /* owned */
	uint32_t type_id;                 /* of the struct that the plan is of; 0: it is of none */
	uint32_t pair[2];                 /* types of key and value that the plan is of; 0: it is of no pair */
	struct ecli_where_program *where; /* owned; NULL: every row is wanted */
	uint64_t least_bytes, most_bytes; /* that a record can have */
	uint64_t matched;                 /* rows that the sampling has counted */
	bool is_sampled;                  /* in the kernel already */
	struct ecli_render *render;       /* owned; one of these three is not NULL: what the rows are */
	struct ecli_render_stack *stack;  /* owned */
	struct ecli_render_hist *hist;    /* owned */
	struct stack_row *stacks;         /* owned; NULL: no column is a stack */
	struct profile_row profile;       /* with stacks only */
	/* Of a table of a sampled map, else NULL. */
	bool has_several;                         /* rows, in some look so far, or could have */
	char *slots;                              /* owned: the column of counters of a histogram; NULL: it is none */
	const struct ecli_package_sample *sample; /* borrowed: what the package says of it */
	struct formulas *formulas;                /* owned: its columns, NULL: as they are */
	struct snapshot snapshot;
};

struct records {
	struct record *items; /* in the order in which they are preferred, all of different sizes */
	size_t count;         /* 0: the source has no records with a type, or is no source */
};

/* What the package says of a map; NULL when it says nothing. */
const struct ecli_package_map *records_tags(const struct ecli_package *package, const char *map);

/* Whether the package says that the map is not to be exported. */
bool records_are_left_out(const struct ecli_package *package, const char *map);

/*
 * Finds the types of a ring or perf buffer's records. None (count 0) when the package says that the map is not to be
 * exported. Errors: no type is known (says how to name one), or none can be decoded.
 */
int records_of_buffer(const struct ecli_package *package, const struct ecli_types *types,
		      const struct ecli_type_map *map, struct ecli_err *err, struct records *ret);

/*
 * The tables of what is sampled, a type each, and the sampler that they share (sampled.c). @sample: the first of them, which must outlive the
 * result. Errors: a type or formula that cannot be. Both are to be done in any case.
 */
int records_of_sample(const struct ecli_package *package, const struct ecli_types *types, const struct sampled *what,
		      const struct ecli_package_sample *sample, struct ecli_err *err, struct sampler *ret_sampler,
		      struct records *ret);

/* The member of a value that holds the counters of a histogram, "value" when that is an array itself. NULL: there is none. */
const char *records_slots(const struct ecli_types *types, uint32_t value_id);

/* Says how long records can be, as the buffer has them. @may_append: programs can put the packet behind the record. */
void records_set_sizes(struct records *records, bool is_perf, bool may_append);

/* The type of a record of @size_bytes: of that size exactly, else the first that fits in, else the first. */
struct record *records_pick(const struct records *records, size_t size_bytes, bool is_perf);

/* Adds a type; @plan is owned from now on, also on failure. @type_id: of its struct, 0 when it is of none. 0 or -ENOMEM. */
int records_add(struct records *records, struct ecli_plan *plan, uint32_t type_id, struct ecli_err *err);

void records_done(struct records *records);

#endif
