/* SPDX-License-Identifier: MIT */
/*
 * The table sink: columns that stay in line. Numbers end where their title ends, text begins where its title begins; a
 * value that is too long widens its column for the rows after it, up to a limit.
 *
 *     TIME     TASK            PREV_TASK           DELTA_US     PID PREV_PID
 *     10:00:00 cc1             make                    1234    4321        1
 */
#include "render/cell.h"
#include "render/clean.h"
#include "render/formats.h"

/* ---- the general way ------------------------------------------------------------------------------------------- */

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

/* Written aside first, for its width is known only then. Its characters are ASCII, so bytes are columns. */
static void put_right_text(struct ecli_render *render, struct ecli_column *column, const char *text, size_t width)
{
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

/* Kinds that are aligned right and not so common. */
static void put_right(struct ecli_render *render, struct ecli_column *column, const struct ecli_value *value)
{
	char text[ECLI_SINK_VALUE_ROOM];
	size_t narrow = 0;

	if (value->kind == ECLI_VALUE_FORMATTED) {
		const char *formatted = ecli_sink_formatted(render, column->field, value).name;

		put_right_text(render, column, formatted, strlen(formatted));
		return;
	}
	put_right_text(render, column, text,
		       (size_t)(ecli_cell_value(text, column->field, value, ECLI_ESCAPE_TABLE, &narrow) - text));
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
	if (value->kind != ECLI_VALUE_FORMATTED)
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

/* ---- puts ------------------------------------------------------------------------------------------------------ */

/*
 * Where a number ends in its column, the cell that separates it from the one before included:
 *
 *     width 12   |_____________|            skip 5, cut 0
 *                 _____12345678             the eight digits, zeros before the number already spaces
 *     width 5          |______|             skip 0, cut 16: two of the eight are cut off, so 10^5 and more do not fit
 */
static void fit(struct ecli_put *put)
{
	uint32_t cells = put->column->width + 1;
	uint32_t digits = put->column->width < 8 ? put->column->width : 8;

	put->skip = cells > 8 ? cells - 8 : 0;
	put->cut = (uint8_t)(cells < 8 ? 8 * (8 - cells) : 0);
	put->below[0] = ecli_digits_powers[digits];
	put->below[1] = ecli_digits_powers[digits < 8 ? digits - 1 : 7];
	/* A column so wide is a rare one: all numbers there go the long way, so that the short one stores 16 spaces. */
	if (put->skip > 16)
		put->below[0] = put->below[1] = 0;
}

/* Numbers of more than eight digits, and those that widen their column. */
static __attribute__((noinline)) char *put_long_number(struct ecli_put *put, uint64_t magnitude, bool is_negative,
						       char *p)
{
	char text[ECLI_DIGITS_ROOM + 8];
	size_t len = (size_t)(ecli_digits_unsigned(text, magnitude) - text), width = len + is_negative;

	*p++ = ' ';
	if (width <= put->column->width) {
		p = put_spaces(p, put->column->width - width);
	} else {
		ecli_layout_grow(put->column, width);
		fit(put);
	}
	*p = '-';
	p += is_negative;
	memcpy(p, text, sizeof(text));
	return p + len;
}

static inline char *put_number(struct ecli_put *put, uint64_t magnitude, bool is_negative, char *p)
{
	if (__builtin_expect(magnitude >= put->below[is_negative], 0))
		return put_long_number(put, magnitude, is_negative, p);

	uint64_t word = ecli_digits_right((uint32_t)magnitude, is_negative) >> put->cut;
	memset(p, ' ', 16);
	p += put->skip;
	memcpy(p, &word, sizeof(word));
	return p + 8 - put->cut / 8;
}

static char *put_unsigned(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	(void)render;
	return put_number(put, ecli_put_unsigned(put, record), false, p);
}

static char *put_signed(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	int64_t value = ecli_put_signed(put, record);

	(void)render;
	return put_number(put, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0, p);
}

static inline char *pad(struct ecli_column *column, size_t width, char *p)
{
	if (column->is_last)
		return p;
	if (__builtin_expect(width > column->width, 0)) {
		ecli_layout_grow(column, width);
		return p;
	}
	return put_spaces(p, column->width - width);
}

static __attribute__((noinline)) char *put_short_text(struct ecli_render *render, struct ecli_put *put,
						      const uint8_t *record, char *p)
{
	size_t narrow = 0;

	(void)render;
	*p++ = ' ';
	char *end = ecli_escape_table_array(p, (const char *)record + put->at, put->size, &narrow);
	return pad(put->column, (size_t)(end - p) - narrow, end);
}

static char *put_text(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	const char *text = (const char *)record + put->at;
	size_t len = ecli_clean_chunk(p + 1, text, ECLI_CLEAN_TABLE);

	if (__builtin_expect(len == ECLI_CLEAN_CHUNK || text[len], 0))
		return put_short_text(render, put, record, p);
	*p = ' ';
	return pad(put->column, len, p + 1 + len);
}

/* Text that ends where its column does is written aside first, because its width is known only then. */
static char *put_formatted(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	struct ecli_value value = ecli_put_value(put, record);
	struct ecli_column *column = put->column;
	struct ecli_buf *out = render->out;

	if (!column->is_left) {
		render->at = p;
		put_right(render, column, &value);
		out->len = (size_t)(render->at - out->data);
		return ecli_put_resume(render);
	}
	*p++ = ' ';
	size_t start = out->len = (size_t)(p - out->data);
	ecli_formats_put(render->formats, column->field, &value, out);
	size_t width = out->len - start;
	return pad(column, width, ecli_put_resume(render));
}

static char *put_end(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	(void)render, (void)put, (void)record;
	/* An empty text, or one that ends with spaces, in the last column. The time stops this. */
	while (p[-1] == ' ')
		p--;
	*p = '\n';
	return p + 1;
}

const struct ecli_sink ecli_sink_table = {
	.visitor = { .leaf = on_leaf, .open = on_open, .close = on_close },
	.quoted_mode = ECLI_ESCAPE_TABLE_QUOTED,
	.map = map,
	.put = {
		.time = ecli_cell_put_time,
		.end = put_end,
		.unsigned_number = put_unsigned,
		.signed_number = put_signed,
		.text = put_text,
		.short_text = put_short_text,
		.formatted = put_formatted,
		.fit = fit,
	},
};
