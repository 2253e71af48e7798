/* SPDX-License-Identifier: MIT */
/* Histograms: the edges of buckets, percentiles, the drawing, and rows in every format over the real plan. */
#include "unit.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include <ecli/render.h>

#include "base/cleanup.h"
#include "plan_fixture.h"
#include "render/hist.h"

#define WALL_NS 1795341600123456789u

DEFINE_CLEANUP(hist, struct ecli_render_hist *, ecli_render_hist_free)

/* ---- arithmetic ------------------------------------------------------------------------------------------------ */

static void every_value_has_one_bucket(void **state)
{
	(void)state;
	const struct hist_scale log2 = { 0 }, linear = { .is_linear = true, .base = -10, .step = 5 };

	assert_int_equal(hist_edges(&log2, 0).from, 0);
	for (uint32_t i = 0; i < 63; i++)
		assert_int_equal((uint64_t)hist_edges(&log2, i).to + 1, (uint64_t)hist_edges(&log2, i + 1).from);
	assert_true((uint64_t)hist_edges(&log2, 63).to == UINT64_MAX);
	assert_int_equal(hist_edges(&linear, 0).from, -10);
	assert_int_equal(hist_edges(&linear, 0).to, -6);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(hist_edges(&linear, i).to + 1, hist_edges(&linear, i + 1).from);
}

static void percentiles_are_ranks(void **state)
{
	(void)state;
	const uint64_t one[] = { 0, 0, 1 }, half[] = { 50, 49, 1 }, hundred[] = { 99, 1, 0 };
	const uint64_t huge[] = { UINT64_MAX / 2, UINT64_MAX / 2, 1 };

	assert_int_equal(hist_percentile(one, 3, 1, 50), 2);
	assert_int_equal(hist_percentile(half, 3, 100, 50), 0);
	assert_int_equal(hist_percentile(half, 3, 100, 99), 1);
	assert_int_equal(hist_percentile(hundred, 3, 100, 99), 0);
	assert_int_equal(hist_percentile(hundred, 3, 100, 100), 1);
	assert_true(hist_total(huge, 3) == UINT64_MAX);
	assert_int_equal(hist_percentile(huge, 3, UINT64_MAX, 99), 1);
	assert_int_equal(hist_used(hundred, 3), 2);
}

static void draws(const struct hist_scale *scale, const uint64_t *counts, uint32_t n, const char *want)
{
	CLEANUP_BUF struct ecli_buf out = { 0 };

	hist_draw(scale, "us\x1b", counts, n, &out);
	assert_string_equal(ecli_buf_text(&out), want);
}

static void drawings_are_those_people_know(void **state)
{
	(void)state;
	const uint64_t counts[] = { 9, 0, 80, 0 }, single[] = { 0, 0, 0, 3, 1 };
	const struct hist_scale linear = { .is_linear = true, .base = -2, .step = 1 };
	const struct hist_scale fives = { .is_linear = true, .base = 0, .step = 5 };

	draws(&(struct hist_scale){ 0 }, counts, 4,
	      "     us\\e                : count    distribution\n"
	      "         0 -> 1          : 9        |****                                    |\n"
	      "         2 -> 3          : 0        |                                        |\n"
	      "         4 -> 7          : 80       |****************************************|\n"
	      "     89 in all, p50 <= 7, p90 <= 7, p99 <= 7, max <= 7\n\n");
	draws(&linear, single, 5,
	      "     us\\e                : count    distribution\n"
	      "         1               : 3        |****************************************|\n"
	      "         2               : 1        |*************                           |\n"
	      "     4 in all, p50 <= 1, p90 <= 2, p99 <= 2, max <= 2\n\n");
	draws(&fives, counts, 3,
	      "     us\\e                : count    distribution\n"
	      "         0 -> 4          : 9        |****                                    |\n"
	      "         5 -> 9          : 0        |                                        |\n"
	      "        10 -> 14         : 80       |****************************************|\n"
	      "     89 in all, p50 <= 14, p90 <= 14, p99 <= 14, max <= 14\n\n");
}

static void large_values_stay_in_line(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf out = { 0 };
	uint64_t counts[64];
	size_t width = 0;

	for (size_t i = 0; i < 64; i++)
		counts[i] = i == 63 ? UINT64_MAX : i;
	hist_draw(&(struct hist_scale){ 0 }, "ns", counts, 64, &out);
	for (char *line = strtok((char *)ecli_buf_text(&out), "\n"); line; line = strtok(NULL, "\n")) {
		const char *colon = strstr(line, " : ");

		if (!colon)
			continue;
		if (width)
			assert_int_equal(colon - line, width);
		width = (size_t)(colon - line);
	}
	assert_int_equal(width, 44);
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static void fixture_make(struct fixture *f, const char *line, const char *slots, const char *values)
{
	const struct ecli_plan_note note = { .field = slots, .hidden = true };

	*f = (struct fixture){ .spec = spec_new() };
	f->id = spec_define(f->spec, line);
	fixture_plan(f, &note, 1);
	spec_encode(f->spec, f->id, values, &f->record);
}

static void shows(const struct fixture *f, enum ecli_format format, const char *slots, const char *want)
{
	const struct ecli_render_hist_opts opts = { .slots = slots, .unit = "usecs" };
	CLEANUP(cleanup_hist) struct ecli_render_hist *hist = NULL;
	CLEANUP_BUF struct ecli_buf out = { 0 };
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_render_hist_new(f->plan, format, NULL, &opts, &err, &hist), 0);
	/* Twice: the second is not to know of the first. */
	for (int i = 0; i < 2; i++) {
		ecli_buf_clear(&out);
		ecli_render_hist_header(hist, &out);
		assert_int_equal(ecli_render_hist_row(hist, WALL_NS, f->record.data, f->record.len, &out), 0);
		const char *text = ecli_buf_text(&out);
		assert_string_equal(strstr(text, want) ? want : text, want);
	}
	size_t len = out.len;
	assert_int_equal(ecli_render_hist_row(hist, WALL_NS, f->record.data, f->record.len - 1, &out), -EBADMSG);
	assert_int_equal(out.len, len);
}

/* What is too large for all others is in the last bucket: it has no upper edge, in any format. */
static void the_last_bucket_is_open(void **state)
{
	(void)state;
	const uint64_t counts[] = { 1, 0, 0, 99 };
	const struct hist_scale log2 = { .n_slots = 4 }, fives = { .is_linear = true, .step = 5, .n_slots = 4 };
	const struct hist_scale ones = { .is_linear = true, .step = 1, .n_slots = 4 };
	const struct hist_scale all = { .n_slots = 64 }, longer = { .n_slots = 5 };

	draws(&log2, counts, 4,
	      "     us\\e                : count    distribution\n"
	      "         0 -> 1          : 1        |                                        |\n"
	      "         2 -> 3          : 0        |                                        |\n"
	      "         4 -> 7          : 0        |                                        |\n"
	      "         8 -> ...        : 99       |****************************************|\n"
	      "     100 in all, p50 >= 8, p90 >= 8, p99 >= 8, max >= 8\n\n");
	assert_true(hist_is_open(&fives, 3) && hist_is_open(&ones, 3));
	assert_false(hist_is_open(&fives, 2) || hist_is_open(&all, 63) || hist_is_open(&longer, 3));

	struct fixture f;
	fixture_make(&f, "struct hist u32[4]:slots u32:pid", "slots", "1 0 0 99 0");
	shows(&f, ECLI_FORMAT_PLAIN, "slots", " 0 8 - 99\n");
	shows(&f, ECLI_FORMAT_JSON, "slots", "{\"from\":8,\"to\":null,\"count\":99}");
	fixture_done(&f);
}

/* 0 may be a name: of several, each has one. */
static void one_of_several_has_its_name(void **state)
{
	(void)state;
	const struct ecli_render_hist_opts opts = { .slots = "slots" };
	CLEANUP(cleanup_hist) struct ecli_render_hist *hist = NULL;
	CLEANUP_BUF struct ecli_buf out = { 0 };
	struct fixture f;

	fixture_make(&f, "struct hist u32:cpu u32[4]:slots char[4]:comm", "slots", "0 1 0 0 0 \"\"");
	assert_int_equal(ecli_render_hist_new(f.plan, ECLI_FORMAT_TABLE, NULL, &opts, NULL, &hist), 0);
	for (int is_several = 0; is_several < 2; is_several++) {
		ecli_buf_clear(&out);
		ecli_render_hist_name(hist, is_several);
		assert_int_equal(ecli_render_hist_row(hist, WALL_NS, f.record.data, f.record.len, &out), 0);
		assert_int_equal(strstr(ecli_buf_text(&out), " cpu = 0, comm =\n") != NULL, is_several);
		assert_int_equal(strstr(ecli_buf_text(&out), " = ") != NULL, is_several);
	}
	fixture_done(&f);
}

static void rows_have_their_other_members(void **state)
{
	(void)state;
	struct fixture f;

	fixture_make(&f, "struct hist u32:key u32[4]:slots char[8]:comm s16[2]:pair", "slots",
		     "7 1 0 2 0 \"a\\x1bb\" -1 2");
	shows(&f, ECLI_FORMAT_TABLE, "slots",
	      " key = 7, comm = a\\eb, pair = [-1,2]\n     usecs               : count    distribution\n");
	shows(&f, ECLI_FORMAT_PLAIN, "slots", "time key comm pair from to count\n");
	shows(&f, ECLI_FORMAT_PLAIN, "slots", " 7 a\\eb [-1,2] 2 3 0\n");
	shows(&f, ECLI_FORMAT_PLAIN, "slots", " 7 a\\eb [-1,2] 4 7 2\n");
	shows(&f, ECLI_FORMAT_JSON, "slots",
	      "\"key\":7,\"slots\":[1,0,2,0],\"comm\":\"a\\u001bb\",\"pair\":[-1,2],\"histogram\":{\"unit\":\"usecs\","
	      "\"total\":3,\"buckets\":[{\"from\":0,\"to\":1,\"count\":1},{\"from\":2,\"to\":3,\"count\":0},"
	      "{\"from\":4,\"to\":7,\"count\":2}]}}\n");
	fixture_done(&f);
}

static void a_taken_name_is_not_taken_twice(void **state)
{
	(void)state;
	struct fixture f;

	fixture_make(&f, "struct hist u64[2]:v u8:histogram_ u8:histogram", "v", "1 1 2 3");
	shows(&f, ECLI_FORMAT_JSON, "v", "\"histogram_\":2,\"histogram\":3,\"histogram__\":{\"unit\":");
	fixture_done(&f);
}

static void nothing_counted_leaves_nothing_as_text(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf out = { 0 };
	const struct ecli_render_hist_opts opts = { .slots = "slots" };
	struct fixture f;

	fixture_make(&f, "struct hist u64[4]:slots", "slots", "0 0 0 0");
	for (int format = ECLI_FORMAT_TABLE; format <= ECLI_FORMAT_JSON; format++) {
		CLEANUP(cleanup_hist) struct ecli_render_hist *hist = NULL;

		assert_int_equal(ecli_render_hist_new(f.plan, (enum ecli_format)format, "m", &opts, NULL, &hist), 0);
		ecli_buf_clear(&out);
		assert_int_equal(ecli_render_hist_row(hist, WALL_NS, f.record.data, f.record.len, &out), 0);
		assert_int_equal(out.len > 0, format == ECLI_FORMAT_JSON);
	}
	json_t *json = json_loadb(out.data, out.len, 0, NULL);
	assert_int_equal(json_array_size(json_object_get(json_object_get(json, "histogram"), "buckets")), 0);
	json_decref(json);
	fixture_done(&f);
}

static void what_is_no_histogram_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *line, *slots, *values, *want;
		int code;
	} cases[] = {
		{ "struct a u32[4]:counts", "slots", "1 2 3 4", "needs a member slots", -EINVAL },
		{ "struct b u32:slots", "slots", "1", "needs a member slots", -EINVAL },
		{ "struct c char[4]:slots", "slots", "\"abc\"", "needs a member slots", -EINVAL },
		{ "struct d u8[65]:slots", "slots",
		  "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 "
		  "37 "
		  "38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65",
		  "at most 64 buckets", -E2BIG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct ecli_render_hist_opts opts = { .slots = cases[i].slots };
		struct ecli_render_hist *hist = NULL;
		struct ecli_err err = { 0 };
		struct fixture f;

		fixture_make(&f, cases[i].line, cases[i].slots, cases[i].values);
		assert_int_equal(ecli_render_hist_new(f.plan, ECLI_FORMAT_TABLE, NULL, &opts, &err, &hist),
				 cases[i].code);
		assert_non_null(strstr(err.text, cases[i].want));
		fixture_done(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_has_one_bucket),
		cmocka_unit_test(percentiles_are_ranks),
		cmocka_unit_test(drawings_are_those_people_know),
		cmocka_unit_test(the_last_bucket_is_open),
		cmocka_unit_test(one_of_several_has_its_name),
		cmocka_unit_test(large_values_stay_in_line),
		cmocka_unit_test(rows_have_their_other_members),
		cmocka_unit_test(a_taken_name_is_not_taken_twice),
		cmocka_unit_test(nothing_counted_leaves_nothing_as_text),
		cmocka_unit_test(what_is_no_histogram_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
