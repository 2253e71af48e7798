/* SPDX-License-Identifier: MIT */
/*
 * The JSON sink: one object a line (RFC 8259), members in struct order, hidden fields included.
 *
 *     {"time":"2026-11-22T10:00:00.123456+00:00","task":"cc1","addr":{"port":80},"v":[1,2]}
 *
 * Every row parses whatever the bytes of the record are. 64-bit integers are numbers (exact in every reader that keeps
 * integers), 128-bit ones are decimal strings, pointers hexadecimal strings, numbers that JSON does not have are null.
 * A formatted field is there twice: as text, then raw (`"ret":"-ENOENT","ret_raw":-2`); an array of such is two arrays. A list of
 * words is an array of strings, then whether it was cut.
 */
#include <assert.h>
#include <math.h>

#include "base/cleanup.h"
#include "render/clean.h"
#include "render/formats.h"
#include "render/sink.h"

typedef char *(*value_fn)(char *p, const struct ecli_field *field, const struct ecli_value *value);

/* ---- values ---------------------------------------------------------------------------------------------------- */

static char *put_text(char *p, const char *text, size_t len)
{
	*p++ = '"';
	p = ecli_escape_json(p, text, len);
	*p++ = '"';
	return p;
}

static char *put_uint(char *p, const struct ecli_field *field, const struct ecli_value *value)
{
	(void)field;
	return ecli_digits_unsigned(p, value->u);
}

static char *put_sint(char *p, const struct ecli_field *field, const struct ecli_value *value)
{
	(void)field;
	return ecli_digits_signed(p, value->s);
}

static char *put_bool(char *p, const struct ecli_field *field, const struct ecli_value *value)
{
	(void)field;
	memcpy(p, value->u ? "true\0" : "false", 5);
	return p + (value->u ? 4 : 5);
}

static char *put_char(char *p, const struct ecli_field *field, const struct ecli_value *value)
{
	(void)field;
	char c = (char)value->u;

	return put_text(p, &c, 1);
}

static char *put_string(char *p, const struct ecli_field *field, const struct ecli_value *value)
{
	(void)field;
	return put_text(p, value->str.text, value->str.len);
}

static char *put_enum(char *p, const struct ecli_field *field, const struct ecli_value *value)
{
	if (value->name)
		return put_text(p, value->name, strlen(value->name));
	return field->is_signed ? put_sint(p, field, value) : put_uint(p, field, value);
}

static char *put_pointer(char *p, const struct ecli_field *field, const struct ecli_value *value)
{
	(void)field;
	*p++ = '"';
	p = ecli_digits_hex(p, value->u);
	*p++ = '"';
	return p;
}

static char *put_float(char *p, const struct ecli_field *field, const struct ecli_value *value)
{
	if (isfinite(value->f))
		return ecli_digits_real(p, value->f, field->size_bytes == sizeof(float));
	memcpy(p, "null", 4);
	return p + 4;
}

static char *put_wide(char *p, const struct ecli_field *field, const struct ecli_value *value)
{
	(void)field;
	*p++ = '"';
	p = ecli_digits_wide(p, value->wide, value->kind == ECLI_VALUE_SINT128);
	*p++ = '"';
	return p;
}

static char *put_bytes(char *p, const struct ecli_field *field, const struct ecli_value *value)
{
	(void)field;
	*p++ = '"';
	p = ecli_digits_bytes(p, value->str.text, value->str.len);
	*p++ = '"';
	return p;
}

static const value_fn writers[] = {
	[ECLI_VALUE_UINT] = put_uint,       [ECLI_VALUE_SINT] = put_sint,     [ECLI_VALUE_BOOL] = put_bool,
	[ECLI_VALUE_CHAR] = put_char,       [ECLI_VALUE_STRING] = put_string, [ECLI_VALUE_ENUM] = put_enum,
	[ECLI_VALUE_POINTER] = put_pointer, [ECLI_VALUE_FLOAT] = put_float,   [ECLI_VALUE_UINT128] = put_wide,
	[ECLI_VALUE_SINT128] = put_wide,    [ECLI_VALUE_BYTES] = put_bytes,
};
static_assert(ARRAY_SIZE(writers) == ECLI_VALUE_FORMATTED, "one writer a kind of value but put_formatted()'s");

/* ---- members --------------------------------------------------------------------------------------------------- */

/* `,"name":` from the layout, for a column. @extra: room for what follows. */
static inline char *put_column(struct ecli_render *render, const struct ecli_field *field, size_t extra)
{
	const struct ecli_column *column = &render->layout.columns[field->column];
	char *p = room(render, column->key_len + ECLI_LAYOUT_KEY_READABLE + extra);

	if (!p)
		return NULL;
	memcpy(p, column->key, ECLI_LAYOUT_KEY_READABLE);
	if (__builtin_expect(column->key_len > ECLI_LAYOUT_KEY_READABLE, 0))
		memcpy(p, column->key, column->key_len);
	return p + column->key_len;
}

/* The same within a group, where the first has no comma and elements of arrays have no name. */
static char *put_member(struct ecli_render *render, const char *name, size_t extra)
{
	size_t len = strlen(name);
	char *p = room(render, 4 + len * ECLI_ESCAPE_JSON_ROOM + ECLI_ESCAPE_SLACK + extra);

	if (!p)
		return NULL;
	if (!render->is_first)
		*p++ = ',';
	render->is_first = false;
	if (len) {
		p = put_text(p, name, len);
		*p++ = ':';
	}
	return p;
}

/* Text that is JSON as it is. */
static char *put_literal(char *p, const struct ecli_buf *text)
{
	if (text->len)
		memcpy(p, text->data, text->len);
	return p + text->len;
}

/* `,"NAME_raw":` and what was gathered for it. */
static void put_raw(struct ecli_render *render, const struct ecli_field *field)
{
	struct ecli_buf *raw = &render->formats->raw;
	char *p;

	if (ecli_buf_failed(raw))
		render->out->failed = true;
	if (field->depth) {
		p = put_member(render, field->format->raw_name, raw->len);
	} else {
		const struct ecli_column *column = &render->layout.columns[field->column];

		p = room(render, column->raw_key_len + raw->len);
		if (p) {
			memcpy(p, column->raw_key, column->raw_key_len);
			p += column->raw_key_len;
		}
	}
	if (p)
		render->at = put_literal(p, raw);
	ecli_buf_clear(raw);
}

/* @p: behind the name. An element's raw value waits for the end of its array; see on_close(). */
static __attribute__((noinline)) void put_formatted(struct ecli_render *render, const struct ecli_field *field,
						    const struct ecli_value *value, char *p)
{
	struct ecli_formats *formats = render->formats;
	const struct ecli_format_look *look = ecli_formats_look(field->format->as);
	const char *text;

	if (look->is_list) {
		ecli_buf_clear(&formats->text);
		ecli_format_argv_json(value, &formats->text);
		text = ecli_buf_text(&formats->text);
	} else {
		text = ecli_formats_text(formats, field, value);
	}
	size_t len = strlen(text);

	render->at = p;
	p = room(render, len * ECLI_ESCAPE_JSON_ROOM + ECLI_ESCAPE_SLACK + 2);
	if (ecli_buf_failed(&formats->text))
		render->out->failed = true;
	if (!p)
		return;
	if (look->is_number || look->is_list) {
		memcpy(p, text, len);
		render->at = p + len;
	} else {
		render->at = put_text(p, text, len);
	}
	if (formats->raw_depth && formats->raw.len && formats->raw.data[formats->raw.len - 1] != '[')
		ecli_buf_add_char(&formats->raw, ',');
	ecli_formats_raw(field, value, &formats->raw);
	if (!formats->raw_depth)
		put_raw(render, field);
}

static void on_leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	struct ecli_render *render = ctx;
	size_t extra = value_room(value);
	char *p = field->depth ? put_member(render, field->name, extra) : put_column(render, field, extra);

	if (!p)
		return;
	if (value->kind == ECLI_VALUE_FORMATTED)
		put_formatted(render, field, value, p);
	else
		render->at = writers[value->kind](p, field, value);
}

static void on_open(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	struct ecli_render *render = ctx;
	char *p = field->depth ? put_member(render, field->name, 1) : put_column(render, field, 1);

	if (!p)
		return;
	*p++ = group == ECLI_GROUP_ARRAY ? '[' : '{';
	render->at = p;
	render->is_first = true;
	if (field->format) {
		struct ecli_formats *formats = render->formats;

		if (formats->raw.len && formats->raw.data[formats->raw.len - 1] != '[')
			ecli_buf_add_char(&formats->raw, ',');
		ecli_buf_add_char(&formats->raw, '[');
		formats->raw_depth++;
	}
}

static void on_close(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	struct ecli_render *render = ctx;
	char *p = room(render, 1);

	if (!p)
		return;
	*p++ = group == ECLI_GROUP_ARRAY ? ']' : '}';
	render->at = p;
	render->is_first = false;
	if (field->format) {
		ecli_buf_add_char(&render->formats->raw, ']');
		if (render->formats->raw_depth && !--render->formats->raw_depth)
			put_raw(render, field);
	}
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static const char head[] = "{\"time\":\"";
#define HEAD_LEN (sizeof(head) - 1)

static void map(const struct ecli_layout *layout, const char *name, struct ecli_buf *out)
{
	(void)layout;
	ecli_buf_add_text(out, ",\"map\":");
	ecli_render_json_text(name, strlen(name), out);
}

static char *put_time(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	(void)put, (void)record;
	memcpy(p, head, HEAD_LEN);
	ecli_clock_iso(&render->clock, render->wall_ns, p + HEAD_LEN);
	p += HEAD_LEN + ECLI_CLOCK_ISO_LEN;
	*p = '"';
	return p + 1;
}

static char *put_end(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	(void)render, (void)put, (void)record;
	memcpy(p, "}\n", 2);
	return p + 2;
}

static char *put_unsigned_member(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	(void)render;
	return ecli_digits_unsigned(ecli_put_key(put, p), ecli_put_unsigned(put, record));
}

static char *put_signed_member(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	(void)render;
	return ecli_digits_signed(ecli_put_key(put, p), ecli_put_signed(put, record));
}

static __attribute__((noinline)) char *put_short_text(struct ecli_render *render, struct ecli_put *put,
						      const uint8_t *record, char *p)
{
	(void)render;
	p = ecli_escape_json_array(ecli_put_key(put, p), (const char *)record + put->at, put->size);
	*p = '"';
	return p + 1;
}

static char *put_text_member(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	const char *text = (const char *)record + put->at;
	char *start = ecli_put_key(put, p);
	size_t len = ecli_clean_chunk(start, text, ECLI_CLEAN_JSON);

	if (__builtin_expect(len == ECLI_CLEAN_CHUNK || text[len], 0))
		return put_short_text(render, put, record, p);
	start[len] = '"';
	return start + len + 1;
}

static char *put_formatted_member(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	struct ecli_value value = ecli_put_value(put, record);
	const struct ecli_column *column = put->column;
	const struct ecli_field *field = column->field;
	bool is_number = ecli_formats_look(field->format->as)->is_number;
	struct ecli_buf *out = render->out;

	p = ecli_put_key(put, p);
	*p = '"';
	out->len = (size_t)(p + !is_number - out->data);
	ecli_formats_put(render->formats, field, &value, out);
	if (!is_number)
		ecli_buf_add_char(out, '"');
	ecli_buf_add(out, column->raw_key, column->raw_key_len);
	ecli_formats_raw(field, &value, out);
	return ecli_put_resume(render);
}

const struct ecli_sink ecli_sink_json = {
	.visitor = { .leaf = on_leaf, .open = on_open, .close = on_close },
	.map = map,
	.put = {
		.time = put_time,
		.end = put_end,
		.unsigned_number = put_unsigned_member,
		.signed_number = put_signed_member,
		.text = put_text_member,
		.short_text = put_short_text,
		.formatted = put_formatted_member,
	},
};
