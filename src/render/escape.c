/* SPDX-License-Identifier: MIT */
/*
 * Escaping: clean runs are copied by clean.h, 16 bytes at a time and less at the end; what it stops at is escaped here,
 * one character after the other.
 *
 *     text  a clean run | one that needs care | a clean run | end, or the NUL of an array
 *           copy_clean()  json_special()        copy_clean()
 *                         safe_special()
 */
#include "render/escape.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/clean.h"
#include "render/digits.h"
#include "render/utf8.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "marks are counted from the low byte");
static_assert(ECLI_ESCAPE_SLACK >= ECLI_CLEAN_CHUNK, "a chunk is stored whole");

/* The letter after the backslash, 0 where there is none. */
static const char json_letters[0x20] = {
	['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
};
static const char safe_letters[0x20] = {
	['\a'] = 'a', ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\v'] = 'v', ['\f'] = 'f', ['\r'] = 'r', [0x1b] = 'e',
};

/* The last 1 to 7 bytes as a word with zeros above, without reading past them. */
static inline uint64_t load_tail(const char *text, size_t len)
{
	uint64_t word;

	if (len >= 4) {
		uint32_t low, high;

		memcpy(&low, text, 4);
		memcpy(&high, text + len - 4, 4);
		return low | (uint64_t)high << (8 * (len - 4));
	}
	word = (unsigned char)text[0];
	word |= (uint64_t)(unsigned char)text[len / 2] << (8 * (len / 2));
	return word | (uint64_t)(unsigned char)text[len - 1] << (8 * (len - 1));
}

/* Up to 15 bytes: two words of 8 that may overlap, or what there is of one. */
static inline __attribute__((always_inline)) size_t copy_clean_end(char *p, const char *text, size_t len,
								   struct ecli_clean clean)
{
	uint64_t word, found;

	if (len < 8) {
		word = load_tail(text, len);
		memcpy(p, &word, 8);
		/* The zeros above the end are marked as controls, so there is always a lowest mark. */
		return (size_t)__builtin_ctzll(ecli_clean_word(word, clean)) / 8;
	}
	memcpy(&word, text, 8);
	memcpy(p, &word, 8);
	found = ecli_clean_word(word, clean);
	if (found)
		return (size_t)__builtin_ctzll(found) / 8;
	/* Those seen before are clean. */
	memcpy(&word, text + len - 8, 8);
	memcpy(p + len - 8, &word, 8);
	found = ecli_clean_word(word, clean);
	return found ? len - 8 + (size_t)__builtin_ctzll(found) / 8 : len;
}

/* Copies up to the first byte that needs care; returns how many. Writes up to ECLI_ESCAPE_SLACK bytes more than that. */
static inline __attribute__((always_inline)) size_t copy_clean(char *p, const char *text, size_t len,
							       struct ecli_clean clean)
{
	size_t done = 0, found;

	for (; len - done >= ECLI_CLEAN_CHUNK; done += ECLI_CLEAN_CHUNK) {
		found = ecli_clean_chunk(p + done, text + done, clean);
		if (found < ECLI_CLEAN_CHUNK)
			return done + found;
	}
	if (done == len)
		return len;
	if (!done)
		return copy_clean_end(p, text, len, clean);
	/* The last 16 once more. */
	done = len - ECLI_CLEAN_CHUNK;
	return done + ecli_clean_chunk(p + done, text + done, clean);
}

/* One character that needs care; @ret_used: bytes of input it took. */
static char *json_special(char *p, const char *text, size_t len, size_t *ret_used)
{
	unsigned char c = (unsigned char)text[0];
	uint32_t code;

	*ret_used = 1;
	if (c < 0x80) {
		*p++ = '\\';
		if (c == '"' || c == '\\' || (c < 0x20 && json_letters[c])) {
			*p++ = c >= 0x20 ? (char)c : json_letters[c];
			return p;
		}
		memcpy(p, "u00", 3);
		return ecli_digits_bytes(p + 3, text, 1);
	}

	unsigned int bytes = ecli_utf8_decode(text, len, &code);
	if (!bytes) {
		memcpy(p, "\xef\xbf\xbd", 3); /* U+FFFD */
		return p + 3;
	}
	*ret_used = bytes;
	if (ecli_utf8_is_unsafe(code)) { /* all of them have at most four hexadecimal digits */
		const unsigned char digits[] = { (unsigned char)(code >> 8), (unsigned char)code };

		memcpy(p, "\\u", 2);
		return ecli_digits_bytes(p + 2, digits, 2);
	}
	memcpy(p, text, bytes);
	return p + bytes;
}

static char *safe_special(char *p, const char *text, size_t len, size_t *ret_used, size_t *narrow)
{
	unsigned char c = (unsigned char)text[0];
	uint32_t code = 0;
	unsigned int bytes = ecli_utf8_decode(text, len, &code);

	*ret_used = bytes ? bytes : 1;
	if (bytes > 1 && !ecli_utf8_is_unsafe(code)) {
		memcpy(p, text, bytes);
		*narrow += bytes - ecli_utf8_width(code);
		return p + bytes;
	}

	*p++ = '\\';
	if (bytes > 1) {
		/* \u{61c}: the hexadecimal form has "0x" exactly where "u{" belongs. */
		char *end = ecli_digits_hex(p, code);

		memcpy(p, "u{", 2);
		*end = '}';
		return end + 1;
	}
	if (c == '\\' || c == '"')
		*p++ = (char)c;
	else if (c < 0x20 && safe_letters[c])
		*p++ = safe_letters[c];
	else {
		*p++ = 'x';
		p = ecli_digits_bytes(p, text, 1);
	}
	return p;
}

/* The two ways through a text. Inlined, so that the set is a constant and only @is_array looks for a NUL. */
static inline __attribute__((always_inline)) char *json_text(char *p, const char *text, size_t len, bool is_array)
{
	for (;;) {
		size_t used = copy_clean(p, text, len, ECLI_CLEAN_JSON);

		p += used;
		if (used == len || (is_array && !text[used]))
			return p;
		text += used;
		len -= used;
		p = json_special(p, text, len, &used);
		text += used;
		len -= used;
	}
}

static inline __attribute__((always_inline)) char *safe_text(char *p, const char *text, size_t len,
							     struct ecli_clean clean, bool is_array, size_t *narrow)
{
	for (;;) {
		size_t used = copy_clean(p, text, len, clean);

		p += used;
		if (used == len || (is_array && !text[used]))
			return p;
		text += used;
		len -= used;
		p = safe_special(p, text, len, &used, narrow);
		text += used;
		len -= used;
	}
}

char *ecli_escape_json(char *p, const char *text, size_t len)
{
	return json_text(p, text, len, false);
}

char *ecli_escape_json_array(char *p, const char *text, size_t size)
{
	return json_text(p, text, size, true);
}

char *ecli_escape_safe(char *p, const char *text, size_t len, enum ecli_escape mode, size_t *narrow)
{
	static const struct ecli_clean quoted[] = {
		[ECLI_ESCAPE_TABLE_QUOTED] = ECLI_CLEAN_TABLE_QUOTED,
		[ECLI_ESCAPE_PLAIN_QUOTED] = ECLI_CLEAN_PLAIN_QUOTED,
	};

	if (mode == ECLI_ESCAPE_TABLE)
		return safe_text(p, text, len, ECLI_CLEAN_TABLE, false, narrow);
	if (mode == ECLI_ESCAPE_PLAIN)
		return safe_text(p, text, len, ECLI_CLEAN_PLAIN, false, narrow);
	return safe_text(p, text, len, quoted[mode], false, narrow);
}

char *ecli_escape_table_array(char *p, const char *text, size_t size, size_t *narrow)
{
	return safe_text(p, text, size, ECLI_CLEAN_TABLE, true, narrow);
}

char *ecli_escape_plain_array(char *p, const char *text, size_t size, size_t *narrow)
{
	return safe_text(p, text, size, ECLI_CLEAN_PLAIN, true, narrow);
}
