/* SPDX-License-Identifier: MIT */
/*
 * Text to numbers. strtoull alone accepts "-1", " 1" and "1x"; here a number is digits and nothing else, and too large
 * is told apart from not a number, because the sentence to the person differs.
 */
#include "base/num.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int ecli_num_parse_u64(const char *text, uint64_t *ret)
{
	unsigned int base = 10;
	uint64_t value = 0;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (!*text)
		return -EINVAL;

	bool too_large = false;
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		unsigned int digit = isdigit(c)    ? (unsigned int)c - '0'
				     : isxdigit(c) ? (unsigned int)tolower(c) - 'a' + 10
						   : 99;

		if (digit >= base)
			return -EINVAL;
		if (__builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, digit, &value))
			too_large = true;
	}
	if (too_large)
		return -ERANGE;
	*ret = value;
	return 0;
}

int ecli_num_parse_s64(const char *text, int64_t *ret)
{
	bool negative = *text == '-';
	uint64_t magnitude;

	int r = ecli_num_parse_u64(text + (negative || *text == '+'), &magnitude);
	if (r)
		return r;
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	*ret = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return 0;
}

int ecli_num_parse_double(const char *text, double *ret)
{
	char *end;

	if (!*text || isspace((unsigned char)*text))
		return -EINVAL;
	double value = strtod(text, &end);
	if (*end || isnan(value))
		return -EINVAL;
	if (isinf(value))
		return -ERANGE;
	*ret = value;
	return 0;
}

uint64_t ecli_num_max_unsigned(uint32_t size_bytes)
{
	return size_bytes >= 8 ? UINT64_MAX : ((uint64_t)1 << (8 * size_bytes)) - 1;
}

int64_t ecli_num_max_signed(uint32_t size_bytes)
{
	return (int64_t)(ecli_num_max_unsigned(size_bytes) >> 1);
}

int64_t ecli_num_min_signed(uint32_t size_bytes)
{
	return -ecli_num_max_signed(size_bytes) - 1;
}
