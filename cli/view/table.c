/* SPDX-License-Identifier: MIT */
/*
 * The model behind a screen.
 *
 *     look ─ copy ─> next ─ show ─> records ─ filter ─> indexes ─ sort, cut to --top ─> order ─ scroll ─> in sight ─> widths
 *
 * A look comes in both ways, where there are two, and either can be shown, also of a look that is held still. What is taken meanwhile waits, the last of it.
 * Everything is done anew when something on the left of it changes; keys change filter, order and scroll without a new look, which is why the
 * records are kept as they are and not as text. Text is made for what is in sight, and for a filter that looks for text.
 *
 * Invariant: order[] holds valid indexes into the records, first is within it. Nothing in here draws.
 */
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define LEAST_TEXT 8u /* terminal columns that text keeps when it is cut */

static const uint8_t *record_at(const struct table *table, size_t index)
{
	return (const uint8_t *)table_look(table)->records.data + index * table->record_bytes;
}

/* ---- order ----------------------------------------------------------------------------------------------------- */

struct entry {
	struct ecli_value value;
	uint32_t index;
};

static int compare(const void *a, const void *b, void *ctx)
{
	const struct table *table = ctx;
	const struct entry *x = a, *y = b;
	int r = 0;

	if (table->sort < table->n_columns)
		r = ecli_value_order(table->columns[table->sort].field, &x->value, &y->value, table->is_descending);
	return r ? r : memcmp(record_at(table, x->index), record_at(table, y->index), table->record_bytes);
}

/* Looks for the filter's text in a row as it is shown. */
static bool has_text(struct table *table, size_t index, struct ecli_buf *row)
{
	ecli_buf_clear(row);
	for (size_t i = 0; i < table->n_columns; i++) {
		ecli_render_cell(table->render, table->columns[i].field->column, table_look(table)->wall_ns,
				 record_at(table, index), table->record_bytes, row);
		ecli_buf_add_char(row, ' ');
	}
	const char *text = table->filter;
	size_t len = strlen(text);
	if (len > 1 && text[0] == '"' && text[len - 1] == '"') {
		struct ecli_buf word = { 0 };

		ecli_buf_add(&word, text + 1, len - 2);
		bool has = strcasestr(ecli_buf_text(row), ecli_buf_text(&word));
		ecli_buf_done(&word);
		return has;
	}
	return strcasestr(ecli_buf_text(row), text);
}

static bool is_wanted(struct table *table, size_t index, struct ecli_buf *row)
{
	if (table->where)
		return ecli_where_matches(table->where, record_at(table, index), table->record_bytes);
	return !table->filter || has_text(table, index, row);
}

/* Filters and sorts what there is. */
static int arrange(struct table *table)
{
	size_t n_records = table_look(table)->n_records;
	struct entry *entries = calloc(n_records + 1, sizeof(*entries));
	uint32_t *order = calloc(n_records + 1, sizeof(*order));
	struct ecli_buf row = { 0 };
	size_t n = 0;

	if (!entries || !order) {
		free(entries);
		free(order);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n_records; i++) {
		if (!is_wanted(table, i, &row))
			continue;
		entries[n].index = (uint32_t)i;
		if (table->sort < table->n_columns)
			ecli_plan_value(table->plan, table->columns[table->sort].field->column, record_at(table, i),
					table->record_bytes, &entries[n].value);
		n++;
	}
	ecli_buf_done(&row);
	qsort_r(entries, n, sizeof(*entries), compare, table);
	if (table->top && n > table->top)
		n = (size_t)table->top;
	for (size_t i = 0; i < n; i++)
		order[i] = entries[i].index;
	free(entries);
	free(table->order);
	table->order = order;
	table->n_order = n;
	if (table->first >= n)
		table->first = n ? n - 1 : 0;
	return 0;
}

static bool can_sort(const struct table *table, size_t column)
{
	return !table->columns[column].is_group;
}

int table_sort_next(struct table *table, int step)
{
	size_t n = table->n_columns, at = table->sort;

	for (size_t tries = 0; tries < n; tries++) {
		at = at >= n ? (step > 0 ? 0 : n - 1) : step > 0 ? at + 1 : at ? at - 1 : n - 1;
		if (at >= n)
			at = 0;
		if (!can_sort(table, at))
			continue;
		table->sort = at;
		table->is_descending = !ecli_field_is_text(table->columns[at].field);
		table->first = 0;
		return arrange(table);
	}
	return 0;
}

int table_sort_reverse(struct table *table)
{
	table->is_descending = !table->is_descending;
	table->first = 0;
	return arrange(table);
}

/* ---- filter ---------------------------------------------------------------------------------------------------- */

/* An operator of docs/formats/where.md outside of a text in quotes as a whole. */
static bool is_expression(const char *text)
{
	return text[0] != '"' && (strpbrk(text, "=<>~&|!") || strstr(text, " in "));
}

static void drop_filter(struct table *table)
{
	ecli_where_program_free(table->where);
	ecli_where_free(table->expression);
	free(table->filter);
	table->where = NULL;
	table->expression = NULL;
	table->filter = NULL;
}

int table_filter(struct table *table, const char *text, struct ecli_err *err)
{
	bool is_all = !text || !*text, is_bound = !is_all && table->plan && is_expression(text);
	struct ecli_where_program *where = NULL;
	struct ecli_where *expression = NULL;
	char *copy = is_all ? NULL : strdup(text);
	int r = is_all || copy ? 0 : ecli_err_set(err, -ENOMEM, "out of memory");

	if (!r && is_bound)
		r = ecli_where_parse(text, err, &expression);
	if (!r && is_bound)
		r = ecli_where_bind(expression, &table->plan, 1, err, &where);
	if (r) {
		ecli_where_free(expression);
		free(copy);
		return r;
	}
	drop_filter(table);
	table->where = where;
	table->expression = expression;
	table->filter = copy;
	table->first = 0;
	return table->plan ? arrange(table) : 0;
}

/* ---- looks ----------------------------------------------------------------------------------------------------- */

static int add_column(struct table *table, uint32_t index)
{
	struct table_column column = { .field = ecli_plan_column(table->plan, index),
				       .is_group = ecli_plan_column_is_group(table->plan, index) };
	struct ecli_buf title = { 0 };
	int r = ecli_render_title(table->render, index, &title, &column.is_left);

	if (r) /* hidden, or no memory */
		return r == -ENOENT ? 0 : r;
	column.title_width = column.width = text_width(title.data, title.len);
	column.title = ecli_buf_take(&title);
	if (!column.title)
		return -ENOMEM;
	table->columns[table->n_columns++] = column;
	return 0;
}

/* The first look says what the table is. */
static int prepare(struct table *table, const struct ecli_session_round *round)
{
	struct ecli_buf name = { 0 };
	int r = ecli_render_new(round->plan, ECLI_FORMAT_TABLE, NULL, NULL, &table->render);

	if (r)
		return r;
	table->plan = round->plan;
	table->since = round->since;
	table->has_both = round->has_both;
	ecli_render_safe_text(round->name, strlen(round->name), &name);
	table->name = ecli_buf_take(&name);
	table->columns = calloc(ecli_plan_columns(round->plan) + 1, sizeof(*table->columns));
	if (!table->columns || !table->name)
		return -ENOMEM;
	for (uint32_t i = 0; !r && i < ecli_plan_columns(round->plan); i++)
		r = add_column(table, i);
	table->is_descending = round->is_descending;
	table->sort = table->n_columns;
	for (size_t i = 0; i < table->n_columns; i++)
		if (table->columns[i].field == round->sort)
			table->sort = i;
	return r;
}

static int take_total(struct table_look *look, const struct ecli_session_round *round)
{
	ecli_buf_clear(&look->total);
	ecli_buf_clear(&look->sums);
	if (!round->total)
		return 0;
	ecli_buf_add(&look->total, round->total, round->record_bytes);
	ecli_buf_add(&look->sums, round->sums, ecli_plan_columns(round->plan) * sizeof(*round->sums));
	return ecli_buf_failed(&look->total) || ecli_buf_failed(&look->sums) ? -ENOMEM : 0;
}

bool table_has_total(const struct table *table)
{
	return table_look(table)->total.len;
}

int table_take(struct table *table, const struct ecli_session_round *round)
{
	struct table_look *look = &table->next[round->since];
	int r = table->plan ? 0 : prepare(table, round);

	if (r)
		return r;
	look->is_there = false;
	ecli_buf_clear(&look->records);
	ecli_buf_add(&look->records, round->records, round->n_records * round->record_bytes);
	if (ecli_buf_failed(&look->records))
		return -ENOMEM;
	r = take_total(look, round);
	if (r)
		return r;
	table->record_bytes = round->record_bytes;
	table->top = round->top;
	look->n_records = round->n_records < UINT32_MAX ? round->n_records : UINT32_MAX;
	look->wall_ns = round->wall_ns;
	look->left_out = round->left_out;
	look->is_there = true;
	return 0;
}

int table_show(struct table *table)
{
	bool is_new = false;

	for (size_t i = 0; i < ECLI_SINCES; i++) {
		struct table_look next = table->next[i];

		if (!next.is_there)
			continue;
		is_new |= i == (size_t)table->since;
		table->next[i] = table->shown[i]; /* for its memory */
		table->next[i].is_there = false;
		table->shown[i] = next;
	}
	return is_new ? arrange(table) : 0;
}

int table_switch(struct table *table)
{
	if (!table->has_both)
		return -ENOENT;
	table->since = table->since == ECLI_SINCE_START ? ECLI_SINCE_LOOK : ECLI_SINCE_START;
	table->first = 0;
	return arrange(table);
}

static void look_done(struct table_look *look)
{
	ecli_buf_done(&look->records);
	ecli_buf_done(&look->total);
	ecli_buf_done(&look->sums);
}

void table_done(struct table *table)
{
	for (size_t i = 0; i < table->n_columns; i++)
		free(table->columns[i].title);
	free(table->columns);
	free(table->name);
	free(table->order);
	drop_filter(table);
	ecli_render_free(table->render);
	for (size_t i = 0; i < ECLI_SINCES; i++) {
		look_done(&table->shown[i]);
		look_done(&table->next[i]);
	}
	*table = (struct table){ 0 };
}

/* ---- in sight -------------------------------------------------------------------------------------------------- */

void table_scroll(struct table *table, int64_t rows, size_t height)
{
	size_t last = table->n_order > height ? table->n_order - height : 0;

	if (rows < 0)
		table->first = (uint64_t)-rows < table->first ? table->first - (size_t)-rows : 0;
	else if ((uint64_t)rows < last - (table->first < last ? table->first : last))
		table->first += (size_t)rows;
	else
		table->first = last;
	if (table->first > last)
		table->first = last;
}

/* The word stands in the first column that has no sum. */
static void total_cell(struct table *table, size_t column, struct ecli_buf *out)
{
	const struct table_look *look = table_look(table);
	const bool *sums = (const bool *)look->sums.data;
	uint32_t index = table->columns[column].field->column;
	size_t first = 0;

	while (first < table->n_columns && sums[table->columns[first].field->column])
		first++;
	if (sums[index])
		ecli_render_cell(table->render, index, look->wall_ns, look->total.data, look->total.len, out);
	else if (column == first)
		ecli_buf_add_text(out, "total");
}

void table_cell(struct table *table, size_t row, size_t column, struct ecli_buf *out)
{
	if (row == TABLE_TOTAL)
		total_cell(table, column, out);
	else
		ecli_render_cell(table->render, table->columns[column].field->column, table_look(table)->wall_ns,
				 record_at(table, table->order[row]), table->record_bytes, out);
}

static void widen(struct table *table, size_t row, size_t column, struct ecli_buf *cell)
{
	ecli_buf_clear(cell);
	table_cell(table, row, column, cell);
	uint32_t width = text_width(cell->data, cell->len);
	if (width > table->columns[column].width)
		table->columns[column].width = width;
}

struct layout_place table_place(struct table *table, size_t height, uint32_t screen_width,
				struct layout_column *ret_layout)
{
	struct ecli_buf cell = { 0 };

	for (size_t i = 0; i < table->n_columns; i++) {
		struct table_column *column = &table->columns[i];

		for (size_t row = table->first; row < table->n_order && row < table->first + height; row++)
			widen(table, row, i, &cell);
		if (table_has_total(table))
			widen(table, TABLE_TOTAL, i, &cell);
		uint32_t least = column->title_width > LEAST_TEXT ? column->title_width : LEAST_TEXT;
		bool is_cut = column->is_left && least < column->width;
		ret_layout[i] =
			(struct layout_column){ .wish = column->width, .least = is_cut ? least : column->width };
	}
	ecli_buf_done(&cell);
	return layout_fit(ret_layout, table->n_columns, table->sort < table->n_columns ? table->sort : 0, screen_width);
}
