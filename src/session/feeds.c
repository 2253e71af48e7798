/* SPDX-License-Identifier: MIT */
/*
 * See feeds.h. Maps come one by one while the package is loaded, by name; a source whose map never comes stays silent. Each kind of source has one function
 * of poll/ that reads it, with the callbacks of rows.c.
 */
#include "session/feeds.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "session/run.h"

static uint64_t mono_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int iter_fd(const struct session *session, const char *name)
{
	for (size_t i = 0; i < ecli_load_iter_count(session->load); i++) {
		const char *program;
		int fd;

		ecli_load_iter(session->load, i, &program, &fd);
		if (!strcmp(program, name))
			return fd;
	}
	return -1;
}

/* The kernel keeps a trace instance when its maker dies. */
static int add_trace_pipe(struct session *session, struct source *source, struct ecli_err *err)
{
	const char *tracefs;

	int r = ecli_load_need_tracefs(err, &tracefs);
	if (r)
		return r;
	session_hold_for(session, &session->holds_pipe, true);
	return ecli_poll_add_trace_pipe(session->poll, tracefs, rows_on_print, source, err);
}

static bool wants_profile(const struct ecli_session_opts *opts)
{
	bool wants = false;

	for (size_t i = 0; i < ECLI_PROFILES; i++)
		wants |= opts->profiles[i] != NULL;
	return wants;
}

/* The order of a table's rows: what the person asks for, where the table has such a column, else what the package says. */
static void prepare_table(struct session *session, struct source *source, struct record *table, bool *ret_sorted,
			  struct ecli_err *err)
{
	const struct ecli_session_opts *opts = session->opts;
	struct snapshot *snapshot = &table->snapshot;
	const char *name = table->sample->name ? table->sample->name : source_name(source);
	struct ecli_err ignored = { 0 };

	snapshot_init(snapshot, table->plan, source->sampler, table->formulas);
	snapshot->has_total = table->sample->total;
	/* A profile has all of it, when nobody says otherwise. */
	snapshot->top = opts->top ? opts->top : wants_profile(opts) ? 0 : table->sample->top;
	/* As profilers do: what weighs most stands last, where the eye is when it is written. */
	if (table->sample->kind == ECLI_SAMPLE_STACKS && table->stacks && table->profile.weight.column != STACKS_NONE) {
		snapshot->sort = ecli_plan_column(table->plan, table->profile.weight.column);
		snapshot->is_descending = snapshot->is_reversed = true;
	}
	if (opts->sort && !snapshot_sort(snapshot, opts->sort, name, err)) {
		*ret_sorted = true;
		snapshot->is_reversed = false;
	} else if (table->sample->sort && snapshot_sort(snapshot, table->sample->sort, name, &ignored) &&
		   !ecli_plan_dropped(table->plan, table->sample->sort + strspn(table->sample->sort, "+-"))) {
		ecli_log(ECLI_LOG_WARN, "the package cannot have its way: %s", ignored.text);
	}
}

static bool has_hist(const struct source *source)
{
	for (size_t k = 0; k < source->records.count; k++)
		if (source->records.items[k].hist)
			return true;
	return false;
}

/* Options of tables where nothing is sampled: there may be a map that another option of the tool asks for. */
static int refuse_table_options(const struct ecli_package *package, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf options = { 0 };
	CLEANUP_FREE char *when = NULL;

	for (size_t i = 0; i < package->n_maps && !when; i++)
		if (package->maps[i].sample.kind != ECLI_SAMPLE_NONE)
			when = ecli_package_extra_text(&package->maps[i].extras, "when");
	if (when)
		ecli_package_when_options(package, when, &options);
	return ecli_err_set_fail(
		err, ECLI_FAIL_USAGE, -EINVAL,
		"--sort, --top, --interval and --clear are for sampled maps, and this package has %s%.100s",
		when ? "one only with " : "none", when ? ecli_buf_text(&options) : "");
}

int feeds_prepare(struct session *session, struct ecli_err *err)
{
	const struct ecli_session_opts *opts = session->opts;
	bool sorted = false, sampled = false, has_heat = false;

	session->only_sampled = session->sources.count > 0;
	for (size_t i = 0; i < session->sources.count; i++) {
		struct source *source = &session->sources.items[i];

		session->only_sampled &= source->kind == ECLI_SOURCE_MAP;
		if (source->kind != ECLI_SOURCE_MAP)
			continue;
		sampled = true;
		if (opts->at_end || opts->interval_ms)
			source->interval_ms = opts->at_end ? 0 : opts->interval_ms;
		else if (wants_profile(opts))
			source->interval_ms = 0;
		/* Over time means what has come since: a difference takes nothing from the map. */
		bool is_heat = opts->heat && has_hist(source) && source->sampler->counters;
		has_heat |= is_heat;
		source->clear = sampler_begin(source->sampler, opts->clear || source->clear || is_heat, mono_now_ns());
		for (size_t k = 0; k < source->records.count; k++)
			prepare_table(session, source, &source->records.items[k], &sorted, err);
	}
	if (!sampled && (opts->sort || opts->top || opts->interval_ms || opts->at_end || opts->clear))
		return refuse_table_options(opts->package, err);
	if (opts->heat && !has_heat)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "-o heatmap is for histograms, and this package has none");
	return opts->sort && !sorted ? err->code : 0;
}

static int add_variable(struct session *session, struct source *source, int fd, struct ecli_err *err)
{
	const struct ecli_poll_memory memory = { .offset_bytes = source->offset_bytes,
						 .element_bytes = source->element_bytes,
						 .elements = source->elements,
						 .has_index = source->sampler->value_offset };

	return ecli_poll_add_memory(session->poll, fd, &memory, source->interval_ms, source->clear, rows_on_entry,
				    rows_on_pass, source, err);
}

static int add_map(struct session *session, struct source *source, int fd, struct ecli_err *err)
{
	source->map_fd = fd;
	switch (source->kind) {
	case ECLI_SOURCE_RING:
		return ecli_poll_add_ring(session->poll, fd, rows_on_record, source, err);
	case ECLI_SOURCE_PERF:
		return cpus_add_perf(session, source, NULL, 0, err);
	case ECLI_SOURCE_MAP:
		if (source->variable)
			return add_variable(session, source, fd, err);
		return ecli_poll_add_map(session->poll, fd, source->interval_ms, source->clear, rows_on_entry,
					 rows_on_pass, source, err);
	case ECLI_SOURCE_ITER:
	case ECLI_SOURCE_TRACE_PIPE:
	case ECLI_SOURCE_NONE:
		break;
	}
	return 0;
}

/* The kernel's name of a section's map has the object's name before it, cut to what fits: "runqslow.bss". */
static bool is_map_of(const struct source *source, const char *name)
{
	const char *section = source->variable ? strrchr(name, '.') : NULL;

	return !strcmp(source->map, section ? section : name);
}

void feeds_close(struct session *session)
{
	ecli_poll_free(session->poll);
	session->poll = NULL;
	session_hold_for(session, &session->holds_pipe, false);
}

int feeds_on_map(void *ctx, const struct ecli_load_map *map, struct ecli_err *err)
{
	struct session *session = ctx;
	int r = 0;

	stacks_on_map(&session->stacks, map);
	if (!map) {
		feeds_close(session);
		return ecli_poll_new(err, &session->poll);
	}
	if (session->sources.items[0].kind == ECLI_SOURCE_TRACE_PIPE ||
	    session->sources.items[0].kind == ECLI_SOURCE_NONE)
		return 0;
	for (size_t i = 0; !r && i < session->sources.count; i++) {
		struct source *source = &session->sources.items[i];

		if (source->kind != ECLI_SOURCE_ITER && is_map_of(source, map->name))
			r = add_map(session, source, map->fd, err);
	}
	return r;
}

int feeds_on_loaded(void *ctx, struct ecli_err *err)
{
	struct session *session = ctx;
	struct source *first = &session->sources.items[0];

	return first->kind == ECLI_SOURCE_TRACE_PIPE ? add_trace_pipe(session, first, err) : 0;
}

int feeds_add_iterators(struct session *session, struct ecli_err *err)
{
	int r = 0;

	for (size_t i = 0; !r && i < session->sources.count; i++) {
		struct source *source = &session->sources.items[i];
		int fd = source->kind == ECLI_SOURCE_ITER ? iter_fd(session, source->map) : -1;

		if (fd >= 0)
			r = ecli_poll_add_iter(session->poll, fd, rows_on_chunk, source, err);
	}
	return r;
}
