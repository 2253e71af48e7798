/* SPDX-License-Identifier: MIT */
/* Looks at sampled maps: values of CPUs, differences, computed columns, totals, and the order of rows by a column of any kind. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include <linux/bpf.h>

#include "base/cleanup.h"
#include "session/snapshot.h"
#include "support/spec.h"

struct fixture {
	struct spec *spec;
	struct ecli_types *types;
	struct ecli_plan *plan; /* of the rows */
	struct formulas *formulas;
	struct sampler sampler;
	struct snapshot snapshot;
	uint32_t value_id;
};

static const struct ecli_package_sample usual = { .kind = ECLI_SAMPLE_KEY_VALUE };

/* A map of u64 to struct @value, whose members stand in @line; @columns: NULL-terminated, or NULL. */
static void fixture_make(struct fixture *f, const char *line, uint32_t map_type,
			 const struct ecli_package_sample *sample, const char *const *columns)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	struct ecli_err err = { 0 };
	size_t n_columns = 0;

	*f = (struct fixture){ .spec = spec_new() };
	spec_define(f->spec, "enum state IDLE=0 BUSY=1 DONE=2");
	spec_define(f->spec, "typedef ecli_ipv4 u32");
	spec_define(f->spec, "typedef ecli_duration u64");
	spec_define(f->spec, "struct bpf_list_head u64:first u64:last");
	spec_define(f->spec, "struct bpf_spin_lock u32:val");
	ecli_buf_add_format(&text, "struct row %s", line);
	f->value_id = spec_define(f->spec, ecli_buf_text(&text));
	uint32_t key_id = spec_type(f->spec, "u64");
	f->types = spec_types(f->spec);
	const struct sampled what = { .name = "counts",
				      .map_type = map_type,
				      .key_id = key_id,
				      .value_id = f->value_id,
				      .value_bytes = (uint32_t)spec_size(f->spec, f->value_id),
				      .max_entries = 8 };
	if (sampler_init(&f->sampler, f->types, &what, sample, NULL, 0, &err) ||
	    sampler_find_counters(&f->sampler, f->types, &what, sample, NULL, &err))
		fail_msg("%s", err.text);

	struct ecli_plan_table table = {
		.key_id = key_id, .value_id = f->value_id, .has_cpu = f->sampler.cpu_offset, .widens = true
	};
	while (columns && columns[n_columns])
		n_columns++;
	if (n_columns && formulas_parse(f->sampler.plan, columns, n_columns, &err, &f->formulas))
		fail_msg("%s", err.text);
	if (f->formulas) {
		table.computed = formulas_computed(f->formulas, &table.n_computed);
		table.shown = formulas_shown(f->formulas, &table.n_shown);
		assert_int_equal(sampler_add_growth(&f->sampler, formulas_growth(f->formulas)), 0);
	}
	if (ecli_plan_build_table(f->types, &table, NULL, 0, &err, &f->plan))
		fail_msg("%s", err.text);
	snapshot_init(&f->snapshot, f->plan, &f->sampler, f->formulas);
}

static void fixture_done(struct fixture *f)
{
	snapshot_done(&f->snapshot);
	formulas_free(f->formulas);
	ecli_plan_free(f->plan);
	sampler_done(&f->sampler);
	ecli_types_free(f->types);
	spec_free(f->spec);
}

static int gather(void *ctx, enum ecli_since since, const uint8_t *now, const uint8_t *growth)
{
	struct fixture *f = ctx;

	return snapshot_add(&f->snapshot, since, now, growth);
}

/* An entry as poll/ gives it: the value of each CPU, padded to 8 bytes. @values: NULL-terminated. */
static void enter(struct fixture *f, uint64_t key, const char *const *values)
{
	CLEANUP_BUF struct ecli_buf record = { 0 };

	ecli_buf_add(&record, &key, sizeof(key));
	for (; *values; values++) {
		spec_encode(f->spec, f->value_id, *values, &record);
		if (f->sampler.stride)
			ecli_buf_add_repeat(&record, '\0', (8 - record.len % 8) % 8);
	}
	assert_int_equal(sampler_entry(&f->sampler, record.data, record.len, gather, f), 0);
}

static void enter_one(struct fixture *f, uint64_t key, const char *value)
{
	enter(f, key, (const char *const[]){ value, NULL });
}

/* Rows as JSON without time, a line each; the total's as "total" and its bytes' columns. */
struct shown {
	struct fixture *f;
	struct ecli_render *render;
	struct ecli_buf text;
};

static int show(void *ctx, const void *row, size_t size_bytes)
{
	struct shown *shown = ctx;

	return ecli_render_row(shown->render, 0, row, size_bytes, &shown->text);
}

static int show_total(void *ctx, const void *row, size_t size_bytes)
{
	struct shown *shown = ctx;

	ecli_buf_add_text(&shown->text, "total ");
	return show(ctx, row, size_bytes);
}

static void assert_shown(struct fixture *f, enum ecli_since since, const char *want)
{
	struct shown shown = { .f = f };
	const struct snapshot_calls calls = { .show = show, .total = show_total, .ctx = &shown };

	assert_int_equal(ecli_render_new(f->plan, ECLI_FORMAT_PLAIN, NULL, NULL, &shown.render), 0);
	assert_int_equal(snapshot_show(&f->snapshot, since, &calls), 0);
	/* Without the times. */
	CLEANUP_BUF struct ecli_buf got = { 0 };
	const char *text = ecli_buf_text(&shown.text);
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		bool is_total = !strncmp(line, "total ", 6);
		const char *cells = line + (is_total ? 6 : 0) + 9;

		ecli_buf_add_text(&got, is_total ? "= " : "");
		ecli_buf_add(&got, cells, (size_t)(strchr(line, '\n') - cells));
		ecli_buf_add_char(&got, '\n');
	}
	assert_string_equal(ecli_buf_text(&got), want);
	ecli_buf_done(&shown.text);
	ecli_render_free(shown.render);
}

static void assert_look(struct fixture *f, uint64_t now_ns, const char *want)
{
	sampler_end_look(&f->sampler, now_ns, false);
	assert_shown(f, f->sampler.since, want);
}

/* ---- per-CPU values -------------------------------------------------------------------------------------------- */

#define VALUE "u64:sum s32:low u8:small f64:real char[8]:comm state:state ecli_ipv4:addr ecli_duration:took u16[2]:list"

static void folds(enum ecli_package_per_cpu how, const char *a, const char *b, const char *c, const char *want)
{
	const struct ecli_package_sample sample = { .kind = ECLI_SAMPLE_KEY_VALUE, .per_cpu = how };
	struct fixture f;

	fixture_make(&f, VALUE, BPF_MAP_TYPE_PERCPU_HASH, &sample, NULL);
	enter(&f, 7, (const char *const[]){ a, b, c, NULL });
	assert_look(&f, 1, want);
	/* Half an entry is none. */
	assert_int_equal(sampler_entry(&f.sampler, "12345678", 8, gather, &f), -EBADMSG);
	fixture_done(&f);
}

static void quantities_are_added_or_the_greatest_kept(void **state)
{
	(void)state;
	/* What is no quantity comes from the first CPU that has any. Sums have room for all that 8 bytes have. */
	folds(ECLI_PER_CPU_SUM, "1 -5 200 0.5 \"\" 0 0 10 1 65535",
	      "18446744073709551615 3 100 0.25 \"cc1\" 1 16777343 20 2 1", "5 -1 0 0 \"make\" 2 33554559 0 3 0",
	      "7 5 -3 300 0.75 cc1 BUSY 127.0.0.1 30ns [6,65536]\n");
	folds(ECLI_PER_CPU_MAX, "1 -5 200 -0.5 \"\" 0 0 10 1 65535",
	      "18446744073709551615 3 100 0.25 \"cc1\" 1 16777343 20 2 1", "5 -1 0 0 \"make\" 2 33554559 0 3 0",
	      "7 18446744073709551615 3 200 0.25 cc1 BUSY 127.0.0.1 20ns [3,65535]\n");
}

/* Numbers of every width, within arrays and structs, and beside what stays as it is. */
static void sums_have_room(void **state)
{
	(void)state;
	const struct ecli_package_sample sample = { .kind = ECLI_SAMPLE_KEY_VALUE };
	struct fixture f;

	fixture_make(&f, "u32:n s32:m u8:b char[4]:text u64:big u16[2]:pair", BPF_MAP_TYPE_PERCPU_HASH, &sample, NULL);
	enter(&f, 7,
	      (const char *const[]){ "4294967295 -2147483648 255 \"abc\" 1 65535 1",
				     "4294967295 -2147483648 255 \"abc\" 1 65535 1", NULL });
	assert_look(&f, 1, "7 8589934590 -4294967296 510 abc 2 [131070,2]\n");
	enter(&f, 8, (const char *const[]){ "1 -1 1 \"\" 1 1 1", NULL });
	assert_look(&f, 2, "8 1 -1 1 - 1 [1,1]\n");
	fixture_done(&f);
}

static void each_cpu_can_have_a_row(void **state)
{
	(void)state;
	const struct ecli_package_sample sample = { .kind = ECLI_SAMPLE_KEY_VALUE, .per_cpu = ECLI_PER_CPU_EACH };
	struct fixture f;

	fixture_make(&f, "u32:n char[3]:a", BPF_MAP_TYPE_PERCPU_HASH, &sample, NULL);
	enter(&f, 7, (const char *const[]){ "1 \"x\"", "0 \"\"", "3 \"y\"", NULL });
	assert_look(&f, 1, "7 1 x 0\n7 3 y 2\n");
	fixture_done(&f);
}

static void what_an_array_never_had_is_left_out(void **state)
{
	(void)state;
	struct fixture f;

	fixture_make(&f, "u64:n", BPF_MAP_TYPE_ARRAY, &usual, NULL);
	for (uint64_t i = 0; i < 4; i++)
		enter_one(&f, i, i % 2 ? "5" : "0");
	assert_look(&f, 1, "1 5\n3 5\n");
	fixture_done(&f);
	fixture_make(&f, "u64:n", BPF_MAP_TYPE_HASH, &usual, NULL);
	enter_one(&f, 1, "0");
	assert_look(&f, 1, "1 0\n");
	fixture_done(&f);
}

/* Locks, timers and heads of lists are no columns, and what they hold makes no entry. */
static void what_is_the_kernels_own_is_not_shown(void **state)
{
	(void)state;
	struct fixture f;

	fixture_make(&f, "u64:n bpf_list_head:head u32:m bpf_spin_lock:lock", BPF_MAP_TYPE_ARRAY, &usual, NULL);
	enter_one(&f, 1, "0 18446612690008445972 18446612690008445972 0 1");
	enter_one(&f, 2, "5 18446612690008445972 18446612690008445972 6 1");
	assert_look(&f, 1, "2 5 6\n");
	fixture_done(&f);
}

/* ---- differences ----------------------------------------------------------------------------------------------- */

static void clearing_counters_is_a_difference(void **state)
{
	(void)state;
	const struct ecli_package_sample sample = { .kind = ECLI_SAMPLE_KEY_VALUE,
						    .counters = { (char *[]){ "n", "list" }, 2 } };
	struct fixture f;

	fixture_make(&f, "u64:n u32:pid u16[2]:list", BPF_MAP_TYPE_HASH, &sample, NULL);
	assert_false(sampler_begin(&f.sampler, true, 0));
	enter_one(&f, 1, "10 77 1 2");
	enter_one(&f, 2, "5 78 0 0");
	assert_look(&f, 1, "1 10 77 [1,2]\n2 5 78 [0,0]\n");
	enter_one(&f, 1, "13 77 1 5");
	enter_one(&f, 2, "5 78 0 0"); /* nothing new */
	assert_look(&f, 2, "1 3 77 [0,3]\n");
	enter_one(&f, 1, "2 79 1 0"); /* made anew */
	assert_look(&f, 3, "1 2 79 [1,0]\n");
	enter_one(&f, 2, "6 78 0 0"); /* was away for a look */
	assert_look(&f, 4, "2 6 78 [0,0]\n");
	fixture_done(&f);
}

static void what_does_not_only_grow_is_read_and_deleted(void **state)
{
	(void)state;
	const struct ecli_package_sample max = { .kind = ECLI_SAMPLE_KEY_VALUE, .per_cpu = ECLI_PER_CPU_MAX };
	struct fixture f;

	fixture_make(&f, "u64:n u64:most", BPF_MAP_TYPE_HASH, &usual, NULL);
	assert_true(sampler_begin(&f.sampler, true, 0));
	fixture_done(&f);
	fixture_make(&f, "u64:n", BPF_MAP_TYPE_PERCPU_HASH, &max, NULL);
	assert_true(sampler_begin(&f.sampler, true, 0));
	fixture_done(&f);
	fixture_make(&f, "u64:n", BPF_MAP_TYPE_HASH, &usual, NULL);
	assert_false(sampler_begin(&f.sampler, false, 0));
	fixture_done(&f);
}

static void a_map_that_fills_up_loses_what_is_idle(void **state)
{
	(void)state;
	const struct ecli_package_sample sample = { .kind = ECLI_SAMPLE_KEY_VALUE, .all_counters = true };
	struct fixture f;
	uint64_t key, sum = 0;

	fixture_make(&f, "u64:n", BPF_MAP_TYPE_HASH, &sample, NULL); /* of 8 entries */
	sampler_begin(&f.sampler, true, 0);
	for (uint64_t look = 0; look < 5; look++) {
		size_t cursor = 0;

		for (uint64_t i = 0; i < 6; i++)
			enter_one(&f, i, i < 2 && look ? "2" : "1");
		if (look < 4) /* those that changed in look 1 were the same in 2 and 3; the others since 0 */
			assert_int_equal(sampler_idle(&f.sampler, &cursor) != NULL, look == 3);
		else
			for (const void *idle; (idle = sampler_idle(&f.sampler, &cursor));) {
				memcpy(&key, idle, sizeof(key));
				sum += UINT64_C(1) << key;
			}
		sampler_end_look(&f.sampler, look, false);
	}
	assert_int_equal(sum, 0x3f);
	enter_one(&f, 3, "1");
	sampler_forget(&f.sampler, &(uint64_t){ 3 });
	ecli_buf_clear(&f.snapshot.rows[ECLI_SINCE_LOOK]);
	enter_one(&f, 3, "1"); /* anew, with what the deletion has forgotten */
	assert_look(&f, 9, "3 1\n");
	fixture_done(&f);
}

/* ---- both ways, as a screen has them ---------------------------------------------------------------------------- */

/* The end of a look, in the order of the session. */
static void assert_both(struct fixture *f, uint64_t now_ns, const char *start, const char *look)
{
	assert_int_equal(sampler_entries_gone(&f->sampler, gather, f), 0);
	sampler_end_look(&f->sampler, now_ns, false);
	assert_shown(f, ECLI_SINCE_START, start);
	assert_shown(f, ECLI_SINCE_LOOK, look);
}

static void a_look_is_had_in_both_ways(void **state)
{
	(void)state;
	static const bool clears[] = { false, true };
	const struct ecli_package_sample sample = { .kind = ECLI_SAMPLE_KEY_VALUE,
						    .counters = { (char *[]){ "n" }, 1 } };

	for (size_t i = 0; i < ARRAY_SIZE(clears); i++) {
		static const char *const columns[] = { "*", "s = rate(n)", "p = percent(n)", NULL };
		struct fixture f;

		fixture_make(&f, "u64:n u64:most", BPF_MAP_TYPE_HASH, &sample, columns);
		assert_false(sampler_begin(&f.sampler, clears[i], 0));
		assert_int_equal(sampler_show_both(&f.sampler), 0);
		assert_int_equal(snapshot_sort(&f.snapshot, "key", "counts", NULL), 0);
		snapshot_sort(&f.snapshot, "+key", "counts", NULL);
		f.snapshot.has_total = true;
		enter_one(&f, 1, "30 7");
		enter_one(&f, 2, "10 9");
		assert_both(&f, 2000000000, "1 30 7 15.00 75.00\n2 10 9 5.00 25.00\n= 0 40 16 20.00 100.00\n",
			    "1 30 7 15.00 75.00\n2 10 9 5.00 25.00\n= 0 40 16 20.00 100.00\n");
		enter_one(&f, 1, "30 7");
		enter_one(&f, 2, "20 11"); /* a maximum stays what it is */
		assert_both(&f, 3000000000, "1 30 7 0.00 60.00\n2 20 11 10.00 40.00\n= 0 50 18 10.00 100.00\n",
			    "2 10 11 10.00 100.00\n= 0 10 11 10.00 100.00\n");
		fixture_done(&f);
	}
}

static void without_counters_there_is_one_way(void **state)
{
	(void)state;
	struct fixture f;

	fixture_make(&f, "u64:n u64:most", BPF_MAP_TYPE_HASH, &usual, NULL);
	sampler_begin(&f.sampler, false, 0);
	assert_int_equal(sampler_show_both(&f.sampler), 0);
	assert_false(f.sampler.has_both);
	enter_one(&f, 1, "30 7");
	assert_both(&f, 1, "1 30 7\n", "");
	fixture_done(&f);
}

/* What was read of it last is what it had when it was deleted. */
static void delete (struct fixture *f, uint64_t key)
{
	assert_int_equal(sampler_remember(&f->sampler, &key), 0);
	sampler_forget(&f->sampler, &key);
}

static void what_made_room_is_remembered(void **state)
{
	(void)state;
	const struct ecli_package_sample sample = { .kind = ECLI_SAMPLE_KEY_VALUE,
						    .counters = { (char *[]){ "n" }, 1 } };
	struct fixture f;

	fixture_make(&f, "u64:n char[4]:comm", BPF_MAP_TYPE_HASH, &sample, NULL); /* of 8 entries */
	sampler_begin(&f.sampler, true, 0);
	assert_int_equal(sampler_show_both(&f.sampler), 0);
	snapshot_sort(&f.snapshot, "+key", "counts", NULL);
	enter_one(&f, 1, "30 \"a\"");
	enter_one(&f, 2, "10 \"b\"");
	delete (&f, 1); /* after it was shown: once in this look, */
	assert_both(&f, 1, "1 30 a\n2 10 b\n", "1 30 a\n2 10 b\n");
	enter_one(&f, 2, "11 \"b\""); /* from memory in the next, */
	assert_both(&f, 2, "1 30 a\n2 11 b\n", "2 1 b\n");
	enter_one(&f, 1, "4 \"c\""); /* and on top of what is new when it is back */
	assert_both(&f, 3, "1 34 c\n", "1 4 c\n");
	enter_one(&f, 1, "5 \"d\"");
	delete (&f, 1);
	assert_both(&f, 4, "1 35 d\n", "1 1 d\n");
	assert_both(&f, 5, "1 35 d\n", "");
	/* Four times what the map has room for, and no more: the rest is counted. */
	for (uint64_t i = 100; i < 140; i++) {
		enter_one(&f, i, "1 \"x\"");
		delete (&f, i);
	}
	assert_int_equal(f.sampler.left_out, 40 - 31);
	fixture_done(&f);
}

/* ---- computed columns ------------------------------------------------------------------------------------------ */

static void columns_are_computed(void **state)
{
	(void)state;
	static const char *const columns[] = {
		"avg = total / n", "key", "kb = total * 2", "*", "left = n - total", "share = percent(total)", NULL
	};
	struct fixture f;

	fixture_make(&f, "u64:n u64:total char[4]:comm", BPF_MAP_TYPE_HASH, &usual, columns);
	assert_int_equal(snapshot_sort(&f.snapshot, "avg", "counts", NULL), 0);
	f.snapshot.has_total = true;
	enter_one(&f, 1, "0 0 \"a\"");
	enter_one(&f, 2, "4 6 \"b\"");
	enter_one(&f, 3, "1 2 \"c\"");
	assert_look(&f, 1000000000,
		    "2.00 3 4 1 2 c -1 25.00\n1.50 2 12 4 6 b -2 75.00\n- 1 0 0 0 a 0 0.00\n"
		    "= 1.60 0 16 5 8 c -3 100.00\n");
	fixture_done(&f);
}

static void rates_are_of_the_last_interval(void **state)
{
	(void)state;
	static const char *const columns[] = { "n", "n_s = rate(n)", "kb_s = rate(n) / 2", "part = percent(rate(n))",
					       NULL };
	struct fixture f;

	fixture_make(&f, "u64:n u64:most", BPF_MAP_TYPE_HASH, &usual, columns);
	f.snapshot.has_total = true;
	assert_false(sampler_begin(&f.sampler, false, 0));
	enter_one(&f, 1, "10 9");
	enter_one(&f, 2, "0 9");
	assert_look(&f, 2000000000, "10 5.00 2.50 100.00\n0 0.00 0.00 0.00\n= 10 5.00 2.50 100.00\n");
	enter_one(&f, 1, "13 9");
	enter_one(&f, 2, "1 9");
	assert_look(&f, 2500000000, "13 6.00 3.00 75.00\n1 2.00 1.00 25.00\n= 14 8.00 4.00 100.00\n");
	/* Cleared by reading and deleting: what is there is what was added. */
	assert_true(sampler_begin(&f.sampler, true, 2500000000));
	enter_one(&f, 1, "13 9");
	assert_look(&f, 3500000000, "13 13.00 6.50 100.00\n= 13 13.00 6.50 100.00\n");
	fixture_done(&f);
}

/* ---- order ----------------------------------------------------------------------------------------------------- */

static void orders_from(const char *member, const char *const *values, const char *sort, uint64_t top, bool is_reversed,
			const char *want)
{
	CLEANUP_BUF struct ecli_buf line = { 0 };
	struct fixture f;

	ecli_buf_add_format(&line, "%s:value", member);
	fixture_make(&f, ecli_buf_text(&line), BPF_MAP_TYPE_HASH, &usual, (const char *const[]){ "key", NULL });
	assert_int_equal(snapshot_sort(&f.snapshot, sort, "counts", NULL), 0);
	f.snapshot.top = top;
	f.snapshot.is_reversed = is_reversed;
	/* Twice: a look is forgotten when it was shown. */
	for (int look = 0; look < 2; look++) {
		CLEANUP_BUF struct ecli_buf lines = { 0 };

		for (int i = 0; values[i]; i++)
			enter_one(&f, (uint64_t)i, values[i]);
		for (const char *c = want; *c; c++)
			ecli_buf_add_format(&lines, "%c\n", *c);
		assert_look(&f, 1, ecli_buf_text(&lines));
	}
	fixture_done(&f);
}

static void orders(const char *member, const char *const *values, const char *sort, uint64_t top, const char *want)
{
	orders_from(member, values, sort, top, false, want);
}

static void entries_are_in_order(void **state)
{
	(void)state;
	static const char *const numbers[] = { "5", "18446744073709551615", "0", "5", NULL };
	static const char *const negative[] = { "-1", "3", "-9223372036854775808", NULL };
	static const char *const reals[] = { "0.5", "-1.5", "2.25", "nan", NULL };
	static const char *const texts[] = { "\"make\"", "\"cc1\"", "\"\"", "\"make2\"", NULL };

	orders("u64", numbers, "value", 0, "1032");
	orders("u64", numbers, "+value", 0, "2031");
	orders("u64", numbers, "-key", 0, "3210");
	orders("u64", numbers, "value", 2, "10");
	orders("s64", negative, "value", 0, "102");
	orders("f64", reals, "+value", 0, "1023");
	orders("f64", reals, "-value", 0, "2013");
	orders("char[8]", texts, "value", 0, "2103");
	orders("char[8]", texts, "-value", 0, "3012");
	orders("u128", numbers, "value", 0, "1032");
	orders("s128", negative, "+value", 0, "201");
	/* The first ones are shown, the first of them last. */
	orders_from("u64", numbers, "value", 0, true, "2301");
	orders_from("u64", numbers, "value", 2, true, "01");
}

struct ending {
	size_t count;
};

static int end_after_two(void *ctx, const void *row, size_t size_bytes)
{
	struct ending *ending = ctx;

	assert_non_null(row);
	assert_int_equal(size_bytes, 16);
	return ++ending->count == 2;
}

static void a_callback_can_end_a_look(void **state)
{
	(void)state;
	struct ending ending = { 0 };
	const struct snapshot_calls calls = { .show = end_after_two, .ctx = &ending };
	struct fixture f;

	fixture_make(&f, "u64:value", BPF_MAP_TYPE_HASH, &usual, NULL);
	assert_int_equal(snapshot_show(&f.snapshot, f.sampler.since, &calls), 0); /* an empty map */
	for (uint64_t i = 0; i < 5; i++)
		enter_one(&f, i, "1");
	assert_int_equal(snapshot_show(&f.snapshot, f.sampler.since, &calls), 1);
	assert_int_equal(ending.count, 2);
	fixture_done(&f);
}

static void what_is_no_column_is_told(void **state)
{
	(void)state;
	struct ecli_err err = { 0 };
	struct fixture f;

	fixture_make(&f, "u64:count u32[4]:slots", BPF_MAP_TYPE_HASH, &usual, NULL);
	assert_int_equal(snapshot_sort(&f.snapshot, "-counts", "table", &err), -EINVAL);
	assert_string_equal(err.text, "map table has no column counts to sort by; it has key, count");
	assert_int_equal(err.fail, ECLI_FAIL_USAGE);
	assert_int_equal(snapshot_sort(&f.snapshot, "slots", "table", &err), -EINVAL);
	assert_int_equal(snapshot_sort(&f.snapshot, "", "table", &err), -EINVAL);
	assert_int_equal(snapshot_sort(&f.snapshot, "+", "table", &err), -EINVAL);
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantities_are_added_or_the_greatest_kept),
		cmocka_unit_test(sums_have_room),
		cmocka_unit_test(each_cpu_can_have_a_row),
		cmocka_unit_test(what_an_array_never_had_is_left_out),
		cmocka_unit_test(what_is_the_kernels_own_is_not_shown),
		cmocka_unit_test(clearing_counters_is_a_difference),
		cmocka_unit_test(what_does_not_only_grow_is_read_and_deleted),
		cmocka_unit_test(a_map_that_fills_up_loses_what_is_idle),
		cmocka_unit_test(a_look_is_had_in_both_ways),
		cmocka_unit_test(without_counters_there_is_one_way),
		cmocka_unit_test(what_made_room_is_remembered),
		cmocka_unit_test(columns_are_computed),
		cmocka_unit_test(rates_are_of_the_last_interval),
		cmocka_unit_test(entries_are_in_order),
		cmocka_unit_test(a_callback_can_end_a_look),
		cmocka_unit_test(what_is_no_column_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
