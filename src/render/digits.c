/* SPDX-License-Identifier: MIT */
/*
 * Numbers into digits: the tables, and the kinds that are rare in events (128 bits, floats).
 *
 * A float is tried with 1, 2, ... 17 digits until the text reads back as the same value. That is slow and certainly
 * right; a BPF program can hardly make a float, so it is not worth a table of powers of five. Only digits and exponent
 * are taken from the C library, so the decimal point of a locale cannot get into the output.
 */
#include "render/digits.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define ROW(tens)                                                                                                      \
	tens, '0', tens, '1', tens, '2', tens, '3', tens, '4', tens, '5', tens, '6', tens, '7', tens, '8', tens, '9'

const char ecli_digits_pairs[200] = {
	ROW('0'), ROW('1'), ROW('2'), ROW('3'), ROW('4'), ROW('5'), ROW('6'), ROW('7'), ROW('8'), ROW('9'),
};

const uint64_t ecli_digits_powers[20] = {
	1,
	10,
	100,
	1000,
	10000,
	100000,
	1000000,
	10000000,
	100000000,
	1000000000,
	10000000000,
	100000000000,
	1000000000000,
	10000000000000,
	100000000000000,
	1000000000000000,
	10000000000000000,
	100000000000000000,
	1000000000000000000,
	10000000000000000000u,
};

/* From the left: at most three blocks, of which the first has no zeros before it. */
char *ecli_digits_long(char *p, uint64_t value)
{
	uint64_t high = value / ECLI_DIGITS_BLOCK;

	if (high >= ECLI_DIGITS_BLOCK) {
		p = ecli_digits_put_block(p, (uint32_t)(high / ECLI_DIGITS_BLOCK));
		ecli_digits_put_eight(p, (uint32_t)(high % ECLI_DIGITS_BLOCK));
		p += 8;
	} else {
		p = ecli_digits_put_block(p, (uint32_t)high);
	}
	ecli_digits_put_eight(p, (uint32_t)(value % ECLI_DIGITS_BLOCK));
	return p + 8;
}

char *ecli_digits_wide(char *p, unsigned __int128 value, bool is_signed)
{
	const uint64_t chunk = 10000000000000000000u; /* 10^19, the largest power of ten in 64 bits */

	if (is_signed && (__int128)value < 0) {
		*p++ = '-';
		value = 0 - value;
	}

	uint64_t parts[3];
	unsigned int n = 0;
	do {
		parts[n++] = (uint64_t)(value % chunk);
		value /= chunk;
	} while (value);

	p = ecli_digits_unsigned(p, parts[--n]);
	while (n) {
		char text[ECLI_DIGITS_ROOM];
		size_t count = (size_t)(ecli_digits_unsigned(text, parts[--n]) - text);

		memset(p, '0', 19 - count);
		memcpy(p + 19 - count, text, count);
		p += 19;
	}
	return p;
}

char *ecli_digits_hex(char *p, uint64_t value)
{
	unsigned int digits = (67 - (unsigned int)__builtin_clzll(value | 1)) / 4;

	*p++ = '0';
	*p++ = 'x';
	for (unsigned int shift = 4 * digits; shift; shift -= 4)
		*p++ = "0123456789abcdef"[value >> (shift - 4) & 15];
	return p;
}

char *ecli_digits_bytes(char *p, const void *data, size_t len)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++) {
		*p++ = "0123456789abcdef"[bytes[i] >> 4];
		*p++ = "0123456789abcdef"[bytes[i] & 15];
	}
	return p;
}

/* The digits of a positive number without zeros at the end; the point is after the first, times 10^exponent. */
struct decimal {
	char digits[20];
	int count, exponent;
};

static struct decimal shortest(double value, bool is_single)
{
	struct decimal result = { 0 };
	char text[40];

	for (int precision = 0; precision < 17; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, value);
		if (is_single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value)
			break;
	}

	const char *mark = strchr(text, 'e');
	assert(mark);
	for (const char *c = text; c < mark; c++)
		if (*c >= '0' && *c <= '9')
			result.digits[result.count++] = *c;
	while (result.count > 1 && result.digits[result.count - 1] == '0')
		result.count--;
	result.exponent = (int)strtol(mark + 1, NULL, 10);
	return result;
}

static char *put_fixed(char *p, const struct decimal *d)
{
	if (d->exponent < 0) {
		size_t zeros = (size_t)-d->exponent - 1;

		memcpy(p, "0.", 2);
		memset(p + 2, '0', zeros);
		p += 2 + zeros;
	}
	for (int i = 0; i < d->count || i <= d->exponent; i++) {
		if (i && i == d->exponent + 1)
			*p++ = '.';
		*p++ = i < d->count ? d->digits[i] : '0';
	}
	return p;
}

static char *put_scientific(char *p, const struct decimal *d)
{
	*p++ = d->digits[0];
	if (d->count > 1) {
		*p++ = '.';
		memcpy(p, d->digits + 1, (size_t)d->count - 1);
		p += d->count - 1;
	}
	*p++ = 'e';
	*p++ = d->exponent < 0 ? '-' : '+';
	return ecli_digits_unsigned(p, (uint64_t)abs(d->exponent));
}

char *ecli_digits_real(char *p, double value, bool is_single)
{
	if (signbit(value)) {
		*p++ = '-';
		value = -value;
	}
	if (value == 0) {
		*p++ = '0';
		return p;
	}

	struct decimal d = shortest(value, is_single);
	return d.exponent >= -5 && d.exponent < 16 ? put_fixed(p, &d) : put_scientific(p, &d);
}
