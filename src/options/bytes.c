/* SPDX-License-Identifier: MIT */
/*
 * A value into a variable's bytes and back into text for --help. BPF objects are little-endian whatever this machine is. A
 * value is shown so that typing it gives the same bytes again, but for long texts, which are cut: a help line is for reading.
 */
#include "options/bytes.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum { MAX_TEXT_SHOWN = 40 };

typedef void (*show_fn)(const struct ecli_option *option, const unsigned char *bytes, struct ecli_buf *out);

static uint64_t integer(const struct ecli_option *option, const unsigned char *bytes)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < option->size_bytes && i < 8; i++)
		value |= (uint64_t)bytes[i] << 8 * i;
	return value;
}

static int64_t signed_integer(const struct ecli_option *option, const unsigned char *bytes)
{
	unsigned int unused_bits = option->size_bytes < 8 ? 64 - 8 * option->size_bytes : 0;

	return (int64_t)(integer(option, bytes) << unused_bits) >> unused_bits;
}

static void show_bool(const struct ecli_option *option, const unsigned char *bytes, struct ecli_buf *out)
{
	ecli_buf_add_text(out, integer(option, bytes) ? "true" : "false");
}

static void show_uint(const struct ecli_option *option, const unsigned char *bytes, struct ecli_buf *out)
{
	ecli_buf_add_format(out, "%llu", (unsigned long long)integer(option, bytes));
}

static void show_sint(const struct ecli_option *option, const unsigned char *bytes, struct ecli_buf *out)
{
	ecli_buf_add_format(out, "%lld", (long long)signed_integer(option, bytes));
}

/* The shortest decimal that reads back as the same number: 0.1, not 0.10000000000000001. */
static void show_float(const struct ecli_option *option, const unsigned char *bytes, struct ecli_buf *out)
{
	bool is_single = option->size_bytes == sizeof(float);
	uint64_t bits = integer(option, bytes);
	uint32_t single_bits = (uint32_t)bits;
	char text[40];
	double value;
	float single;

	memcpy(&single, &single_bits, sizeof(single));
	memcpy(&value, &bits, sizeof(value));
	if (is_single)
		value = (double)single;
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (is_single ? strtof(text, NULL) == single : strtod(text, NULL) == value)
			break;
	}
	ecli_buf_add_text(out, text);
}

static void show_string(const struct ecli_option *option, const unsigned char *bytes, struct ecli_buf *out)
{
	size_t len = strnlen((const char *)bytes, option->max_len + 1);
	size_t shown = len;

	if (!len)
		return;
	if (len > MAX_TEXT_SHOWN) {
		shown = MAX_TEXT_SHOWN;
		while (shown && (bytes[shown] & 0xc0) == 0x80) /* not inside a character */
			shown--;
	}
	ecli_buf_add_char(out, '"');
	ecli_buf_add(out, bytes, shown);
	ecli_buf_add_text(out, shown < len ? "...\"" : "\"");
}

static void show_enum(const struct ecli_option *option, const unsigned char *bytes, struct ecli_buf *out)
{
	const struct ecli_type *type = option->enum_type;
	bool is_signed = type && type->is_signed;
	int64_t value = is_signed ? signed_integer(option, bytes) : (int64_t)integer(option, bytes);

	for (uint32_t i = 0; type && i < type->n_values; i++) {
		if (type->values[i].value == value) {
			ecli_buf_add_text(out, type->values[i].name);
			return;
		}
	}
	if (is_signed)
		show_sint(option, bytes, out);
	else
		show_uint(option, bytes, out);
}

/* In the order of enum ecli_option_kind; a variable is never a FLAG or a CHOICE. */
static const show_fn shows[] = {
	[ECLI_OPTION_FLAG] = show_bool, [ECLI_OPTION_BOOL] = show_bool,   [ECLI_OPTION_UINT] = show_uint,
	[ECLI_OPTION_SINT] = show_sint, [ECLI_OPTION_FLOAT] = show_float, [ECLI_OPTION_STRING] = show_string,
	[ECLI_OPTION_ENUM] = show_enum,
};
static_assert(ARRAY_SIZE(shows) == ECLI_OPTION_ENUM + 1, "a way to show each kind a variable can have");

static void store_integer(uint64_t number, unsigned char *bytes, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		bytes[i] = i < 8 ? (unsigned char)(number >> 8 * i) : 0;
}

static void store_string(const char *text, unsigned char *bytes, uint32_t size)
{
	size_t len = strnlen(text, size - 1);

	memcpy(bytes, text, len);
	memset(bytes + len, 0, size - len);
}

static void store_float(double value, unsigned char *bytes, uint32_t size)
{
	float single = (float)value;
	uint64_t bits = 0;
	uint32_t single_bits;

	memcpy(&single_bits, &single, sizeof(single_bits));
	if (size == sizeof(single))
		bits = single_bits;
	else
		memcpy(&bits, &value, sizeof(bits));
	store_integer(bits, bytes, size);
}

void ecli_bytes_store(const struct ecli_option_value *value, enum ecli_option_kind kind, unsigned char *bytes,
		      uint32_t size)
{
	switch (kind) {
	case ECLI_OPTION_FLAG:
	case ECLI_OPTION_BOOL:
		store_integer(value->flag, bytes, size);
		break;
	case ECLI_OPTION_SINT:
		store_integer((uint64_t)value->s, bytes, size);
		break;
	case ECLI_OPTION_UINT:
	case ECLI_OPTION_ENUM:
	case ECLI_OPTION_CHOICE:
		store_integer(value->u, bytes, size);
		break;
	case ECLI_OPTION_FLOAT:
		store_float(value->f, bytes, size);
		break;
	case ECLI_OPTION_STRING:
		store_string(value->text, bytes, size);
		break;
	}
}

char *ecli_bytes_show(const struct ecli_option *option, const unsigned char *bytes)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };

	shows[option->kind](option, bytes, &text);
	return text.len ? ecli_buf_take(&text) : NULL;
}
