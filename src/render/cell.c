/* SPDX-License-Identifier: MIT */
/*
 * Values as terminal text. One small writer for each kind of value in a table; what differs between formats is the
 * escape mode, nothing else. Text within a group stands in double quotes, so that a comma in it cannot be taken for the
 * next member.
 */
#include "render/cell.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "base/cleanup.h"

/* How text is to be escaped, and what it did to the width. */
struct style {
	enum ecli_escape mode;
	size_t narrow;
};

typedef char *(*value_fn)(char *p, const struct ecli_field *field, const struct ecli_value *value, struct style *style);

static bool is_quoted(enum ecli_escape mode)
{
	return mode == ECLI_ESCAPE_TABLE_QUOTED || mode == ECLI_ESCAPE_PLAIN_QUOTED;
}

static char *put_literal(char *p, const char *text)
{
	size_t len = strlen(text);

	memcpy(p, text, len);
	return p + len;
}

char *ecli_cell_text(char *p, const char *text, size_t len, enum ecli_escape mode, size_t *narrow)
{
	if (__builtin_expect(mode == ECLI_ESCAPE_PLAIN && len <= 1, 0)) {
		if (!len)
			return put_literal(p, "-");
		if (text[0] == '-')
			return put_literal(p, "\\x2d");
	}
	return ecli_escape_safe(p, text, len, mode, narrow);
}

static char *put_text(char *p, const char *text, size_t len, struct style *style)
{
	if (!is_quoted(style->mode))
		return ecli_cell_text(p, text, len, style->mode, &style->narrow);
	*p++ = '"';
	p = ecli_escape_safe(p, text, len, style->mode, &style->narrow);
	*p++ = '"';
	return p;
}

static char *put_uint(char *p, const struct ecli_field *field, const struct ecli_value *value, struct style *style)
{
	(void)field, (void)style;
	return ecli_digits_unsigned(p, value->u);
}

static char *put_sint(char *p, const struct ecli_field *field, const struct ecli_value *value, struct style *style)
{
	(void)field, (void)style;
	return ecli_digits_signed(p, value->s);
}

static char *put_bool(char *p, const struct ecli_field *field, const struct ecli_value *value, struct style *style)
{
	(void)field, (void)style;
	return put_literal(p, value->u ? "true" : "false");
}

static char *put_char(char *p, const struct ecli_field *field, const struct ecli_value *value, struct style *style)
{
	(void)field;
	char c = (char)value->u;

	return put_text(p, &c, 1, style);
}

static char *put_string(char *p, const struct ecli_field *field, const struct ecli_value *value, struct style *style)
{
	(void)field;
	return put_text(p, value->str.text, value->str.len, style);
}

static char *put_enum(char *p, const struct ecli_field *field, const struct ecli_value *value, struct style *style)
{
	if (value->name)
		return ecli_escape_safe(p, value->name, strlen(value->name), style->mode, &style->narrow);
	p = put_literal(p, "unknown(");
	p = field->is_signed ? ecli_digits_signed(p, value->s) : ecli_digits_unsigned(p, value->u);
	*p++ = ')';
	return p;
}

static char *put_pointer(char *p, const struct ecli_field *field, const struct ecli_value *value, struct style *style)
{
	(void)field, (void)style;
	return ecli_digits_hex(p, value->u);
}

/* What was computed: a few digits say as much as all of them. */
static char *put_places(char *p, const struct ecli_field *field, double value)
{
	char text[ECLI_SINK_VALUE_ROOM];

	if (!isfinite(value))
		return put_literal(p, "-");
	/* Beyond that the digits after the point are none of the number's own. */
	int len = snprintf(text, sizeof(text), fabs(value) < 1e15 ? "%.*f" : "%.*g", field->places, value);
	memcpy(p, text, (size_t)len);
	return p + len;
}

static char *put_float(char *p, const struct ecli_field *field, const struct ecli_value *value, struct style *style)
{
	(void)style;
	if (field->places)
		return put_places(p, field, value->f);
	if (isnan(value->f))
		return put_literal(p, "nan");
	if (isinf(value->f))
		return put_literal(p, value->f < 0 ? "-inf" : "inf");
	return ecli_digits_real(p, value->f, field->size_bytes == sizeof(float));
}

static char *put_wide(char *p, const struct ecli_field *field, const struct ecli_value *value, struct style *style)
{
	(void)field, (void)style;
	return ecli_digits_wide(p, value->wide, value->kind == ECLI_VALUE_SINT128);
}

static char *put_bytes(char *p, const struct ecli_field *field, const struct ecli_value *value, struct style *style)
{
	(void)field, (void)style;
	return ecli_digits_bytes(p, value->str.text, value->str.len);
}

static const value_fn writers[] = {
	[ECLI_VALUE_UINT] = put_uint,       [ECLI_VALUE_SINT] = put_sint,     [ECLI_VALUE_BOOL] = put_bool,
	[ECLI_VALUE_CHAR] = put_char,       [ECLI_VALUE_STRING] = put_string, [ECLI_VALUE_ENUM] = put_enum,
	[ECLI_VALUE_POINTER] = put_pointer, [ECLI_VALUE_FLOAT] = put_float,   [ECLI_VALUE_UINT128] = put_wide,
	[ECLI_VALUE_SINT128] = put_wide,    [ECLI_VALUE_BYTES] = put_bytes,
};
static_assert(ARRAY_SIZE(writers) == ECLI_VALUE_FORMATTED,
	      "one writer a kind of value but the one that is put into words first");

char *ecli_cell_value(char *p, const struct ecli_field *field, const struct ecli_value *value, enum ecli_escape mode,
		      size_t *narrow)
{
	struct style style = { .mode = mode };

	p = writers[value->kind](p, field, value, &style);
	*narrow += style.narrow;
	return p;
}

/* ---- groups ---------------------------------------------------------------------------------------------------- */

/* The comma and `name=` before a member; @extra: room for what follows. NULL when memory ran out. */
static char *put_member(struct ecli_render *render, const char *name, size_t extra)
{
	size_t len = strlen(name);
	char *p = room(render, 2 + len * ECLI_ESCAPE_SAFE_ROOM + ECLI_ESCAPE_SLACK + extra);

	if (!p)
		return NULL;
	if (!render->is_first)
		*p++ = ',';
	render->is_first = false;
	if (len) {
		p = ecli_escape_safe(p, name, len, render->sink->quoted_mode, &render->narrow);
		*p++ = '=';
	}
	return p;
}

void ecli_cell_open(struct ecli_render *render, const struct ecli_field *field, enum ecli_group group)
{
	char *p = field->depth ? put_member(render, field->name, 1) : room(render, 1);

	if (!p)
		return;
	*p++ = group == ECLI_GROUP_ARRAY ? '[' : '{';
	render->at = p;
	render->is_first = true;
}

void ecli_cell_leaf(struct ecli_render *render, const struct ecli_field *field, const struct ecli_value *value)
{
	struct ecli_value text;

	if (value->kind == ECLI_VALUE_FORMATTED) {
		text = ecli_sink_formatted(render, field, value);
		value = &text;
	}
	char *p = put_member(render, field->name, value_room(value));

	if (p)
		render->at = ecli_cell_value(p, field, value, render->sink->quoted_mode, &render->narrow);
}

void ecli_cell_close(struct ecli_render *render, enum ecli_group group)
{
	char *p = room(render, 1);

	if (!p)
		return;
	*p++ = group == ECLI_GROUP_ARRAY ? ']' : '}';
	render->at = p;
	render->is_first = false;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

char *ecli_cell_put_time(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	(void)put, (void)record;
	memcpy(p, ecli_clock_time(&render->clock, render->wall_ns), ECLI_CLOCK_TIME_LEN);
	return p + ECLI_CLOCK_TIME_LEN;
}

void ecli_cell_begin(struct ecli_render *render, uint64_t wall_ns)
{
	char *p = room(render, ECLI_CLOCK_TIME_LEN + render->map.len);

	if (!p)
		return;
	memcpy(p, ecli_clock_time(&render->clock, wall_ns), ECLI_CLOCK_TIME_LEN);
	p += ECLI_CLOCK_TIME_LEN;
	if (render->map.len)
		memcpy(p, render->map.data, render->map.len);
	render->at = p + render->map.len;
}
