/* SPDX-License-Identifier: MIT */
/* package/hooks: where network programs attach, from the keys of a program; every wrong key with its place. package/when: conditions. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ecli/package.h>

#include "base/cleanup.h"

/* The keys of one program: "KEY", "JSON", ... */
struct keys {
	const char *text[8];
};

static void set_keys(struct ecli_package_extras *extras, const struct keys *keys)
{
	*extras = (struct ecli_package_extras){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(keys->text) && keys->text[i]; i += 2)
		assert_int_equal(ecli_package_extra_set(extras, keys->text[i], keys->text[i + 1]), 0);
}

static void free_keys(struct ecli_package_extras *extras)
{
	for (size_t i = 0; i < extras->count; i++) {
		free(extras->items[i].key);
		free(extras->items[i].json);
	}
	free(extras->items);
}

static void tc_keys_are_read(void **state)
{
	(void)state;
	static const struct {
		struct keys keys;
		struct ecli_package_tc tc;
	} cases[] = {
		/* The defaults of the public loader. */
		{ { { NULL } }, { 1, 1, 0, 1, 1, false } },
		{ { { "tchook", "{}", "tcopts", "{}" } }, { 1, 1, 0, 1, 1, true } },
		{ { { "tchook", "{\"ifindex\":7,\"attach_point\":\"BPF_TC_EGRESS\"}" } }, { 7, 2, 0, 1, 1, false } },
		{ { { "tchook", "{\"attach_point\":\"BPF_TC_INGRESS\"}", "other", "1" } }, { 1, 1, 0, 1, 1, false } },
		{ { { "tchook", "{\"attach_point\":\"BPF_TC_CUSTOM\",\"parent\":4294967295}", "tcopts",
		      "{\"handle\":0,\"priority\":65535}" } },
		  { 1, 4, 4294967295, 0, 65535, true } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ecli_package_extras extras;
		struct ecli_package_tc tc = { 0 };
		struct ecli_err err = { 0 };

		set_keys(&extras, &cases[i].keys);
		assert_int_equal(ecli_package_tc_read(&extras, &err, &tc), 0);
		assert_int_equal(tc.ifindex, cases[i].tc.ifindex);
		assert_int_equal(tc.attach_point, cases[i].tc.attach_point);
		assert_int_equal(tc.parent, cases[i].tc.parent);
		assert_int_equal(tc.handle, cases[i].tc.handle);
		assert_int_equal(tc.priority, cases[i].tc.priority);
		assert_int_equal(tc.has_opts, cases[i].tc.has_opts);
		free_keys(&extras);
	}
}

static void xdp_keys_are_read(void **state)
{
	(void)state;
	static const struct {
		struct keys keys;
		struct ecli_package_xdp xdp;
	} cases[] = {
		{ { { NULL } }, { 1, 0, 0 } },
		{ { { "ifindex", "3", "flags", "10", "xdpopts", "{\"old_prog_fd\":5}" } }, { 3, 10, 5 } },
		{ { { "flags", "4294967295", "xdpopts", "{}" } }, { 1, 4294967295, 0 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ecli_package_extras extras;
		struct ecli_package_xdp xdp = { 0 };
		struct ecli_err err = { 0 };

		set_keys(&extras, &cases[i].keys);
		assert_int_equal(ecli_package_xdp_read(&extras, &err, &xdp), 0);
		assert_int_equal(xdp.ifindex, cases[i].xdp.ifindex);
		assert_int_equal(xdp.flags, cases[i].xdp.flags);
		assert_true(xdp.old_prog_fd == cases[i].xdp.old_prog_fd);
		free_keys(&extras);
	}
}

static void wrong_keys_are_told_with_their_place(void **state)
{
	(void)state;
	static const struct {
		bool is_xdp;
		const char *key, *json, *text;
	} cases[] = {
		{ false, "tchook", "1", "tchook must be an object, but is a number" },
		{ false, "tchook", "{\"ifindex\":0}", "tchook.ifindex must be from 1 to 2147483647, but is 0" },
		{ false, "tchook", "{\"ifindex\":2147483648}",
		  "tchook.ifindex must be from 1 to 2147483647, but is 2147483648" },
		{ false, "tchook", "{\"parent\":-1}", "tchook.parent must be from 0 to 4294967295, but is -1" },
		{ false, "tchook", "{\"attach_point\":7}", "tchook.attach_point must be a text, but is a number" },
		{ false, "tchook", "{\"attach_point\":\"BPF_TC_MIDDLE\"}",
		  "tchook.attach_point must be BPF_TC_INGRESS, BPF_TC_EGRESS or BPF_TC_CUSTOM, but is "
		  "\"BPF_TC_MIDDLE\"" },
		{ false, "tcopts", "[]", "tcopts must be an object, but is a list" },
		{ false, "tcopts", "{\"handle\":\"x\"}", "tcopts.handle must be a whole number, but is a text" },
		{ false, "tcopts", "{\"priority\":65536}", "tcopts.priority must be from 0 to 65535, but is 65536" },
		{ true, "ifindex", "0", "ifindex must be from 1 to 2147483647, but is 0" },
		{ true, "flags", "1.5", "flags must be a whole number, but is a number with a fraction" },
		{ true, "xdpopts", "true", "xdpopts must be an object, but is true or false" },
		{ true, "xdpopts", "{\"old_prog_fd\":-1}",
		  "xdpopts.old_prog_fd must be from 0 to 2147483647, but is -1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct keys keys = { { cases[i].key, cases[i].json } };
		struct ecli_package_xdp xdp = { .ifindex = 99 };
		struct ecli_package_tc tc = { .ifindex = 99 };
		struct ecli_package_extras extras;
		struct ecli_err err = { 0 };

		set_keys(&extras, &keys);
		int r = cases[i].is_xdp ? ecli_package_xdp_read(&extras, &err, &xdp)
					: ecli_package_tc_read(&extras, &err, &tc);
		assert_int_equal(r, -EINVAL);
		assert_string_equal(err.text, cases[i].text);
		/* Outputs are left alone when something is wrong. */
		assert_true(tc.ifindex == 99 && xdp.ifindex == 99);
		free_keys(&extras);
	}
}

/* The options of a tool: "on" and "off". */
static bool is_set(void *ctx, const char *variable, bool *ret_is_set)
{
	(void)ctx;
	*ret_is_set = !strcmp(variable, "on");
	return *ret_is_set || !strcmp(variable, "off");
}

static void one_of_a_condition_is_enough(void **state)
{
	(void)state;
	static const struct {
		const char *condition;
		bool holds;
	} cases[] = {
		{ "on", true },         { "off", false },       { "!on", false },          { "!off", true },
		{ "off,on", true },     { "!on , off", false }, { "\toff ,! off ", true }, { "off,off,off,on", true },
		{ " ! on,!on", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool holds = !cases[i].holds;

		assert_int_equal(ecli_package_when(cases[i].condition, is_set, NULL, "map m", NULL, &holds), 0);
		assert_int_equal(holds, cases[i].holds);
	}
}

static void wrong_conditions_are_told(void **state)
{
	(void)state;
	static const struct {
		const char *condition, *text;
	} cases[] = {
		{ "other", "map m: @when names \"other\", but the tool has no such global variable" },
		{ "on,others", "map m: @when names \"others\", but the tool has no such global variable" },
		{ "", "map m: @when names \"\", but the tool has no such global variable" },
		{ "on,,off", "map m: @when names \"\", but the tool has no such global variable" },
		{ "!!on", "map m: @when names \"!on\", but the tool has no such global variable" },
		{ "on off", "map m: @when takes names with commas between, not \"on off\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ecli_err err = { 0 };
		bool holds = true;

		assert_int_equal(ecli_package_when(cases[i].condition, is_set, NULL, "map m", &err, &holds), -EINVAL);
		assert_string_equal(err.text, cases[i].text);
		assert_true(holds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tc_keys_are_read),
		cmocka_unit_test(xdp_keys_are_read),
		cmocka_unit_test(wrong_keys_are_told_with_their_place),
		cmocka_unit_test(one_of_a_condition_is_enough),
		cmocka_unit_test(wrong_conditions_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
