/* SPDX-License-Identifier: MIT */
/*
 * What stands in each line of a screen:
 *
 *     filetop  rows 1-20 of 340 (1200 in all)  by reads, greatest first  every 1s  10:33:21
 *     filter: comm ~ "cc*"
 *     PID     COMM             READS ...                          titles
 *     4711    cc1                 90 ...                          rows
 *     q quit  space pause  < > sort  r reverse  / filter  + - time  h help
 *
 * Text only, no attribute and no curses, so that the same lines can be printed when the screen is gone, and checked without one. Names of tools and
 * maps, titles and cells were made safe for a terminal where they came in.
 */
#include "lines.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "text.h"

/* ---- around the table ------------------------------------------------------------------------------------------ */

static void add_time(uint64_t wall_ns, struct ecli_buf *out)
{
	time_t seconds = (time_t)(wall_ns / 1000000000u);
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		ecli_buf_add_format(out, "  %02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void add_rows(const struct table *table, size_t height, struct ecli_buf *out)
{
	size_t end = table->first + height < table->n_order ? table->first + height : table->n_order;

	if (!table->n_order)
		ecli_buf_add_text(out, "  no rows");
	else if (!height)
		ecli_buf_add_format(out, "  %zu rows", table->n_order);
	else
		ecli_buf_add_format(out, "  rows %zu-%zu of %zu", table->first + 1, end, table->n_order);
	if (table->filter)
		ecli_buf_add_format(out, " (%zu in all)", table_look(table)->n_records);
}

/* Titles are in upper case; --sort and --where take the name of the field. */
static void add_name(const struct ecli_field *field, struct ecli_buf *out)
{
	ecli_render_safe_text(field->name, strlen(field->name), out);
}

static void add_order(const struct table *table, struct ecli_buf *out)
{
	if (table->sort >= table->n_columns)
		return;
	const struct ecli_field *field = table->columns[table->sort].field;

	ecli_buf_add_text(out, "  by ");
	add_name(field, out);
	if (ecli_field_is_text(field))
		ecli_buf_add_text(out, table->is_descending ? ", Z first" : ", A first");
	else
		ecli_buf_add_text(out, table->is_descending ? ", greatest first" : ", least first");
}

static const char *how_often(const struct table *table)
{
	if (!table->has_both)
		return "every";
	return table->since == ECLI_SINCE_START ? "total, every" : "each";
}

/* What may be cut off on a narrow screen comes last. */
void lines_status(struct view *view, size_t height, uint32_t width, struct ecli_buf *out)
{
	const struct table *table = view_table(view);
	struct ecli_buf line = { 0 };

	if (view->is_paused)
		ecli_buf_add_text(&line, "PAUSED  ");
	ecli_buf_add_text(&line, view->tool);
	if (view->n_tables > 1)
		ecli_buf_add_format(&line, ": %s %zu/%zu", table->name ? table->name : "", view->current + 1,
				    view->n_tables);
	if (table->plan) {
		add_rows(table, height, &line);
		add_order(table, &line);
	} else {
		ecli_buf_add_text(&line, "  waiting for the first look");
	}
	ecli_buf_add_format(&line, "  %s %gs", how_often(table), (double)view->interval_ms / 1000);
	if (table->plan)
		add_time(table_look(table)->wall_ns, &line);
	text_add_cut(out, line.data, line.len, width);
	ecli_buf_done(&line);
}

bool lines_note(struct view *view, uint32_t width, struct ecli_buf *out, bool *ret_is_bad)
{
	const struct table *table = view_table(view);
	struct ecli_buf line = { 0 };

	*ret_is_bad = true;
	for (size_t i = 0; i < view->n_losses; i++) {
		ecli_buf_add_text(&line, i ? "; " : "lost ");
		view->opts.word_loss(&view->losses[i].told, &line);
	}
	if (table_look(table)->left_out)
		ecli_buf_add_format(&line, "%swithout %llu rows that made room", line.len ? "; " : "",
				    (unsigned long long)table_look(table)->left_out);
	if (view->message[0]) {
		ecli_buf_add_text(&line, line.len ? "; " : "");
		ecli_render_safe_text(view->message, strlen(view->message), &line);
	} else if (table->filter) {
		*ret_is_bad = line.len;
		ecli_buf_add_text(&line, line.len ? "; filter: " : "filter: ");
		ecli_render_safe_text(table->filter, strlen(table->filter), &line);
	}
	bool has = line.len;
	text_add_cut(out, line.data, line.len, width);
	ecli_buf_done(&line);
	return has;
}

/* As many as there is room for; the last one leads to all of them. */
static void add_hints(const struct view *view, uint32_t width, struct ecli_buf *line)
{
	const struct table *table = view_table(view);
	const char *hints[] = {
		"q quit",
		view->is_paused ? "space go on" : "space pause",
		"< > sort",
		view->n_tables > 1 ? "Tab table" : NULL,
		!table->has_both                   ? NULL
		: table->since == ECLI_SINCE_START ? "c each"
						   : "c total",
		"r reverse",
		"/ filter",
		"+ - time",
	};
	static const char last[] = "h help";

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i] && line->len + strlen(hints[i]) + 2 + strlen(last) <= width)
			ecli_buf_add_format(line, "%s  ", hints[i]);
	ecli_buf_add_text(line, last);
}

void lines_keys(const struct view *view, uint32_t width, struct ecli_buf *out)
{
	struct ecli_buf line = { 0 };

	if (view->is_prompt) {
		ecli_buf_add_text(&line, "filter: ");
		ecli_render_safe_text(view->prompt, view->prompt_len, &line);
		/* The end is what is being typed. */
		while (text_width(line.data, line.len) + 1 > width && line.len > 1) {
			memmove(line.data, line.data + 1, line.len - 1);
			line.len--;
		}
	} else {
		add_hints(view, width, &line);
	}
	text_add_cut(out, line.data, line.len, width);
	ecli_buf_done(&line);
}

/* ---- the table ------------------------------------------------------------------------------------------------- */

void lines_titles(const struct table *table, const struct layout_column *layout, struct layout_place place,
		  struct ecli_buf *out, uint32_t *ret_sorted_at, uint32_t *ret_sorted_width)
{
	uint32_t at = 0;

	*ret_sorted_at = *ret_sorted_width = 0;
	for (size_t i = place.first; i < place.first + place.count; i++) {
		const struct table_column *column = &table->columns[i];

		if (i > place.first) {
			ecli_buf_add_repeat(out, ' ', LAYOUT_GAP);
			at += LAYOUT_GAP;
		}
		if (i == table->sort) {
			*ret_sorted_at = at;
			*ret_sorted_width = layout[i].width;
		}
		text_add(out, column->title, strlen(column->title), layout[i].width, column->is_left);
		at += layout[i].width;
	}
}

void lines_row(struct table *table, const struct layout_column *layout, struct layout_place place, size_t row,
	       struct ecli_buf *out)
{
	struct ecli_buf cell = { 0 };

	for (size_t i = place.first; i < place.first + place.count; i++) {
		ecli_buf_clear(&cell);
		table_cell(table, row, i, &cell);
		if (i > place.first)
			ecli_buf_add_repeat(out, ' ', LAYOUT_GAP);
		text_add(out, cell.data, cell.len, layout[i].width, table->columns[i].is_left);
	}
	ecli_buf_done(&cell);
}
