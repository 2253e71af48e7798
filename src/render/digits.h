/* SPDX-License-Identifier: MIT */
/*
 * Numbers into decimal and hexadecimal digits, straight into memory the caller made room for.
 *
 * Every function writes from @p and returns the byte after the last one; none writes a NUL. The room each needs is
 * given by a constant. Integers are inline and nearly free of branches because they are most of what a row is made of:
 * all eight digits of a number below 10^8 are made side by side in one word; the zeros it begins with are counted there
 * and shifted away, or become spaces where the number is to end in a certain place.
 *
 *     1234 -> 0 0 0 0 1 2 3 4 -> "1234"  or  "    1234"
 */
#ifndef ECLI_RENDER_DIGITS_H
#define ECLI_RENDER_DIGITS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ECLI_DIGITS_ROOM      20 /* 18446744073709551615, -9223372036854775808 */
#define ECLI_DIGITS_WIDE_ROOM 48 /* the least of 128 bits with its sign, and what is stored after a short last part */
#define ECLI_DIGITS_HEX_ROOM  18 /* 0x and 16 digits */
#define ECLI_DIGITS_REAL_ROOM 32 /* -1.7976931348623157e+308 and less; 0.00001 with 17 digits */

#define ECLI_DIGITS_BLOCK 100000000u /* 10^8: below it a number is one word of digits */

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first digit is in the lowest byte");

extern const char ecli_digits_pairs[200];     /* "00" to "99" */
extern const uint64_t ecli_digits_powers[20]; /* 10^n */

/*
 * Eight digits at once, 0 to 9 each, the first in the lowest byte: each step splits all parts of the word, side by side,
 * into a high part, which stays where it is, and a low part, which goes to the upper half of its place.
 *
 *     12345678 -> 1234 5678 -> 12 34 56 78 -> 1 2 3 4 5 6 7 8
 *
 *     with high = part / n:  high + ((part - n * high) << half)  =  (part << half) - high * ((n << half) - 1)
 *
 * 10486 / 2^20 is 1/100 and 103 / 2^10 is 1/10, exact for what can stand there. @value < ECLI_DIGITS_BLOCK.
 */
static inline uint64_t ecli_digits_eight(uint32_t value)
{
	uint64_t high = value / 10000;
	uint64_t fours = ((uint64_t)value << 32) - high * (((uint64_t)10000 << 32) - 1);
	uint64_t hundreds = (fours * 10486 >> 20) & 0x0000007f0000007f;
	uint64_t pairs = (fours << 16) - hundreds * ((100 << 16) - 1);
	uint64_t tens = (pairs * 103 >> 10) & 0x000f000f000f000f;

	return (pairs << 8) - tens * ((10 << 8) - 1);
}

#define ECLI_DIGITS_ASCII 0x3030303030303030u

/* How many bits of such a word are zeros before the number, 0 to 56: the last digit stands even when it is 0. */
static inline unsigned int ecli_digits_blank_bits(uint64_t eight)
{
	return (unsigned int)__builtin_ctzll(eight | (uint64_t)1 << 56) & 56;
}

/* The word as text with spaces for those zeros, and with a sign before the number if @is_negative and there is place. */
static inline uint64_t ecli_digits_right(uint32_t value, bool is_negative)
{
	uint64_t eight = ecli_digits_eight(value);
	unsigned int blank = ecli_digits_blank_bits(eight);
	uint64_t sign = is_negative ? '-' - ' ' : 0;

	eight |= ECLI_DIGITS_ASCII - (0x1010101010101010u & (((uint64_t)1 << blank) - 1));
	return eight + (sign << blank >> 8);
}

/* All eight digits. */
static inline void ecli_digits_put_eight(char *p, uint32_t value)
{
	uint64_t word = ecli_digits_eight(value) | ECLI_DIGITS_ASCII;

	memcpy(p, &word, 8);
}

static inline char *ecli_digits_put_block(char *p, uint32_t value)
{
	uint64_t eight = ecli_digits_eight(value);
	unsigned int blank = ecli_digits_blank_bits(eight);
	uint64_t word = (eight | ECLI_DIGITS_ASCII) >> blank;

	memcpy(p, &word, 8);
	return p + 8 - blank / 8;
}

char *ecli_digits_long(char *p, uint64_t value); /* from ECLI_DIGITS_BLOCK on */

/* 8 bytes are stored however few the digits are; of a longer number as many as it has. */
static inline char *ecli_digits_unsigned(char *p, uint64_t value)
{
	if (__builtin_expect(value < ECLI_DIGITS_BLOCK, 1))
		return ecli_digits_put_block(p, (uint32_t)value);
	return ecli_digits_long(p, value);
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
