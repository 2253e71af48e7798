/* SPDX-License-Identifier: MIT */
/* where/: what a comparison says of a record that does not have its field: another type, or one that is too short for it. */
#include "unit.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <ecli/where.h>

#include "base/cleanup.h"
#include "plan/ops.h"
#include "plan_fixture.h"
#include "support/spec.h"

DEFINE_CLEANUP(where, struct ecli_where *, ecli_where_free)
DEFINE_CLEANUP(program, struct ecli_where_program *, ecli_where_program_free)

/* A field that only one of the types has: rows of the others are not like that, whatever is asked of it. */
static void several_types(void **state)
{
	struct spec *spec = spec_new();
	uint32_t ids[] = { spec_define(spec, "struct one u32:pid u32:one"),
			   spec_define(spec, "struct two u32:pid u64:two") };
	struct ecli_types *types = spec_types(spec);
	struct ecli_plan *plans[2];
	static const char bytes[16] = { 7, 0, 0, 0, 1 };
	static const struct {
		const char *text;
		bool one, two;
	} cases[] = {
		{ "pid == 7", true, true },
		{ "one == 1", true, false },
		{ "one != 5", true, false },
		{ "!(one == 5)", true, true },
		{ "pid == 7 && one == 1", true, false },
		{ "one == 1 || pid == 7", true, true },
		{ "two == 0 || one == 5", false, true },
		{ "pid < two", false, false },
		{ "pid != one", true, false },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(ecli_plan_build(types, ids[i], NULL, 0, NULL, &plans[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ecli_where_program *programs[2];
		CLEANUP(cleanup_where) struct ecli_where *where = NULL;

		assert_int_equal(ecli_where_parse(cases[i].text, NULL, &where), 0);
		assert_int_equal(ecli_where_bind(where, (const struct ecli_plan *const *)plans, 2, NULL, programs), 0);
		if (ecli_where_matches(programs[0], bytes, 8) != cases[i].one ||
		    ecli_where_matches(programs[1], bytes, 16) != cases[i].two)
			fail_msg("wrong: %s", cases[i].text);
		for (size_t k = 0; k < 2; k++)
			ecli_where_program_free(programs[k]);
	}

	struct ecli_where_program *programs[2] = { NULL };
	CLEANUP(cleanup_where) struct ecli_where *where = NULL;
	struct ecli_err err = { 0 };
	assert_int_equal(ecli_where_parse("three == 1", NULL, &where), 0);
	assert_int_equal(ecli_where_bind(where, (const struct ecli_plan *const *)plans, 2, &err, programs), -EINVAL);
	assert_string_equal(err.text, "column 1: there is no field three; there are pid, one, two");
	for (size_t k = 0; k < 2; k++)
		ecli_plan_free(plans[k]);
	ecli_types_free(types);
	spec_free(spec);
}

/* What a record is too short for, it does not have; each lies in a block of its size, for AddressSanitizer. */
static bool tail_matches(const char *line, const char *text, const void *bytes, size_t size)
{
	struct spec *spec = spec_new();
	uint32_t id = spec_define(spec, line);
	struct ecli_types *types = spec_types(spec);
	CLEANUP(cleanup_where) struct ecli_where *where = NULL;
	CLEANUP(cleanup_program) struct ecli_where_program *program = NULL;
	CLEANUP_FREE char *copy = malloc(size);
	struct ecli_plan *plan = NULL;
	struct ecli_err err = { 0 };
	size_t count;
	bool is_whole;

	memcpy(copy, bytes, size);
	assert_int_equal(ecli_plan_build(types, id, NULL, 0, NULL, &plan), 0);
	if (ecli_where_parse(text, &err, &where) ||
	    ecli_where_bind(where, (const struct ecli_plan *const *)&plan, 1, &err, &program))
		fail_msg("%s: %s", text, err.text);
	bool matches = ecli_where_matches(program, copy, size);
	ecli_where_predicates(program, &count, &is_whole);
	assert_int_equal(count, 0); /* the kernel does not know how long the record will be */
	ecli_plan_free(plan);
	ecli_types_free(types);
	spec_free(spec);
	return matches;
}

static void put_name(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	ecli_buf_add_format(ctx, "%u:%s=%" PRIu64 " ", field->column, field->name, value->u);
}

static void put_group(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	ecli_buf_add_format(ctx, "%u%s ", field->column, group == ECLI_GROUP_ARRAY ? "[" : "{");
}

static void put_end(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	ecli_buf_add_format(ctx, "%s%s ", field->name, group == ECLI_GROUP_ARRAY ? "]" : "}");
}

/* A column that nothing measures is nowhere; the others stay where they are, and an expression is told why. */
static void dropped(void **state)
{
	(void)state;
	static const struct ecli_visitor visitor = { .leaf = put_name, .open = put_group, .close = put_end };
	static const struct {
		const char *drop, *shows;
	} cases[] = {
		{ "none",
		  "0:a=1 1[ 1:=2 1:=3 v] 2{ 2:x=4 2:y=5 at} 3[ 3{ 3:x=6 3:y=7 } 3{ 3:x=8 3:y=9 } path] 4:z=10 " },
		{ "v", "0:a=1 1{ 1:x=4 1:y=5 at} 2[ 2{ 2:x=6 2:y=7 } 2{ 2:x=8 2:y=9 } path] 3:z=10 " },
		{ "a", "0{ 0:x=4 0:y=5 at} 1[ 1{ 1:x=6 1:y=7 } 1{ 1:x=8 1:y=9 } path] 2:z=10 " },
		{ "path", "0{ 0:x=4 0:y=5 at} 1:z=10 " },
		{ "z", "0{ 0:x=4 0:y=5 at} " },
		{ "at", "0{ 0:x=4 0:y=5 at} " }, /* the only one that is left stays */
	};
	struct fixture f = { .spec = spec_new() };

	spec_define(f.spec, "struct point u16:x u16:y");
	f.id = spec_define(f.spec, "struct event u32:a u16[2]:v point:at point[2]:path u32:z");
	fixture_plan(&f, NULL, 0);
	spec_encode(f.spec, f.id, "1 2 3 4 5 6 7 8 9 10", &f.record);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_BUF struct ecli_buf out = { 0 };

		assert_int_equal(ecli_plan_drop(f.plan, cases[i].drop, "only with --more"), 0);
		assert_int_equal(plan_verify(f.plan), 0);
		assert_int_equal(ecli_plan_run(f.plan, f.record.data, f.record.len, &visitor, &out), 0);
		assert_string_equal(ecli_buf_text(&out), cases[i].shows);
	}
	assert_string_equal(ecli_plan_dropped(f.plan, "v[1]"), "only with --more");
	assert_null(ecli_plan_dropped(f.plan, "at"));

	CLEANUP(cleanup_where) struct ecli_where *where = NULL;
	const struct ecli_plan *plan = f.plan;
	struct ecli_where_program *program = NULL;
	struct ecli_err err = { 0 };
	assert_int_equal(ecli_where_parse("at.x == 4 && path[1].y == 9", &err, &where), 0);
	assert_int_equal(ecli_where_bind(where, &plan, 1, &err, &program), -EINVAL);
	assert_string_equal(err.text, "column 14: path[1].y is measured only with --more");
	fixture_done(&f);
}

static void tails(void **state)
{
	static const uint32_t list[] = { 9, 10, 20, 30 };
	static const char open_list[] = "struct event u32:n u32[0]:list",
			  long_list[] = "struct event u32:n u32[16]:list";
	static const char open_text[] = "struct event u32:n char[0]:text",
			  long_text[] = "struct event u32:n char[64]:text";
	static const struct {
		const char *line, *text;
		size_t size;
		bool matches;
	} cases[] = {
		{ open_list, "list[0] == 10", 8, true },        { open_list, "list[0] == 10", 7, false },
		{ open_list, "list[0] != 10", 7, false },       { open_list, "!(list[0] == 10)", 7, true },
		{ open_list, "list[2] == 30", 16, true },       { open_list, "list[2] == 30", 15, false },
		{ open_list, "list[2] >= 0", 15, false },       { open_list, "list[2] >= 0", 16, true },
		{ open_list, "list[2] < 0", 16, false },        { open_list, "!(list[2] < 0)", 12, true },
		{ open_list, "list[1000000] == 0", 16, false }, { open_list, "list[0] < list[2]", 16, true },
		{ open_list, "list[0] < list[2]", 12, false },  { open_list, "list[1] in (1, 20)", 12, true },
		{ open_list, "list[1] in (1, 20)", 11, false }, { long_list, "list[1] == 20", 12, true },
		{ long_list, "list[1] == 20", 11, false },      { long_list, "list[15] != 1", 16, false },
		{ open_text, "text == 'abc'", 7, true },        { open_text, "text == 'abc'", 8, true },
		{ open_text, "text == 'ab'", 6, true },         { open_text, "text ~ 'a*'", 4, false },
		{ long_text, "text == 'abc'", 7, true },        { long_text, "text != 'abc'", 6, true },
		{ long_text, "text == ''", 4, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const void *bytes = strstr(cases[i].line, "text") ? (const void *)"\7\0\0\0abc" : list;

		if (tail_matches(cases[i].line, cases[i].text, bytes, cases[i].size) != cases[i].matches)
			fail_msg("wrong: %s in %zu bytes of %s", cases[i].text, cases[i].size, cases[i].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_types),
		cmocka_unit_test(dropped),
		cmocka_unit_test(tails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
