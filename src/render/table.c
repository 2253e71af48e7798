/* SPDX-License-Identifier: MIT */
/*
 * The table sink: columns that stay in line. Numbers end where their title ends, text begins where its title begins; a
 * value that is too long widens its column for the rows after it, up to a limit.
 *
 *     TIME     TASK            PREV_TASK           DELTA_US     PID PREV_PID
 *     10:00:00 cc1             make                    1234    4321        1
 */
#include "render/cell.h"

static struct ecli_column *column_of(struct ecli_render *render, const struct ecli_field *field)
{
	return &render->layout.columns[field->column];
}

/* Spaces after a text that takes @width terminal columns. */
static void pad_left_aligned(struct ecli_render *render, struct ecli_column *column, size_t width)
{
	if (column->is_last)
		return;
	if (width >= column->width) {
		ecli_layout_grow(column, width);
		return;
	}

	char *p = room(render, column->width + ECLI_SINK_SPACES_SLACK);
	if (p)
		render->at = put_spaces(p, column->width - width);
}

static void put_number(struct ecli_render *render, struct ecli_column *column, uint64_t magnitude, bool is_negative)
{
	char *p = room(render, column->width + ECLI_SINK_SPACES_SLACK + ECLI_SINK_VALUE_ROOM);
	unsigned int digits = ecli_digits_count(magnitude);
	size_t width = digits + is_negative;

	if (!p)
		return;
	*p++ = ' ';
	if (width <= column->width)
		p = put_spaces(p, column->width - width);
	else
		ecli_layout_grow(column, width);
	*p = '-';
	render->at = ecli_digits_put(p + is_negative, magnitude, digits);
}

/* The text of a formatted number: short, but nothing says how short. Its characters are ASCII, so bytes are columns. */
static void put_right_text(struct ecli_render *render, struct ecli_column *column, const char *text)
{
	size_t width = strlen(text);
	char *p = room(render, 1 + column->width + ECLI_SINK_SPACES_SLACK + width);

	if (!p)
		return;
	*p++ = ' ';
	if (width <= column->width)
		p = put_spaces(p, column->width - width);
	else
		ecli_layout_grow(column, width);
	memcpy(p, text, width);
	render->at = p + width;
}

/* Kinds that are aligned right and not so common: written aside first, because their width is known only then. */
static void put_right(struct ecli_render *render, struct ecli_column *column, const struct ecli_value *value)
{
	char text[ECLI_SINK_VALUE_ROOM];
	size_t narrow = 0;

	if (value->kind == ECLI_VALUE_FORMATTED) {
		put_right_text(render, column, ecli_sink_formatted(render, column->field, value).name);
		return;
	}
	size_t width = (size_t)(ecli_cell_value(text, column->field, value, ECLI_ESCAPE_TABLE, &narrow) - text);
	char *p = room(render, 1 + column->width + ECLI_SINK_SPACES_SLACK + sizeof(text));

	if (!p)
		return;
	*p++ = ' ';
	if (width <= column->width)
		p = put_spaces(p, column->width - width);
	else
		ecli_layout_grow(column, width);
	memcpy(p, text, width);
	render->at = p + width;
}

static void put_left(struct ecli_render *render, struct ecli_column *column, const struct ecli_value *value);

static __attribute__((noinline)) void put_left_text(struct ecli_render *render, struct ecli_column *column,
						    const struct ecli_value *value)
{
	struct ecli_value text = ecli_sink_formatted(render, column->field, value);

	put_left(render, column, &text);
}

static void put_left(struct ecli_render *render, struct ecli_column *column, const struct ecli_value *value)
{
	char *p = room(render, 1 + value_room(value) + column->width + ECLI_SINK_SPACES_SLACK);
	size_t narrow = 0;

	if (!p)
		return;
	*p++ = ' ';
	if (value->kind == ECLI_VALUE_STRING)
		render->at = ecli_escape_safe(p, value->str.text, value->str.len, ECLI_ESCAPE_TABLE, &narrow);
	else if (value->kind != ECLI_VALUE_FORMATTED)
		render->at = ecli_cell_value(p, column->field, value, ECLI_ESCAPE_TABLE, &narrow);
	else {
		put_left_text(render, column, value);
		return;
	}
	pad_left_aligned(render, column, (size_t)(render->at - p) - narrow);
}

static void on_leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	struct ecli_render *render = ctx;
	struct ecli_column *column = column_of(render, field);

	if (!column->is_shown)
		return;
	if (field->depth)
		ecli_cell_leaf(render, field, value);
	else if (value->kind == ECLI_VALUE_UINT)
		put_number(render, column, value->u, false);
	else if (value->kind == ECLI_VALUE_SINT)
		put_number(render, column, value->s < 0 ? 0 - value->u : value->u, value->s < 0);
	else if (column->is_left)
		put_left(render, column, value);
	else
		put_right(render, column, value);
}

static void on_open(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	struct ecli_render *render = ctx;

	if (!column_of(render, field)->is_shown)
		return;
	if (!field->depth) {
		char *p = room(render, 1);

		if (!p)
			return;
		*p = ' ';
		render->at = p + 1;
		render->cell_start = (size_t)(render->at - render->out->data);
		render->narrow = 0;
	}
	ecli_cell_open(render, field, group);
}

static void on_close(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	struct ecli_render *render = ctx;
	struct ecli_column *column = column_of(render, field);

	if (!column->is_shown)
		return;
	ecli_cell_close(render, group);
	if (!field->depth)
		pad_left_aligned(render, column,
				 (size_t)(render->at - render->out->data) - render->cell_start - render->narrow);
}

static void map(const struct ecli_layout *layout, const char *name, struct ecli_buf *out)
{
	ecli_buf_add_char(out, ' ');
	size_t width = ecli_layout_text(name, strlen(name), ECLI_FORMAT_TABLE, out);
	ecli_buf_add_repeat(out, ' ', width < layout->map_width ? layout->map_width - width : 0);
}

static void end(struct ecli_render *render)
{
	char *p = room(render, 1);

	if (!p)
		return;
	/* An empty text, or one that ends with spaces, in the last column. The time stops this. */
	while (p[-1] == ' ')
		p--;
	*p++ = '\n';
	render->at = p;
}

const struct ecli_sink ecli_sink_table = {
	.visitor = { .leaf = on_leaf, .open = on_open, .close = on_close },
	.quoted_mode = ECLI_ESCAPE_TABLE_QUOTED,
	.map = map,
	.begin = ecli_cell_begin,
	.end = end,
};
