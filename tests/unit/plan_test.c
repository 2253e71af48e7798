/* SPDX-License-Identifier: MIT */
/*
 * plan/: which ops a type becomes (golden files), what a run tells a visitor, how notes, keys and values are treated,
 * what is refused. ECLI_GOLDEN_UPDATE=1 in the environment rewrites the golden files.
 */
#include "unit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ecli/plan.h>
#include <ecli/types.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "btf_blob.h"
#include "fixture.h"
#include "plan/ops.h"
#include "types/model.h"

static struct ecli_types *fixture;
static const char *golden_dir;

static uint32_t id_of(enum ecli_type_kind kind, const char *name)
{
	const struct ecli_type *type = ecli_types_find(fixture, kind, name);

	assert_non_null(type);
	return type->id;
}

static struct ecli_plan *build(uint32_t id, const struct ecli_plan_note *notes, size_t n_notes)
{
	struct ecli_plan *plan = NULL;
	struct ecli_err err = { 0 };

	if (ecli_plan_build(fixture, id, notes, n_notes, &err, &plan) < 0)
		fail_msg("%s", err.text);
	return plan;
}

/* ---- a visitor that writes: a=1 b={x=2 y=3} c=[4 5] ------------------------------------------------------------ */

static void put_name(struct ecli_buf *buf, const struct ecli_field *field)
{
	char last = buf->len ? buf->data[buf->len - 1] : '{';

	if (last != '{' && last != '[')
		ecli_buf_add_char(buf, ' ');
	if (*field->name)
		ecli_buf_add_format(buf, "%s=", field->name);
}

static void put_leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	struct ecli_buf *buf = ctx;

	assert_int_equal(field->kind, value->kind);
	put_name(buf, field);
	switch (value->kind) {
	case ECLI_VALUE_ENUM:
		if (value->name)
			ecli_buf_add_text(buf, value->name);
		else
			ecli_buf_add_format(buf, field->is_signed ? "%" PRId64 : "%" PRIu64, value->u);
		break;
	case ECLI_VALUE_SINT:
		ecli_buf_add_format(buf, "%" PRId64, value->s);
		break;
	case ECLI_VALUE_FLOAT:
		ecli_buf_add_format(buf, "%g", value->f);
		break;
	case ECLI_VALUE_STRING:
		ecli_buf_add_format(buf, "\"%.*s\"", (int)value->str.len, value->str.text);
		break;
	case ECLI_VALUE_BYTES:
		for (size_t i = 0; i < value->str.len; i++)
			ecli_buf_add_format(buf, "%02x", (unsigned char)value->str.text[i]);
		break;
	case ECLI_VALUE_CHAR:
		ecli_buf_add_format(buf, "'%c'", (int)value->u);
		break;
	case ECLI_VALUE_UINT128:
	case ECLI_VALUE_SINT128:
		ecli_buf_add_format(buf, "%#" PRIx64 "%016" PRIx64, (uint64_t)(value->wide >> 64),
				    (uint64_t)value->wide);
		break;
	default:
		ecli_buf_add_format(buf, "%" PRIu64, value->u);
	}
}

static void put_open(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	put_name(ctx, field);
	ecli_buf_add_char(ctx, group == ECLI_GROUP_ARRAY ? '[' : '{');
}

static void put_close(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	(void)field;
	ecli_buf_add_char(ctx, group == ECLI_GROUP_ARRAY ? ']' : '}');
}

static const struct ecli_visitor put = { .leaf = put_leaf, .open = put_open, .close = put_close };

/* Runs over a block of exactly the record's size, so that one byte too far is seen by AddressSanitizer. */
static void expect(const struct ecli_plan *plan, const void *data, size_t size, const char *want)
{
	CLEANUP_BUF struct ecli_buf buf = { 0 };
	CLEANUP_FREE void *copy = malloc(size);

	memcpy(copy, data, size);
	assert_int_equal(ecli_plan_run(plan, copy, size, &put, &buf), 0);
	assert_string_equal(ecli_buf_text(&buf), want);
}

/* ---- golden files ---------------------------------------------------------------------------------------------- */

static void check_golden(const struct ecli_plan *plan, const char *name)
{
	CLEANUP_BUF struct ecli_buf got = { 0 };
	CLEANUP_BUF struct ecli_buf want = { 0 };
	struct ecli_err err = { 0 };
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s.txt", golden_dir, name);
	ecli_plan_dump(plan, &got);
	if (getenv("ECLI_GOLDEN_UPDATE"))
		assert_int_equal(ecli_file_write(path, got.data, got.len, &err), 0);
	if (ecli_file_read(path, 1 << 20, &want, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(ecli_buf_text(&got), ecli_buf_text(&want));
}

static void plans_are_the_golden_ones(void **state)
{
	(void)state;
	static const char *const names[] = { "event", "all", "bits", "straddle" };
	static const struct ecli_plan_note notes[] = { { .field = "s32", .hidden = true },
						       { .field = "grid", .hidden = true },
						       { .field = "u64_", .is_time = true } };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(cleanup_plan) struct ecli_plan *plan = build(id_of(ECLI_TYPE_STRUCT, names[i]), notes, 3);

		check_golden(plan, names[i]);
	}
	CLEANUP(cleanup_plan) struct ecli_plan *pair = NULL;
	assert_int_equal(ecli_plan_build_pair(fixture, id_of(ECLI_TYPE_TYPEDEF, "u32"),
					      id_of(ECLI_TYPE_STRUCT, "event"), NULL, 0, NULL, &pair),
			 0);
	check_golden(pair, "pair");
}

/* ---- values ---------------------------------------------------------------------------------------------------- */

static void values_are_what_c_says(void **state)
{
	(void)state;
	CLEANUP(cleanup_plan) struct ecli_plan *plan = build(id_of(ECLI_TYPE_STRUCT, "event"), NULL, 0);
	struct event event = { "cc1", "0123456789abcdef", 1234567890123, -1, 42 };

	expect(plan, &event, sizeof(event),
	       "task=\"cc1\" prev_task=\"0123456789abcdef\" delta_us=1234567890123 pid=-1 prev_pid=42");
	assert_int_equal(ecli_plan_size(plan), sizeof(event));

	CLEANUP(cleanup_plan) struct ecli_plan *bits_plan = build(id_of(ECLI_TYPE_STRUCT, "bits"), NULL, 0);
	struct bits bits = { .a = 5,
			     .b = 131071,
			     .c = 300,
			     .d = -16,
			     .e = -1,
			     .f = 0xabcdef0123,
			     .g = 8191,
			     .h = 1,
			     .i = LOW,
			     .j = -8 };
	expect(bits_plan, &bits, sizeof(bits), "a=5 b=131071 c=300 d=-16 e=-1 f=737894400291 g=8191 h=1 i=LOW j=-8");

	CLEANUP(cleanup_plan) struct ecli_plan *number_plan = build(id_of(ECLI_TYPE_UNION, "number"), NULL, 0);
	union number number = { .whole = 0x04030201 };
	expect(number_plan, &number, sizeof(number), "whole=67305985 bytes=[1 2 3 4] low=513 high=1027");
}

/* Bit-fields across more bytes than their type has: libbpf's dump cannot tell these, the compiler can. */
static void straddling_bits_are_what_c_says(void **state)
{
	(void)state;
	CLEANUP(cleanup_plan) struct ecli_plan *plan = build(id_of(ECLI_TYPE_STRUCT, "straddle"), NULL, 0);
	struct straddle s;
	uint64_t seed = 1;

	for (int round = 0; round < 1000; round++) {
		char want[256];

		for (size_t i = 0; i < sizeof(s); i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			((unsigned char *)&s)[i] = (unsigned char)(seed >> 56);
		}
		snprintf(want, sizeof(want), "first=%u a=%llu b=%llu c=%llu d=%d last=%u", s.first, (u64)s.a, (u64)s.b,
			 (u64)s.c, s.d, s.last);
		expect(plan, &s, sizeof(s), want);
	}
}

static void enums_are_named(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		uint64_t value;
		size_t size;
		const char *want;
	} cases[] = {
		{ "color", 0, 4, "value=RED" },
		{ "color", 5, 4, "value=GREEN" }, /* the one declared first */
		{ "color", 1 << 20, 4, "value=BLUE" },
		{ "color", 4, 4, "value=4" },
		{ "color", UINT32_MAX, 4, "value=4294967295" },
		{ "level", (uint32_t)-3, 4, "value=LOW" },
		{ "level", (uint32_t)-4, 4, "value=-4" },
		{ "wide", UINT64_MAX, 8, "value=FARTHEST" },
		{ "wide", 0x123456789abc, 8, "value=FAR" },
		{ "deep", (uint64_t)-0x123456789abc, 8, "value=BELOW" },
		{ "tiny", 255, 1, "value=LAST" },
		{ "tiny", 3, 1, "value=3" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(cleanup_plan) struct ecli_plan *plan = build(id_of(ECLI_TYPE_ENUM, cases[i].name), NULL, 0);

		expect(plan, &cases[i].value, cases[i].size, cases[i].want);
	}
}

static void odd_integers_are_read(void **state)
{
	(void)state;
	struct blob blob = { 0 };
	struct ecli_types *types = NULL;
	struct ecli_plan *plan = NULL;
	size_t size;

	blob_add(&blob, "s24", BTF_KIND_INT, 0, 3, BTF_INT_SIGNED << 24 | 24);
	blob_add(&blob, "u56", BTF_KIND_INT, 0, 7, 56);
	blob_add(&blob, "s72", BTF_KIND_INT, 0, 9, BTF_INT_SIGNED << 24 | 72);
	blob_add(&blob, "bool", BTF_KIND_INT, 0, 1, BTF_INT_BOOL << 24 | 8);
	blob_add(&blob, "half", BTF_KIND_FLOAT, 0, 2);
	blob_add(&blob, "old", BTF_KIND_INT, 0, 4, 4 << 16 | 5);
	blob_add(&blob, "u128", BTF_KIND_INT, 0, 16, 128);
	/* At bit 1, a 128-bit integer takes 17 bytes. */
	blob_add(&blob, "s", BTF_KIND_STRUCT, 7, 48, 1, 1, 0, 5, 2, 24, 9, 3, 80, 13, 4, 152, 23, 6, 160, 27, 7, 201,
		 18, 5, 336);
	CLEANUP_FREE unsigned char *bytes = blob_take(&blob, &size);
	assert_int_equal(ecli_types_read(bytes, size, NULL, &types), 0);
	assert_int_equal(ecli_plan_build(types, 8, NULL, 0, NULL, &plan), 0);

	unsigned char record[48] = { 0xfe, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0x80 };
	memset(record + 10, 0xff, 9);
	record[10] = 0xfd;
	record[19] = 7;
	record[20] = 0xab; /* bits 4 to 8 of the four bytes from here: 11010 */
	record[21] = 0x01;
	record[25] = 0xfe;
	record[41] = 0x01; /* bit 0 is the top bit of the wide one, and the rest is someone else's */
	memset(record + 26, 0, 15);
	record[42] = 0x12;
	record[43] = 0x34;
	expect(plan, record, sizeof(record),
	       "s24=-2 u56=36028797018963969 s72=0xfffffffffffffffffffffffffffffffd bool=1 old=26 "
	       "u128=0x8000000000000000000000000000007f half=1234");
	ecli_plan_free(plan);
	ecli_types_free(types);
}

static void short_records_are_refused_whole(void **state)
{
	(void)state;
	CLEANUP(cleanup_plan) struct ecli_plan *plan = build(id_of(ECLI_TYPE_STRUCT, "event"), NULL, 0);
	CLEANUP_BUF struct ecli_buf text = { 0 };
	unsigned char record[sizeof(struct event) + 4] = { 0 };

	for (size_t size = 0; size < sizeof(struct event); size++)
		assert_int_equal(ecli_plan_run(plan, record, size, &put, &text), -EBADMSG);
	assert_int_equal(text.len, 0);
	assert_int_equal(ecli_plan_run(plan, record, sizeof(record), &put, &text), 0);
	assert_int_equal(ecli_plan_run(plan, record + 1, sizeof(record) - 1, &put, &text), 0); /* not aligned */
}

/* ---- notes, keys and values ------------------------------------------------------------------------------------ */

static void notes_hide_and_give_the_time(void **state)
{
	(void)state;
	static const struct ecli_plan_note notes[] = { { .field = "delta_us", .is_time = true },
						       { .field = "pid", .hidden = true },
						       { .field = "absent", .is_time = true } };
	static const struct ecli_plan_note wrong = { .field = "pid", .is_time = true };
	CLEANUP(cleanup_plan) struct ecli_plan *plan = build(id_of(ECLI_TYPE_STRUCT, "event"), notes, 3);
	struct event event = { "a", "b", 77, 1, 2 };
	struct ecli_err err = { 0 };
	struct ecli_plan *none = NULL;
	uint64_t ns = 0;

	assert_true(ecli_plan_has_time(plan));
	assert_int_equal(ecli_plan_columns(plan), 4);
	assert_string_equal(ecli_plan_column(plan, 2)->name, "pid");
	assert_true(ecli_plan_column(plan, 2)->hidden);
	assert_false(ecli_plan_column(plan, 3)->hidden);
	assert_null(ecli_plan_column(plan, 4));
	expect(plan, &event, sizeof(event), "task=\"a\" prev_task=\"b\" pid=1 prev_pid=2");
	assert_true(ecli_plan_time(plan, &event, sizeof(event), &ns));
	assert_int_equal(ns, 77);
	assert_false(ecli_plan_time(plan, &event, sizeof(event) - 1, &ns));

	assert_int_equal(ecli_plan_build(fixture, id_of(ECLI_TYPE_STRUCT, "event"), &wrong, 1, &err, &none), -EINVAL);
	assert_string_equal(err.text, "struct event cannot be decoded: the field pid is tagged @time but is no 64-bit "
				      "integer; declare it as __u64");
	assert_null(none);
}

static void columns_are_top_level_fields(void **state)
{
	(void)state;
	CLEANUP(cleanup_plan) struct ecli_plan *plan = build(id_of(ECLI_TYPE_STRUCT, "all"), NULL, 0);
	static const struct {
		const char *name;
		bool is_group;
		enum ecli_value_kind kind;
	} want[] = {
		{ "inner", false, ECLI_VALUE_SINT },  { "either", false, ECLI_VALUE_UINT },
		{ "other", false, ECLI_VALUE_FLOAT }, { "line", false, ECLI_VALUE_STRING },
		{ "lines", true, ECLI_VALUE_STRING }, { "tiles", true, ECLI_VALUE_SINT },
		{ "nested", true, ECLI_VALUE_UINT },  { "colors", true, ECLI_VALUE_ENUM },
		{ "c", false, ECLI_VALUE_CHAR },
	};

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		bool is_found = false;

		for (uint32_t c = 0; c < ecli_plan_columns(plan); c++) {
			const struct ecli_field *field = ecli_plan_column(plan, c);

			assert_int_equal(field->column, c);
			assert_int_equal(field->depth, 0);
			/* Nothing to show in these: no column. */
			assert_string_not_equal(field->name, "none");
			assert_string_not_equal(field->name, "nothing");
			if (strcmp(field->name, want[i].name))
				continue;
			is_found = true;
			assert_int_equal(ecli_plan_column_is_group(plan, c), want[i].is_group);
			assert_int_equal(field->kind, want[i].kind);
		}
		assert_true(is_found);
	}
}

static void keys_and_values_share_a_row(void **state)
{
	(void)state;
	uint32_t u32_id = id_of(ECLI_TYPE_TYPEDEF, "u32"), point = id_of(ECLI_TYPE_STRUCT, "point");
	CLEANUP(cleanup_plan) struct ecli_plan *scalars = NULL;
	CLEANUP(cleanup_plan) struct ecli_plan *structs = NULL;
	struct {
		u32 key, padding;
		u64 value;
	} record = { 7, 0xffffffff, 0x5 };
	struct {
		short key_x, key_y, padding[2], x, y;
	} points = { 1, 2, { 9, 9 }, 3, 4 };

	assert_int_equal(
		ecli_plan_build_pair(fixture, u32_id, id_of(ECLI_TYPE_TYPEDEF, "u64"), NULL, 0, NULL, &scalars), 0);
	expect(scalars, &record, sizeof(record), "key=7 value=5");
	assert_int_equal(ecli_plan_build_pair(fixture, point, point, NULL, 0, NULL, &structs), 0);
	expect(structs, &points, sizeof(points), "x=1 y=2 value_x=3 value_y=4");
}

/* The values that CPUs have of one entry: each number in its own sign and width, and of texts the first that is one. */
static void values_of_cpus_are_folded(void **state)
{
	(void)state;
	static const struct event first = { "", "a", UINT64_MAX - 1, -5, 3 }, second = { "t", "b", 1, -7, -1 };
	struct ecli_plan *plan = build(id_of(ECLI_TYPE_STRUCT, "event"), NULL, 0);
	struct event sum = first, greatest = first;

	assert_int_equal(ecli_plan_fold(plan, ECLI_FOLD_SUM, 0, &sum, &second, sizeof(second)), 0);
	assert_string_equal(sum.task, "t");
	assert_string_equal(sum.prev_task, "a");
	assert_true(sum.delta_us == UINT64_MAX && sum.pid == -12 && sum.prev_pid == 2);
	assert_int_equal(ecli_plan_fold(plan, ECLI_FOLD_MAX, 0, &greatest, &second, sizeof(second)), 0);
	assert_true(greatest.delta_us == UINT64_MAX - 1 && greatest.pid == -5 && greatest.prev_pid == 3);
	greatest = second;
	assert_int_equal(ecli_plan_fold(plan, ECLI_FOLD_MAX, 32, &greatest, &first.delta_us, sizeof(first) - 32), 0);
	assert_true(greatest.delta_us == UINT64_MAX - 1 && greatest.pid == -5 && greatest.prev_pid == 3);
	assert_int_equal(ecli_plan_fold(plan, ECLI_FOLD_MAX, 0, &greatest, &first, sizeof(first) - 1), -EBADMSG);
	ecli_plan_free(plan);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_are_the_golden_ones),       cmocka_unit_test(values_are_what_c_says),
		cmocka_unit_test(straddling_bits_are_what_c_says), cmocka_unit_test(enums_are_named),
		cmocka_unit_test(odd_integers_are_read),           cmocka_unit_test(short_records_are_refused_whole),
		cmocka_unit_test(notes_hide_and_give_the_time),    cmocka_unit_test(columns_are_top_level_fields),
		cmocka_unit_test(keys_and_values_share_a_row),     cmocka_unit_test(values_of_cpus_are_folded),
	};
	struct ecli_buf buf = { 0 };
	struct ecli_err err = { 0 };

	if (argc < 3 || ecli_file_read(argv[1], 1 << 24, &buf, &err) < 0 ||
	    ecli_types_read_object(buf.data, buf.len, &err, &fixture) < 0) {
		fprintf(stderr, "usage: plan_test fixture.bpf.o GOLDEN_DIR (%s)\n", err.text);
		return 2;
	}
	golden_dir = argv[2];
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	ecli_types_free(fixture);
	ecli_buf_done(&buf);
	return failed;
}
