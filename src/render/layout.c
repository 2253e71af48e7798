/* SPDX-License-Identifier: MIT */
/*
 * Columns of a plan: usual widths by kind of value, so that rows line up before the first one is known, and member
 * names as they appear in each format.
 *
 * JSON members must have different names. A plan can bring the same name twice (key and value of a sampled map), or one
 * that the row itself uses ("time", "map"): such a name gets underscores until it is free. Names come from BTF and are
 * escaped like any other text.
 */
#include "render/layout.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/cell.h"
#include "render/formats.h"

#define STRING_WIDTH   16
#define GROUP_WIDTH    16
#define MAP_WIDTH      8
#define UNDERSCORE_MAX 8

/* Usual width by kind; 0: it depends on the size. */
static const struct usual {
	uint8_t width;
	bool is_left;
} usual[] = {
	[ECLI_VALUE_UINT] = { 0, false },     [ECLI_VALUE_SINT] = { 0, false },   [ECLI_VALUE_BOOL] = { 5, true },
	[ECLI_VALUE_CHAR] = { 1, true },      [ECLI_VALUE_STRING] = { 0, true },  [ECLI_VALUE_ENUM] = { 12, true },
	[ECLI_VALUE_POINTER] = { 18, false }, [ECLI_VALUE_FLOAT] = { 10, false }, [ECLI_VALUE_UINT128] = { 20, false },
	[ECLI_VALUE_SINT128] = { 20, false }, [ECLI_VALUE_BYTES] = { 16, true },
};
static_assert(ARRAY_SIZE(usual) == ECLI_VALUE_FORMATTED, "one row a kind of value but the one that has its own");

/* ---- widths ---------------------------------------------------------------------------------------------------- */

static uint32_t number_width(const struct ecli_field *field)
{
	uint32_t sign = field->kind == ECLI_VALUE_SINT;
	uint32_t bytes = field->map_bytes ? field->map_bytes : field->size_bytes;

	if (bytes <= 1)
		return 3 + sign;
	if (bytes == 2)
		return 5 + sign;
	return bytes <= 4 ? 7 : 12;
}

static uint32_t string_width(const struct ecli_field *field)
{
	uint32_t longest = field->size_bytes ? field->size_bytes - 1 : 0; /* without the NUL */

	return longest < STRING_WIDTH ? longest : STRING_WIDTH;
}

static bool is_left(const struct ecli_field *field)
{
	return field->format ? ecli_formats_look(field->format->as)->is_left : usual[field->kind].is_left;
}

static uint32_t usual_width(const struct ecli_field *field, bool is_group)
{
	if (is_group)
		return GROUP_WIDTH;
	if (field->format)
		return ecli_formats_look(field->format->as)->width;
	if (usual[field->kind].width)
		return usual[field->kind].width;
	return field->kind == ECLI_VALUE_STRING ? string_width(field) : number_width(field);
}

/* ---- text of headers ------------------------------------------------------------------------------------------- */

size_t ecli_layout_text(const char *text, size_t len, enum ecli_format format, struct ecli_buf *out)
{
	size_t narrow = 0;

	if (!ecli_buf_reserve(out, len * ECLI_ESCAPE_SAFE_ROOM + ECLI_ESCAPE_SLACK))
		return 0;

	char *start = out->data + out->len;
	char *end = ecli_cell_text(start, text, len,
				   format == ECLI_FORMAT_TABLE ? ECLI_ESCAPE_TABLE : ECLI_ESCAPE_PLAIN, &narrow);
	out->len += (size_t)(end - start);
	return (size_t)(end - start) - narrow;
}

/* ASCII only: what toupper(3) does depends on the locale. */
static char in_case(char c, enum ecli_format format)
{
	if (format == ECLI_FORMAT_TABLE)
		return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t put_name(const char *name, enum ecli_format format, struct ecli_buf *out)
{
	CLEANUP_BUF struct ecli_buf cased = { 0 };

	for (const char *c = name; *c; c++)
		ecli_buf_add_char(&cased, in_case(*c, format));
	if (ecli_buf_failed(&cased)) {
		out->failed = true;
		return 0;
	}
	return ecli_layout_text(ecli_buf_text(&cased), cased.len, format, out);
}

void ecli_layout_title(const char *name, enum ecli_format format, bool is_left, uint32_t width, struct ecli_buf *out)
{
	CLEANUP_BUF struct ecli_buf title = { 0 };
	size_t used = put_name(name, format, &title);
	size_t padding = format == ECLI_FORMAT_TABLE && width > used ? width - used : 0;

	if (ecli_buf_failed(&title)) {
		out->failed = true;
		return;
	}
	ecli_buf_add_repeat(out, ' ', is_left ? 0 : padding);
	ecli_buf_add(out, title.data, title.len);
	ecli_buf_add_repeat(out, ' ', is_left ? padding : 0);
}

static uint32_t title_width(const char *name)
{
	CLEANUP_BUF struct ecli_buf scratch = { 0 };

	return (uint32_t)put_name(name, ECLI_FORMAT_TABLE, &scratch);
}

/* ---- JSON keys ------------------------------------------------------------------------------------------------- */

static bool is_taken(const struct ecli_layout *layout, uint32_t before, const char *key, size_t len, const char *map)
{
	static const char time_key[] = ",\"time\":", map_key[] = ",\"map\":";

	if (len == sizeof(time_key) - 1 && !memcmp(key, time_key, len))
		return true;
	if (map && len == sizeof(map_key) - 1 && !memcmp(key, map_key, len))
		return true;
	for (uint32_t i = 0; i < before; i++)
		if (layout->columns[i].key_len == len && !memcmp(layout->columns[i].key, key, len))
			return true;
	for (uint32_t i = 0; i < before; i++) {
		const struct ecli_column *column = &layout->columns[i];

		if (column->raw_key && column->raw_key_len == len && !memcmp(column->raw_key, key, len))
			return true;
	}
	return false;
}

/* `,"name":`, then `,"name_":` and so on; after too many of those, which only an object made for it can have, the
 * number of the column goes into the name. */
static int make_key(const struct ecli_layout *layout, uint32_t index, const char *name, const char *map, char **ret_key,
		    uint32_t *ret_len)
{
	CLEANUP_BUF struct ecli_buf key = { 0 };

	for (unsigned int tries = 0; tries <= UNDERSCORE_MAX; tries++) {
		ecli_buf_clear(&key);
		ecli_buf_add_char(&key, ',');
		ecli_render_json_text(name, strlen(name), &key);
		if (ecli_buf_failed(&key))
			return -ENOMEM;
		key.len--; /* the closing quote comes again */
		if (tries == UNDERSCORE_MAX)
			ecli_buf_add_format(&key, "_%u", index);
		else
			ecli_buf_add_repeat(&key, '_', tries);
		ecli_buf_add_text(&key, "\":");
		if (!is_taken(layout, index, key.data, key.len, map))
			break;
	}
	size_t len = key.len;
	ecli_buf_add_repeat(&key, '\0', ECLI_LAYOUT_KEY_READABLE);
	if (ecli_buf_failed(&key) || len > UINT32_MAX)
		return -ENOMEM;
	*ret_len = (uint32_t)len;
	*ret_key = ecli_buf_take(&key);
	return *ret_key ? 0 : -ENOMEM;
}

static int make_keys(struct ecli_layout *layout, uint32_t index, const char *map)
{
	struct ecli_column *column = &layout->columns[index];
	const struct ecli_field_format *format = column->field->format;
	int r = make_key(layout, index, column->field->name, map, &column->key, &column->key_len);

	if (!r && format && format->raw_name)
		r = make_key(layout, index, format->raw_name, map, &column->raw_key, &column->raw_key_len);
	return r;
}

/* ---- the layout ------------------------------------------------------------------------------------------------ */

int ecli_layout_init(struct ecli_layout *layout, const struct ecli_plan *plan, const char *map)
{
	uint32_t count = ecli_plan_columns(plan);
	struct ecli_column *last = NULL;

	*layout = (struct ecli_layout){ .map_width = MAP_WIDTH };
	layout->columns = calloc(count ? count : 1, sizeof(*layout->columns));
	if (!layout->columns)
		return -ENOMEM;
	layout->count = count;

	for (uint32_t i = 0; i < count; i++) {
		struct ecli_column *column = &layout->columns[i];
		bool is_group = ecli_plan_column_is_group(plan, i);
		uint32_t least;

		column->field = ecli_plan_column(plan, i);
		column->is_shown = !column->field->hidden && !ecli_plan_column_is_stack(plan, i);
		column->is_left = is_group || is_left(column->field);
		column->width = usual_width(column->field, is_group);
		least = title_width(column->field->name);
		if (column->width < least)
			column->width = least;
		if (column->is_shown)
			last = column;

		int r = make_keys(layout, i, map);
		if (r)
			return r;
	}
	if (last)
		last->is_last = true;
	if (map) {
		CLEANUP_BUF struct ecli_buf scratch = { 0 };
		size_t width = ecli_layout_text(map, strlen(map), ECLI_FORMAT_TABLE, &scratch);

		if (width > layout->map_width)
			layout->map_width = (uint32_t)width;
	}
	return 0;
}

void ecli_layout_done(struct ecli_layout *layout)
{
	for (uint32_t i = 0; i < layout->count; i++) {
		free(layout->columns[i].key);
		free(layout->columns[i].raw_key);
	}
	free(layout->columns);
	*layout = (struct ecli_layout){ 0 };
}

void ecli_layout_header(const struct ecli_layout *layout, enum ecli_format format, bool has_time, bool has_map,
			struct ecli_buf *out)
{
	bool is_more = false, is_first = !has_time;

	for (uint32_t i = 0; i < layout->count; i++)
		is_more |= layout->columns[i].is_shown;

	if (has_time)
		ecli_layout_title("time", format, true, has_map || is_more ? 8 : 0, out);
	if (has_map) {
		if (!is_first)
			ecli_buf_add_char(out, ' ');
		is_first = false;
		ecli_layout_title("map", format, true, is_more ? layout->map_width : 0, out);
	}
	for (uint32_t i = 0; i < layout->count; i++) {
		const struct ecli_column *column = &layout->columns[i];

		if (!column->is_shown)
			continue;
		if (!is_first)
			ecli_buf_add_char(out, ' ');
		is_first = false;
		ecli_layout_title(column->field->name, format, column->is_left,
				  column->is_last && column->is_left ? 0 : column->width, out);
	}
	ecli_buf_add_char(out, '\n');
}
