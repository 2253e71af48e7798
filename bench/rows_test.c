/* SPDX-License-Identifier: MIT */
/* bench/rows: a row counts once, whole and in order, in each form and however the bytes are cut; anything else is odd. */
#include "unit/unit.h"

#include <string.h>

#include "rows.h"

struct expected {
	const char *text;
	uint64_t count, odd;
};

static const struct expected cases[] = {
	{ "", 0, 0 },
	{ "TIME     TASK            PREV_TASK           DELTA_US     PID PREV_PID\n"
	  "18:23:07 storm           swapper/0                  1   11751        0\n"
	  "18:23:07 storm           swapper/0                  2   11751        0\n",
	  2, 0 },
	{ "10:00:00 storm swapper/0 5 1 0\n10:00:00 storm swapper/0 7 1 0\n", 2, 0 },
	{ "10:00:00 storm swapper/0 5 1 0\n10:00:00 storm swapper/0 5 1 0\n", 1, 1 },        /* twice */
	{ "10:00:00 storm swapper/0 5 1 0\n10:00:00 storm swapper/0 4 1 0\n", 1, 1 },        /* out of order */
	{ "10:00:00 storm swapper/0 5 1 0\n10:00:00 storm swapp\n", 1, 1 },                  /* cut short */
	{ "10:00:00 storm swapper/0 5 1 0\n10:00:00 storm 10:00:00 storm s 6 1 0\n", 1, 1 }, /* two run into one */
	{ "{\"time\":\"t\",\"task\":\"storm\",\"delta_us\":12,\"pid\":3}\n"
	  "{\"ecli\":\"lost\",\"map\":\"events\",\"count\":12,\"total\":345}\n"
	  "{\"time\":\"t\",\"task\":\"storm\",\"delta_us\":25,\"pid\":3}\n",
	  2, 0 },
	{ "{\"time\":\"t\",\"delta_us\":12,\"pid\":3}\n{\"time\":\"t\",\"ta\n", 1, 1 },
};

static void rows_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].text);

		for (size_t cut = 0; cut <= len; cut++) {
			struct rows rows = { 0 };

			rows_add(&rows, cases[i].text, cut);
			rows_add(&rows, cases[i].text + cut, len - cut);
			assert_int_equal(rows.count, cases[i].count);
			assert_int_equal(rows.odd, cases[i].odd);
		}
	}
}

static void an_absurd_line_is_survived(void **state)
{
	struct rows rows = { 0 };
	char chunk[1000];

	(void)state;
	memset(chunk, 'x', sizeof(chunk));
	rows_add(&rows, "1 2 3 4\n", 8);
	for (int i = 0; i < 10; i++)
		rows_add(&rows, chunk, sizeof(chunk));
	rows_add(&rows, "\n1 2 3 5\n", 9);
	assert_int_equal(rows.count, 2);
	assert_int_equal(rows.odd, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_judged),
		cmocka_unit_test(an_absurd_line_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
