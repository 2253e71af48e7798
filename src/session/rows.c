/* SPDX-License-Identifier: MIT */
/*
 * From a record to its row: which of the source's types it is, its time, the header that is due, the renderer. Rows
 * reach the reader in batches: when the loop finds nothing more to read, or when a batch is full.
 *
 *     poll callback -> records_pick -> wanted? -> time -> header when the table changes -> row -> count -> flush when full
 *
 * Invariant: a record leaves a whole row or none; one that cannot be decoded is counted and never ends the run. This
 * file opens nothing, waits for nothing and words nothing.
 */
#include "session/run.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/wall.h"

/* "10:00:05" in "2026-11-22T10:00:05.123456+00:00". */
#define ISO_TIME_AT  11
#define ISO_TIME_LEN 8

int rows_flush(struct session *session)
{
	int r = out_flush(&session->out);

	if (r)
		session->write_error = r;
	return r || session->out.closed;
}

/* A look as text is a table of its own, below its time when there may be another one. */
static void write_heading(struct session *session, const struct source *source, const struct record *record)
{
	struct ecli_buf *out = &session->out.buf;
	bool is_only = !source->looks && (!source->interval_ms || session->opts->count == 1);
	CLEANUP_BUF struct ecli_buf time = { 0 };

	if (session->opts->format != ECLI_FORMAT_TABLE || !record->render)
		return;
	if (session->has_shown)
		ecli_buf_add_char(out, '\n');
	session->has_shown = true;
	if (is_only)
		return;
	ecli_render_iso_time(session->look_wall_ns, &time);
	if (!ecli_buf_failed(&time))
		ecli_buf_add(out, time.data + ISO_TIME_AT, ISO_TIME_LEN);
	ecli_buf_add_char(out, '\n');
}

/* A table begins anew with each source, and with each type of a source that has several. */
void rows_header(struct session *session, const struct source *source, const struct record *record)
{
	const void *what = record ? (const void *)record : source;

	if (session->last_header == what)
		return;
	session->last_header = what;
	if (record && record->sample)
		write_heading(session, source, record);
	if (record && record->render)
		ecli_render_header(record->render, &session->out.buf);
	else if (record && record->hist)
		ecli_render_hist_header(record->hist, &session->out.buf);
	else if (source->kind == ECLI_SOURCE_TRACE_PIPE)
		ecli_render_message_header(session->opts->format, &session->out.buf);
}

static int row_written(struct session *session)
{
	session->stats.events++;
	if (session->opts->count && !session->only_sampled && session->stats.events >= session->opts->count)
		return 1;
	if (session->out.closed)
		return 1;
	return out_is_due(&session->out) ? rows_flush(session) : 0;
}

/* A reader who does not keep up gets no more rows until it has read some, and after a signal there is a time for rows: a whole row less, and
 * counted. */
static bool is_dropped(struct session *session)
{
	bool is_ending = session_is_ending(session, ENDS_ROWS_MS);

	if (!is_ending && !out_is_full(&session->out))
		return false;
	losses_add_output(&session->losses, is_ending ? ECLI_LOSS_UNREAD : ECLI_LOSS_OUTPUT, 1);
	return true;
}

static int write_row(const struct record *type, uint64_t wall_ns, const struct ecli_poll_record *record,
		     struct ecli_buf *out)
{
	if (type->stack)
		return ecli_render_stack_row(type->stack, wall_ns, record->data, record->size_bytes, out);
	if (type->hist)
		return ecli_render_hist_row(type->hist, wall_ns, record->data, record->size_bytes, out);
	return ecli_render_row(type->render, wall_ns, record->data, record->size_bytes, out);
}

int rows_show(struct source *source, struct record *type, const struct ecli_poll_record *record)
{
	struct session *session = source->session;
	uint64_t mono_ns = record->mono_ns;

	if (!wanted_has(&session->wanted, type, record->data, record->size_bytes) || is_dropped(session))
		return 0;
	if (session->profile.is_wanted && type->stacks) {
		int r = profile_add(session, source, type, record->data, record->size_bytes);

		session->stats.events += !r && session->opts->no_rows;
		if (r || session->opts->no_rows)
			return r;
	} else if (session->opts->no_rows) {
		return 0;
	}
	ecli_plan_time(type->plan, record->data, record->size_bytes, &mono_ns);
	rows_header(session, source, type);
	size_t before = session->out.buf.len;
	if (write_row(type, ecli_wall_of_mono(mono_ns), record, &session->out.buf)) {
		session->stats.malformed++;
		return 0;
	}
	/* Two empty stacks leave nothing, and that is no row of those that --count asks for. */
	return session->out.buf.len == before ? 0 : row_written(session);
}

/* Told once a map, with the sizes; how many there were is told at the end. */
static void tell_size(const struct source *source, const struct record *type, size_t size_bytes, bool *told)
{
	const struct ecli_type *of = type->type_id ? ecli_types_get(source->session->opts->types, type->type_id) : NULL;

	if (*told)
		return;
	*told = true;
	ecli_log(ECLI_LOG_WARN,
		 "map %s: a record of %zu bytes came, where its type, struct %s, has %llu; such records %s: the tool "
		 "sends another struct than "
		 "the one that is exported",
		 source->map, size_bytes, of ? of->name : "(unknown)", (unsigned long long)ecli_plan_size(type->plan),
		 size_bytes < type->least_bytes ? "are left out" : "are shown without what is behind it");
}

/* False: it is too short. One that is too long may still begin with its type. */
static bool has_its_size(struct source *source, const struct record *type, size_t size_bytes)
{
	struct ecli_session_stats *stats = &source->session->stats;

	if (size_bytes >= type->least_bytes && size_bytes <= type->most_bytes)
		return true;
	bool is_shorter = size_bytes < type->least_bytes;
	tell_size(source, type, size_bytes, is_shorter ? &source->told_shorter : &source->told_longer);
	stats->malformed++;
	stats->longer += !is_shorter;
	return !is_shorter;
}

int rows_on_record(void *ctx, const struct ecli_poll_record *record)
{
	struct source *source = ctx;
	struct record *type = records_pick(&source->records, record->size_bytes, source->kind == ECLI_SOURCE_PERF);

	return has_its_size(source, type, record->size_bytes) ? rows_show(source, type, record) : 0;
}

int rows_on_print(void *ctx, const struct ecli_poll_print *line)
{
	struct source *source = ctx;
	struct session *session = source->session;
	struct ecli_render_message message = {
		.wall_ns = ecli_wall_of_mono(line->mono_ns),
		.task = line->task,
		.task_len = line->task_len,
		.pid = line->pid,
		.cpu = line->cpu,
		.message = line->message,
		.message_len = line->message_len,
	};

	if (is_dropped(session))
		return 0;
	rows_header(session, source, NULL);
	ecli_render_message(session->opts->format, &message, &session->out.buf);
	return row_written(session);
}

/* An iterator can wait, so nothing of it is dropped. */
static int flush_text(struct session *session)
{
	int r = out_relieve(&session->out, OUT_BATCH_BYTES);

	if (r)
		session->write_error = r;
	return r || session->out.closed;
}

/* Whole records one behind the other. */
static int show_records(struct source *source, const struct ecli_poll_record *chunk, uint64_t size_bytes)
{
	struct ecli_poll_record record = { .size_bytes = (size_t)size_bytes, .mono_ns = chunk->mono_ns };
	int r = 0;

	for (uint64_t at = 0; !r && at < chunk->size_bytes; at += size_bytes) {
		record.data = (const char *)chunk->data + at;
		r = rows_show(source, source->records.items, &record);
		if (!r && out_is_due(&source->session->out))
			r = flush_text(source->session);
	}
	return r;
}

/* An iterator's text belongs to the tool: it is passed on as it is, except to JSON readers, who get it line by line. */
int rows_on_chunk(void *ctx, const struct ecli_poll_record *record)
{
	struct source *source = ctx;
	struct session *session = source->session;
	struct ecli_buf *out = &session->out.buf;
	const char *p = record->data, *end = p + record->size_bytes;
	uint64_t row_bytes = source->records.count ? ecli_plan_size(source->records.items[0].plan) : 0;

	/* The reader was waited for until the signal came. */
	if (out_is_full(&session->out) || ends_is_past(&session->ends, ENDS_ROWS_MS)) {
		losses_add_output(&session->losses, ECLI_LOSS_UNREAD, 1);
		return 0;
	}
	if (row_bytes && record->size_bytes % row_bytes == 0)
		return show_records(source, record, row_bytes);
	if (session->opts->format != ECLI_FORMAT_JSON) {
		ecli_buf_add(out, p, record->size_bytes);
		session->stats.events++;
		return out_is_due(&session->out) ? flush_text(session) : 0;
	}
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *stop = newline ? newline : end;

		ecli_buf_add_text(out, "{\"time\":");
		ecli_buf_add_char(out, '"');
		ecli_render_iso_time(ecli_wall_of_mono(record->mono_ns), out);
		ecli_buf_add_text(out, "\",\"text\":");
		ecli_render_json_text(p, (size_t)(stop - p), out);
		ecli_buf_add_text(out, "}\n");
		if (row_written(session))
			return 1;
		p = newline ? newline + 1 : end;
	}
	return flush_text(session);
}
