/* SPDX-License-Identifier: MIT */
/*
 * Looks at sampled maps and variables: entries are gathered for each table of the map, and shown when the look is through.
 *
 *     rows_on_entry ─ sampler ─> snapshot of each table
 *     rows_on_pass  ─ delete what is idle ─ compute, sort, cut ─> rows_on_record, total ─ enough looks? ─> end
 *
 * An interval that is over when the run is has its look then, and no other one follows. What a run leaves of an interval that was not over is
 * shown without rates, for a rate of a few milliseconds says nothing; a screen keeps the look before it.
 *
 * Every row of a look has the same time. With --count, and nothing but sampled maps, the run ends when each of them was shown so
 * often; one that is done early is read no more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/wall.h"
#include "session/run.h"

#define NS_PER_MS 1000000u

/* Of the last look: what it shows is less than an interval. A timer is not exact to the last millisecond, nor is who waits for it. */
static bool is_fraction(const struct session *session, const struct source *source, uint64_t now_ns)
{
	uint64_t interval_ns = (uint64_t)source->interval_ms * NS_PER_MS;

	return session->is_last_look && now_ns - source->sampler->look_ns < interval_ns - interval_ns / 10;
}

/* The run ended with an interval: that look was the last one. */
static bool is_through(const struct session *session, const struct source *source)
{
	uint64_t duration_ms = session->opts->duration_ms;

	return session->is_last_look && source->interval_ms && source->looks && duration_ms &&
	       duration_ms <= UINT64_MAX / NS_PER_MS - session->start_ns / NS_PER_MS &&
	       source->sampler->look_ns >= session->start_ns + duration_ms * NS_PER_MS;
}

static bool is_done(const struct session *session, const struct source *source)
{
	return is_through(session, source) ||
	       (session->only_sampled && session->opts->count && source->looks >= session->opts->count);
}

/* One that an alternative left out has no descriptor and is never looked at. */
static bool all_done(const struct session *session)
{
	for (size_t i = 0; i < session->sources.count; i++)
		if (session->sources.items[i].map_fd >= 0 && !is_done(session, &session->sources.items[i]))
			return false;
	return true;
}

static int gather(void *ctx, enum ecli_since since, const uint8_t *now, const uint8_t *growth)
{
	struct source *source = ctx;
	int r = 0;

	for (size_t k = 0; !r && k < source->records.count; k++)
		r = snapshot_add(&source->records.items[k].snapshot, since, now, growth);
	return r;
}

/* Of an entry that is gone: what it had in all was shown when it was still there. */
static int gather_added(void *ctx, enum ecli_since since, const uint8_t *now, const uint8_t *growth)
{
	return since == ECLI_SINCE_LOOK ? gather(ctx, since, now, growth) : 0;
}

static int take(struct source *source, const void *data, size_t size_bytes, sampler_fn fn)
{
	int r = sampler_entry(source->sampler, data, size_bytes, fn, source);

	if (r != -EBADMSG)
		return r;
	source->session->stats.malformed++;
	return 0;
}

int rows_on_entry(void *ctx, const struct ecli_poll_record *record)
{
	struct source *source = ctx;

	return is_done(source->session, source) ? 0 : take(source, record->data, record->size_bytes, gather);
}

/* ---- showing --------------------------------------------------------------------------------------------------- */

struct shown {
	struct source *source;
	struct record *table;
	uint64_t mono_ns;
};

static bool is_wanted(void *ctx, const void *row, size_t size_bytes)
{
	const struct shown *shown = ctx;

	return profile_weighs(shown->table, row, size_bytes) && wanted_matches(shown->table, row, size_bytes);
}

static int show_row(void *ctx, const void *row, size_t size_bytes)
{
	const struct shown *shown = ctx;

	if (shown->source->session->is_viewed)
		return view_add_row(shown->source->session, row, size_bytes);

	const struct ecli_poll_record record = { .data = row, .size_bytes = size_bytes, .mono_ns = shown->mono_ns };

	return rows_show(shown->source, shown->table, &record);
}

/* Columns that have a sum: what is computed, and numbers of the value that add up; with "counters" only these. */
static void mark_sums(const struct shown *shown, bool *ret_columns)
{
	const struct sampler *sampler = shown->source->sampler;
	const struct ecli_plan *plan = shown->table->plan;
	size_t computed_at = shown->table->snapshot.computed_at;

	for (uint32_t i = 0; i < ecli_plan_columns(plan); i++) {
		uint32_t offset = 0;

		if (!ecli_plan_column_offset(plan, i, &offset) || !ecli_plan_column_adds_up(plan, i))
			continue;
		ret_columns[i] =
			offset >= computed_at || (offset >= sampler->value_offset && sampler_adds_up(sampler, offset));
	}
}

static int show_total(void *ctx, const void *row, size_t size_bytes)
{
	const struct shown *shown = ctx;
	struct session *session = shown->source->session;
	CLEANUP_FREE bool *columns = calloc(ecli_plan_columns(shown->table->plan) + 1, sizeof(bool));

	if (!columns)
		return -ENOMEM;
	if (!shown->table->render || session->opts->no_rows)
		return 0;
	mark_sums(shown, columns);
	if (session->is_viewed)
		return view_add_total(session, row, size_bytes, columns, ecli_plan_columns(shown->table->plan));
	return ecli_render_total(shown->table->render, ecli_wall_of_mono(shown->mono_ns), row, size_bytes, columns,
				 &session->out.buf);
}

static bool is_over(void *ctx)
{
	const struct shown *shown = ctx;

	return session_is_ending(shown->source->session, ENDS_ROWS_MS);
}

static void left_out(void *ctx, size_t count)
{
	const struct shown *shown = ctx;

	losses_add_output(&shown->source->session->losses, ECLI_LOSS_UNREAD, count);
}

static int show_table(struct source *source, struct record *table, enum ecli_since since, uint64_t mono_ns)
{
	struct session *session = source->session;
	struct shown shown = { .source = source, .table = table, .mono_ns = mono_ns };
	const struct snapshot_calls calls = { .wants = is_wanted,
					      .show = show_row,
					      .total = show_total,
					      .is_over = is_over,
					      .left_out = left_out,
					      .ctx = &shown };

	if (session->opts->format == ECLI_FORMAT_TABLE && !(table->hist && session->opts->heat))
		session->last_header = NULL;
	session->look_wall_ns = ecli_wall_of_mono(mono_ns);
	table->has_several |= source->sampler->has_names || snapshot_count(&table->snapshot, since) > 1;
	if (table->hist)
		ecli_render_hist_name(table->hist, table->has_several);
	uint64_t rows = session->stats.events;
	int r = snapshot_show(&table->snapshot, since, &calls);
	if (!r && session->is_viewed)
		return view_end_look(session, source, table, since, mono_ns);
	if (!r && table->hist && session->stats.events == rows && session->last_header == table)
		ecli_render_hist_gap(table->hist, session->look_wall_ns, &session->out.buf);
	return r;
}

/* As it was asked for, then the other way for a view that may be asked for it. */
static int show_both(struct source *source, struct record *table, uint64_t mono_ns)
{
	enum ecli_since since = source->sampler->since;
	int r = show_table(source, table, since, mono_ns);

	if (!r && source->sampler->has_both)
		r = show_table(source, table, since == ECLI_SINCE_START ? ECLI_SINCE_LOOK : ECLI_SINCE_START, mono_ns);
	return r;
}

/* ---- the end of a look ----------------------------------------------------------------------------------------- */

/* Makes room in a map that is cleared by subtraction. What the kernel had added until now comes back with the entry, and is shown. */
static int delete_idle(struct source *source)
{
	struct sampler *sampler = source->sampler;
	size_t cursor = 0, size_bytes = sampler_raw_bytes(sampler);
	const void *key = sampler_idle(sampler, &cursor);
	CLEANUP_FREE uint8_t *entry = key ? calloc(1, size_bytes) : NULL;
	int r = key && !entry ? -ENOMEM : 0;

	for (; !r && key && !session_is_ending(source->session, ENDS_READ_MS); key = sampler_idle(sampler, &cursor)) {
		memcpy(entry, key, sampler->value_offset);
		int taken = ecli_poll_take(source->map_fd, entry, entry + sampler->value_offset);

		if (taken && taken != -ENOENT)
			return 0; /* this kernel cannot: the map keeps what it has */
		if (!taken)
			r = take(source, entry, size_bytes, gather_added);
		if (!taken && !r)
			r = sampler_remember(sampler, entry);
		sampler_forget(sampler, entry);
	}
	return r;
}

int rows_on_pass(void *ctx, uint64_t mono_ns)
{
	struct source *source = ctx;
	struct session *session = source->session;
	int r;

	if (is_done(session, source))
		return 0;
	bool is_part = is_fraction(session, source, mono_ns);
	if (is_part && session->is_viewed && session->rounds)
		return 0;
	r = delete_idle(source);
	r = r ? r : sampler_entries_gone(source->sampler, gather, source);
	sampler_end_look(source->sampler, mono_ns, is_part);
	early_end_progress(session);
	for (size_t k = 0; !r && k < source->records.count; k++)
		r = show_both(source, &source->records.items[k], mono_ns);
	source->looks++;
	r = r ? r : profile_look_done(session, source);
	if (r)
		return r;
	return is_done(session, source) && all_done(session);
}
