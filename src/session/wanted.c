/* SPDX-License-Identifier: MIT */
/*
 * --where and --sample of a run. What can be asked in the kernel goes there as a filter of the record's type; everything is asked again
 * here, so that it does not matter how much of it the kernel took.
 *
 *     types of all sources ── bind ──> a program for each ──> rows_on_record()
 *                                  └─> filters by type ─────> load ──> what the kernel took ──> -v
 *
 * A type belongs to the kernel side only when each source that has it has no other: of several, the size of a record decides
 * which it is, and a call site does not tell its map. Sampling counts what is wanted, so it is done in the kernel only
 * together with the whole expression, and only for a type that one source has.
 *
 * Not here: sampled maps (their entries are read, not sent) are only asked in user space; text of iterators and of the trace pipe has no
 * fields and is passed on.
 */
#include "session/wanted.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

typedef int (*record_fn)(void *ctx, struct source *source, struct record *record);

static int each_record(struct sources *sources, record_fn fn, void *ctx)
{
	int r = 0;

	for (size_t i = 0; !r && i < sources->count; i++)
		for (size_t k = 0; !r && k < sources->items[i].records.count; k++)
			r = fn(ctx, &sources->items[i], &sources->items[i].records.items[k]);
	return r;
}

/* ---- programs -------------------------------------------------------------------------------------------------- */

struct bound {
	const struct ecli_plan **plans;
	struct ecli_where_program **programs;
	size_t count;
};

static int count_plan(void *ctx, struct source *source, struct record *record)
{
	struct bound *bound = ctx;

	(void)source;
	if (bound->plans)
		bound->plans[bound->count] = record->plan;
	bound->count++;
	return 0;
}

static int take_program(void *ctx, struct source *source, struct record *record)
{
	struct bound *bound = ctx;

	(void)source;
	record->where = bound->programs[bound->count++];
	return 0;
}

static int bind_all(struct wanted *wanted, struct sources *sources, struct ecli_err *err)
{
	struct bound bound = { 0 };

	each_record(sources, count_plan, &bound);
	if (!bound.count)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "this tool has no rows with fields to compare");
	CLEANUP_FREE const struct ecli_plan **plans = calloc(bound.count, sizeof(*plans));
	CLEANUP_FREE struct ecli_where_program **programs = calloc(bound.count, sizeof(*programs));
	if (!plans || !programs)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	bound = (struct bound){ .plans = plans, .programs = programs };
	each_record(sources, count_plan, &bound);
	int r = ecli_where_bind(wanted->where, plans, bound.count, err, programs);
	if (r)
		return r;
	bound.count = 0;
	return each_record(sources, take_program, &bound);
}

/* ---- the kernel's part ----------------------------------------------------------------------------------------- */

static bool is_sent(const struct source *source)
{
	return source->kind == ECLI_SOURCE_RING || source->kind == ECLI_SOURCE_PERF;
}

/* In how many buffers the type is; 0 also when one of them has others beside it. */
static size_t buffers_with(const struct sources *sources, uint32_t type_id)
{
	size_t count = 0;

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->items[i];

		for (size_t k = 0; k < source->records.count; k++) {
			if (!is_sent(source) || source->records.items[k].type_id != type_id)
				continue;
			if (source->records.count > 1)
				return 0;
			count++;
		}
	}
	return count;
}

static const struct ecli_load_filter *find_filter(const struct wanted *wanted, uint32_t type_id)
{
	for (size_t i = 0; i < wanted->n_filters; i++)
		if (wanted->filters[i].type_id == type_id)
			return &wanted->filters[i];
	return NULL;
}

struct making {
	struct wanted *wanted;
	const struct sources *sources;
};

static int add_filter(void *ctx, struct source *source, struct record *record)
{
	struct making *making = ctx;
	struct wanted *wanted = making->wanted;
	struct ecli_load_filter filter = { .type_id = record->type_id };
	size_t buffers = is_sent(source) && record->type_id ? buffers_with(making->sources, record->type_id) : 0;
	bool is_whole = true;

	if (!buffers || find_filter(wanted, record->type_id))
		return 0;
	if (record->where)
		filter.predicates = ecli_where_predicates(record->where, &filter.n_predicates, &is_whole);
	if (is_whole && buffers == 1)
		filter.sample = wanted->sample;
	if (filter.n_predicates || filter.sample)
		wanted->filters[wanted->n_filters++] = filter;
	return 0;
}

int wanted_prepare(struct wanted *wanted, const char *where, uint32_t sample, struct sources *sources,
		   struct ecli_err *err)
{
	struct making making = { wanted, sources };
	struct bound all = { 0 };

	*wanted = (struct wanted){ .sample = sample > 1 ? sample : 0 };
	if (!where && !wanted->sample)
		return 0;
	int r = where ? ecli_where_parse(where, err, &wanted->where) : 0;
	if (!r && where)
		r = bind_all(wanted, sources, err);
	if (r)
		return ecli_err_wrap(err, r, "--where");
	each_record(sources, count_plan, &all);
	wanted->filters = calloc(all.count + 1, sizeof(*wanted->filters));
	if (!wanted->filters)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	return each_record(sources, add_filter, &making);
}

/* ---- what became of it ----------------------------------------------------------------------------------------- */

static void tell(const char *map, const char *what, const char *where)
{
	if (*what)
		ecli_log(ECLI_LOG_INFO, "%s: %s %s", map, what, where);
}

static void tell_where(const struct source *source, const struct record *record, bool is_asked, uint32_t sites)
{
	CLEANUP_BUF struct ecli_buf in_kernel = { 0 }, here = { 0 };

	if (!record->where)
		return;
	if (is_asked && !sites) {
		tell(source->map, "the object was not built to check --where in the kernel:", "ecli checks all of it");
		return;
	}
	if (!sites) {
		tell(source->map, "all of --where", "is checked by ecli");
		return;
	}
	ecli_where_describe(record->where, true, &in_kernel);
	ecli_where_describe(record->where, false, &here);
	tell(source->map, ecli_buf_text(&in_kernel), "is checked in the kernel");
	tell(source->map, ecli_buf_text(&here), "is checked by ecli");
}

struct telling {
	struct wanted *wanted;
	const struct ecli_load *load;
};

static int learn(void *ctx, struct source *source, struct record *record)
{
	struct telling *telling = ctx;
	struct wanted *wanted = telling->wanted;
	const struct ecli_load_filter *filter =
		is_sent(source) && record->type_id ? find_filter(wanted, record->type_id) : NULL;
	uint32_t sites = 0;

	if (filter)
		sites = ecli_load_filter_sites(telling->load, (size_t)(filter - wanted->filters), &record->is_sampled);
	bool is_asked = filter && filter->n_predicates;
	tell_where(source, record, is_asked, is_asked ? sites : 0);
	if (wanted->sample)
		tell(source->map, "one row of so many is chosen", record->is_sampled ? "in the kernel" : "by ecli");
	return 0;
}

void wanted_loaded(struct wanted *wanted, const struct ecli_load *load, struct sources *sources)
{
	struct telling telling = { wanted, load };

	if (wanted->where || wanted->sample)
		each_record(sources, learn, &telling);
}

void wanted_done(struct wanted *wanted)
{
	ecli_where_free(wanted->where);
	free(wanted->filters);
	*wanted = (struct wanted){ 0 };
}
