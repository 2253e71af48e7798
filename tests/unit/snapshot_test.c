/* SPDX-License-Identifier: MIT */
/* Rounds of sampled maps: per-CPU values made one, and the order of entries by a column of any kind. */
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
	struct ecli_plan *plan;
	uint32_t id;
	struct snapshot snapshot;
};

/* A record whose key is the first 8 bytes; @cpus: of a per-CPU map. */
static void fixture_make(struct fixture *f, const char *line, bool per_cpu, enum ecli_fold fold)
{
	struct ecli_err err = { 0 };

	*f = (struct fixture){ .spec = spec_new() };
	f->id = spec_define(f->spec, line);
	f->types = spec_types(f->spec);
	if (ecli_plan_build(f->types, f->id, NULL, 0, &err, &f->plan))
		fail_msg("%s", err.text);
	const struct ecli_type_map map = { .name = "counts",
					   .map_type = per_cpu ? BPF_MAP_TYPE_PERCPU_HASH : BPF_MAP_TYPE_HASH,
					   .key_size = 5,
					   .value_size = (uint32_t)ecli_plan_size(f->plan) - 8 };
	assert_int_equal(snapshot_init(&f->snapshot, f->plan, &map, fold, &err), 0);
}

static void fixture_done(struct fixture *f)
{
	snapshot_done(&f->snapshot);
	ecli_plan_free(f->plan);
	ecli_types_free(f->types);
	spec_free(f->spec);
}

/* ---- per-CPU values -------------------------------------------------------------------------------------------- */

#define VALUE                                                                                                          \
	"u64:key u64:sum s32:low u8:small f64:real char[8]:comm state:state ecli_ipv4:addr ecli_duration:took "        \
	"u16[2]:list"

static void folds(enum ecli_fold how, const char *a, const char *b, const char *c, const char *want)
{
	CLEANUP_BUF struct ecli_buf record = { 0 }, wanted = { 0 };
	struct fixture f;
	const char *values[] = { a, b, c };

	f = (struct fixture){ .spec = spec_new() };
	spec_define(f.spec, "enum state IDLE=0 BUSY=1 DONE=2");
	spec_define(f.spec, "typedef ecli_ipv4 u32");
	spec_define(f.spec, "typedef ecli_duration u64");
	f.id = spec_define(f.spec, "struct row " VALUE);
	f.types = spec_types(f.spec);
	assert_int_equal(ecli_plan_build(f.types, f.id, NULL, 0, NULL, &f.plan), 0);
	size_t size = (size_t)ecli_plan_size(f.plan);
	const struct ecli_type_map map = {
		.name = "counts", .map_type = BPF_MAP_TYPE_PERCPU_HASH, .key_size = 8, .value_size = (uint32_t)size - 8
	};
	assert_int_equal(snapshot_init(&f.snapshot, f.plan, &map, how, NULL), 0);

	/* What the kernel hands out: the key once, then the value of each CPU, padded to 8 bytes. */
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		CLEANUP_BUF struct ecli_buf one = { 0 };

		spec_encode(f.spec, f.id, values[i], &one);
		ecli_buf_add(&record, one.data + (i ? 8 : 0), one.len - (i ? 8 : 0));
		ecli_buf_add_repeat(&record, '\0', (8 - record.len % 8) % 8);
	}
	spec_encode(f.spec, f.id, want, &wanted);
	size_t got_size;
	const void *got = snapshot_fold(&f.snapshot, record.data, record.len, &got_size);
	assert_int_equal(got_size, size);
	assert_memory_equal(got, wanted.data, size);
	assert_null(snapshot_fold(&f.snapshot, record.data, size - 1, &got_size));
	fixture_done(&f);
}

static void quantities_are_added_or_the_greatest_kept(void **state)
{
	(void)state;
	/* What is no quantity comes from the first CPU that has any. Sums wrap at the width of the member. */
	folds(ECLI_FOLD_SUM, "7 1 -5 200 0.5 \"\" 0 0 10 1 65535",
	      "7 18446744073709551615 3 100 0.25 \"cc1\" 1 16777343 20 2 1", "7 5 -1 0 0 \"make\" 2 33554559 0 3 0",
	      "7 5 -3 44 0.75 \"cc1\" 1 16777343 30 6 0");
	folds(ECLI_FOLD_MAX, "7 1 -5 200 -0.5 \"\" 0 0 10 1 65535",
	      "7 18446744073709551615 3 100 0.25 \"cc1\" 1 16777343 20 2 1", "7 5 -1 0 0 \"make\" 2 33554559 0 3 0",
	      "7 18446744073709551615 3 200 0.25 \"cc1\" 1 16777343 20 3 65535");
}

static void one_value_stays_as_it_is(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf record = { 0 };
	struct fixture f;
	size_t size;

	fixture_make(&f, "struct row u64:key u64:count", false, ECLI_FOLD_SUM);
	spec_encode(f.spec, f.id, "1 2", &record);
	assert_ptr_equal(snapshot_fold(&f.snapshot, record.data, record.len, &size), record.data);
	assert_int_equal(size, record.len);
	fixture_done(&f);
}

/* ---- order ----------------------------------------------------------------------------------------------------- */

struct seen {
	struct ecli_buf keys;
	size_t stop_after;
};

static int see(void *ctx, const void *data, size_t size_bytes)
{
	struct seen *seen = ctx;
	uint64_t key;

	assert_true(size_bytes >= sizeof(key));
	memcpy(&key, data, sizeof(key));
	ecli_buf_add_format(&seen->keys, "%d", (int)key);
	return seen->stop_after && seen->keys.len >= seen->stop_after;
}

static void orders(const char *member, const char *const *values, const char *sort, uint64_t top, const char *want)
{
	CLEANUP_BUF struct ecli_buf line = { 0 };
	struct seen seen = { 0 };
	struct fixture f;

	ecli_buf_add_format(&line, "struct row u64:key %s:value", member);
	fixture_make(&f, ecli_buf_text(&line), false, ECLI_FOLD_SUM);
	assert_int_equal(snapshot_sort(&f.snapshot, sort, "counts", NULL), 0);
	f.snapshot.top = top;
	assert_true(snapshot_gathers(&f.snapshot));
	/* Twice: a round is forgotten when it was shown. */
	for (int round = 0; round < 2; round++) {
		ecli_buf_clear(&seen.keys);
		for (int i = 0; values[i]; i++) {
			CLEANUP_BUF struct ecli_buf record = { 0 }, words = { 0 };

			ecli_buf_add_format(&words, "%d %s", i, values[i]);
			spec_encode(f.spec, f.id, ecli_buf_text(&words), &record);
			assert_int_equal(snapshot_add(&f.snapshot, record.data, record.len), 0);
		}
		assert_int_equal(snapshot_show(&f.snapshot, see, &seen), 0);
		assert_string_equal(ecli_buf_text(&seen.keys), want);
	}
	ecli_buf_done(&seen.keys);
	fixture_done(&f);
}

static void entries_are_in_order(void **state)
{
	(void)state;
	static const char *const numbers[] = { "5", "18446744073709551615", "0", "5", NULL };
	static const char *const negative[] = { "-1", "3", "-9223372036854775808", NULL };
	static const char *const reals[] = { "0.5", "-1.5", "2.25", NULL };
	static const char *const odd[] = { "1", "nan", "-inf", "inf", "nan", NULL };
	static const char *const texts[] = { "\"make\"", "\"cc1\"", "\"\"", "\"make2\"", NULL };

	orders("u64", numbers, "value", 0, "1032");
	orders("u64", numbers, "+value", 0, "2031");
	orders("u64", numbers, "-key", 0, "3210");
	orders("u64", numbers, "value", 2, "10");
	orders("s64", negative, "value", 0, "102");
	orders("f64", reals, "+value", 0, "102");
	orders("f64", odd, "value", 0, "30214");
	orders("f64", odd, "+value", 0, "14203");
	orders("char[8]", texts, "value", 0, "2103");
	orders("char[8]", texts, "-value", 0, "3012");
	orders("u128", numbers, "value", 0, "1032");
	orders("s128", negative, "+value", 0, "201");
}

static void a_callback_can_end_a_round(void **state)
{
	(void)state;
	struct seen seen = { .stop_after = 2 };
	struct fixture f;

	fixture_make(&f, "struct row u64:key u64:value", false, ECLI_FOLD_SUM);
	assert_int_equal(snapshot_show(&f.snapshot, see, &seen), 0); /* an empty map */
	assert_int_equal(snapshot_sort(&f.snapshot, "key", "counts", NULL), 0);
	for (uint64_t i = 0; i < 5; i++)
		assert_int_equal(snapshot_add(&f.snapshot, (uint64_t[]){ i, 0 }, 16), 0);
	assert_int_equal(snapshot_show(&f.snapshot, see, &seen), 1);
	assert_string_equal(ecli_buf_text(&seen.keys), "43");
	ecli_buf_done(&seen.keys);
	fixture_done(&f);
}

static void what_is_no_column_is_told(void **state)
{
	(void)state;
	struct ecli_err err = { 0 };
	struct fixture f;

	fixture_make(&f, "struct row u64:key u64:count u32[4]:slots", false, ECLI_FOLD_SUM);
	assert_int_equal(snapshot_sort(&f.snapshot, "-counts", "table", &err), -EINVAL);
	assert_string_equal(err.text, "map table has no column counts to sort by; it has key, count");
	assert_int_equal(err.fail, ECLI_FAIL_USAGE);
	assert_int_equal(snapshot_sort(&f.snapshot, "slots", "table", &err), -EINVAL);
	assert_int_equal(snapshot_sort(&f.snapshot, "", "table", &err), -EINVAL);
	assert_int_equal(snapshot_sort(&f.snapshot, "+", "table", &err), -EINVAL);
	assert_false(snapshot_gathers(&f.snapshot));
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantities_are_added_or_the_greatest_kept),
		cmocka_unit_test(one_value_stays_as_it_is),
		cmocka_unit_test(entries_are_in_order),
		cmocka_unit_test(a_callback_can_end_a_round),
		cmocka_unit_test(what_is_no_column_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
