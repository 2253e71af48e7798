/* SPDX-License-Identifier: MIT */
/* render/: every kind of number against printf and strtod, at the edges of each count of digits and at random. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "random.h"
#include "render/digits.h"

static void check_integer(uint64_t value)
{
	char got[ECLI_DIGITS_ROOM + 1], expected[32];

	*ecli_digits_unsigned(got, value) = '\0';
	snprintf(expected, sizeof(expected), "%llu", (unsigned long long)value);
	assert_string_equal(got, expected);
	*ecli_digits_signed(got, (int64_t)value) = '\0';
	snprintf(expected, sizeof(expected), "%lld", (long long)value);
	assert_string_equal(got, expected);
}

static void integers_are_as_printf_writes_them(void **state)
{
	(void)state;
	uint64_t power = 1;

	for (int i = 0; i < 20; i++, power *= 10)
		for (int d = -2; d <= 2; d++)
			check_integer(power + (uint64_t)d);
	for (int bit = 0; bit < 64; bit++)
		for (int d = -1; d <= 1; d++)
			check_integer(((uint64_t)1 << bit) + (uint64_t)d);
	for (int i = 0; i < 100000; i++)
		check_integer(next_random() >> (next_random() % 64));
}

/* As it stands at the end of a column: spaces before it, the sign just before the number. */
static void check_right(uint32_t value)
{
	char got[9] = "", expected[16];
	uint64_t word = ecli_digits_right(value, false);

	memcpy(got, &word, 8);
	snprintf(expected, sizeof(expected), "%8u", value);
	assert_string_equal(got, expected);
	if (!value || value >= 10000000)
		return;
	word = ecli_digits_right(value, true);
	memcpy(got, &word, 8);
	snprintf(expected, sizeof(expected), "%8d", -(int)value);
	assert_string_equal(got, expected);
}

static void eight_digits_end_in_place(void **state)
{
	(void)state;
	uint32_t power = 1;

	for (int i = 0; i < 8; i++, power *= 10) {
		check_right(power - 1);
		check_right(power);
		check_right(power + 1);
	}
	check_right(ECLI_DIGITS_BLOCK - 1);
	for (int i = 0; i < 100000; i++)
		check_right((uint32_t)(next_random() % ECLI_DIGITS_BLOCK) >> next_random() % 27);
}

static void hexadecimal_has_no_leading_zeros(void **state)
{
	(void)state;
	char got[ECLI_DIGITS_HEX_ROOM + 1], expected[32];

	for (int i = 0; i < 10000; i++) {
		uint64_t value = i < 2 ? (uint64_t)i : next_random() >> (next_random() % 64);

		*ecli_digits_hex(got, value) = '\0';
		snprintf(expected, sizeof(expected), "0x%llx", (unsigned long long)value);
		assert_string_equal(got, expected);
	}
}

static void wide_integers_have_all_their_digits(void **state)
{
	(void)state;
	static const struct {
		uint64_t high, low;
		bool is_signed;
		const char *text;
	} cases[] = {
		{ 0, 0, false, "0" },
		{ 0, UINT64_MAX, true, "18446744073709551615" },
		{ 0, 10000000000000000000u, false, "10000000000000000000" },
		{ 1, 0, false, "18446744073709551616" },
		{ UINT64_MAX, UINT64_MAX, false, "340282366920938463463374607431768211455" },
		{ UINT64_MAX, UINT64_MAX, true, "-1" },
		{ (uint64_t)1 << 63, 0, true, "-170141183460469231731687303715884105728" },
		{ (uint64_t)1 << 63, 0, false, "170141183460469231731687303715884105728" },
		{ 542101086, 4477988020393345024u, false, "10000000000000000000000000000" }, /* zeros across a chunk */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char got[ECLI_DIGITS_WIDE_ROOM + 1];
		unsigned __int128 value = (unsigned __int128)cases[i].high << 64 | cases[i].low;

		*ecli_digits_wide(got, value, cases[i].is_signed) = '\0';
		assert_string_equal(got, cases[i].text);
	}
}

static void floats_are_short_and_read_back(void **state)
{
	(void)state;
	static const struct {
		double value;
		bool is_single;
		const char *text;
	} cases[] = {
		{ 0, false, "0" },
		{ -0.0, false, "-0" },
		{ 0.1, false, "0.1" },
		{ 0.1f, true, "0.1" },
		{ 0.1f, false, "0.10000000149011612" },
		{ 100, false, "100" },
		{ -1.5, false, "-1.5" },
		{ 123456.75, false, "123456.75" },
		{ 1e15, false, "1000000000000000" },
		{ 1e16, false, "1e+16" },
		{ 0.00001, false, "0.00001" },
		{ 0.000001, false, "1e-6" },
		{ 1.7976931348623157e308, false, "1.7976931348623157e+308" },
		{ 5e-324, false, "5e-324" },
		{ 16777216, true, "16777216" },
		{ 3.4028234663852886e38, true, "3.4028235e+38" },
		{ 9007199254740992, false, "9007199254740992" },
	};
	char got[ECLI_DIGITS_REAL_ROOM + 1];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		*ecli_digits_real(got, cases[i].value, cases[i].is_single) = '\0';
		assert_string_equal(got, cases[i].text);
	}
	for (int i = 0; i < 20000; i++) {
		union {
			uint64_t u;
			double d;
		} v = { .u = next_random() };
		char *end;

		if (!isfinite(v.d))
			continue;
		end = ecli_digits_real(got, v.d, false);
		assert_true(end - got <= ECLI_DIGITS_REAL_ROOM);
		*end = '\0';
		assert_true(strtod(got, &end) == v.d && !*end);

		float single = (float)ldexp((double)next_random(), (int)(next_random() % 150) - 120);
		*ecli_digits_real(got, single, true) = '\0';
		assert_true(strtof(got, &end) == single && !*end);
		assert_true(strlen(got) <= 23);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_as_printf_writes_them),
		cmocka_unit_test(eight_digits_end_in_place),
		cmocka_unit_test(hexadecimal_has_no_leading_zeros),
		cmocka_unit_test(wide_integers_have_all_their_digits),
		cmocka_unit_test(floats_are_short_and_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
