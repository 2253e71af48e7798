/* SPDX-License-Identifier: MIT */
/*
 * The plain sink: values with exactly one space between them, for awk, cut and read. A value never contains a space and
 * is never empty, so the n-th word of every row is the n-th column.
 */
#include "render/cell.h"

static bool is_shown(const struct ecli_render *render, const struct ecli_field *field)
{
	return render->layout.columns[field->column].is_shown;
}

/* @p: behind the space, and returned when memory ran out. */
static __attribute__((noinline)) char *put_formatted(struct ecli_render *render, const struct ecli_field *field,
						     const struct ecli_value *value, char *p)
{
	struct ecli_value text = ecli_sink_formatted(render, field, value);
	size_t narrow = 0;

	render->at = p;
	p = room(render, value_room(&text));
	return p ? ecli_cell_value(p, field, &text, ECLI_ESCAPE_PLAIN, &narrow) : render->at;
}

static void on_leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	struct ecli_render *render = ctx;
	size_t narrow = 0;
	char *p;

	if (!is_shown(render, field))
		return;
	if (field->depth) {
		ecli_cell_leaf(render, field, value);
		return;
	}
	p = room(render, 1 + value_room(value));
	if (!p)
		return;
	*p++ = ' ';
	if (value->kind == ECLI_VALUE_UINT)
		p = ecli_digits_unsigned(p, value->u);
	else if (value->kind == ECLI_VALUE_SINT)
		p = ecli_digits_signed(p, value->s);
	else if (value->kind == ECLI_VALUE_STRING)
		p = ecli_cell_text(p, value->str.text, value->str.len, ECLI_ESCAPE_PLAIN, &narrow);
	else if (value->kind == ECLI_VALUE_FORMATTED)
		p = put_formatted(render, field, value, p);
	else
		p = ecli_cell_value(p, field, value, ECLI_ESCAPE_PLAIN, &narrow);
	render->at = p;
}

static void on_open(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	struct ecli_render *render = ctx;

	if (!is_shown(render, field))
		return;
	if (!field->depth) {
		char *p = room(render, 1);

		if (!p)
			return;
		*p = ' ';
		render->at = p + 1;
	}
	ecli_cell_open(render, field, group);
}

static void on_close(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	struct ecli_render *render = ctx;

	if (is_shown(render, field))
		ecli_cell_close(render, group);
}

static void map(const struct ecli_layout *layout, const char *name, struct ecli_buf *out)
{
	(void)layout;
	ecli_buf_add_char(out, ' ');
	ecli_layout_text(name, strlen(name), ECLI_FORMAT_PLAIN, out);
}

static void end(struct ecli_render *render)
{
	char *p = room(render, 1);

	if (!p)
		return;
	*p = '\n';
	render->at = p + 1;
}

const struct ecli_sink ecli_sink_plain = {
	.visitor = { .leaf = on_leaf, .open = on_open, .close = on_close },
	.quoted_mode = ECLI_ESCAPE_PLAIN_QUOTED,
	.map = map,
	.begin = ecli_cell_begin,
	.end = end,
};
