/* SPDX-License-Identifier: MIT */
/* "sample" of maps and variables: tags that read, what they become in package.json, and what is refused with its place. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include <ecli/package.h>

#include "base/cleanup.h"
#include "package/model.h"

/* What a tag becomes when it is written. */
static void becomes(const char *tag, const char *want)
{
	struct ecli_package_map map = { 0 };
	struct ecli_err err = { 0 };

	if (ecli_package_map_tag(&map, "sample", tag, &err))
		fail_msg("%s", err.text);
	CLEANUP_JSON json_t *made = ecli_package_make_sample(&map.sample);
	CLEANUP_FREE char *text = ecli_json_text(made);
	assert_string_equal(text, want);

	/* The same once more from what was written, for a variable. */
	struct ecli_package_var var = { 0 };
	assert_int_equal(ecli_package_var_tag(&var, "sample", text, &err), 0);
	CLEANUP_JSON json_t *again = ecli_package_make_sample(&var.sample);
	CLEANUP_FREE char *text_again = ecli_json_text(again);
	assert_string_equal(text_again, want);
	ecli_package_sample_done(&map.sample);
	ecli_package_sample_done(&var.sample);
}

static void a_sample_reads_and_writes(void **state)
{
	(void)state;
	becomes("", "{\"interval\":1000,\"type\":\"default_kv\"}");
	becomes("{\"interval\":0}", "{\"interval\":0,\"type\":\"default_kv\"}");
	becomes("{\"columns\":[\"a\",\"b = a / 2\",\"*\"],\"total\":true,\"percpu\":\"each\",\"counters\":true}",
		"{\"columns\":[\"a\",\"b = a / 2\",\"*\"],\"counters\":true,\"interval\":1000,\"percpu\":\"each\","
		"\"total\":true,\"type\":\"default_kv\"}");
	becomes("[{\"name\":\"x\",\"counters\":[\"a\"]},{\"type\":\"linear_hist\",\"base\":-5,\"step\":2,\"unit\":"
		"\"us\","
		"\"unit_if\":{\"ms\":\"ms\"}}]",
		"[{\"counters\":[\"a\"],\"interval\":1000,\"name\":\"x\",\"type\":\"default_kv\"},"
		"{\"base\":-5,\"interval\":1000,\"step\":2,\"type\":\"linear_hist\",\"unit\":\"us\","
		"\"unit_if\":{\"ms\":\"ms\"}}]");
}

static void what_is_malformed_is_told_and_leaves_nothing(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "{\"interval\":86400001}", "sample.interval must be from 0 to 86400000, but is 86400001" },
		{ "{\"columns\":[1]}", "sample.columns[0] must be a text, but is a number" },
		{ "{\"columns\":\"a\"}", "sample.columns must be a list, but is a text" },
		{ "{\"counters\":\"n\"}", "sample.counters must be a list, but is a text" },
		{ "{\"total\":1}", "sample.total must be true or false, but is a number" },
		{ "[]", "sample must have 1 to 16 tables" },
		{ "[{},3]", "sample[1] must be an object, but is a number" },
		{ "[{\"columns\":[\"a\"]},{\"percpu\":\"mean\"}]",
		  "sample[1].percpu must be sum, max or each, but is \"mean\"" },
		{ "7", "sample must be an object, but is a number" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ecli_package_map map = { 0 };
		struct ecli_err err = { 0 };

		assert_int_equal(ecli_package_map_tag(&map, "sample", cases[i][0], &err), -EINVAL);
		assert_string_equal(err.text, cases[i][1]);
		assert_int_equal(map.sample.kind, ECLI_SAMPLE_NONE);
		assert_null(map.sample.next);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sample_reads_and_writes),
		cmocka_unit_test(what_is_malformed_is_told_and_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
