/* SPDX-License-Identifier: MIT */
/*
 * The way of looks to a view: who may have one, and the handing over.
 *
 *     keyboard, signals ──> view->on_readable ── control ──> the map samplers' timers
 *     sampled maps ─ gathered look ─────────────────────────> view->on_round, unsorted and whole
 *
 * A view is for packages that show nothing but tables of sampled maps: events, histograms and stacks are read from top to bottom, and
 * stay rows. This file knows nothing of screens and keeps nothing of what it hands over.
 */
#include <errno.h>

#include "session/run.h"

static bool is_table(const struct source *source)
{
	return source->kind == ECLI_SOURCE_MAP && source->records.count == 1 && source->records.items[0].render;
}

static bool fits(const struct session *session)
{
	const struct ecli_session_opts *opts = session->opts;

	if (!opts->view || opts->format != ECLI_FORMAT_TABLE || opts->sample > 1)
		return false;
	for (size_t i = 0; i < session->sources.count; i++)
		if (!is_table(&session->sources.items[i]))
			return false;
	return true;
}

static uint32_t interval_ms(const struct session *session)
{
	uint32_t least = UINT32_MAX;

	if (session->opts->interval_ms)
		return session->opts->interval_ms;
	for (size_t i = 0; i < session->sources.count; i++)
		if (session->sources.items[i].interval_ms < least)
			least = session->sources.items[i].interval_ms;
	return least;
}

static int on_readable(void *ctx, int fd)
{
	struct session *session = ctx;
	struct ecli_session_control control = session->control;
	int r = session->opts->view->on_readable(session->opts->view->ctx, fd, &control);

	if (control.interval_ms && control.interval_ms != session->control.interval_ms)
		ecli_poll_set_interval(session->poll, control.interval_ms);
	session->control = control;
	return r;
}

int view_open(struct session *session, struct ecli_err *err)
{
	const struct ecli_session_view *view = session->opts->view;
	int r = 0;

	if (!fits(session))
		return 0;
	session->control = (struct ecli_session_control){ .interval_ms = interval_ms(session) };
	session->is_viewed = view->open(view->ctx, session->sources.count, &session->control);
	for (size_t i = 0; !r && session->is_viewed && i < sizeof(view->fds) / sizeof(view->fds[0]); i++)
		r = ecli_poll_add_fd(session->poll, view->fds[i], on_readable, session, err);
	return r;
}

int view_show(struct session *session, struct source *source, uint64_t mono_ns)
{
	const struct ecli_session_view *view = session->opts->view;
	struct snapshot *snapshot = &source->snapshot;
	size_t bytes = snapshot->record_bytes;
	struct ecli_session_round round = {
		.table = (size_t)(source - session->sources.items),
		.name = source->map,
		.plan = source->records.items[0].plan,
		.wall_ns = mono_ns + session->wall_offset_ns,
		.records = (const uint8_t *)snapshot->records.data,
		.record_bytes = bytes,
		.n_records = bytes ? snapshot->records.len / bytes : 0,
		.sort = snapshot->sort,
		.is_descending = snapshot->is_descending,
		.top = session->opts->top,
	};
	int r = view->on_round(view->ctx, &round);

	session->stats.events += round.n_records;
	session->rounds++;
	ecli_buf_clear(&snapshot->records);
	return r;
}

void view_end(struct session *session)
{
	if (!session->is_viewed)
		return;
	session->is_viewed = false;
	session->opts->view->close(session->opts->view->ctx);
}
