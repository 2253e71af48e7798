/* SPDX-License-Identifier: MIT */
/* One round of a sampled map, gathered so that it can be sorted and cut before it is shown; and per-CPU values made one. */
#ifndef ECLI_SESSION_SNAPSHOT_H
#define ECLI_SESSION_SNAPSHOT_H

#include <ecli/package.h>
#include <ecli/plan.h>
#include <ecli/session.h>
#include <ecli/types.h>

struct snapshot {
	const struct ecli_plan *plan; /* borrowed */
	/* Per-CPU maps: where the values begin and how far they lie apart; 0 apart: an entry has one value. */
	uint32_t value_offset, value_stride;
	enum ecli_fold fold;
	uint8_t *folded; /* owned: a record with one value */
	/* Sorting. NULL and 0: entries are shown as they come. */
	const struct ecli_field *sort; /* a column of the plan */
	bool is_descending;
	bool is_reversed; /* what --top leaves is shown from its end */
	uint64_t top;     /* entries shown; 0: all */
	struct ecli_buf records;
	size_t record_bytes; /* of those gathered */
};

/* For the entries of @map, shown by @plan (borrowed). 0 or -ENOMEM; snapshot_done() in any case. */
int snapshot_init(struct snapshot *snapshot, const struct ecli_plan *plan, const struct ecli_type_map *map,
		  enum ecli_fold fold, struct ecli_err *err);
/* @word: a column, with or without a sign. -EINVAL: there is none of that name (says which there are). */
int snapshot_sort(struct snapshot *snapshot, const char *word, const char *map, struct ecli_err *err);
void snapshot_done(struct snapshot *snapshot);

/* Whether entries are gathered: snapshot_add() then, otherwise each is shown as snapshot_fold() leaves it. */
bool snapshot_gathers(const struct snapshot *snapshot);
/* The entry with one value: @data itself, or a copy that the next call overwrites. NULL when it is too short. */
const void *snapshot_fold(struct snapshot *snapshot, const void *data, size_t size_bytes, size_t *ret_size_bytes);
/* Keeps a folded entry. 0 or -ENOMEM. */
int snapshot_add(struct snapshot *snapshot, const void *data, size_t size_bytes);
/* Calls @fn for the entries kept, in order, until it returns something else than 0, which is returned; then forgets them. -ENOMEM. */
typedef int (*snapshot_fn)(void *ctx, const void *data, size_t size_bytes);
int snapshot_show(struct snapshot *snapshot, snapshot_fn fn, void *ctx);

#endif
