/* SPDX-License-Identifier: MIT */
/* Formulas of columns: exact values over the whole range of numbers, and texts that are none. */
#include "unit.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "plan/formula.h"
#include "plan_fixture.h"

static void fixture_make(struct fixture *f)
{
	*f = (struct fixture){ .spec = spec_new() };
	f->id = spec_define(f->spec, "struct row u64:a u64:b s32:c f64:d u8:e char[4]:comm u32[2]:list");
	fixture_plan(f, NULL, 0);
}

/* The formula over a record: its kind as u, s or f, and its value. */
static void gives(const char *formula, const char *record, const char *want)
{
	CLEANUP_BUF struct ecli_buf text = { 0 }, bytes = { 0 }, got = { 0 };
	struct formulas *formulas = NULL;
	struct ecli_err err = { 0 };
	struct fixture f;
	size_t count;
	uint64_t bits;
	double real;

	fixture_make(&f);
	ecli_buf_add_format(&text, "x = %s", formula);
	const char *texts[] = { ecli_buf_text(&text) };
	if (formulas_parse(f.plan, texts, 1, &err, &formulas))
		fail_msg("%s", err.text);
	spec_encode(f.spec, f.id, record, &bytes);
	const struct formula_row row = { .now = (const uint8_t *)bytes.data,
					 .growth = (const uint8_t *)bytes.data,
					 .seconds = 0.5 };
	formulas_begin(formulas);
	formulas_add(formulas, &row);
	formulas_run(formulas, &row, &bits);
	memcpy(&real, &bits, sizeof(real));
	switch (formulas_computed(formulas, &count)->kind) {
	case ECLI_VALUE_UINT:
		ecli_buf_add_format(&got, "u %llu", (unsigned long long)bits);
		break;
	case ECLI_VALUE_SINT:
		ecli_buf_add_format(&got, "s %lld", (long long)bits);
		break;
	default:
		ecli_buf_add_format(&got, isnan(real) ? "f nan" : "f %.17g", real);
		break;
	}
	assert_string_equal(ecli_buf_text(&got), want);
	formulas_free(formulas);
	fixture_done(&f);
}

#define BIG "18446744073709551615"

static void values_are_exact(void **state)
{
	(void)state;
	gives("a + b", BIG " 1 0 0 0 \"\" 0 0", "u " BIG); /* held at the end */
	gives("a - b", BIG " " BIG " 0 0 0 \"\" 0 0", "s 0");
	gives("a - b", BIG " 1 0 0 0 \"\" 0 0", "s 9223372036854775807");
	gives("a - b", "1 " BIG " 0 0 0 \"\" 0 0", "s -9223372036854775808");
	gives("a - b", "9007199254740993 1 0 0 0 \"\" 0 0", "s 9007199254740992"); /* beyond what a double has */
	gives("a * b", "3 5 0 0 0 \"\" 0 0", "u 15");
	gives("a * a * a * a", BIG " 0 0 0 0 \"\" 0 0", "u " BIG);
	gives("c * 2", "0 0 -7 0 0 \"\" 0 0", "s -14");
	gives("-a + 3 * (b - 1)", "4 6 0 0 0 \"\" 0 0", "s 11");
	gives("a / b", "1 4 0 0 0 \"\" 0 0", "f 0.25");
	gives("a / b", "1 0 0 0 0 \"\" 0 0", "f nan");
	gives("a / b + 1", "0 0 0 0 0 \"\" 0 0", "f nan");
	gives("d + 1", "0 0 0 0.5 0 \"\" 0 0", "f 1.5");
	gives("d * d", "0 0 0 1e300 0 \"\" 0 0", "f nan"); /* no number of a double any more */
	gives("d + a", "1 0 0 nan 0 \"\" 0 0", "f nan");
	gives("e * 1.5", "0 0 0 0 255 \"\" 0 0", "f 382.5");
	gives("a / 1024", "1536 0 0 0 0 \"\" 0 0", "f 1.5");
	gives("rate(a)", "3 0 0 0 0 \"\" 0 0", "f 6");
	gives("rate(a + b) / 2", "3 1 0 0 0 \"\" 0 0", "f 4");
	gives("percent(a)", "3 0 0 0 0 \"\" 0 0", "f 100");
	gives("percent(a)", "0 0 0 0 0 \"\" 0 0", "f nan");
	gives("percent(rate(a))", "3 0 0 0 0 \"\" 0 0", "f 100");
}

static void refused(const char *const *texts, size_t count, const char *want)
{
	struct formulas *formulas = NULL;
	struct ecli_err err = { 0 };
	struct fixture f;

	fixture_make(&f);
	assert_true(formulas_parse(f.plan, texts, count, &err, &formulas) < 0);
	assert_null(formulas);
	assert_string_equal(err.text, want);
	fixture_done(&f);
}

static void what_is_no_formula_is_told(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "x = y", "\"y\": there is no column y; there are a, b, c, d, e, comm, list" },
		{ "y", "\"y\": there is no column y; there are a, b, c, d, e, comm, list" },
		{ "x = comm * 2", "\"comm * 2\": the column comm is no number" },
		{ "x = list + 1", "\"list + 1\": the column list is no number" },
		{ "x = a +", "\"a +\": it ends where a column or a number is expected" },
		{ "x = a b", "\"a b\": what follows the formula cannot be read" },
		{ "x = (a", "\"(a\": a \")\" is missing" },
		{ "x = rate(a", "\"rate(a\": a \")\" is missing" },
		{ "x = a % b", "\"a % b\": what follows the formula cannot be read" },
		{ "x = 0x10", "\"0x10\": a number there cannot be read" },
		{ "x = 1e5", "\"1e5\": a number there cannot be read" },
		{ "x = ", "\"\": it ends where a column or a number is expected" },
		{ "= a", "\"\" cannot be the name of a column" },
		{ "", "\"\" cannot be the name of a column" },
		{ "a b = c", "\"a b\" cannot be the name of a column" },
		{ "x\e = c", "\"x\e\" cannot be the name of a column" },
		{ "x = rate(rate(a))", "\"rate(rate(a))\": rate() cannot stand within rate()" },
		{ "x = rate(percent(a))", "\"rate(percent(a))\": percent() cannot stand within rate() or percent()" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		refused(&cases[i][0], 1, cases[i][1]);
}

static void hostile_texts_are_bounded(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf deep = { 0 }, wide = { 0 }, longest = { 0 };
	const char *doubles[40];
	char names[40][16];

	ecli_buf_add_text(&deep, "x = ");
	ecli_buf_add_repeat(&deep, '(', 400);
	refused((const char *const[]){ ecli_buf_text(&deep) }, 1,
		"\"((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((\": it is nested too deep");
	ecli_buf_add_text(&wide, "x = a");
	for (int i = 0; i < 200; i++)
		ecli_buf_add_text(&wide, "+a");
	refused((const char *const[]){ ecli_buf_text(&wide) }, 1,
		"\"a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+\": the formula is too long");
	ecli_buf_add_repeat(&longest, 'a', 600);
	refused((const char *const[]){ ecli_buf_text(&longest) }, 1,
		"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\" is longer than 512 bytes");
	/* Each twice as long as the one before it. */
	for (int i = 0; i < 40; i++) {
		snprintf(names[i], sizeof(names[i]), i ? "x%d = x%d + x%d" : "x0 = a", i, i - 1, i - 1);
		doubles[i] = names[i];
	}
	refused(doubles, 40, "\"x6 + x6\": the formula is too long");
}

static void lists_have_an_order(void **state)
{
	(void)state;
	static const char *const texts[] = { "n = b", "*", "sum = n + c", "twice = sum * 2", "e" };
	CLEANUP_BUF struct ecli_buf got = { 0 };
	struct formulas *formulas = NULL;
	struct ecli_err err = { 0 };
	struct fixture f;
	size_t count;

	fixture_make(&f);
	if (formulas_parse(f.plan, texts, ARRAY_SIZE(texts), &err, &formulas))
		fail_msg("%s", err.text);
	const struct ecli_plan_shown *shown = formulas_shown(formulas, &count);
	for (size_t i = 0; i < count; i++)
		ecli_buf_add_format(&got, "%s%s%s ", shown[i].column, shown[i].title ? ":" : "",
				    shown[i].title ? shown[i].title : "");
	assert_string_equal(ecli_buf_text(&got), "b:n a c d comm list sum twice e ");
	assert_null(formulas_growth(formulas));
	formulas_free(formulas);
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_exact),
		cmocka_unit_test(what_is_no_formula_is_told),
		cmocka_unit_test(hostile_texts_are_bounded),
		cmocka_unit_test(lists_have_an_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
