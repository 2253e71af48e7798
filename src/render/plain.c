/* SPDX-License-Identifier: MIT */
/*
 * The plain sink: values with exactly one space between them, for awk, cut and read. A value never contains a space and
 * is never empty, so the n-th word of every row is the n-th column.
 */
#include "render/cell.h"
#include "render/clean.h"
#include "render/formats.h"

/* ---- the general way ------------------------------------------------------------------------------------------- */

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
	if (value->kind == ECLI_VALUE_FORMATTED)
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

/* ---- puts ------------------------------------------------------------------------------------------------------ */

static char *put_unsigned(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	(void)render;
	*p = ' ';
	return ecli_digits_unsigned(p + 1, ecli_put_unsigned(put, record));
}

static char *put_signed(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	(void)render;
	*p = ' ';
	return ecli_digits_signed(p + 1, ecli_put_signed(put, record));
}

static __attribute__((noinline)) char *put_short_text(struct ecli_render *render, struct ecli_put *put,
						      const uint8_t *record, char *p)
{
	const char *text = (const char *)record + put->at;
	size_t narrow = 0;

	(void)render;
	*p++ = ' ';
	if (!text[0] || text[0] == '-')
		return ecli_cell_text(p, text, strnlen(text, put->size), ECLI_ESCAPE_PLAIN, &narrow);
	return ecli_escape_plain_array(p, text, put->size, &narrow);
}

static char *put_text(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	const char *text = (const char *)record + put->at;
	size_t len = ecli_clean_chunk(p + 1, text, ECLI_CLEAN_PLAIN);

	/* Text of one character may be a dash. */
	if (__builtin_expect(len == ECLI_CLEAN_CHUNK || text[len] || len <= 1, 0))
		return put_short_text(render, put, record, p);
	*p = ' ';
	return p + 1 + len;
}

/* The text of a format is never "-" alone but where that is what it says. */
static char *put_formatted_word(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	struct ecli_value value = ecli_put_value(put, record);

	*p++ = ' ';
	render->out->len = (size_t)(p - render->out->data);
	ecli_formats_put(render->formats, put->column->field, &value, render->out);
	return ecli_put_resume(render);
}

static char *put_end(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	(void)render, (void)put, (void)record;
	*p = '\n';
	return p + 1;
}

const struct ecli_sink ecli_sink_plain = {
	.visitor = { .leaf = on_leaf, .open = on_open, .close = on_close },
	.quoted_mode = ECLI_ESCAPE_PLAIN_QUOTED,
	.map = map,
	.put = {
		.time = ecli_cell_put_time,
		.end = put_end,
		.unsigned_number = put_unsigned,
		.signed_number = put_signed,
		.text = put_text,
		.short_text = put_short_text,
		.formatted = put_formatted_word,
	},
};
