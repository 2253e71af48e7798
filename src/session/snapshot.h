/* SPDX-License-Identifier: MIT */
/* One look at a sampled map as one of its tables: gathered, so that columns can be computed, rows sorted and cut, and sums made. */
#ifndef ECLI_SESSION_SNAPSHOT_H
#define ECLI_SESSION_SNAPSHOT_H

#include <ecli/package.h>
#include <ecli/plan.h>
#include <ecli/session.h>

#include "plan/formula.h"
#include "session/sampler.h"

struct snapshot {
	const struct ecli_plan *plan;  /* borrowed: of the rows */
	const struct sampler *sampler; /* borrowed: of the entries */
	struct formulas *formulas;     /* borrowed; NULL: nothing is computed */
	size_t row_bytes, base_bytes;  /* of a row, and of the entry that it begins with */
	size_t computed_at;            /* in a row */
	size_t stride; /* from one row to the next in `rows`: a row, and the entry's growth when it is needed */
	const struct ecli_field *sort; /* a column of the plan; NULL: as they come */
	bool is_descending;
	bool is_reversed; /* what is left of the rows is shown from its end */
	bool has_total;
	uint64_t top; /* rows shown; 0: all */
	struct ecli_buf rows[ECLI_SINCES];
};

/* For rows of @plan, computed by @formulas (may be NULL) from the entries of @sampler; all borrowed. */
void snapshot_init(struct snapshot *snapshot, const struct ecli_plan *plan, const struct sampler *sampler,
		   struct formulas *formulas);
/* @word: a column, with or without a sign. -EINVAL: there is none of that name (says which there are). */
int snapshot_sort(struct snapshot *snapshot, const char *word, const char *map, struct ecli_err *err);
void snapshot_done(struct snapshot *snapshot);

/* Keeps an entry: records of the sampler's plan. 0 or -ENOMEM. */
int snapshot_add(struct snapshot *snapshot, enum ecli_since since, const uint8_t *now, const uint8_t *growth);

/* How many entries are kept. */
size_t snapshot_count(const struct snapshot *snapshot, enum ecli_since since);

struct snapshot_calls {
	bool (*wants)(void *ctx, const void *row, size_t size_bytes); /* NULL: every row */
	int (*show)(void *ctx, const void *row, size_t size_bytes);   /* in order; something else than 0 ends it */
	int (*total)(void *ctx, const void *row, size_t size_bytes);  /* after the last one, of all that are wanted */
	bool (*is_over)(void *ctx);                /* NULL: never; asked for every row: there is no time for more */
	void (*left_out)(void *ctx, size_t count); /* with is_over: so many rows were not shown */
	void *ctx;
};
/* Computes, sorts, cuts and shows the rows that count since then, then forgets them. What a call returned, 0, or -ENOMEM. */
int snapshot_show(struct snapshot *snapshot, enum ecli_since since, const struct snapshot_calls *calls);

#endif
