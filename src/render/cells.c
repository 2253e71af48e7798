/* SPDX-License-Identifier: MIT */
/*
 * Single cells, for whoever lays out rows by himself: a screen that sorts, cuts and scrolls. The text of a cell is exactly that of the
 * table: the same writers, the same escaping, only no padding and no width that grows.
 */
#include <errno.h>

#include "render/cell.h"
#include "render/formats.h"

static void on_leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	struct ecli_render *render = ctx;
	struct ecli_value text;

	if (field->depth) {
		ecli_cell_leaf(render, field, value);
		return;
	}
	if (value->kind == ECLI_VALUE_FORMATTED) {
		text = ecli_sink_formatted(render, field, value);
		value = &text;
	}
	char *p = room(render, value_room(value));
	if (p)
		render->at = ecli_cell_value(p, field, value, ECLI_ESCAPE_TABLE, &render->narrow);
}

static void on_open(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	ecli_cell_open(ctx, field, group);
}

static void on_close(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	(void)field;
	ecli_cell_close(ctx, group);
}

static bool has(const struct ecli_render *render, uint32_t column)
{
	return column < render->layout.count && render->layout.columns[column].is_shown;
}

int ecli_render_cell(struct ecli_render *render, uint32_t column, uint64_t wall_ns, const void *data, size_t size_bytes,
		     struct ecli_buf *out)
{
	static const struct ecli_visitor visitor = { .leaf = on_leaf, .open = on_open, .close = on_close };
	size_t start = out->len;

	if (!has(render, column))
		return -ENOENT;
	if (!ecli_buf_reserve(out, ECLI_SINK_VALUE_ROOM))
		return -ENOMEM;
	render->wall_ns = wall_ns;
	render->out = out;
	render->at = out->data + start;
	render->limit = out->data + out->cap;
	if (render->formats)
		ecli_formats_begin(render->formats, wall_ns);

	int r = ecli_plan_run_column(render->plan, column, data, size_bytes, &visitor, render);
	if (!r && out->failed)
		r = -ENOMEM;
	out->len = r ? start : (size_t)(render->at - out->data);
	return r;
}

int ecli_render_title(struct ecli_render *render, uint32_t column, struct ecli_buf *out, bool *ret_is_left)
{
	if (!has(render, column))
		return -ENOENT;
	ecli_layout_title(render->layout.columns[column].field->name, render->format, true, 0, out);
	if (out->failed)
		return -ENOMEM;
	*ret_is_left = render->layout.columns[column].is_left;
	return 0;
}
