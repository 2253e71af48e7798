/* SPDX-License-Identifier: MIT */
/*
 * Base64 both ways. Every text has at most one meaning here: no missing padding, nothing after it, no bits left over in
 * the last character, so that a changed package is noticed and not guessed at.
 */
#include "package/base64.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static_assert(sizeof(alphabet) == 64 + 1, "one character for each value of six bits");

/* Values of the characters plus one, so that zero means "not in the alphabet". */
struct reverse {
	unsigned char plus_one[256];
};

static void fill_reverse(struct reverse *table)
{
	*table = (struct reverse){ { 0 } };
	for (unsigned int i = 0; i < 64; i++)
		table->plus_one[(unsigned char)alphabet[i]] = (unsigned char)(i + 1);
}

static int wrong_character(const char *what, unsigned char c, size_t offset, struct ecli_err *err)
{
	if (isprint(c))
		return ecli_err_set(err, -EINVAL, "%s is not base64: it has the character '%c' at offset %zu", what, c,
				    offset);
	return ecli_err_set(err, -EINVAL, "%s is not base64: it has the byte 0x%02x at offset %zu", what, c, offset);
}

/* The plain case, nearly all of an object: whole groups of the alphabet. Room for them is there. Returns the characters taken. */
static size_t decode_groups(const struct reverse *table, const char *text, size_t len, struct ecli_buf *out)
{
	const unsigned char *in = (const unsigned char *)text;
	unsigned char *to = (unsigned char *)out->data + out->len;
	size_t taken = 0;

	for (; len - taken >= 4; taken += 4, in += 4) {
		uint32_t a = table->plus_one[in[0]], b = table->plus_one[in[1]];
		uint32_t c = table->plus_one[in[2]], d = table->plus_one[in[3]];

		if (!a || !b || !c || !d)
			break;
		uint32_t group = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
		*to++ = (unsigned char)(group >> 16);
		*to++ = (unsigned char)(group >> 8);
		*to++ = (unsigned char)group;
	}
	out->len += taken / 4 * 3;
	return taken;
}

int ecli_base64_decode(const char *what, const char *text, size_t len, struct ecli_buf *out, struct ecli_err *err)
{
	struct reverse table;
	uint32_t group = 0;
	unsigned int have = 0, padding = 0; /* characters of this group, padding included */

	fill_reverse(&table);
	if (!ecli_buf_reserve(out, len / 4 * 3 + 3))
		return ecli_err_set(err, -ENOMEM, "out of memory");
	for (size_t i = decode_groups(&table, text, len, out); i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (isspace(c))
			continue;
		if (padding && (c != '=' || !have))
			return ecli_err_set(err, -EINVAL, "%s is not base64: it goes on after its end at offset %zu",
					    what, i);
		if (c == '=') {
			if (have < 2)
				return ecli_err_set(err, -EINVAL,
						    "%s is not base64: it has a '=' too early at offset %zu", what, i);
			padding++;
		} else if (!table.plus_one[c]) {
			return wrong_character(what, c, i, err);
		}
		group = group << 6 | (c == '=' ? 0 : table.plus_one[c] - 1u);
		if (++have < 4)
			continue;
		if (group & ((1u << 8 * padding) - 1))
			return ecli_err_set(err, -EINVAL, "%s is not base64: it has bits after its end at offset %zu",
					    what, i);
		for (unsigned int k = 0; k < 3 - padding; k++)
			ecli_buf_add_char(out, (char)(group >> (16 - 8 * k)));
		group = 0;
		have = 0;
	}
	if (have)
		return ecli_err_set(err, -EINVAL,
				    "%s is cut off: its base64 ends at offset %zu inside a group of four characters",
				    what, len);
	if (ecli_buf_failed(out))
		return ecli_err_set(err, -ENOMEM, "out of memory");
	return 0;
}

void ecli_base64_encode(const void *data, size_t size, struct ecli_buf *out)
{
	const unsigned char *bytes = data;

	ecli_buf_reserve(out, size / 3 * 4 + 4);
	for (size_t i = 0; i < size; i += 3) {
		size_t left = size - i;
		uint32_t group = (uint32_t)bytes[i] << 16;

		if (left > 1)
			group |= (uint32_t)bytes[i + 1] << 8;
		if (left > 2)
			group |= bytes[i + 2];
		ecli_buf_add_char(out, alphabet[group >> 18]);
		ecli_buf_add_char(out, alphabet[group >> 12 & 63]);
		ecli_buf_add_char(out, left > 1 ? alphabet[group >> 6 & 63] : '=');
		ecli_buf_add_char(out, left > 2 ? alphabet[group & 63] : '=');
	}
}
