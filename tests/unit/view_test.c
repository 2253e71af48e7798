/* SPDX-License-Identifier: MIT */
/* The screen without a terminal: widths of columns, text cut to them, and what order, filter and scrolling make of a look. */
#include "unit.h"

#include <errno.h>
#include <locale.h>
#include <string.h>
#include <time.h>

#include "../../cli/view/lines.h"
#include "../../cli/view/text.h"
#include "base/cleanup.h"
#include "support/spec.h"

/* ---- widths ---------------------------------------------------------------------------------------------------- */

/* @columns: "WISH/LEAST ..."; @want: "first N: WIDTH ...". Whatever comes out has to fit. */
static void places(const char *columns, size_t wanted, uint32_t screen, const char *want)
{
	CLEANUP_BUF struct ecli_buf got = { 0 };
	struct layout_column layout[16];
	size_t n = 0;
	uint64_t sum = 0;
	int used;

	for (; sscanf(columns, "%u/%u%n", &layout[n].wish, &layout[n].least, &used) == 2; n++)
		columns += used;
	struct layout_place place = layout_fit(layout, n, wanted, screen);
	ecli_buf_add_format(&got, "first %zu:", place.first);
	for (size_t i = place.first; i < place.first + place.count; i++) {
		ecli_buf_add_format(&got, " %u", layout[i].width);
		sum += layout[i].width + (i > place.first ? LAYOUT_GAP : 0);
	}
	assert_string_equal(ecli_buf_text(&got), want);
	assert_true(sum <= screen);
	if (n)
		assert_true(place.first <= wanted && wanted < place.first + place.count);
}

static void columns_get_what_they_wish_for(void **state)
{
	(void)state;
	places("7/7 16/8 12/12", 0, 80, "first 0: 7 16 12");
	places("7/7 16/8 12/12", 0, 37, "first 0: 7 16 12");
	places("", 0, 80, "first 0:");
}

static void text_is_cut_first_and_the_widest_most(void **state)
{
	(void)state;
	places("7/7 16/8 12/12", 0, 36, "first 0: 7 15 12");
	places("7/7 40/8 20/8 12/12", 0, 60, "first 0: 7 19 19 12");
	places("7/7 40/8 20/8 12/12", 0, 61, "first 0: 7 19 20 12");
	places("30/8 30/8 30/8", 0, 50, "first 0: 16 16 16");
	places("30/28 30/8", 0, 40, "first 0: 28 11");
}

static void columns_leave_so_that_the_wanted_one_is_in_sight(void **state)
{
	(void)state;
	places("10/10 10/10 10/10 10/10", 0, 25, "first 0: 10 10");
	places("10/10 10/10 10/10 10/10", 1, 25, "first 0: 10 10");
	places("10/10 10/10 10/10 10/10", 2, 25, "first 1: 10 10");
	places("10/10 10/10 10/10 10/10", 3, 25, "first 2: 10 10");
	places("10/10 30/8 10/10", 2, 25, "first 1: 8 10");
	places("10/10 12/12", 1, 5, "first 1: 5");
	places("10/10", 0, 0, "first 0: 0");
}

/* Any widths: what is placed fits and the wanted column is there. */
static void whatever_the_widths(void **state)
{
	(void)state;
	uint32_t random = 12345;

	for (int tries = 0; tries < 20000; tries++) {
		struct layout_column layout[8];
		uint64_t sum = 0;
		size_t n = 1 + (size_t)tries % 8, wanted = (size_t)(tries / 8) % n;

		for (size_t i = 0; i < n; i++) {
			random = random * 1664525 + 1013904223;
			layout[i].wish = 1 + (random >> 16) % 60;
			layout[i].least = 1 + (random >> 8) % layout[i].wish;
		}
		uint32_t screen = (random >> 4) % 200;
		struct layout_place place = layout_fit(layout, n, wanted, screen);

		for (size_t i = place.first; i < place.first + place.count; i++)
			sum += layout[i].width + (i > place.first ? LAYOUT_GAP : 0);
		assert_true(sum <= screen && place.first <= wanted && wanted < place.first + place.count);
	}
}

/* ---- text ------------------------------------------------------------------------------------------------------ */

static void cut(const char *text, uint32_t width, bool is_left, const char *want)
{
	CLEANUP_BUF struct ecli_buf got = { 0 };

	text_add(&got, text, strlen(text), width, is_left);
	assert_string_equal(ecli_buf_text(&got), want);
	assert_int_equal(text_width(got.data, got.len), width);
}

static void text_has_the_width_of_its_column(void **state)
{
	(void)state;
	cut("nginx", 8, true, "nginx   ");
	cut("4711", 8, false, "    4711");
	cut("nginx", 5, true, "nginx");
	cut("nginx", 4, true, "ngi+");
	cut("nginx", 1, true, "+");
	cut("nginx", 0, true, "");
	cut("", 3, true, "   ");
	/* Two columns each: where half of one would be left, a space stands. */
	cut("数据库", 6, true, "数据库");
	cut("数据库", 5, true, "数据+");
	cut("数据库", 4, true, "数 +");
	cut("数据库", 7, true, "数据库 ");
	/* An accent that combines takes none and stays with its letter. */
	cut("cafe\xcc\x81x", 5, true, "cafe\xcc\x81x");
	cut("cafe\xcc\x81xy", 5, true, "cafe\xcc\x81+");
	/* Bytes that are no characters: as wide as they are many. */
	cut("\xff\xfe", 3, true, "\xff\xfe ");
}

/* ---- a table ---------------------------------------------------------------------------------------------------- */

struct fixture {
	struct spec *spec;
	struct ecli_types *types;
	struct ecli_plan *plan;
	uint32_t id;
	struct table table;
	struct view view;
};

static void word_loss(const struct ecli_session_loss *loss, struct ecli_buf *out)
{
	ecli_buf_add_format(out, "%llu of %s", (unsigned long long)loss->total, loss->name);
}

/* Hands over a look at entries of two numbers, a text and a group. */
static void look(struct fixture *f, const char *const *values, const char *sort, bool is_descending, uint64_t top)
{
	CLEANUP_BUF struct ecli_buf records = { 0 };
	struct ecli_session_round round = { .name = "counts",
					    .plan = f->plan,
					    .wall_ns = 1000000000ull * 3661,
					    .record_bytes = (size_t)ecli_plan_size(f->plan),
					    .is_descending = is_descending,
					    .top = top };

	for (; values[round.n_records]; round.n_records++)
		spec_encode(f->spec, f->id, values[round.n_records], &records);
	for (uint32_t i = 0; sort && i < ecli_plan_columns(f->plan); i++)
		if (!strcmp(ecli_plan_column(f->plan, i)->name, sort))
			round.sort = ecli_plan_column(f->plan, i);
	round.records = (const uint8_t *)records.data;
	assert_int_equal(table_take(&f->table, &round), 0);
	assert_int_equal(table_show(&f->table), 0);
}

static void fixture_make(struct fixture *f)
{
	struct ecli_err err = { 0 };

	*f = (struct fixture){ .spec = spec_new() };
	spec_define(f->spec, "struct point s32:x s32:y");
	f->id = spec_define(f->spec, "struct row u64:key s64:count char[16]:comm point:at");
	f->types = spec_types(f->spec);
	if (ecli_plan_build(f->types, f->id, NULL, 0, &err, &f->plan))
		fail_msg("%s", err.text);
	f->view.tables = &f->table;
	f->view.n_tables = 1;
	f->view.tool = "filetop";
	f->view.interval_ms = 500;
	f->view.opts.word_loss = word_loss;
}

static void fixture_done(struct fixture *f)
{
	table_done(&f->table);
	ecli_plan_free(f->plan);
	ecli_types_free(f->types);
	spec_free(f->spec);
}

static const char *const five[] = { "1 50 \"make\" 1 2",
				    "2 -7 \"CC1\" 3 4",
				    "3 50 \"a b\" 5 6",
				    "4 9 \"\" 7 8",
				    "5 1000000 \"\\x1b[31mx\" 9 9",
				    NULL };

/* The keys in order. */
static void has_order(const struct fixture *f, const char *want)
{
	CLEANUP_BUF struct ecli_buf got = { 0 };

	for (size_t i = 0; i < f->table.n_order; i++) {
		uint64_t key;

		memcpy(&key, table_look(&f->table)->records.data + f->table.order[i] * f->table.record_bytes,
		       sizeof(key));
		ecli_buf_add_format(&got, "%llu", (unsigned long long)key);
	}
	assert_string_equal(ecli_buf_text(&got), want);
}

static void keys_choose_the_order(void **state)
{
	(void)state;
	struct fixture f;

	fixture_make(&f);
	look(&f, five, "count", true, 0);
	has_order(&f, "51342");
	assert_int_equal(table_sort_reverse(&f.table), 0);
	has_order(&f, "24135");
	/* Each column begins with the direction that is usual for it; a group is no order and is passed over, in both directions. */
	assert_int_equal(table_sort_next(&f.table, 1), 0);
	has_order(&f, "45231");
	assert_int_equal(table_sort_next(&f.table, 1), 0);
	has_order(&f, "54321");
	assert_int_equal(table_sort_next(&f.table, -1), 0);
	has_order(&f, "45231");
	/* The choice outlasts the next look, whatever that was asked to be sorted by. */
	look(&f, five, "count", true, 0);
	has_order(&f, "45231");
	/* --top cuts what is sorted. */
	look(&f, five, "count", true, 2);
	has_order(&f, "45");
	fixture_done(&f);
}

static void a_total_stands_below(void **state)
{
	(void)state;
	static const bool sums[] = { false, true, false, false };
	CLEANUP_BUF struct ecli_buf total = { 0 }, records = { 0 }, got = { 0 };
	struct layout_column layout[4];
	struct fixture f;

	fixture_make(&f);
	spec_encode(f.spec, f.id, "0 123456789 \"\" 0 0", &total);
	spec_encode(f.spec, f.id, five[0], &records);
	struct ecli_session_round round = { .name = "counts",
					    .plan = f.plan,
					    .records = (const uint8_t *)records.data,
					    .record_bytes = records.len,
					    .n_records = 1,
					    .total = (const uint8_t *)total.data,
					    .sums = sums };
	assert_int_equal(table_take(&f.table, &round), 0);
	assert_int_equal(table_show(&f.table), 0);
	struct layout_place place = table_place(&f.table, 5, 80, layout);
	lines_row(&f.table, layout, place, 0, &got);
	ecli_buf_add_char(&got, '\n');
	lines_row(&f.table, layout, place, TABLE_TOTAL, &got);
	assert_string_equal(ecli_buf_text(&got), "    1        50 make {x=1,y=2}\ntotal 123456789               ");
	/* The next look may have none. */
	round.total = NULL;
	assert_int_equal(table_take(&f.table, &round), 0);
	assert_int_equal(table_show(&f.table), 0);
	assert_false(table_has_total(&f.table));
	fixture_done(&f);
}

/* Hands over both ways of a look; the first is the package's own. */
static void both(struct fixture *f, const char *start, const char *last)
{
	const char *const rows[ECLI_SINCES][2] = { [ECLI_SINCE_START] = { start }, [ECLI_SINCE_LOOK] = { last } };

	for (size_t i = 0; i < ECLI_SINCES; i++) {
		CLEANUP_BUF struct ecli_buf records = { 0 };
		struct ecli_session_round round = { .name = "counts",
						    .plan = f->plan,
						    .wall_ns = 1000000000ull * 3661,
						    .record_bytes = (size_t)ecli_plan_size(f->plan),
						    .n_records = 1,
						    .since = (enum ecli_since)i,
						    .has_both = true };

		spec_encode(f->spec, f->id, rows[i][0], &records);
		round.records = (const uint8_t *)records.data;
		assert_int_equal(table_take(&f->table, &round), 0);
	}
}

static void a_table_is_switched_also_while_it_is_held(void **state)
{
	(void)state;
	struct fixture f;

	fixture_make(&f);
	both(&f, "1 50 \"x\" 0 0", "2 5 \"x\" 0 0");
	has_order(&f, ""); /* taken, and not shown */
	assert_false(table_look(&f.table)->is_there);
	assert_int_equal(table_show(&f.table), 0);
	has_order(&f, "1");
	/* Held: what comes is kept, the last of it, and neither way changes. */
	both(&f, "3 60 \"x\" 0 0", "4 10 \"x\" 0 0");
	both(&f, "5 70 \"x\" 0 0", "6 10 \"x\" 0 0");
	has_order(&f, "1");
	assert_int_equal(table_switch(&f.table), 0);
	has_order(&f, "2");
	assert_int_equal(table_switch(&f.table), 0);
	has_order(&f, "1");
	assert_int_equal(table_show(&f.table), 0);
	has_order(&f, "5");
	assert_int_equal(table_switch(&f.table), 0);
	has_order(&f, "6");
	assert_int_equal(table_show(&f.table), 0);
	has_order(&f, "6");
	fixture_done(&f);
	/* One that has one way only stays. */
	fixture_make(&f);
	look(&f, five, "key", false, 0);
	assert_int_equal(table_switch(&f.table), -ENOENT);
	has_order(&f, "12345");
	fixture_done(&f);
}

static void without_an_order_the_first_key_chooses(void **state)
{
	(void)state;
	struct fixture f;

	fixture_make(&f);
	look(&f, five, NULL, false, 0);
	has_order(&f, "12345");
	assert_int_equal(table_sort_next(&f.table, 1), 0);
	has_order(&f, "54321");
	fixture_done(&f);
}

static void filters_are_expressions_or_text(void **state)
{
	(void)state;
	struct ecli_err err = { 0 };
	struct fixture f;

	fixture_make(&f);
	look(&f, five, "key", false, 0);
	assert_int_equal(table_filter(&f.table, "count >= 50", NULL), 0);
	has_order(&f, "135");
	assert_int_equal(table_filter(&f.table, "comm ~ \"m*\" || key == 4", NULL), 0);
	has_order(&f, "14");
	/* The next look is filtered as well, and what the look has stays known. */
	look(&f, five, "key", false, 0);
	has_order(&f, "14");
	assert_int_equal(table_look(&f.table)->n_records, 5);
	/* Text: in any column, as shown, upper or lower case alike. */
	assert_int_equal(table_filter(&f.table, "cc1", NULL), 0);
	has_order(&f, "2");
	assert_int_equal(table_filter(&f.table, "\\x1B", NULL), 0);
	has_order(&f, "");
	assert_int_equal(table_filter(&f.table, "\\E[31", NULL), 0);
	has_order(&f, "5");
	assert_int_equal(table_filter(&f.table, "a b", NULL), 0);
	has_order(&f, "3");
	assert_int_equal(table_filter(&f.table, "\"x=5\"", NULL), 0);
	has_order(&f, "3");
	/* What is wrong is told, and the filter stays. */
	assert_int_equal(table_filter(&f.table, "size > 3", &err), -EINVAL);
	assert_int_equal(err.fail, ECLI_FAIL_USAGE);
	assert_non_null(strstr(err.text, "size"));
	has_order(&f, "3");
	assert_string_equal(f.table.filter, "\"x=5\"");
	assert_int_equal(table_filter(&f.table, "count >", &err), -EINVAL);
	assert_int_equal(table_filter(&f.table, "", NULL), 0);
	has_order(&f, "12345");
	fixture_done(&f);
}

static void scrolling_stays_within(void **state)
{
	(void)state;
	static const char *const one[] = { "1 1 \"\" 0 0", NULL }, *const none[] = { NULL };
	static const struct {
		int64_t rows;
		size_t height, want;
	} steps[] = {
		{ 1, 2, 1 }, { 1, 2, 2 }, { 1, 2, 3 }, { 1, 2, 3 },         { -2, 2, 1 },        { INT32_MAX, 2, 3 },
		{ 0, 4, 1 }, { 0, 9, 0 }, { 1, 9, 0 }, { INT32_MAX, 1, 4 }, { INT32_MIN, 1, 0 }, { 3, 0, 3 },
	};
	struct fixture f;

	fixture_make(&f);
	look(&f, five, "key", false, 0);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		table_scroll(&f.table, steps[i].rows, steps[i].height);
		assert_int_equal(f.table.first, steps[i].want);
	}
	/* A table that got shorter is seen to its end. */
	look(&f, one, NULL, false, 0);
	assert_int_equal(f.table.first, 0);
	look(&f, none, NULL, false, 0);
	assert_int_equal(f.table.first, 0);
	assert_int_equal(f.table.n_order, 0);
	fixture_done(&f);
}

/* ---- lines ----------------------------------------------------------------------------------------------------- */

static void draws(struct fixture *f, size_t height, uint32_t width, const char *want)
{
	CLEANUP_BUF struct ecli_buf got = { 0 };
	struct layout_column layout[8];
	uint32_t at, sorted_width;
	bool is_bad;

	lines_status(&f->view, height, width, &got);
	ecli_buf_add_char(&got, '\n');
	if (lines_note(&f->view, width, &got, &is_bad))
		ecli_buf_add_text(&got, is_bad ? " BAD\n" : "\n");
	if (f->table.plan) {
		struct layout_place place = table_place(&f->table, height, width, layout);

		lines_titles(&f->table, layout, place, &got, &at, &sorted_width);
		ecli_buf_add_format(&got, "| %u+%u\n", at, sorted_width);
		for (size_t i = 0; i < height && f->table.first + i < f->table.n_order; i++) {
			lines_row(&f->table, layout, place, f->table.first + i, &got);
			ecli_buf_add_text(&got, "|\n");
		}
	}
	lines_keys(&f->view, width, &got);
	assert_string_equal(ecli_buf_text(&got), want);
}

static void lines_are_as_wide_as_the_screen(void **state)
{
	(void)state;
	struct fixture f;

	fixture_make(&f);
	draws(&f, 3, 80,
	      "filetop  waiting for the first look  every 0.5s\n"
	      "q quit  space pause  < > sort  r reverse  / filter  + - time  h help");
	look(&f, five, "count", true, 0);
	draws(&f, 3, 80,
	      "filetop  rows 1-3 of 5  by count, greatest first  every 0.5s  01:01:01\n"
	      "KEY   COUNT COMM    AT       | 4+7\n"
	      "  5 1000000 \\e[31mx {x=9,y=9}|\n"
	      "  1      50 make    {x=1,y=2}|\n"
	      "  3      50 a b     {x=5,y=6}|\n"
	      "q quit  space pause  < > sort  r reverse  / filter  + - time  h help");
	table_scroll(&f.table, 9, 2);
	f.view.is_paused = true;
	assert_int_equal(table_filter(&f.table, "key != 3", NULL), 0);
	table_scroll(&f.table, 9, 2);
	/* Text gives way to numbers. */
	draws(&f, 2, 28,
	      "PAUSED  filetop  rows 3-4 o+\n"
	      "filter: key != 3\n"
	      "KEY   COUNT COMM    AT      | 4+7\n"
	      "  4       9         {x=7,y=+|\n"
	      "  2      -7 CC1     {x=3,y=+|\n"
	      "q quit  space go on  h help");
	struct view_loss loss = { .told = { .why = ECLI_LOSS_MAP, .name = "counts", .total = 12 } };
	f.view.losses = &loss;
	f.view.n_losses = 1;
	f.view.is_prompt = true;
	f.view.prompt_len = 30;
	memcpy(f.view.prompt, "123456789 123456789 1234567890", 31);
	assert_int_equal(table_sort_next(&f.table, 1), 0);
	f.table.shown[0].left_out = 9;
	draws(&f, 0, 80,
	      "PAUSED  filetop  4 rows (5 in all)  by comm, A first  every 0.5s  01:01:01\n"
	      "lost 12 of counts; without 9 rows that made room; filter: key != 3 BAD\n"
	      "KEY   COUNT COMM    AT       | 12+7\n"
	      "filter: 123456789 123456789 1234567890");
	/* Losses before all else; of a long filter the end is seen; the sorted column is in sight. */
	draws(&f, 1, 12,
	      "PAUSED  fil+\n"
	      "lost 12 of + BAD\n"
	      "COMM   | 0+7\n"
	      "       |\n"
	      " 1234567890");
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_get_what_they_wish_for),
		cmocka_unit_test(text_is_cut_first_and_the_widest_most),
		cmocka_unit_test(columns_leave_so_that_the_wanted_one_is_in_sight),
		cmocka_unit_test(whatever_the_widths),
		cmocka_unit_test(text_has_the_width_of_its_column),
		cmocka_unit_test(keys_choose_the_order),
		cmocka_unit_test(without_an_order_the_first_key_chooses),
		cmocka_unit_test(a_table_is_switched_also_while_it_is_held),
		cmocka_unit_test(a_total_stands_below),
		cmocka_unit_test(filters_are_expressions_or_text),
		cmocka_unit_test(scrolling_stays_within),
		cmocka_unit_test(lines_are_as_wide_as_the_screen),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
