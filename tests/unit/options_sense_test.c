/* SPDX-License-Identifier: MIT */
/* Values that were read without an error and leave nothing to show: limits that cross, names of what the machine does not have. */
#include "unit.h"

#include <errno.h>

#include "base/cleanup.h"
#include "tool_fixture.h"

static const char *object_path;

static const struct tag tags[] = {
	{ "a_u8", "at_most", "a_u16" },  /* 1, 2 */
	{ "a_s32", "at_most", "a_pid" }, /* -4, 8: signed */
	{ "t_us", "unit", "us" },
	{ "t_us", "at_most", "g_us" }, /* no such variable: means nothing */
	{ "t_ns", "unit", "ns" },
	{ "t_ns", "at_most", "t_bytes" },
	{ "t_bytes", "unit", "bytes" }, /* not of one kind: cannot be compared */
	{ "g_duration", "at_most", "a_u64" },
	{ "a_u32", "exists", "/proc/%" },
	{ "a_s16", "exists", "/sys/devices/system/cpu/cpu%" },
	{ "a_text", "exists", "/sys/block/%" },
	{ "pids", "exists", "/proc/%/comm" },
	{ "a_u64", "exists", "/etc/%" },
	{ "a_s64", "exists", "/proc/self" },
	{ "a_long", "exists", "/proc/%/%" },
};

static void open_tool(struct tool *tool)
{
	struct ecli_err err = { 0 };

	open_tagged(tool, object_path, tags, ARRAY_SIZE(tags));
	if (build_tool(tool, &err))
		fail_msg("%s", err.text);
}

static void limits_must_not_cross(void **state)
{
	(void)state;
	static const struct {
		const char *words[2], *sentence;
	} cases[] = {
		{ { "--a_u8=1", "--a_u16=1" }, NULL },
		{ { "--a_u8=2", "--a_u8=1" }, NULL }, /* the last one counts */
		{ { "--a_u16=0" }, "--a_u8 1 is above --a_u16 0: that leaves nothing to show" },
		{ { "--a_u8=200", "--a_u16=0xc7" }, "--a_u8 200 is above --a_u16 199: that leaves nothing to show" },
		{ { "--a_s32=-1", "--a_pid=0" }, NULL },
		{ { "--a_s32=-1", "--a_pid=-2" }, "--a_s32 -1 is above --a_pid -2: that leaves nothing to show" },
		{ { "--t_us=1h", "--t_ns=4s" }, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tool tool;
		struct ecli_err err = { 0 };

		open_tool(&tool);
		assert_int_equal(give_words(&tool, 1 + !!cases[i].words[1], (char *const *)cases[i].words, &err), 0);
		assert_int_equal(ecli_globals_check(tool.globals, &err), cases[i].sentence ? -EINVAL : 0);
		if (cases[i].sentence)
			assert_int_equal(err.fail, ECLI_FAIL_USAGE);
		assert_string_equal(err.text, cases[i].sentence ? cases[i].sentence : "");
		close_tool(&tool);
	}
}

static void add_claim(void *ctx, const struct ecli_option *option, const char *value, const char *path)
{
	ecli_buf_add_format(ctx, "%s %s %s\n", option->name, value, path);
}

static void what_a_value_names_is_asked_for(void **state)
{
	(void)state;
	static const struct {
		const char *word, *claims;
	} cases[] = {
		{ "--a_u8=1", "" }, /* what is compiled in names nothing */
		{ "--a_u32=0x10", "a_u32 16 /proc/16\n" },
		{ "--a_u32=0", "" },
		{ "--a_s16=7", "a_s16 7 /sys/devices/system/cpu/cpu7\n" },
		{ "--a_s16=-1", "" },
		{ "--a_text=sda", "a_text sda /sys/block/sda\n" },
		{ "--a_text=", "" },
		{ "--a_text=a/../b", "a_text a/../b /sys/block/a!..!b\n" },
		{ "--a_text=%s%n7", "a_text %s%n7 /sys/block/%s%n7\n" },
		{ "--pids=5,-1,6", "pids 5 /proc/5/comm\npids 6 /proc/6/comm\n" },
		{ "--a_u64=5", "" }, /* patterns that are none */
		{ "--a_s64=5", "" },
		{ "--a_long=5", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_BUF struct ecli_buf claims = { 0 };
		char *words[] = { (char *)cases[i].word };
		struct ecli_err err = { 0 };
		struct tool tool;

		open_tool(&tool);
		assert_int_equal(give_words(&tool, 1, words, &err), 0);
		assert_int_equal(ecli_globals_claims(tool.globals, add_claim, &claims), 0);
		assert_string_equal(ecli_buf_text(&claims), cases[i].claims);
		close_tool(&tool);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_must_not_cross),
		cmocka_unit_test(what_a_value_names_is_asked_for),
	};

	if (argc < 2)
		return 2;
	object_path = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
