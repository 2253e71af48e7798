/* SPDX-License-Identifier: MIT */
/*
 * Numbers into decimal and hexadecimal digits, straight into memory the caller made room for.
 *
 * Every function writes from @p and returns the byte after the last one; none writes a NUL. The room each needs is
 * given by a constant. Integers are inline and nearly free of branches because they are most of what a row is made of:
 * the count of digits comes from the position of the highest bit, then two digits are stored at a time from a table of
 * 100 pairs.
 */
#ifndef ECLI_RENDER_DIGITS_H
#define ECLI_RENDER_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ECLI_DIGITS_ROOM      20 /* 18446744073709551615, -9223372036854775808 */
#define ECLI_DIGITS_WIDE_ROOM 48 /* the least of 128 bits with its sign, and what is stored after a short last part */
#define ECLI_DIGITS_HEX_ROOM  18 /* 0x and 16 digits */
#define ECLI_DIGITS_REAL_ROOM 32 /* -1.7976931348623157e+308 and less; 0.00001 with 17 digits */

extern const char ecli_digits_pairs[200];     /* "00" to "99" */
extern const uint64_t ecli_digits_powers[20]; /* 10^n, but 0 at 0, so that the number 0 has one digit */

static inline unsigned int ecli_digits_count(uint64_t value)
{
	unsigned int bits = 64 - (unsigned int)__builtin_clzll(value | 1);
	unsigned int guess = bits * 1233 >> 12; /* floor(bits * log10(2)) for 1 to 64 */

	return guess + (value >= ecli_digits_powers[guess]);
}

/*
 * Eight digits at once, the first in the lowest byte. Both halves of four digits are split into pairs, then all pairs
 * into digits, side by side in one word: 12345678 -> 1234 5678 -> 12 34 56 78 -> 1 2 3 4 5 6 7 8. The factors are 1/100
 * and 1/10 in fixed point, exact for what can stand there. @value < 10^8.
 */
static inline uint64_t ecli_digits_eight(uint32_t value)
{
	uint32_t high = value / 10000;
	uint64_t halves = high | (uint64_t)(value - 10000 * high) << 32;
	uint64_t hundreds = (halves * 10486 >> 20) & 0x0000007f0000007f;
	uint64_t pairs = hundreds | (halves - 100 * hundreds) << 16;
	uint64_t tens = (pairs * 103 >> 10) & 0x000f000f000f000f;

	return 0x3030303030303030 | tens | (pairs - 10 * tens) << 8;
}

/* The last @count of eight digits, without asking how many. Always stores 8 bytes. */
static inline void ecli_digits_store(char *p, uint32_t value, unsigned int count)
{
	uint64_t word = ecli_digits_eight(value) >> (64 - 8 * count);

	memcpy(p, &word, 8);
}

/* @count: ecli_digits_count(value). Up to 8 bytes are stored however few the digits are. */
static inline char *ecli_digits_put(char *p, uint64_t value, unsigned int count)
{
	const uint32_t block = 100000000;
	char *end = p + count;

	if (__builtin_expect(value < block, 1)) {
		ecli_digits_store(p, (uint32_t)value, count);
		return end;
	}
	/* From the left: each block overwrites what was stored too much before it. */
	uint64_t high = value / block;
	if (high < block) {
		ecli_digits_store(p, (uint32_t)high, count - 8);
	} else {
		ecli_digits_store(p, (uint32_t)(high / block), count - 16);
		ecli_digits_store(end - 16, (uint32_t)(high % block), 8);
	}
	ecli_digits_store(end - 8, (uint32_t)(value % block), 8);
	return end;
}

static inline char *ecli_digits_unsigned(char *p, uint64_t value)
{
	return ecli_digits_put(p, value, ecli_digits_count(value));
}

static inline char *ecli_digits_signed(char *p, int64_t value)
{
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	*p = '-'; /* overwritten unless it belongs there */
	return ecli_digits_unsigned(p + (value < 0), magnitude);
}

/* Two digits, 0 to 99, with the leading zero. */
static inline void ecli_digits_pair(char *p, unsigned int value)
{
	memcpy(p, ecli_digits_pairs + 2 * (size_t)value, 2);
}

char *ecli_digits_wide(char *p, unsigned __int128 value, bool is_signed);
char *ecli_digits_hex(char *p, uint64_t value);                 /* 0x and as few digits as it takes */
char *ecli_digits_bytes(char *p, const void *data, size_t len); /* two hexadecimal digits a byte */
/*
 * The shortest decimal number that reads back as @value, as a float of 4 bytes when @is_single; @value must be finite.
 * 0.00001 to below 1e16 is written without an exponent. Valid as a JSON number.
 */
char *ecli_digits_real(char *p, double value, bool is_single);

#endif
