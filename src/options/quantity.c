/* SPDX-License-Identifier: MIT */
/*
 * Times and sizes. A person writes the unit that is at hand, the variable gets a whole number of its own unit, exactly: what
 * would have to be rounded is refused, because 1.5us is not what a variable in microseconds can mean. Decimal digits are
 * kept as an integer and a power of ten; nothing here is a floating point number.
 *
 *     "1.5s", kept in us:  15 * 1000000000 ns / 10^1 / 1000 ns = 1500000
 */
#include "options/quantity.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"

struct unit {
	const char *name;
	uint64_t factor; /* in ns, or in bytes */
};

/* From the largest down; the first of a size is the one shown. */
static const struct unit times[] = {
	{ "h", 3600000000000 }, { "m", 60000000000 }, { "s", 1000000000 }, { "ms", 1000000 },
	{ "us", 1000 },         { "µs", 1000 },       { "\u03bcs", 1000 }, { "ns", 1 },
};
static const struct unit sizes[] = {
	{ "P", 1ull << 50 }, { "PiB", 1ull << 50 }, { "T", 1ull << 40 }, { "TiB", 1ull << 40 },
	{ "G", 1 << 30 },    { "GiB", 1 << 30 },    { "M", 1 << 20 },    { "MiB", 1 << 20 },
	{ "k", 1 << 10 },    { "K", 1 << 10 },      { "KiB", 1 << 10 },  { "B", 1 },
};

enum { MAX_DIGITS = 20 }; /* of 2^64 */

/* What a notation is kept in and what a number without a unit is: factors of the units. */
struct scale {
	const struct unit *units; /* NULL: its numbers have no unit */
	size_t count;
	uint64_t kept, plain;
};

#define A_TIME(kept, plain)                                                                                            \
	{                                                                                                              \
		times, ARRAY_SIZE(times), kept, plain                                                                  \
	}

static const struct scale scales[] = {
	[ECLI_NOTATION_NS] = A_TIME(1, 1),
	[ECLI_NOTATION_US] = A_TIME(1000, 1000),
	[ECLI_NOTATION_MS] = A_TIME(1000000, 1000000),
	[ECLI_NOTATION_S] = A_TIME(1000000000, 1000000000),
	[ECLI_NOTATION_SECONDS] = A_TIME(1, 1000000000),
	[ECLI_NOTATION_BYTES] = { sizes, ARRAY_SIZE(sizes), 1, 1 },
};

static const struct scale *find_scale(enum ecli_notation notation)
{
	return (size_t)notation < ARRAY_SIZE(scales) && scales[notation].units ? &scales[notation] : NULL;
}

bool ecli_quantity_is(enum ecli_notation notation)
{
	return find_scale(notation);
}

const char *ecli_quantity_unit(enum ecli_notation notation)
{
	const struct scale *scale = find_scale(notation);

	if (!scale || notation == ECLI_NOTATION_BYTES)
		return "bytes";
	for (size_t i = 0; i < scale->count; i++)
		if (scale->units[i].factor == scale->kept)
			return scale->units[i].name;
	return "";
}

/* Digits with at most one point: the number is @ret_digits / 10^@ret_places. Zeros at the end of a fraction are dropped. */
static int read_decimal(const char **text, unsigned __int128 *ret_digits, unsigned int *ret_places)
{
	unsigned __int128 digits = 0;
	unsigned int count = 0, places = 0, zeros = 0;
	const char *at = *text;
	bool has_point = false, has_digit = false;

	for (; isdigit((unsigned char)*at) || (*at == '.' && !has_point); at++) {
		if (*at == '.') {
			has_point = true;
			continue;
		}
		has_digit = true;
		if (has_point && *at == '0') {
			zeros++; /* counts only when another digit follows */
			continue;
		}
		for (; zeros; zeros--, places++, count += digits != 0)
			if (count <= MAX_DIGITS)
				digits *= 10;
		if (count <= MAX_DIGITS)
			digits = digits * 10 + (unsigned int)(*at - '0');
		count += digits != 0;
		places += has_point;
	}
	if (!has_digit || at[-1] == '.')
		return -EINVAL;
	if (count > MAX_DIGITS)
		return places ? -EDOM : -ERANGE;
	*text = at;
	*ret_digits = digits;
	*ret_places = places;
	return 0;
}

/* Digits and the factor of their unit. */
static int read_amount(const struct scale *scale, const char *text, unsigned __int128 *ret_number,
		       unsigned int *ret_places, uint64_t *ret_factor)
{
	uint64_t whole;

	*ret_factor = scale->plain;
	if (!strncmp(text, "0x", 2) || !strncmp(text, "0X", 2)) {
		int r = ecli_num_parse_u64(text, &whole);

		*ret_number = r ? 0 : whole;
		*ret_places = 0;
		return r;
	}
	int r = read_decimal(&text, ret_number, ret_places);
	if (r || !*text)
		return r;
	for (size_t i = 0; i < scale->count; i++) {
		if (!strcmp(text, scale->units[i].name)) {
			*ret_factor = scale->units[i].factor;
			return 0;
		}
	}
	return -EINVAL;
}

int ecli_quantity_parse(enum ecli_notation notation, const char *text, uint64_t *ret)
{
	const struct scale *scale = find_scale(notation);
	unsigned __int128 number;
	unsigned int places;
	uint64_t factor;

	if (!scale)
		return ecli_num_parse_u64(text, ret);
	int r = read_amount(scale, text, &number, &places, &factor);
	if (r)
		return r;

	/* Below 10^20 * 2^50, which is below 2^117. */
	number *= factor;
	for (; places; places--) {
		if (number % 10)
			return -EDOM;
		number /= 10;
	}
	if (number % scale->kept)
		return -EDOM;
	number /= scale->kept;
	if (number > UINT64_MAX)
		return -ERANGE;
	*ret = (uint64_t)number;
	return 0;
}

void ecli_quantity_show(enum ecli_notation notation, uint64_t value, struct ecli_buf *out)
{
	const struct scale *scale = find_scale(notation);

	if (!value || !scale) {
		ecli_buf_add_format(out, "%llu", (unsigned long long)value);
		return;
	}
	unsigned __int128 all = (unsigned __int128)value * scale->kept;
	for (size_t i = 0; i < scale->count; i++) {
		if (all % scale->units[i].factor)
			continue;
		ecli_buf_add_format(
			out, "%llu%s", (unsigned long long)(all / scale->units[i].factor),
			notation == ECLI_NOTATION_BYTES && scale->units[i].factor == 1 ? "" : scale->units[i].name);
		return;
	}
}
