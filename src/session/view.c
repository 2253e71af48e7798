/* SPDX-License-Identifier: MIT */
/*
 * The way of looks to a view: who may have one, and the handing over.
 *
 *     keyboard, signals ──> view->on_readable ── control ──> the map samplers' timers
 *     sampled maps ─ look, computed and wanted ─────────────> view->on_round, rows and total
 *
 * A view is for packages that show nothing but tables of sampled maps: events, histograms and stacks are read from top to bottom, and
 * stay rows. This file knows nothing of screens and keeps nothing of what it hands over.
 */
#include <errno.h>

#include "base/wall.h"
#include "session/run.h"

/* What is looked at only at the end is read when the run is over. */
static uint32_t interval_of(const struct session *session, const struct source *source)
{
	if (session->opts->at_end)
		return 0;
	return session->opts->interval_ms ? session->opts->interval_ms : source->interval_ms;
}

/* The frames of a stack stand below its row. */
static bool has_stack(const struct ecli_plan *plan)
{
	for (uint32_t i = 0; i < ecli_plan_columns(plan); i++)
		if (ecli_plan_column_is_stack(plan, i))
			return true;
	return false;
}

static bool is_tables(const struct session *session, const struct source *source)
{
	if (source->kind != ECLI_SOURCE_MAP || !interval_of(session, source))
		return false;
	for (size_t i = 0; i < source->records.count; i++)
		if (!source->records.items[i].render || has_stack(source->records.items[i].plan))
			return false;
	return source->records.count;
}

static bool fits(const struct session *session)
{
	const struct ecli_session_opts *opts = session->opts;

	if (!opts->view || opts->format != ECLI_FORMAT_TABLE || opts->sample > 1 || opts->no_rows)
		return false;
	for (size_t i = 0; i < ECLI_PROFILES; i++)
		if (opts->profiles[i])
			return false;
	for (size_t i = 0; i < session->sources.count; i++)
		if (!is_tables(session, &session->sources.items[i]))
			return false;
	return true;
}

/* All tables, or those before @table. A map that an alternative left out has no descriptor, and no looks. */
static size_t count_tables(const struct session *session, const struct record *table)
{
	size_t count = 0;

	for (size_t i = 0; i < session->sources.count; i++) {
		const struct source *source = &session->sources.items[i];

		for (size_t k = 0; source->map_fd >= 0 && k < source->records.count; k++, count++)
			if (&source->records.items[k] == table)
				return count;
	}
	return count;
}

static uint32_t shortest_interval(const struct session *session)
{
	uint32_t least = UINT32_MAX;

	for (size_t i = 0; i < session->sources.count; i++)
		if (interval_of(session, &session->sources.items[i]) < least)
			least = interval_of(session, &session->sources.items[i]);
	return least;
}

/* A screen scrolls: it is not cut by what the package thinks a table is. */
static void set_tops(struct session *session)
{
	for (size_t i = 0; i < session->sources.count; i++)
		for (size_t k = 0; k < session->sources.items[i].records.count; k++)
			session->sources.items[i].records.items[k].snapshot.top = session->opts->top;
}

static int show_both(struct session *session)
{
	int r = 0;

	for (size_t i = 0; !r && i < session->sources.count; i++)
		r = sampler_show_both(session->sources.items[i].sampler);
	return r;
}

static void set_interval(struct session *session, uint32_t interval_ms)
{
	for (size_t i = 0; i < session->sources.count; i++)
		if (session->sources.items[i].interval_ms)
			session->sources.items[i].interval_ms = interval_ms;
	ecli_poll_set_interval(session->poll, interval_ms);
}

static int on_readable(void *ctx, int fd)
{
	struct session *session = ctx;
	struct ecli_session_control control = session->control;
	int r = session->opts->view->on_readable(session->opts->view->ctx, fd, &control);

	if (control.interval_ms && control.interval_ms != session->control.interval_ms)
		set_interval(session, control.interval_ms);
	session->control = control;
	return r;
}

int view_open(struct session *session, struct ecli_err *err)
{
	const struct ecli_session_view *view = session->opts->view;
	int r = 0;

	if (!fits(session))
		return 0;
	session->control = (struct ecli_session_control){ .interval_ms = shortest_interval(session) };
	session->is_viewed = view->open(view->ctx, count_tables(session, NULL), &session->control);
	if (session->is_viewed) {
		set_tops(session);
		r = show_both(session);
	}
	if (r)
		return ecli_err_set(err, r, "out of memory");
	for (size_t i = 0; !r && session->is_viewed && i < sizeof(view->fds) / sizeof(view->fds[0]); i++)
		r = ecli_poll_add_fd(session->poll, view->fds[i], on_readable, session, err);
	return r;
}

static int add(struct ecli_buf *buf, const void *data, size_t size_bytes)
{
	ecli_buf_add(buf, data, size_bytes);
	return ecli_buf_failed(buf) ? -ENOMEM : 0;
}

int view_add_row(struct session *session, const void *row, size_t size_bytes)
{
	return add(&session->view_rows, row, size_bytes);
}

int view_add_total(struct session *session, const void *row, size_t size_bytes, const bool *columns, size_t n_columns)
{
	int r = add(&session->view_total, row, size_bytes);

	return r ? r : add(&session->view_sums, columns, n_columns * sizeof(*columns));
}

int view_end_look(struct session *session, const struct source *source, const struct record *table,
		  enum ecli_since since, uint64_t mono_ns)
{
	const struct ecli_session_view *view = session->opts->view;
	const struct sampler *sampler = source->sampler;
	size_t bytes = table->snapshot.row_bytes;
	bool has_total = session->view_total.len;
	struct ecli_session_round round = {
		.table = count_tables(session, table),
		.name = source_name(source),
		.plan = table->plan,
		.wall_ns = ecli_wall_of_mono(mono_ns),
		.records = (const uint8_t *)session->view_rows.data,
		.record_bytes = bytes,
		.n_records = session->view_rows.len / bytes,
		.since = since,
		.has_both = sampler->has_both,
		.left_out = since == ECLI_SINCE_START ? sampler->left_out : 0,
		.total = has_total ? (const uint8_t *)session->view_total.data : NULL,
		.sums = has_total ? (const bool *)session->view_sums.data : NULL,
		.sort = table->snapshot.sort,
		.is_descending = table->snapshot.is_descending,
		.top = session->opts->top,
	};
	int r = view->on_round(view->ctx, &round);

	if (since == sampler->since) {
		session->stats.events += round.n_records;
		session->rounds++;
	}
	ecli_buf_clear(&session->view_rows);
	ecli_buf_clear(&session->view_total);
	ecli_buf_clear(&session->view_sums);
	return r;
}

void view_end(struct session *session)
{
	if (!session->is_viewed)
		return;
	session->is_viewed = false;
	session->opts->view->close(session->opts->view->ctx);
	ecli_buf_done(&session->view_rows);
	ecli_buf_done(&session->view_total);
	ecli_buf_done(&session->view_sums);
}
