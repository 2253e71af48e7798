/* SPDX-License-Identifier: MIT */
/*
 * A JSON schema (draft 2020-12, https://json-schema.org/draft/2020-12) of the rows of `-o json`. It has to say what
 * render/json.c writes: 128-bit integers, pointers and raw bytes are strings, numbers that JSON does not have are null, an
 * enum is a name or, without one, a number, and an object has all of its members. A formatted field is two keys, and so is an array
 * of formatted values: schema_formats.c says the first, the leaf's raw kind the second.
 */
#include "inspect/schema.h"
#include "inspect/model.h"

#include <assert.h>
#include <string.h>

#define DIALECT "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","

static void add_key(struct ecli_buf *out, bool *is_first, const char *name)
{
	if (!*is_first)
		ecli_buf_add_char(out, ',');
	*is_first = false;
	ecli_render_json_text(name, strlen(name), out);
	ecli_buf_add_char(out, ':');
}

/* ---- leaves ---------------------------------------------------------------------------------------------------- */

static void add_integer(const struct ecli_inspect_field *field, struct ecli_buf *out)
{
	uint32_t bits = field->bits < 1 || field->bits > 64 ? 64 : field->bits;
	uint64_t max = UINT64_MAX >> (64 - bits);

	ecli_buf_add_text(out, "{\"type\":\"integer\",");
	if (field->is_signed)
		ecli_buf_add_format(out, "\"minimum\":%lld,\"maximum\":%llu}", (long long)(-(int64_t)(max >> 1) - 1),
				    (unsigned long long)(max >> 1));
	else
		ecli_buf_add_format(out, "\"minimum\":0,\"maximum\":%llu}", (unsigned long long)max);
}

static void add_bool(const struct ecli_inspect_field *field, struct ecli_buf *out)
{
	(void)field;
	ecli_buf_add_text(out, "{\"type\":\"boolean\"}");
}

/* Characters are never more than bytes: what is not UTF-8 becomes one character a byte. */
static void add_string(const struct ecli_inspect_field *field, struct ecli_buf *out)
{
	if (field->is_endless)
		ecli_buf_add_text(out, "{\"type\":\"string\"}");
	else
		ecli_buf_add_format(out, "{\"type\":\"string\",\"maxLength\":%u}",
				    field->bits < 8 ? 1 : field->bits / 8);
}

static void add_enum(const struct ecli_inspect_field *field, struct ecli_buf *out)
{
	ecli_buf_add_text(out, "{\"anyOf\":[");
	if (field->n_names) {
		ecli_buf_add_text(out, "{\"enum\":[");
		for (uint32_t i = 0; i < field->n_names; i++) {
			if (i)
				ecli_buf_add_char(out, ',');
			ecli_render_json_text(field->names[i].name, strlen(field->names[i].name), out);
		}
		ecli_buf_add_text(out, "]},");
	}
	add_integer(field, out);
	ecli_buf_add_text(out, "]}");
}

static void add_pointer(const struct ecli_inspect_field *field, struct ecli_buf *out)
{
	(void)field;
	ecli_buf_add_text(out, "{\"type\":\"string\",\"pattern\":\"^0x[0-9a-f]{1,16}$\"}");
}

static void add_float(const struct ecli_inspect_field *field, struct ecli_buf *out)
{
	(void)field;
	ecli_buf_add_text(out, "{\"type\":[\"number\",\"null\"]}");
}

static void add_wide(const struct ecli_inspect_field *field, struct ecli_buf *out)
{
	(void)field;
	ecli_buf_add_text(out, "{\"type\":\"string\",\"pattern\":\"^-?[0-9]{1,39}$\"}");
}

static void add_bytes(const struct ecli_inspect_field *field, struct ecli_buf *out)
{
	ecli_buf_add_format(out, "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{%u}$\"}", field->bits / 4);
}

static void (*const leaves[])(const struct ecli_inspect_field *field, struct ecli_buf *out) = {
	[ECLI_VALUE_UINT] = add_integer,    [ECLI_VALUE_SINT] = add_integer,  [ECLI_VALUE_BOOL] = add_bool,
	[ECLI_VALUE_CHAR] = add_string,     [ECLI_VALUE_STRING] = add_string, [ECLI_VALUE_ENUM] = add_enum,
	[ECLI_VALUE_POINTER] = add_pointer, [ECLI_VALUE_FLOAT] = add_float,   [ECLI_VALUE_UINT128] = add_wide,
	[ECLI_VALUE_SINT128] = add_wide,    [ECLI_VALUE_BYTES] = add_bytes,
};
static_assert(ARRAY_SIZE(leaves) == ECLI_VALUE_BYTES + 1, "one kind of value that render/json.c writes, one schema");

/* The raw value of a formatted field: an enum is its number, an endpoint its parts; of a list of words, whether it was cut. */
static void add_raw(const struct ecli_inspect_field *field, struct ecli_buf *out)
{
	if (field->format->as == ECLI_AS_ENDPOINT)
		schema_add_endpoint(&field->format->endpoint, out);
	else if (field->format->as == ECLI_AS_ARGV)
		add_bool(field, out);
	else if (field->kind == ECLI_VALUE_ENUM)
		add_integer(field, out);
	else
		leaves[field->kind](field, out);
}

/* ---- groups ---------------------------------------------------------------------------------------------------- */

static void add_name(const char *name, bool *is_first, struct ecli_buf *out)
{
	if (!*is_first)
		ecli_buf_add_char(out, ',');
	*is_first = false;
	ecli_render_json_text(name, strlen(name), out);
}

static void add_required(const struct ecli_inspect_field *fields, size_t n, uint32_t depth, struct ecli_buf *out,
			 bool is_first)
{
	for (size_t i = 0; i < n && fields[i].depth >= depth; i++) {
		if (fields[i].depth != depth)
			continue;
		add_name(fields[i].name, &is_first, out);
		if (fields[i].format && fields[i].format->raw_name)
			add_name(fields[i].format->raw_name, &is_first, out);
	}
	ecli_buf_add_text(out, "],\"additionalProperties\":false}");
}

/* One key and what belongs to it; returns how many fields that was. A plan's nesting is bounded (plan/ops.h). @raw: of a formatted
 * field, its second key. */
static size_t add_value(const struct ecli_inspect_field *fields, size_t n, bool raw, struct ecli_buf *out);

/* `"name":` and its schema, and the same for the raw value. */
static size_t add_member(const struct ecli_inspect_field *fields, size_t n, bool *is_first, struct ecli_buf *out)
{
	const struct ecli_field_format *format = fields[0].format;

	add_key(out, is_first, fields[0].name);
	size_t used = add_value(fields, n, false, out);
	if (format && format->raw_name) {
		add_key(out, is_first, format->raw_name);
		add_value(fields, n, true, out);
	}
	return used;
}

/* A column that is a stack: an id, or an array of addresses (plan/stack.c). */
static bool is_stack(const struct ecli_inspect_field *fields, size_t n)
{
	const struct ecli_field_format *format = fields[0].format;

	if (fields[0].depth || !format || (format->as != ECLI_AS_KERNEL_STACK && format->as != ECLI_AS_USER_STACK))
		return false;
	return fields[0].shape == ECLI_INSPECT_LEAF || (fields[0].shape == ECLI_INSPECT_ARRAY && n > 1 &&
							fields[1].shape == ECLI_INSPECT_LEAF && fields[1].bits == 64);
}

/* The frames; or the id; or the addresses, as far as there are any. */
static size_t add_stack(const struct ecli_inspect_field *fields, bool raw, struct ecli_buf *out)
{
	bool is_id = fields[0].shape == ECLI_INSPECT_LEAF;

	if (!raw) {
		schema_add_frames(out);
	} else if (is_id) {
		add_integer(&fields[0], out);
	} else {
		ecli_buf_add_text(out, "{\"type\":\"array\",\"items\":");
		add_integer(&fields[1], out);
		ecli_buf_add_char(out, '}');
	}
	return is_id ? 1 : 2;
}

static size_t add_value(const struct ecli_inspect_field *fields, size_t n, bool raw, struct ecli_buf *out)
{
	const struct ecli_inspect_field *field = &fields[0];
	size_t used = 1;

	if (is_stack(fields, n))
		return add_stack(fields, raw, out);
	if (field->shape == ECLI_INSPECT_LEAF) {
		if (!field->format)
			leaves[field->kind](field, out);
		else if (raw)
			add_raw(field, out);
		else
			schema_add_format(field->format, out);
		return used;
	}
	if (field->shape == ECLI_INSPECT_ARRAY) {
		ecli_buf_add_format(out, "{\"type\":\"array\",\"minItems\":%u,", field->is_tail ? 0 : field->count);
		if (!field->is_endless)
			ecli_buf_add_format(out, "\"maxItems\":%u,", field->count);
		ecli_buf_add_text(out, "\"items\":");
		if (n > 1 && fields[1].depth > field->depth)
			used += add_value(fields + 1, n - 1, raw, out);
		ecli_buf_add_char(out, '}');
		return used;
	}
	bool is_first = true;
	ecli_buf_add_text(out, "{\"type\":\"object\",\"properties\":{");
	while (used < n && fields[used].depth > field->depth)
		used += add_member(fields + used, n - used, &is_first, out);
	ecli_buf_add_text(out, "},\"required\":[");
	add_required(fields + 1, used - 1, field->depth + 1, out, true);
	return used;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static const struct ecli_inspect_field text_fields[] = {
	{ .name = "text", .kind = ECLI_VALUE_STRING, .bits = 8u * 1048576 },
};
static const struct ecli_inspect_field message_fields[] = {
	{ .name = "task", .kind = ECLI_VALUE_STRING, .bits = 16 * 8 },
	{ .name = "pid", .kind = ECLI_VALUE_UINT, .bits = 32 },
	{ .name = "cpu", .kind = ECLI_VALUE_UINT, .bits = 32 },
	{ .name = "message", .kind = ECLI_VALUE_STRING, .bits = 8u * 1048576 },
};

static bool has_column(const struct ecli_inspect_field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!fields[i].depth && !strcmp(fields[i].name, name))
			return true;
	return false;
}

#define COUNT "{\"type\":\"integer\",\"minimum\":0,\"maximum\":18446744073709551615}"
#define HISTOGRAM                                                                                                      \
	"{\"type\":\"object\",\"properties\":{\"unit\":{\"type\":\"string\"},\"total\":" COUNT                         \
	",\"buckets\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"from\":{\"type\":"          \
	"\"integer\"},"                                                                                                \
	"\"to\":{\"type\":\"integer\"},\"count\":" COUNT                                                               \
	"},\"required\":[\"from\",\"to\",\"count\"],\"additionalProperties\":false}}},"                                \
	"\"required\":[\"unit\",\"total\",\"buckets\"],\"additionalProperties\":false}"

/* Behind the columns, under a name that none of them has (render/hist.c). */
static void add_histogram_name(const struct ecli_inspect_field *fields, size_t n, struct ecli_buf *name)
{
	ecli_buf_add_text(name, "histogram");
	while (has_column(fields, n, ecli_buf_text(name)) && !ecli_buf_failed(name))
		ecli_buf_add_char(name, '_');
}

/* A field of the event with the name of one of ours comes later in the row, and the later one is what readers keep. */
static void add_row(const struct ecli_inspect_source *source, const char *dialect, struct ecli_buf *out)
{
	const struct ecli_inspect_field *fields = source->fields;
	size_t n = source->n_fields;
	CLEANUP_BUF struct ecli_buf histogram = { 0 };
	bool is_first = true;

	if (source->kind == ECLI_SOURCE_ITER && !n) {
		fields = text_fields;
		n = ARRAY_SIZE(text_fields);
	} else if (source->kind == ECLI_SOURCE_TRACE_PIPE) {
		fields = message_fields;
		n = ARRAY_SIZE(message_fields);
	}
	bool add_time = !has_column(fields, n, "time");
	bool add_map = source->has_map && !has_column(fields, n, "map");

	ecli_buf_add_format(out, "{%s\"title\":", dialect);
	ecli_render_json_text(source->name, strlen(source->name), out);
	ecli_buf_add_text(out, ",\"type\":\"object\",\"properties\":{");
	if (add_time) {
		add_key(out, &is_first, "time");
		ecli_buf_add_text(out, "{\"type\":\"string\",\"format\":\"date-time\"}");
	}
	if (add_map) {
		add_key(out, &is_first, "map");
		ecli_buf_add_text(out, "{\"const\":");
		ecli_render_json_text(source->name, strlen(source->name), out);
		ecli_buf_add_char(out, '}');
	}
	for (size_t i = 0; i < n;)
		i += add_member(fields + i, n - i, &is_first, out);
	if (source->has_histogram) {
		add_histogram_name(fields, n, &histogram);
		add_key(out, &is_first, ecli_buf_text(&histogram));
		ecli_buf_add_text(out, HISTOGRAM);
	}
	ecli_buf_add_text(out, "},\"required\":[");
	is_first = true;
	if (histogram.len)
		add_name(ecli_buf_text(&histogram), &is_first, out);
	if (add_time)
		add_name("time", &is_first, out);
	if (add_map)
		add_name("map", &is_first, out);
	add_required(fields, n, 0, out, is_first);
}

void ecli_inspect_schema(const struct ecli_inspect *inspect, struct ecli_buf *buf)
{
	if (inspect->n_sources == 1) {
		add_row(&inspect->sources[0], DIALECT, buf);
	} else {
		ecli_buf_add_text(buf, "{" DIALECT "\"anyOf\":[");
		for (size_t i = 0; i < inspect->n_sources; i++) {
			if (i)
				ecli_buf_add_char(buf, ',');
			add_row(&inspect->sources[i], "", buf);
		}
		ecli_buf_add_text(buf, "]}");
	}
	ecli_buf_add_char(buf, '\n');
}
