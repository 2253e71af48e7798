/* SPDX-License-Identifier: MIT */
/*
 * A value into a variable's bytes and back into text for --help. BPF objects are little-endian whatever this machine is. A
 * value is shown so that typing it gives the same bytes again, but for long texts and lists, which are cut: a help line is for reading.
 */
#include "options/bytes.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "options/list.h"
#include "options/quantity.h"

enum { MAX_TEXT_SHOWN = 40, MAX_ELEMENTS_SHOWN = 16 };

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

static uint64_t port(uint64_t value)
{
	return (value & 0xff) << 8 | (value >> 8 & 0xff);
}

static void show_magnitude(const struct ecli_option *option, uint64_t value, struct ecli_buf *out)
{
	if (option->notation == ECLI_NOTATION_PORT_BE)
		value = port(value);
	if (option->notation == ECLI_NOTATION_CHARACTER && value < 0x80 && isgraph((int)value))
		ecli_buf_add_format(out, "'%c'", (int)value);
	else
		ecli_quantity_show(option->notation, value, out);
}

static void show_uint(const struct ecli_option *option, const unsigned char *bytes, struct ecli_buf *out)
{
	if (ecli_quantity_is(option->notation) && integer(option, bytes) == ecli_num_max_unsigned(option->size_bytes))
		ecli_buf_add_text(out, "max");
	else
		show_magnitude(option, integer(option, bytes), out);
}

static void show_sint(const struct ecli_option *option, const unsigned char *bytes, struct ecli_buf *out)
{
	int64_t value = signed_integer(option, bytes);

	if (option->notation == ECLI_NOTATION_PORT_BE) {
		show_uint(option, bytes, out);
		return;
	}
	if (value < 0)
		ecli_buf_add_char(out, '-');
	show_magnitude(option, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, out);
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

static void show_address(const struct ecli_option *option, const unsigned char *bytes, struct ecli_buf *out)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(option->notation == ECLI_NOTATION_IPV4 ? AF_INET : AF_INET6, bytes, text, sizeof(text)))
		ecli_buf_add_text(out, text);
}

/* In the order of enum ecli_option_kind; a variable is never a FLAG or a CHOICE, and a list is several. */
static const show_fn shows[] = {
	[ECLI_OPTION_FLAG] = show_bool, [ECLI_OPTION_BOOL] = show_bool,       [ECLI_OPTION_UINT] = show_uint,
	[ECLI_OPTION_SINT] = show_sint, [ECLI_OPTION_FLOAT] = show_float,     [ECLI_OPTION_STRING] = show_string,
	[ECLI_OPTION_ENUM] = show_enum, [ECLI_OPTION_ADDRESS] = show_address,
};
static_assert(ARRAY_SIZE(shows) == ECLI_OPTION_ADDRESS + 1, "a way to show each kind a variable can have");

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

/* Where the next element goes. */
struct elements {
	unsigned char *bytes;
	uint32_t at;
};

static void store_element(void *ctx, const struct ecli_option *item, const struct ecli_option_value *value)
{
	struct elements *elements = ctx;

	ecli_bytes_store(value, item, elements->bytes + elements->at, item->size_bytes);
	elements->at += item->size_bytes;
}

static void store_list(const struct ecli_option_value *value, const struct ecli_option *option, unsigned char *bytes,
		       uint32_t size)
{
	struct elements elements = { bytes, 0 };
	uint32_t count;

	memset(bytes, 0, size);
	ecli_list_read(option, value->text, store_element, &elements, &count);
}

static uint64_t ordered(const struct ecli_option *option, uint64_t number)
{
	return option->notation == ECLI_NOTATION_PORT_BE ? port(number) : number;
}

void ecli_bytes_store(const struct ecli_option_value *value, const struct ecli_option *option, unsigned char *bytes,
		      uint32_t size)
{
	switch (option->kind) {
	case ECLI_OPTION_FLAG:
	case ECLI_OPTION_BOOL:
		store_integer(value->flag, bytes, size);
		break;
	case ECLI_OPTION_SINT:
		store_integer(ordered(option, (uint64_t)value->s), bytes, size);
		break;
	case ECLI_OPTION_UINT:
	case ECLI_OPTION_ENUM:
	case ECLI_OPTION_CHOICE:
		store_integer(ordered(option, value->u), bytes, size);
		break;
	case ECLI_OPTION_FLOAT:
		store_float(value->f, bytes, size);
		break;
	case ECLI_OPTION_STRING:
		store_string(value->text, bytes, size);
		break;
	case ECLI_OPTION_ADDRESS:
		inet_pton(option->notation == ECLI_NOTATION_IPV4 ? AF_INET : AF_INET6, value->text, bytes);
		break;
	case ECLI_OPTION_LIST:
		store_list(value, option, bytes, size);
		break;
	}
}

uint32_t ecli_bytes_count(const struct ecli_option *option, const unsigned char *bytes)
{
	size_t end = (size_t)option->max_count * option->size_bytes;

	while (end && !bytes[end - 1])
		end--;
	return (uint32_t)((end + option->size_bytes - 1) / option->size_bytes);
}

/* The id that nobody has: (uid_t)-1, with which tools say that they want every user. */
static bool is_no_account(const struct ecli_option *option, const unsigned char *bytes)
{
	static const unsigned char nobody[] = { 0xff, 0xff, 0xff, 0xff };

	return (option->notation == ECLI_NOTATION_USER || option->notation == ECLI_NOTATION_GROUP) &&
	       option->kind != ECLI_OPTION_LIST && option->size_bytes == sizeof(nobody) &&
	       !memcmp(bytes, nobody, sizeof(nobody));
}

char *ecli_bytes_show(const struct ecli_option *option, const unsigned char *bytes, uint32_t count)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };

	if (is_no_account(option, bytes)) {
		ecli_buf_add_text(&text, "any");
	} else if (option->kind == ECLI_OPTION_LIST) {
		struct ecli_option item = ecli_list_item(option);

		for (uint32_t i = 0; i < count && i < option->max_count; i++) {
			if (i == MAX_ELEMENTS_SHOWN) {
				ecli_buf_add_text(&text, ",...");
				break;
			}
			ecli_buf_add_text(&text, i ? "," : "");
			shows[item.kind](&item, bytes + (size_t)i * item.size_bytes, &text);
		}
	} else {
		shows[option->kind](option, bytes, &text);
	}
	return text.len ? ecli_buf_take(&text) : NULL;
}
