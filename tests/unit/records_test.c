/* SPDX-License-Identifier: MIT */
/* Which type a record has: session/records.c over hand-made packages, plan/ for records described by hand. */
#include "unit.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "plan/ops.h"
#include "session/records.h"
#include "types/model.h"

static struct ecli_types *fixture;

static uint32_t id_of(enum ecli_type_kind kind, const char *name)
{
	const struct ecli_type *type = ecli_types_find(fixture, kind, name);

	assert_non_null(type);
	return type->id;
}

/* ---- members described by hand --------------------------------------------------------------------------------- */

static void leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	ecli_buf_add_format(ctx, "%s=%llu ", field->name, (unsigned long long)value->u);
}

static void members_are_read_where_they_lie(void **state)
{
	(void)state;
	const struct ecli_visitor visitor = { .leaf = leaf };
	uint32_t u32 = id_of(ECLI_TYPE_TYPEDEF, "u32"), u64 = id_of(ECLI_TYPE_TYPEDEF, "u64");
	char second[] = "second";
	const struct ecli_plan_member members[] = { { second, u64, 16 }, { "first", u32, 4 } };
	unsigned char record[24] = { [4] = 7, [16] = 9, [17] = 1 };
	CLEANUP_BUF struct ecli_buf text = { 0 };
	CLEANUP(cleanup_plan) struct ecli_plan *plan = NULL;
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_plan_build_members(fixture, members, 2, &err, &plan), 0);
	memset(second, 'x', sizeof(second) - 1); /* names are copies */
	assert_int_equal(ecli_plan_size(plan), 24);
	assert_int_equal(ecli_plan_run(plan, record, sizeof(record), &visitor, &text), 0);
	assert_string_equal(ecli_buf_text(&text), "first=7 second=265 ");
	assert_int_equal(ecli_plan_run(plan, record, sizeof(record) - 1, &visitor, &text), -EBADMSG);
}

static void wrong_members_are_refused(void **state)
{
	(void)state;
	uint32_t u32 = id_of(ECLI_TYPE_TYPEDEF, "u32"), none = id_of(ECLI_TYPE_STRUCT, "nothing");
	const struct {
		struct ecli_plan_member members[2];
		const char *text;
	} cases[] = {
		{ { { "a", u32, 0 }, { "b", u32, 3 } },
		  "member b at byte 3 overlaps with member a, which ends at byte 4" },
		{ { { "b", u32, 3 }, { "a", u32, 0 } },
		  "member b at byte 3 overlaps with member a, which ends at byte 4" },
		{ { { "a", u32, 0 }, { "a", u32, 8 } },
		  "the member at byte 8 has the name of another; give each a name of its own" },
		{ { { "", u32, 0 }, { "a", u32, 8 } },
		  "the member at byte 0 has no name; give each a name of its own" },
		{ { { "a", 99999, 0 }, { "b", u32, 8 } }, "member a: type 99999 does not exist in the object" },
		{ { { "a", none, 0 }, { "b", u32, 8 } }, NULL },
		{ { { "a", u32, 0 }, { "b", u32, UINT32_MAX - 1 } }, "member b reaches beyond what a record can be" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ecli_plan *plan = NULL;
		struct ecli_err err = { 0 };

		assert_int_equal(ecli_plan_build_members(fixture, cases[i].members, 2, &err, &plan), -EINVAL);
		if (cases[i].text)
			assert_string_equal(err.text, cases[i].text);
	}
	struct ecli_plan *plan = NULL;
	assert_int_equal(ecli_plan_build_members(fixture, cases[0].members, 0, NULL, &plan), -EINVAL);
}

/* ---- which type ------------------------------------------------------------------------------------------------ */

static const struct ecli_type_map ring = { .name = "events", .map_type = BPF_MAP_TYPE_RINGBUF };

static char last_line[512];

static void keep_line(void *ctx, enum ecli_log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	snprintf(last_line, sizeof(last_line), "%s", line);
}

static struct ecli_package_export export_of(const char *name)
{
	return (struct ecli_package_export){ .name = (char *)name };
}

static void the_size_of_a_record_decides_among_exports(void **state)
{
	(void)state;
	struct ecli_package_export exports[] = { export_of("event"), export_of("point"), export_of("all") };
	struct ecli_package package = { .exports = exports, .n_exports = 3 };
	CLEANUP(records_done) struct records records = { 0 };
	struct ecli_err err = { 0 };

	assert_int_equal(records_of_buffer(&package, fixture, &ring, &err, &records), 0);
	assert_int_equal(records.count, 3);
	uint64_t event = ecli_plan_size(records.items[0].plan), all = ecli_plan_size(records.items[2].plan);
	assert_ptr_equal(records_pick(&records, event, false), &records.items[0]);
	assert_ptr_equal(records_pick(&records, 4, false), &records.items[1]);
	assert_ptr_equal(records_pick(&records, all, false), &records.items[2]);
	/* Perf records come padded: 4 + 4 bytes are 8, and 48 + 4 become 56. */
	assert_ptr_equal(records_pick(&records, 4, true), &records.items[1]);
	assert_ptr_equal(records_pick(&records, 52, true), &records.items[0]);
	assert_int_equal(event, 48);
	/* No such size: the first that fits in; nothing fits: the first, which then refuses it. */
	assert_ptr_equal(records_pick(&records, event + 1, false), &records.items[0]);
	assert_ptr_equal(records_pick(&records, 5, false), &records.items[1]);
	assert_ptr_equal(records_pick(&records, 3, false), &records.items[0]);
}

static void a_value_type_goes_before_a_name_and_a_name_before_sizes(void **state)
{
	(void)state;
	struct ecli_package_export exports[] = { export_of("all"), export_of("event"), export_of("point") };
	struct ecli_package package = { .exports = exports, .n_exports = 3 };
	struct ecli_type_map map = { .name = "event", .map_type = BPF_MAP_TYPE_RINGBUF };

	CLEANUP(records_done) struct records named = { 0 };
	assert_int_equal(records_of_buffer(&package, fixture, &map, NULL, &named), 0);
	assert_int_equal(named.count, 1);
	assert_int_equal(ecli_plan_size(named.items[0].plan), 48);

	CLEANUP(records_done) struct records typed = { 0 };
	map.value_type_id = id_of(ECLI_TYPE_STRUCT, "point");
	assert_int_equal(records_of_buffer(&package, fixture, &map, NULL, &typed), 0);
	assert_int_equal(typed.count, 1);
	assert_int_equal(ecli_plan_size(typed.items[0].plan), 4);
}

static void of_two_of_a_size_the_first_is_taken_and_told(void **state)
{
	(void)state;
	struct ecli_package_export exports[] = { export_of("point"), export_of("point") };
	struct ecli_package package = { .exports = exports, .n_exports = 2 };
	CLEANUP(records_done) struct records records = { 0 };

	ecli_log_set(keep_line, NULL, ECLI_LOG_INFO);
	assert_int_equal(records_of_buffer(&package, fixture, &ring, NULL, &records), 0);
	ecli_log_set(NULL, NULL, ECLI_LOG_WARN);
	assert_int_equal(records.count, 1);
	assert_non_null(strstr(last_line, "events: struct point has the size of a struct before it (4 bytes)"));
}

static void nothing_known_is_told(void **state)
{
	(void)state;
	struct ecli_package_export exports[] = { export_of("not_there") };
	struct ecli_package package = { .exports = exports };
	struct records records = { 0 };
	struct ecli_err err = { 0 };

	assert_int_equal(records_of_buffer(&package, fixture, &ring, &err, &records), -EINVAL);
	assert_non_null(strstr(err.text, "map events carries events, but nothing says of which type"));
	package.n_exports = 1;
	assert_int_equal(records_of_buffer(&package, fixture, &ring, &err, &records), -EINVAL);
	assert_string_equal(err.text,
			    "the package says that map events carries struct not_there, but its object has no "
			    "such struct");
}

/* ---- export_config --------------------------------------------------------------------------------------------- */

static int find_with(const char *config, bool multiple, struct records *ret, struct ecli_err *err)
{
	struct ecli_package_extra extra = { .key = (char *)"export_config", .json = (char *)config };
	struct ecli_package_export exports[] = { export_of("event") };
	struct ecli_package_map map = { .name = (char *)"events",
					.ident = (char *)"events",
					.extras = { .items = &extra, .count = config ? 1 : 0 } };
	struct ecli_package package = {
		.exports = exports, .n_exports = 1, .maps = &map, .n_maps = 1, .multiple_exports = multiple
	};

	return records_of_buffer(&package, fixture, &ring, err, ret);
}

static void export_config_says_what_records_are(void **state)
{
	(void)state;
	char by_type[64], by_members[128];
	const struct {
		const char *config;
		bool multiple;
		uint64_t size; /* 0: no source */
	} cases[] = {
		{ NULL, true, 48 },     { "\"default\"", true, 48 }, { "\"no_export\"", true, 0 },
		{ by_type, true, 4 },   { by_members, true, 12 },    { "\"no_export\"", false, 48 },
		{ by_type, false, 48 },
	};

	snprintf(by_type, sizeof(by_type), "{\"btf_type_id\":%u}", id_of(ECLI_TYPE_STRUCT, "point"));
	snprintf(by_members, sizeof(by_members),
		 "{\"custom_members\":[{\"name\":\"n\",\"offset\":8,\"btf_type_id\":%u}]}",
		 id_of(ECLI_TYPE_TYPEDEF, "u32"));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(records_done) struct records records = { 0 };
		struct ecli_err err = { 0 };

		assert_int_equal(find_with(cases[i].config, cases[i].multiple, &records, &err), 0);
		assert_int_equal(records.count, cases[i].size ? 1 : 0);
		if (cases[i].size)
			assert_int_equal(ecli_plan_size(records.items[0].plan), cases[i].size);
	}
}

static void wrong_export_configs_are_told(void **state)
{
	(void)state;
	static const char forms[] =
		"export_config must be \"no_export\", \"default\", {\"btf_type_id\":N} or {\"custom_members\":[...]}";
	static const struct {
		const char *config, *text;
	} cases[] = {
		{ "\"all\"", forms },
		{ "5", forms },
		{ "{}", forms },
		{ "{\"btf_type_id\":\"x\"}", "export_config.btf_type_id must be a whole number, but is a text" },
		{ "{\"btf_type_id\":99999}",
		  "the events of map events cannot be shown: type 99999 does not exist in the object" },
		{ "{\"custom_members\":[]}", "export_config.custom_members must have at least one member" },
		{ "{\"custom_members\":[{\"name\":\"a\"}]}",
		  "export_config.custom_members[0] needs a name, an offset and a btf_type_id" },
		{ "{\"custom_members\":[{\"name\":\"a\",\"offset\":0,\"btf_type_id\":99999}]}",
		  "the custom_members of map events cannot be shown: member a: type 99999 does not exist in the "
		  "object" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct records records = { 0 };
		struct ecli_err err = { 0 };

		assert_int_equal(find_with(cases[i].config, true, &records, &err), -EINVAL);
		assert_string_equal(err.text, cases[i].text);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_read_where_they_lie),
		cmocka_unit_test(wrong_members_are_refused),
		cmocka_unit_test(the_size_of_a_record_decides_among_exports),
		cmocka_unit_test(a_value_type_goes_before_a_name_and_a_name_before_sizes),
		cmocka_unit_test(of_two_of_a_size_the_first_is_taken_and_told),
		cmocka_unit_test(nothing_known_is_told),
		cmocka_unit_test(export_config_says_what_records_are),
		cmocka_unit_test(wrong_export_configs_are_told),
	};
	CLEANUP_BUF struct ecli_buf object = { 0 };

	if (argc < 2 || ecli_file_read(argv[1], 1 << 20, &object, NULL) ||
	    ecli_types_read_object(object.data, object.len, NULL, &fixture))
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	ecli_types_free(fixture);
	return failed;
}
