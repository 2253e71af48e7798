/* SPDX-License-Identifier: MIT */
/* options/: words of a command line into values, values into bytes of a package's variables, and every sentence on the
 * way. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "object_fixture.h"
#include "tool_fixture.h"

/* ---- parsing --------------------------------------------------------------------------------------------------- */

static const char *const formats[] = { "table", "plain", "json", NULL };
static const struct ecli_type_value mode_values[] = { { "MODE_A", 0 }, { "MODE_B", 5 }, { "MODE_NEG", -1 } };
static const struct ecli_type mode = {
	.kind = ECLI_TYPE_ENUM, .is_signed = true, .n_values = 3, .values = mode_values
};

static const struct ecli_option table[] = {
	{ .name = "verbose", .short_name = 'v', .kind = ECLI_OPTION_FLAG },
	{ .name = "help", .short_name = 'h', .kind = ECLI_OPTION_FLAG },
	{ .name = "output", .short_name = 'o', .kind = ECLI_OPTION_CHOICE, .choices = formats },
	{ .name = "min_us", .short_name = 'm', .kind = ECLI_OPTION_UINT, .size_bytes = 8 },
	{ .name = "small", .kind = ECLI_OPTION_UINT, .size_bytes = 1 },
	{ .name = "nice", .short_name = 'n', .kind = ECLI_OPTION_SINT, .size_bytes = 2 },
	{ .name = "ratio", .kind = ECLI_OPTION_FLOAT, .size_bytes = 4 },
	{ .name = "comm", .short_name = 'c', .kind = ECLI_OPTION_STRING, .max_len = 15 },
	{ .name = "path", .kind = ECLI_OPTION_STRING },
	{ .name = "mode", .kind = ECLI_OPTION_ENUM, .size_bytes = 4, .enum_type = &mode },
	{ .name = "failed", .short_name = 'f', .kind = ECLI_OPTION_BOOL },
	{ .name = "no_fork", .kind = ECLI_OPTION_BOOL },
	{ .name = "last",
	  .kind = ECLI_OPTION_UINT,
	  .size_bytes = 8,
	  .notation = ECLI_NOTATION_SECONDS,
	  .least = 1000000,
	  .most = 3600000000000 },
	{ .name = "top", .kind = ECLI_OPTION_UINT, .size_bytes = 2, .least = 1 },
	{ .name = "room",
	  .kind = ECLI_OPTION_UINT,
	  .size_bytes = 8,
	  .notation = ECLI_NOTATION_BYTES,
	  .most = 2147483648 },
	{ .name = "into", .kind = ECLI_OPTION_STRING, .least = 1, .metavar = "FILE" },
};

#define LAST_TAKES "--last takes a time from 1ms to 1h, such as 10 or 0.5 (seconds), 500ms or 2m, not "

/* What was handed over, as text: "min_us=5 failed=true". */
static int note(void *ctx, const struct ecli_option_value *value, struct ecli_err *err)
{
	struct ecli_buf *out = ctx;

	ecli_buf_add_format(out, "%s%s", out->len ? " " : "", value->option->name);
	switch (value->option->kind) {
	case ECLI_OPTION_FLAG:
	case ECLI_OPTION_BOOL:
		ecli_buf_add_format(out, "=%s", value->flag ? "true" : "false");
		break;
	case ECLI_OPTION_UINT:
		ecli_buf_add_format(out, "=%llu", (unsigned long long)value->u);
		break;
	case ECLI_OPTION_SINT:
		ecli_buf_add_format(out, "=%lld", (long long)value->s);
		break;
	case ECLI_OPTION_ENUM:
		ecli_buf_add_format(out, "=%d", (int)value->u);
		break;
	case ECLI_OPTION_FLOAT:
		ecli_buf_add_format(out, "=%g", value->f);
		break;
	case ECLI_OPTION_STRING:
	case ECLI_OPTION_ADDRESS:
	case ECLI_OPTION_LIST:
		ecli_buf_add_format(out, "=%s", value->text);
		break;
	case ECLI_OPTION_CHOICE:
		ecli_buf_add_format(out, "=%s:%d", value->text, (int)value->u);
		break;
	}
	if (value->option->kind == ECLI_OPTION_STRING && !strcmp(value->text, "stop"))
		return ecli_err_set(err, -ECANCELED, "stopped");
	return 0;
}

/* Splits @line at spaces (no quoting; "''" is an empty word) and parses it. */
static int parse(const char *line, bool stop_at_word, struct ecli_buf *out, struct ecli_err *err, int *ret_used)
{
	CLEANUP_FREE char *copy = strdup(line);
	struct ecli_options_parse how = { table, ARRAY_SIZE(table), stop_at_word, note, out };
	char *argv[32];
	int argc = 0;

	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
		if (!strcmp(word, "''"))
			*word = '\0';
		argv[argc++] = word;
	}
	return ecli_options_parse(&how, argc, argv, err, ret_used);
}

static void words_become_values(void **state)
{
	(void)state;
	static const struct {
		const char *line, *values;
	} cases[] = {
		{ "", "" },
		{ "--min_us 5 --min-us 6 --min_us=7 --min-us=0x10", "min_us=5 min_us=6 min_us=7 min_us=16" },
		{ "-m5 -m 6 -m=7 -m 0xFF", "min_us=5 min_us=6 min_us=7 min_us=255" },
		{ "--min_us 18446744073709551615 --small 255", "min_us=18446744073709551615 small=255" },
		{ "--nice -5 -n-6 --nice=-32768 --nice +3 -n 32767", "nice=-5 nice=-6 nice=-32768 nice=3 nice=32767" },
		{ "--ratio -2.5 --ratio 1e3", "ratio=-2.5 ratio=1000" },
		{ "--comm=a=b -c -x --comm '' --comm 123456789012345", "comm=a=b comm=-x comm= comm=123456789012345" },
		{ "--mode MODE_B --mode 7 --mode=MODE_NEG --mode -1 --mode 0x5",
		  "mode=5 mode=7 mode=-1 mode=-1 mode=5" },
		{ "-o json --output=table", "output=json:2 output=table:0" },
		{ "--failed --no-failed --no_failed --enable-failed --disable-failed",
		  "failed=true failed=false failed=false failed=true failed=false" },
		{ "--failed=no --failed=1 --failed=TRUE --failed=off -f -f=0",
		  "failed=false failed=true failed=true failed=false failed=true failed=false" },
		{ "--no-fork --no-no-fork --no_fork=false", "no_fork=true no_fork=false no_fork=false" },
		{ "-vhv -vfm5 -vm 6",
		  "verbose=true help=true verbose=true verbose=true failed=true min_us=5 verbose=true min_us=6" },
		{ "-v --", "verbose=true" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_BUF struct ecli_buf out = { 0 };
		struct ecli_err err = { 0 };
		int used = -1;

		if (parse(cases[i].line, false, &out, &err, &used))
			fail_msg("%s: %s", cases[i].line, err.text);
		assert_string_equal(ecli_buf_text(&out), cases[i].values);
	}
}

static void words_that_are_no_options_stop_it(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		int used;
	} cases[] = { { "-v run -h", 1 }, { "-v -- -h", 2 }, { "- -h", 0 }, { "-c x y", 2 }, { "-v", 1 }, { "", 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_BUF struct ecli_buf out = { 0 };
		int used = -1;

		assert_int_equal(parse(cases[i].line, true, &out, NULL, &used), 0);
		assert_int_equal(used, cases[i].used);
	}
}

static void a_wrong_word_is_told(void **state)
{
	(void)state;
	static const struct {
		const char *line, *text;
	} cases[] = {
		{ "--min_us 10x", "--min_us takes a whole number from 0 to 18446744073709551615, not \"10x\"" },
		{ "--min-us -5", "--min_us takes a whole number from 0 to 18446744073709551615, not \"-5\"" },
		{ "-m ''", "--min_us takes a whole number from 0 to 18446744073709551615, not \"\"" },
		{ "-m 18446744073709551616",
		  "--min_us takes a whole number from 0 to 18446744073709551615, not \"18446744073709551616\"" },
		{ "--small=256", "--small takes a whole number from 0 to 255, not \"256\"" },
		{ "--nice 32768", "--nice takes a whole number from -32768 to 32767, not \"32768\"" },
		{ "--nice -32769", "--nice takes a whole number from -32768 to 32767, not \"-32769\"" },
		{ "--ratio 1e39", "--ratio takes a number such as 2, 0.5 or 1e6, not \"1e39\": its largest is 3.4e38" },
		{ "--ratio nan", "--ratio takes a number such as 2, 0.5 or 1e6, not \"nan\"" },
		{ "--last x", LAST_TAKES "\"x\"" },
		{ "--last ''", LAST_TAKES "\"\"" },
		{ "--last -1", LAST_TAKES "\"-1\"" },
		{ "--last 0", LAST_TAKES "\"0\"" },
		{ "--last 999us", LAST_TAKES "\"999us\"" },
		{ "--last 3600.000000001", LAST_TAKES "\"3600.000000001\"" },
		{ "--last 61m", LAST_TAKES "\"61m\"" },
		{ "--last 4k", LAST_TAKES "\"4k\"" },
		{ "--last 99999999999999999999", LAST_TAKES "\"99999999999999999999\"" },
		{ "--last 0.3333333333", LAST_TAKES "\"0.3333333333\": that is no whole number of ns" },
		{ "--last", "--last needs a value: a time from 1ms to 1h, such as 10 or 0.5 (seconds), 500ms or 2m" },
		{ "--top 0", "--top takes a whole number from 1 to 65535, not \"0\"" },
		{ "--room 3G", "--room takes a size from 0 to 2G, such as 4k or 16M, not \"3G\"" },
		{ "--into ''", "--into takes FILE, not an empty text" },
		{ "--into", "--into needs a value: FILE" },
		{ "--comm 12345678901234567890123", "--comm takes at most 15 bytes, not 23" },
		{ "--mode MODE_C",
		  "--mode takes one of MODE_A, MODE_B, MODE_NEG, or a whole number from -2147483648 to 2147483647, not "
		  "\"MODE_C\"; did you mean MODE_A?" },
		{ "-o xml", "--output takes one of table, plain, json, not \"xml\"" },
		{ "-o jsn", "--output takes one of table, plain, json, not \"jsn\"; did you mean json?" },
		{ "--failed=maybe", "--failed takes true or false, not \"maybe\"" },
		{ "--verbose=1", "--verbose takes no value" },
		{ "-v=1", "--verbose takes no value" },
		{ "--no-failed=1", "--no-failed takes no value; write --failed=true or --failed=false" },
		{ "--min_us", "--min_us needs a value: a whole number from 0 to 18446744073709551615" },
		{ "-c", "--comm needs a value: at most 15 bytes" },
		{ "--path", "--path needs a value: a text" },
		{ "-o", "--output needs a value: one of table, plain, json" },
		{ "--min_su 5", "there is no option --min_su; did you mean --min_us?" },
		{ "--MIN-US 5", "there is no option --MIN-US; did you mean --min_us?" },
		{ "--verb", "there is no option --verb; did you mean --verbose?" },
		{ "--frobnicate=3", "there is no option --frobnicate; --help shows them all" },
		{ "--no-verbose", "there is no option --no-verbose; did you mean --verbose?" },
		{ "--=3", "there is no option --; --help shows them all" },
		{ "-x", "there is no option -x; --help shows them all" },
		{ "-v5", "there is no option -5; --help shows them all" },
		{ "-\xc3\xa9", "there is no option -\xc3\xa9; --help shows them all" },
		{ "-v word", "\"word\" is not expected here: it is not an option" },
		{ "-v -- word", "\"word\" is not expected here: it is not an option" },
		{ "-", "\"-\" is not expected here: it is not an option" },
		{ "--failed false", "\"false\" is not expected here; write --failed=false" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_BUF struct ecli_buf out = { 0 };
		struct ecli_err err = { 0 };
		int used = -1;

		assert_int_equal(parse(cases[i].line, false, &out, &err, &used), -EINVAL);
		assert_string_equal(err.text, cases[i].text);
		assert_int_equal(err.fail, ECLI_FAIL_USAGE);
		assert_int_equal(used, -1);
		assert_int_equal(parse(cases[i].line, false, &out, NULL, &used), -EINVAL);
	}
}

static void a_callback_can_stop_it(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf out = { 0 };
	struct ecli_err err = { 0 };
	int used = -1;

	assert_int_equal(parse("-v --path stop -h", false, &out, &err, &used), -ECANCELED);
	assert_string_equal(err.text, "stopped");
	assert_string_equal(ecli_buf_text(&out), "verbose=true path=stop");
	assert_int_equal(used, -1);
}

/* ---- a package's variables ------------------------------------------------------------------------------------- */

static void open_tool(struct tool *tool)
{
	CLEANUP_BUF struct ecli_buf object = { 0 };
	struct ecli_err err = { 0 };

	*tool = (struct tool){ 0 };
	fixture_object(&object, true);
	if (ecli_package_from_object("t.bpf.o", object.data, object.len, &err, &tool->package) ||
	    ecli_types_read_object(object.data, object.len, &err, &tool->types))
		fail_msg("%s", err.text);
}

static int give(struct tool *tool, const char *name, const char *value, struct ecli_err *err)
{
	char *const argv[] = { (char *)name, (char *)value };

	return give_words(tool, value ? 2 : 1, argv, err);
}

static void knobs_are_options(void **state)
{
	(void)state;
	static const struct {
		const char *name, *type, *value;
		enum ecli_option_kind kind;
	} rows[] = {
		{ "min_us", "u64", "7", ECLI_OPTION_UINT },
		{ "targ_pid", "u32", "0", ECLI_OPTION_UINT },
		{ "nice", "int", "-5", ECLI_OPTION_SINT },
		{ "ratio", "double", "0.1", ECLI_OPTION_FLOAT },
		{ "failed", "bool", "false", ECLI_OPTION_BOOL },
		{ "comm", "char[16]", "\"cc1\"", ECLI_OPTION_STRING },
		{ "mode", "enum mode", "MODE_B", ECLI_OPTION_ENUM },
		{ "tiny", "signed char", "-3", ECLI_OPTION_SINT },
	};

	/* With what the package lists, and with nothing listed, as old packages are. */
	for (int without = 0; without < 2; without++) {
		struct tool tool;
		size_t count, listed;

		open_tool(&tool);
		listed = tool.package->n_vars;
		if (without)
			tool.package->n_vars = 0;
		assert_int_equal(build_tool(&tool, NULL), 0);
		const struct ecli_option *options = ecli_globals_options(tool.globals, &count);
		assert_int_equal(count, ARRAY_SIZE(rows));
		for (size_t i = 0; i < count; i++) {
			assert_string_equal(options[i].name, rows[i].name);
			assert_string_equal(options[i].type_text, rows[i].type);
			assert_string_equal(options[i].default_text, rows[i].value);
			assert_int_equal(options[i].kind, rows[i].kind);
		}
		assert_int_equal(row(&tool, "comm")->max_len, 15);
		assert_int_equal(n_values(&tool), 0);
		tool.package->n_vars = listed;
		close_tool(&tool);
	}
}

static void what_is_given_becomes_bytes(void **state)
{
	(void)state;
	struct tool tool;
	double ratio = -1.5;

	open_tool(&tool);
	assert_int_equal(build_tool(&tool, NULL), 0);
	assert_int_equal(give(&tool, "--min-us", "0x0102030405060708", NULL), 0);
	assert_int_equal(give(&tool, "--nice=-2", NULL, NULL), 0);
	assert_int_equal(give(&tool, "--ratio", "-1.5", NULL), 0);
	assert_int_equal(give(&tool, "--failed", NULL, NULL), 0);
	assert_int_equal(give(&tool, "--comm", "123456789012345", NULL), 0);
	assert_int_equal(give(&tool, "--comm", "ab", NULL), 0);
	assert_int_equal(give(&tool, "--mode", "MODE_A", NULL), 0);

	static const struct {
		const char *name;
		uint64_t offset;
		uint32_t size;
		const char *bytes;
	} expected[] = {
		{ "min_us", 0, 8, "\x08\x07\x06\x05\x04\x03\x02\x01" },
		{ "nice", 12, 4, "\xfe\xff\xff\xff" },
		{ "ratio", 16, 8, NULL },
		{ "failed", 24, 1, "\x01" },
		{ "comm", 26, 16, "ab\0\0\0\0\0\0\0\0\0\0\0\0\0" },
		{ "mode", 44, 4, "\0\0\0" },
	};
	size_t count;
	const struct ecli_global *values = ecli_globals_values(tool.globals, &count);
	assert_int_equal(count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(values[i].section, ".rodata");
		assert_string_equal(values[i].name, expected[i].name);
		assert_int_equal(values[i].offset_bytes, expected[i].offset);
		assert_int_equal(values[i].size_bytes, expected[i].size);
		assert_memory_equal(values[i].bytes, expected[i].bytes ? (const void *)expected[i].bytes : &ratio,
				    expected[i].size);
	}
	close_tool(&tool);
}

static void the_package_gives_names_and_defaults(void **state)
{
	(void)state;
	struct tool tool;
	const float gain = 2.5f;

	open_tool(&tool);
	struct ecli_package_var *var = variable(&tool, "min_us");
	var->has_cmdarg = true;
	var->arg_long = strdup("min");
	var->arg_short = strdup("m");
	var->arg_default_json = strdup("100");
	var->value_json = strdup("5");
	var->arg_help = strdup("from cmdarg");
	var->description = strdup("from comment");
	var = variable(&tool, "failed");
	var->description = strdup("from comment");
	var->value_json = strdup("true");
	/* Not .rodata: an option only with a cmdarg, written in any case when the package has a value. */
	variable(&tool, "limit")->has_cmdarg = true;
	variable(&tool, "counter")->value_json = strdup("9");
	variable(&tool, "gain")->value_json = strdup("2.5");
	/* A name that is taken, and a letter. */
	var = variable(&tool, "tiny");
	var->has_cmdarg = true;
	var->arg_long = strdup("nice");
	var->arg_short = strdup("m");
	var->arg_default_json = strdup("null");
	variable(&tool, "ecli_self_tgid")->has_cmdarg = true;
	assert_int_equal(build_tool(&tool, NULL), 0);

	assert_string_equal(row(&tool, "min")->default_text, "100");
	assert_string_equal(row(&tool, "min")->help, "from cmdarg");
	assert_int_equal(row(&tool, "min")->short_name, 'm');
	assert_null(row(&tool, "min_us"));
	assert_string_equal(row(&tool, "failed")->default_text, "true");
	assert_string_equal(row(&tool, "failed")->help, "from comment");
	assert_non_null(row(&tool, "limit"));
	assert_null(row(&tool, "counter"));
	assert_null(row(&tool, "ecli_self_tgid"));
	assert_non_null(row(&tool, "tiny"));
	assert_int_equal(row(&tool, "tiny")->short_name, 0);

	assert_int_equal(n_values(&tool), 4);
	assert_int_equal(global(&tool, "min_us")->bytes[0], 100);
	assert_int_equal(global(&tool, "failed")->bytes[0], 1);
	assert_int_equal(global(&tool, "counter")->bytes[0], 9);
	assert_string_equal(global(&tool, "counter")->section, ".bss");
	assert_memory_equal(global(&tool, "gain")->bytes, &gain, 4);

	/* The variable's name does as well, and means the same option. */
	assert_int_equal(give(&tool, "--min-us", "7", NULL), 0);
	assert_int_equal(global(&tool, "min_us")->bytes[0], 7);
	assert_string_equal(row(&tool, "min")->other_name, "min_us");
	assert_null(row(&tool, "tiny")->other_name);
	assert_int_equal(give(&tool, "-m", "3", NULL), 0);
	assert_int_equal(give(&tool, "--disable-failed", NULL, NULL), 0);
	assert_int_equal(global(&tool, "min_us")->bytes[0], 3);
	assert_int_equal(global(&tool, "failed")->bytes[0], 0);
	assert_int_equal(n_values(&tool), 4);
	close_tool(&tool);
}

/* What programs write is understood under its own name, and listed nowhere. */
static void variables_that_programs_write_are_quiet(void **state)
{
	(void)state;
	struct tool tool;
	size_t count;

	open_tool(&tool);
	variable(&tool, "limit")->has_cmdarg = true;
	variable(&tool, "min_us")->arg_long = strdup("gain");
	assert_int_equal(build_tool(&tool, NULL), 0);
	const struct ecli_option *quiet = ecli_globals_quiet_options(tool.globals, &count);
	assert_int_equal(count, 1); /* limit is a row, and gain the name of another */
	assert_string_equal(quiet[0].name, "counter");
	assert_null(row(&tool, "counter"));
	assert_int_equal(n_values(&tool), 0);
	struct ecli_option_value value = { .option = quiet, .u = 300 };
	assert_int_equal(ecli_globals_set(tool.globals, &value, NULL), 0);
	assert_memory_equal(global(&tool, "counter")->bytes, "\x2c\1\0", 4);
	assert_int_equal(n_values(&tool), 1);
	close_tool(&tool);
}

static void a_wrong_default_is_told(void **state)
{
	(void)state;
	static const struct {
		const char *name, *json, *text;
	} cases[] = {
		{ "targ_pid", "-1",
		  "the package's default for targ_pid is wrong: --targ_pid takes a whole number from 0 to 4294967295, "
		  "not "
		  "\"-1\"" },
		{ "failed", "2", "the package's default for failed is wrong: --failed takes true or false, not \"2\"" },
		{ "comm", "\"1234567890123456\"",
		  "the package's default for comm is wrong: --comm takes at most 15 bytes, not 16" },
		{ "nice", "{\"a\":1}",
		  "the package's default for nice is wrong: --nice takes a whole number from -2147483648 to "
		  "2147483647, not "
		  "\"{\"a\":1}\"" },
		{ "tiny", "{",
		  "the package's default for tiny is wrong: --tiny takes a whole number from -128 to 127, "
		  "not \"{\"" },
		{ "tiny", "\"", "the package's default for tiny cannot be read" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ecli_err err = { 0 };
		struct tool tool;

		open_tool(&tool);
		variable(&tool, cases[i].name)->value_json = strdup(cases[i].json);
		assert_int_equal(build_tool(&tool, &err), -EINVAL);
		assert_string_equal(err.text, cases[i].text);
		assert_int_equal(err.fail, ECLI_FAIL_ERROR);
		assert_null(tool.globals);
		close_tool(&tool);
	}
}

static void the_runner_fills_variables(void **state)
{
	(void)state;
	struct tool tool;

	open_tool(&tool);
	variable(&tool, "nice")->value_json = strdup("1");
	assert_int_equal(build_tool(&tool, NULL), 0);
	assert_true(ecli_globals_set_default(tool.globals, "ecli_self_tgid", 0x1234));
	assert_memory_equal(global(&tool, "ecli_self_tgid")->bytes, "\x34\x12\0", 4);
	assert_int_equal(global(&tool, "ecli_self_tgid")->offset_bytes, 48);
	assert_false(ecli_globals_set_default(tool.globals, "ecli_self_tgid", 5));
	assert_false(ecli_globals_set_default(tool.globals, "nice", 5));
	assert_false(ecli_globals_set_default(tool.globals, "nothing", 5));
	assert_false(ecli_globals_set_default(tool.globals, "where", 5));
	assert_true(ecli_globals_set_default(tool.globals, "counter", 6));

	struct ecli_option other = { .name = "other", .kind = ECLI_OPTION_UINT };
	struct ecli_option_value value = { .option = &other };
	struct ecli_err err = { 0 };
	assert_int_equal(ecli_globals_set(tool.globals, &value, &err), -ENOENT);
	assert_string_equal(err.text, "this tool has no option --other");
	close_tool(&tool);
}

static void variables_that_are_not_there_are_skipped(void **state)
{
	(void)state;
	struct tool tool;

	open_tool(&tool);
	/* Names as old packages have them, a section that is not one, a variable listed twice. */
	struct ecli_package_var *var = variable(&tool, "min_us");
	free(var->name);
	var->name = strdup("__padding");
	var->value_json = strdup("4");
	var = variable(&tool, "targ_pid");
	free(var->section);
	var->section = strdup(".nowhere");
	var = variable(&tool, "nice");
	free(var->name);
	var->name = strdup("ratio");
	/* A value for a pointer is told to the log and not written. */
	variable(&tool, "where")->value_json = strdup("5");
	assert_int_equal(build_tool(&tool, NULL), 0);
	assert_null(row(&tool, "min_us"));
	assert_null(row(&tool, "targ_pid"));
	assert_null(row(&tool, "__padding"));
	assert_non_null(row(&tool, "ratio"));
	assert_int_equal(n_values(&tool), 0);
	close_tool(&tool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_values),
		cmocka_unit_test(words_that_are_no_options_stop_it),
		cmocka_unit_test(a_wrong_word_is_told),
		cmocka_unit_test(a_callback_can_stop_it),
		cmocka_unit_test(knobs_are_options),
		cmocka_unit_test(what_is_given_becomes_bytes),
		cmocka_unit_test(the_package_gives_names_and_defaults),
		cmocka_unit_test(variables_that_programs_write_are_quiet),
		cmocka_unit_test(a_wrong_default_is_told),
		cmocka_unit_test(the_runner_fills_variables),
		cmocka_unit_test(variables_that_are_not_there_are_skipped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
