/* SPDX-License-Identifier: MIT */
/* Which rows of a run the person wants: --where and --sample, from their texts to the kernel side and to each row. */
#ifndef ECLI_SESSION_WANTED_H
#define ECLI_SESSION_WANTED_H

#include <ecli/load.h>
#include <ecli/where.h>

#include "session/sources.h"

struct wanted {
	struct ecli_where *where;         /* NULL: every row */
	struct ecli_load_filter *filters; /* for the kernel side, one a type */
	size_t n_filters;
	uint32_t sample; /* 0: all rows */
};

/* Before loading: binds @where (NULL: none) to the records of all sources. Errors: ECLI_FAIL_USAGE with a sentence, -ENOMEM. wanted_done() in
 * any case. */
int wanted_prepare(struct wanted *wanted, const char *where, uint32_t sample, struct sources *sources,
		   struct ecli_err *err);
/* After loading: learns what the kernel does, and says so with -v. */
void wanted_loaded(struct wanted *wanted, const struct ecli_load *load, struct sources *sources);
void wanted_done(struct wanted *wanted);

static inline bool wanted_matches(const struct record *type, const void *data, size_t size_bytes)
{
	return !type->where || ecli_where_matches(type->where, data, size_bytes);
}

/* Whether the record is to become a row; counts for the sampling. */
static inline bool wanted_has(const struct wanted *wanted, struct record *type, const void *data, size_t size_bytes)
{
	if (!wanted_matches(type, data, size_bytes))
		return false;
	return !wanted->sample || type->is_sampled || type->matched++ % wanted->sample == 0;
}

#endif
