/* SPDX-License-Identifier: MIT */
/*
 * Escaping, eight bytes at a time.
 *
 *     chunk of 8 bytes -> stored at once -> marks: one bit for each byte that needs care -> none: next chunk
 *                                                                                        -> else: go to the lowest,
 * escape it
 *
 * A byte needs care when it is below a space, has its high bit set, or is one of up to four characters of the mode. The
 * arithmetic may mark too much above the lowest mark, never below it, and only the lowest is used.
 */
#include "render/escape.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/digits.h"
#include "render/utf8.h"

#define EACH(byte) (0x0101010101010101u * (uint64_t)(byte))

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "marks are counted from the low byte");

/* Four bytes that need care besides controls and non-ASCII; repeats are harmless. */
struct stops {
	uint64_t a, b, c, d;
};

static const struct stops json_stops = { EACH('\\'), EACH('"'), EACH('"'), EACH('"') };

static const struct stops safe_stops[] = {
	[ECLI_ESCAPE_TABLE] = { EACH('\\'), EACH(0x7f), EACH(0x7f), EACH(0x7f) },
	[ECLI_ESCAPE_PLAIN] = { EACH('\\'), EACH(0x7f), EACH(' '), EACH(' ') },
	[ECLI_ESCAPE_TABLE_QUOTED] = { EACH('\\'), EACH(0x7f), EACH('"'), EACH('"') },
	[ECLI_ESCAPE_PLAIN_QUOTED] = { EACH('\\'), EACH(0x7f), EACH('"'), EACH(' ') },
};
static_assert(ARRAY_SIZE(safe_stops) == ECLI_ESCAPE_PLAIN_QUOTED + 1, "one row a mode");

/* The letter after the backslash, 0 where there is none. */
static const char json_letters[0x20] = {
	['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
};
static const char safe_letters[0x20] = {
	['\a'] = 'a', ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\v'] = 'v', ['\f'] = 'f', ['\r'] = 'r', [0x1b] = 'e',
};

static inline uint64_t zero_bytes(uint64_t word)
{
	return (word - EACH(1)) & ~word & EACH(0x80);
}

static inline uint64_t marks(uint64_t word, const struct stops *stops)
{
	uint64_t below_space = (word - EACH(0x20)) & ~word & EACH(0x80);

	return below_space | (word & EACH(0x80)) | zero_bytes(word ^ stops->a) | zero_bytes(word ^ stops->b) |
	       zero_bytes(word ^ stops->c) | zero_bytes(word ^ stops->d);
}

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

/* Copies up to the first byte that needs care; returns how many. Writes up to 7 bytes more than that. */
static inline __attribute__((always_inline)) size_t copy_clean(char *p, const char *text, size_t len,
							       const struct stops *stops)
{
	size_t done = 0;
	uint64_t word, found;

	for (; len - done >= 8; done += 8) {
		memcpy(&word, text + done, 8);
		memcpy(p + done, &word, 8);
		found = marks(word, stops);
		if (found)
			return done + (size_t)__builtin_ctzll(found) / 8;
	}
	if (done == len)
		return done;
	if (done) { /* the last eight once more: those seen before are clean */
		memcpy(&word, text + len - 8, 8);
		memcpy(p + len - 8, &word, 8);
		found = marks(word, stops);
		return found ? len - 8 + (size_t)__builtin_ctzll(found) / 8 : len;
	}
	word = load_tail(text, len);
	memcpy(p, &word, 8);
	/* The zeros above the end are marked as controls, so there is always a lowest mark. */
	return (size_t)__builtin_ctzll(marks(word, stops)) / 8;
}

/* One character that needs care; @ret_used: bytes of input it took. */
static char *json_special(char *p, const char *text, size_t len, size_t *ret_used)
{
	unsigned char c = (unsigned char)text[0];
	uint32_t code;

	*ret_used = 1;
	if (c < 0x80) {
		*p++ = '\\';
		if (c >= 0x20 || json_letters[c]) {
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

char *ecli_escape_json(char *p, const char *text, size_t len)
{
	for (;;) {
		size_t used = copy_clean(p, text, len, &json_stops);

		p += used;
		if (__builtin_expect(used == len, 1))
			return p;
		text += used;
		len -= used;
		p = json_special(p, text, len, &used);
		text += used;
		len -= used;
	}
}

/* Inlined for the usual modes, so that the stops are constants and repeats among them cost nothing. */
static inline __attribute__((always_inline)) char *safe_text(char *p, const char *text, size_t len,
							     const struct stops *stops, size_t *narrow)
{
	for (;;) {
		size_t used = copy_clean(p, text, len, stops);

		p += used;
		if (__builtin_expect(used == len, 1))
			return p;
		text += used;
		len -= used;
		p = safe_special(p, text, len, &used, narrow);
		text += used;
		len -= used;
	}
}

char *ecli_escape_safe(char *p, const char *text, size_t len, enum ecli_escape mode, size_t *narrow)
{
	if (mode == ECLI_ESCAPE_TABLE)
		return safe_text(p, text, len, &safe_stops[ECLI_ESCAPE_TABLE], narrow);
	if (mode == ECLI_ESCAPE_PLAIN)
		return safe_text(p, text, len, &safe_stops[ECLI_ESCAPE_PLAIN], narrow);
	return safe_text(p, text, len, &safe_stops[mode], narrow);
}
