/* SPDX-License-Identifier: MIT */
/*
 * Every type and notation of options/, over the variables of arguments.bpf.c: what --help shows, which bytes a value becomes, which
 * sentence a wrong one gets. `options_types_test OBJECT`.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "options/names.h"
#include "options/quantity.h"
#include "tool_fixture.h"

static const char *object_path;

static const struct tag tags[] = {
	{ "t_ns", "unit", "ns" },
	{ "t_us", "unit", "us" },
	{ "t_ms", "unit", "ms" },
	{ "t_s", "unit", "s" },
	{ "t_bytes", "unit", "bytes" },
	{ "waits", "unit", "ms" },
	{ "ports", "count", "n_ports" },
	{ "listed", "count", "nowhere" },
	{ "ip_word", "format", "ipv4" },
	{ "ip_bytes", "format", "ipv4" },
	{ "ip6_bytes", "format", "ipv6" },
	{ "ip6_struct", "format", "ipv6" },
	{ "ips", "format", "ipv4" },
	{ "port_be", "format", "port_be" },
	{ "port_type", "format", "port" },
	{ "port_list", "format", "port_be" },
	{ "n_errno", "format", "errno" },
	{ "n_signal", "format", "signal" },
	{ "n_syscalls", "format", "syscall" },
	{ "a_u16", "format", "port" },    /* a plain one: as it is */
	{ "a_bool", "unit", "ms" },       /* does not fit */
	{ "a_u64", "format", "ipv4" },    /* does not fit */
	{ "a_s64", "unit", "fortnight" }, /* unknown */
};

static void open_tool(struct tool *tool)
{
	open_tagged(tool, object_path, tags, ARRAY_SIZE(tags));
}

static int give(struct tool *tool, const char *name, const char *value, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf word = { 0 };

	ecli_buf_add_format(&word, "--%s=%s", name, value);
	char *argv[] = { (char *)ecli_buf_text(&word) };
	return give_words(tool, 1, argv, err);
}

/* The bytes that would be written to the variable, as hexadecimal text; "-" when none would be. */
static void add_bytes(const struct tool *tool, const char *name, struct ecli_buf *out)
{
	const struct ecli_global *value = global(tool, name);

	for (uint32_t i = 0; value && i < value->size_bytes; i++)
		ecli_buf_add_format(out, "%02x", value->bytes[i]);
	if (!value)
		ecli_buf_add_char(out, '-');
}

/* ---- what is compiled in --------------------------------------------------------------------------------------- */

static void what_is_compiled_in_is_shown_as_it_is_typed(void **state)
{
	(void)state;
	static const struct {
		const char *name, *shown;
	} rows[] = {
		{ "a_u8", "1" },
		{ "a_s8", "-1" },
		{ "a_u16", "2" },
		{ "a___u16", "3" },
		{ "a_s16", "-3" },
		{ "a_u32", "4" },
		{ "a_s32", "-4" },
		{ "a_u64", "5" },
		{ "a_s64", "-5" },
		{ "a_size", "6" },
		{ "a_long", "7" },
		{ "a_pid", "8" },
		{ "a_char", "','" },
		{ "a_uchar", "120" },
		{ "a_bool", "true" },
		{ "a_float", "0.25" },
		{ "a_double", "0.5" },
		{ "a_text", "\"abc\"" },
		{ "a_color", "GREEN" },
		{ "a_huge", "HUGE_TOP" },
		{ "a_minus", "MINUS_SMALL" },
		{ "a_uid", "1000" },
		{ "a_gid", "any" },
		{ "n_errno", "2" },
		{ "n_signal", "9" },
		{ "n_syscalls", NULL },
		{ "t_ns", "1500ns" },
		{ "t_us", "10ms" },
		{ "t_ms", "-1500ms" },
		{ "t_s", "1m" },
		{ "t_bytes", "4k" },
		{ "g_duration", "2ms" },
		{ "g_bytes", "1536" },
		{ "ports", "80,443" },
		{ "pids", NULL },
		{ "colors", "RED,BLUE" },
		{ "waits", "1s,20ms" },
		{ "ratios", NULL },
		{ "bits", "false,true" },
		{ "listed", "1,2,3" },
		{ "ip_word", "10.0.0.1" },
		{ "ip_bytes", "192.168.1.2" },
		{ "ip6_bytes", "fe80::1" },
		{ "ip6_struct", "::" },
		{ "ips", "127.0.0.1" },
		{ "port_be", "443" },
		{ "port_type", "0" },
		{ "port_list", "80" },
	};
	struct tool tool;
	size_t count;

	open_tool(&tool);
	assert_int_equal(build_tool(&tool, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct ecli_option *option = row(&tool, rows[i].name);

		if (!option)
			fail_msg("no option %s", rows[i].name);
		else if (!rows[i].shown)
			assert_null(option->default_text);
		else
			assert_string_equal(option->default_text, rows[i].shown);
	}
	/* All others are none: no word can express them, or a list fills them. Nothing is written. */
	ecli_globals_options(tool.globals, &count);
	assert_int_equal(count, ARRAY_SIZE(rows));
	assert_null(row(&tool, "n_ports"));
	assert_int_equal(n_values(&tool), 0);
	close_tool(&tool);
}

/* What is shown, typed again, gives the bytes that were there: for every option that shows something. */
static void what_is_shown_can_be_typed(void **state)
{
	(void)state;
	struct tool before, after;
	size_t count;

	open_tool(&before);
	assert_int_equal(build_tool(&before, NULL), 0);
	const struct ecli_option *options = ecli_globals_options(before.globals, &count);
	for (size_t i = 0; i < count; i++) {
		struct ecli_err err = { 0 };

		if (!options[i].default_text || options[i].kind == ECLI_OPTION_STRING)
			continue;
		open_tool(&after);
		struct ecli_package_var *var = variable(&after, options[i].name);
		assert_int_equal(ecli_package_var_tag(var, "value", options[i].default_text, &err), 0);
		if (build_tool(&after, &err))
			fail_msg("%s", err.text);
		assert_string_equal(row(&after, options[i].name)->default_text, options[i].default_text);
		assert_int_equal(n_values(&after), 1 + !strcmp(options[i].name, "ports"));
		close_tool(&after);
	}
	close_tool(&before);
}

/* ---- what is given --------------------------------------------------------------------------------------------- */

static void values_become_bytes(void **state)
{
	(void)state;
	static const struct {
		const char *name, *typed, *bytes;
	} cases[] = {
		{ "a_u8", "0xff", "ff" },
		{ "a_s8", "-128", "80" },
		{ "a___u16", "65535", "ffff" },
		{ "a_s16", "-2", "feff" },
		{ "a_size", "18446744073709551615", "ffffffffffffffff" },
		{ "a_long", "0x10", "1000000000000000" },
		{ "a_s64", "-9223372036854775808", "0000000000000080" },
		{ "a_pid", "-1", "ffffffff" },
		{ "a_char", "x", "78" },
		{ "a_char", "'7'", "37" },
		{ "a_char", "7", "07" },
		{ "a_char", "-", "2d" },
		{ "a_char", "-7", "f9" },
		{ "a_bool", "no", "00" },
		{ "a_float", "-1.5", "0000c0bf" },
		{ "a_text", "1234567", "3132333435363700" },
		{ "a_text", "", "0000000000000000" },
		{ "a_color", "BLUE", "04000000" },
		{ "a_color", "7", "07000000" },
		{ "a_huge", "HUGE_TOP", "0100000000000080" },
		{ "a_minus", "MINUS_SMALL", "000efad5feffffff" },
		{ "a_minus", "-2", "feffffffffffffff" },
		{ "a_uid", "root", "00000000" },
		{ "a_uid", "4294967295", "ffffffff" },
		{ "a_uid", "any", "ffffffff" },
		{ "a_gid", "root", "00000000" },
		{ "n_errno", "ENOENT", "02000000" },
		{ "n_errno", "-EPERM", "ffffffff" },
		{ "n_errno", "13", "0d000000" },
		{ "n_signal", "SIGTERM", "0f000000" },
		{ "t_ns", "200us", "400d0300" },
		{ "t_us", "10ms", "1027000000000000" },
		{ "t_us", "1.5s", "60e3160000000000" },
		{ "t_us", "7", "0700000000000000" },
		{ "t_us", "0.001ms", "0100000000000000" },
		{ "t_us", "3µs", "0300000000000000" },
		{ "t_us", "0x10", "1000000000000000" },
		{ "t_ms", "-2s", "30f8ffff" },
		{ "t_s", "2m", "78" },
		{ "t_s", "max", "ff" },
		{ "t_us", "max", "ffffffffffffffff" },
		{ "t_bytes", "max", "ffffffff" },
		{ "t_bytes", "4k", "00100000" },
		{ "t_bytes", "1.5KiB", "00060000" },
		{ "t_bytes", "16M", "00000001" },
		{ "t_bytes", "1G", "00000040" },
		{ "t_bytes", "100B", "64000000" },
		{ "g_duration", "1h", "00a0b83046030000" },
		{ "g_bytes", "15P", "0000000000003c00" },
		{ "pids", "1,2", "010000000200000000000000" },
		{ "pids", "", "000000000000000000000000" },
		{ "pids", "1, -2", "01000000feffffff00000000" },
		{ "colors", "BLUE", "0400000000000000" },
		{ "waits", "1s,5", "e8030000000000000500000000000000" },
		{ "ratios", "0.5,1", "0000003f0000803f" },
		{ "bits", "yes,no,on", "010001" },
		{ "ip_word", "10.1.2.3", "0a010203" },
		{ "ip_bytes", "255.255.255.255", "ffffffff" },
		{ "ip6_bytes", "2001:db8::ff", "20010db80000000000000000000000ff" },
		{ "ip6_struct", "::1", "00000000000000000000000000000001" },
		{ "ips", "10.0.0.1,10.0.0.2", "0a0000010a000002" },
		{ "port_be", "443", "01bb" },
		{ "port_type", "80", "0050" },
		{ "port_list", "80,443", "005001bb" },
		{ "a_u16", "80", "5000" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_BUF struct ecli_buf bytes = { 0 };
		struct ecli_err err = { 0 };
		struct tool tool;

		open_tool(&tool);
		assert_int_equal(build_tool(&tool, NULL), 0);
		if (give(&tool, cases[i].name, cases[i].typed, &err))
			fail_msg("%s", err.text);
		add_bytes(&tool, cases[i].name, &bytes);
		if (strcmp(ecli_buf_text(&bytes), cases[i].bytes) != 0)
			fail_msg("--%s=%s became %s", cases[i].name, cases[i].typed, ecli_buf_text(&bytes));
		assert_int_equal(n_values(&tool), 1); /* nothing else is written */
		close_tool(&tool);
	}
}

static void a_limit_that_is_none_is_shown_as_such(void **state)
{
	(void)state;
	struct tool tool;

	open_tool(&tool);
	assert_int_equal(ecli_package_var_tag(variable(&tool, "t_us"), "value", "18446744073709551615", NULL), 0);
	assert_int_equal(ecli_package_var_tag(variable(&tool, "t_bytes"), "value", "4294967295", NULL), 0);
	assert_int_equal(ecli_package_var_tag(variable(&tool, "t_s"), "value", "254", NULL), 0);
	assert_int_equal(ecli_package_var_tag(variable(&tool, "a_u16"), "value", "65535", NULL), 0);
	assert_int_equal(build_tool(&tool, NULL), 0);
	assert_string_equal(row(&tool, "t_us")->default_text, "max");
	assert_string_equal(row(&tool, "t_bytes")->default_text, "max");
	assert_string_equal(row(&tool, "t_s")->default_text, "254s");
	assert_string_equal(row(&tool, "a_u16")->default_text, "65535");
	close_tool(&tool);
}

static void a_counter_follows_its_list(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf bytes = { 0 };
	struct tool tool;

	open_tool(&tool);
	assert_int_equal(ecli_package_var_tag(variable(&tool, "ports"), "value", "[22, 80, 443]", NULL), 0);
	assert_int_equal(build_tool(&tool, NULL), 0);
	assert_string_equal(row(&tool, "ports")->default_text, "22,80,443");
	add_bytes(&tool, "ports", &bytes);
	add_bytes(&tool, "n_ports", &bytes);
	assert_string_equal(ecli_buf_text(&bytes), "16005000bb01000003000000");

	ecli_buf_clear(&bytes);
	assert_int_equal(give(&tool, "ports", "0", NULL), 0);
	add_bytes(&tool, "ports", &bytes);
	add_bytes(&tool, "n_ports", &bytes);
	assert_string_equal(ecli_buf_text(&bytes), "000000000000000001000000");

	ecli_buf_clear(&bytes);
	assert_int_equal(give(&tool, "ports", "", NULL), 0);
	add_bytes(&tool, "n_ports", &bytes);
	assert_string_equal(ecli_buf_text(&bytes), "00000000");
	close_tool(&tool);
}

static int on_given(void *ctx, const struct ecli_option_value *value, struct ecli_err *err)
{
	return ecli_globals_give(ctx, value, err);
}

/* What a person says twice: of a list both count, of anything else one would be lost. */
static void both_of_two_values_count(void **state)
{
	(void)state;
	static const struct {
		const char *words[3], *bytes; /* NULL: refused */
	} cases[] = {
		{ { "--ports=22", "--ports=80,443" }, "16005000bb010000" },
		{ { "--ports=22 80", "--ports= 443 " }, "16005000bb010000" },
		{ { "--ports=22, 80,443" }, "16005000bb010000" },
		{ { "--ports=22\n80 ,\t443" }, "16005000bb010000" },
		{ { "--ports=", "--ports=80", "--ports=" }, "5000000000000000" },
		{ { "--ports=22,80,1", "--ports=443,8080" }, NULL },
		{ { "--ports=22,,80" }, NULL },
		{ { "--ports=22," }, NULL },
		{ { "--ports=, 22" }, NULL },
		{ { "--a_u8=1", "--a_u8=1" }, NULL },
		{ { "--no-a_bool", "--a_bool" }, "-" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_BUF struct ecli_buf bytes = { 0 };
		struct ecli_err err = { 0 };
		struct tool tool;
		int count = 0, used;

		open_tool(&tool);
		assert_int_equal(build_tool(&tool, NULL), 0);
		while (count < 3 && cases[i].words[count])
			count++;
		struct ecli_options_parse parse = { .on_option = on_given, .ctx = tool.globals };
		parse.options = ecli_globals_options(tool.globals, &parse.count);
		int r = ecli_options_parse(&parse, count, (char *const *)cases[i].words, &err, &used);
		if (!r != (cases[i].bytes != NULL))
			fail_msg("%s: %s", cases[i].words[0], r ? err.text : "is taken");
		if (r)
			assert_int_equal(err.fail, ECLI_FAIL_USAGE);
		add_bytes(&tool, "ports", &bytes);
		if (cases[i].bytes)
			assert_string_equal(ecli_buf_text(&bytes), cases[i].bytes);
		close_tool(&tool);
	}
}

static void a_wrong_value_is_told(void **state)
{
	(void)state;
	static const struct {
		const char *name, *typed, *sentence;
	} cases[] = {
		{ "a_u8", "256", "--a_u8 takes a whole number from 0 to 255, not \"256\"" },
		{ "a_u8", "max", "--a_u8 takes a whole number from 0 to 255, not \"max\"" },
		{ "a_u8", "4k", "--a_u8 takes a whole number from 0 to 255, not \"4k\"" },
		{ "a_s8", "-129", "--a_s8 takes a whole number from -128 to 127, not \"-129\"" },
		{ "a_s32", "--1", "--a_s32 takes a whole number from -2147483648 to 2147483647, not \"--1\"" },
		{ "a_bool", "maybe", "--a_bool takes true or false, not \"maybe\"" },
		{ "a_char", "ab", "--a_char takes one character or a whole number from -128 to 127, not \"ab\"" },
		{ "a_char", "é", "--a_char takes one character or a whole number from -128 to 127, not \"é\"" },
		{ "a_text", "12345678", "--a_text takes at most 7 bytes, not 8" },
		{ "a_color", "GREN",
		  "--a_color takes one of RED, GREEN, BLUE, or a whole number from 0 to 4294967295, not "
		  "\"GREN\"; did "
		  "you mean GREEN?" },
		{ "a_uid", "nobody-of-this-name",
		  "--a_uid takes a whole number from 0 to 4294967295 or the name of a user, not "
		  "\"nobody-of-this-name\"" },
		{ "n_errno", "ENONE",
		  "--n_errno takes a whole number from -2147483648 to 2147483647 or the name of an error, not "
		  "\"ENONE\"" },
		{ "n_signal", "-SIGKILL",
		  "--n_signal takes a whole number from 0 to 4294967295 or the name of a signal, not "
		  "\"-SIGKILL\"" },
		{ "n_syscalls", "0,nothing",
		  "--n_syscalls takes up to 4 values separated by commas, each a whole number from -2147483648 to "
		  "2147483647 or the name of a system call, not \"0,nothing\"" },
		{ "t_us", "1.5us",
		  "--t_us takes a time from 0 to 18446744073709551615 us, such as 10ms or 2s, not \"1.5us\": "
		  "that is no "
		  "whole number of us" },
		{ "t_us", "10x",
		  "--t_us takes a time from 0 to 18446744073709551615 us, such as 10ms or 2s, not \"10x\"" },
		{ "t_us", "99999999999999999999s",
		  "--t_us takes a time from 0 to 18446744073709551615 us, such as 10ms or 2s, not "
		  "\"99999999999999999999s\"" },
		{ "t_s", "5m", "--t_s takes a time from 0 to 255 s, such as 10ms or 2s, not \"5m\"" },
		{ "t_bytes", "4G", "--t_bytes takes a size from 0 to 4294967295 bytes, such as 4k or 16M, not \"4G\"" },
		{ "ports", "1,2,3,4,5",
		  "--ports takes up to 4 values separated by commas, each a whole number from 0 to 65535, not "
		  "\"1,2,3,4,5\": these are 5" },
		{ "ports", "80,",
		  "--ports takes up to 4 values separated by commas, each a whole number from 0 to 65535, not "
		  "\"80,\"" },
		{ "ports", "80,65536",
		  "--ports takes up to 4 values separated by commas, each a whole number from 0 to 65535, not "
		  "\"80,65536\"" },
		{ "ip_word", "10.0.0.256", "--ip_word takes an IPv4 address such as 10.0.0.1, not \"10.0.0.256\"" },
		{ "ip6_bytes", "10.0.0.1", "--ip6_bytes takes an IPv6 address such as fe80::1, not \"10.0.0.1\"" },
		{ "port_be", "65536", "--port_be takes a port from 0 to 65535, not \"65536\"" },
		{ "n_ports", "3", "there is no option --n_ports; did you mean --ports?" },
	};
	struct tool tool;

	open_tool(&tool);
	assert_int_equal(build_tool(&tool, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ecli_err err = { 0 };

		assert_int_equal(give(&tool, cases[i].name, cases[i].typed, &err), -EINVAL);
		assert_int_equal(err.fail, ECLI_FAIL_USAGE);
		assert_string_equal(err.text, cases[i].sentence);
	}
	assert_int_equal(n_values(&tool), 0);
	close_tool(&tool);
}

static void tags_that_do_not_fit_are_told(void **state)
{
	(void)state;
	static const struct {
		const char *name, *sentence;
	} cases[] = {
		{ "a_bool", "@unit ms does not fit a_bool, which is of type bool" },
		{ "a_u64", "@format ipv4 does not fit a_u64, which is of type u64" },
		{ "a_s64", "@unit of a variable is one of ns, us, ms, s, bytes, not \"fortnight\"" },
		{ "t_us", "" },
		{ "a_u32", "" },
	};
	struct tool tool;

	open_tool(&tool);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct ecli_package_var *var = variable(&tool, cases[i].name);
		enum ecli_notation notation;
		struct ecli_err err = { 0 };
		int r = ecli_package_var_notation(var, tool.types, ecli_package_var_type(var, tool.types), &err,
						  &notation);

		assert_int_equal(r, *cases[i].sentence ? -EINVAL : 0);
		assert_string_equal(err.text, cases[i].sentence);
	}
	close_tool(&tool);
}

/* ---- the parts ------------------------------------------------------------------------------------------------- */

static void quantities_are_exact(void **state)
{
	(void)state;
	static const struct {
		enum ecli_notation notation;
		const char *text;
		int r;
		uint64_t value;
	} cases[] = {
		{ ECLI_NOTATION_NS, "18446744073.709551615s", 0, UINT64_MAX },
		{ ECLI_NOTATION_NS, "18446744073.709551616s", -ERANGE, 0 },
		{ ECLI_NOTATION_NS, "0.1ns", -EDOM, 0 },
		{ ECLI_NOTATION_NS, "1.000000000000000000000000000000ns", 0, 1 },
		{ ECLI_NOTATION_NS, "1.000000000000000000000000000001ns", -EDOM, 0 },
		{ ECLI_NOTATION_S, "1000ms", 0, 1 },
		{ ECLI_NOTATION_S, "0x10", 0, 16 },
		{ ECLI_NOTATION_SECONDS, "10", 0, 10000000000 },
		{ ECLI_NOTATION_SECONDS, "0.5", 0, 500000000 },
		{ ECLI_NOTATION_SECONDS, "0x10", 0, 16000000000 },
		{ ECLI_NOTATION_SECONDS, "500ms", 0, 500000000 },
		{ ECLI_NOTATION_SECONDS, "2m", 0, 120000000000 },
		{ ECLI_NOTATION_SECONDS, "1.5h", 0, 5400000000000 },
		{ ECLI_NOTATION_SECONDS, "7ns", 0, 7 },
		{ ECLI_NOTATION_SECONDS, "0.0000000001", -EDOM, 0 },
		{ ECLI_NOTATION_SECONDS, "18446744073.709551615", 0, UINT64_MAX },
		{ ECLI_NOTATION_SECONDS, "18446744074", -ERANGE, 0 },
		{ ECLI_NOTATION_SECONDS, "0x44b82fa0a", -ERANGE, 0 },
		{ ECLI_NOTATION_SECONDS, "1e3", -EINVAL, 0 },
		{ ECLI_NOTATION_SECONDS, "inf", -EINVAL, 0 },
		{ ECLI_NOTATION_S, "1001ms", -EDOM, 0 },
		{ ECLI_NOTATION_US, "00000000000000000000000000001ms", 0, 1000 },
		{ ECLI_NOTATION_BYTES, "0.5k", 0, 512 },
		{ ECLI_NOTATION_BYTES, "16383P", 0, 16383ull << 50 },
		{ ECLI_NOTATION_BYTES, "16384P", -ERANGE, 0 },
		{ ECLI_NOTATION_BYTES, "4kB", -EINVAL, 0 },
		{ ECLI_NOTATION_BYTES, "4s", -EINVAL, 0 },
		{ ECLI_NOTATION_US, "4k", -EINVAL, 0 },
		{ ECLI_NOTATION_US, "", -EINVAL, 0 },
		{ ECLI_NOTATION_US, "ms", -EINVAL, 0 },
		{ ECLI_NOTATION_US, ".", -EINVAL, 0 },
		{ ECLI_NOTATION_US, "1.", -EINVAL, 0 },
		{ ECLI_NOTATION_US, ".5ms", 0, 500 },
		{ ECLI_NOTATION_US, "1.5.5ms", -EINVAL, 0 },
		{ ECLI_NOTATION_US, "1 ms", -EINVAL, 0 },
		{ ECLI_NOTATION_US, "-1", -EINVAL, 0 },
		{ ECLI_NOTATION_PLAIN, "1.5", -EINVAL, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t value = 0;
		int r = ecli_quantity_parse(cases[i].notation, cases[i].text, &value);

		if (r != cases[i].r || value != cases[i].value)
			fail_msg("%s: %d, %llu", cases[i].text, r, (unsigned long long)value);
	}
}

static void names_come_from_files(void **state)
{
	(void)state;
	char path[] = "/tmp/names-XXXXXX";
	static const char text[] =
		"root:x:0:0:root:/root:/bin/sh\nbad:x:12a:1\nshort:x\nbig:x:4294967296:\ntop:x:4294967295:\n"
		"last:x:77";
	uint32_t id = 5;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	assert_false(ecli_names_find(path, "ro", &id));
	assert_false(ecli_names_find(path, "", &id));
	assert_false(ecli_names_find(path, "bad", &id));
	assert_false(ecli_names_find(path, "short", &id));
	assert_false(ecli_names_find(path, "big", &id));
	assert_false(ecli_names_find(path, "root:x:0:0", &id));
	assert_false(ecli_names_find("/nonexistent/passwd", "root", &id));
	assert_int_equal(id, 5);
	assert_true(ecli_names_find(path, "root", &id));
	assert_int_equal(id, 0);
	assert_true(ecli_names_find(path, "top", &id));
	assert_int_equal(id, UINT32_MAX);
	assert_true(ecli_names_find(path, "last", &id));
	assert_int_equal(id, 77);
	unlink(path);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_compiled_in_is_shown_as_it_is_typed),
		cmocka_unit_test(what_is_shown_can_be_typed),
		cmocka_unit_test(values_become_bytes),
		cmocka_unit_test(a_limit_that_is_none_is_shown_as_such),
		cmocka_unit_test(a_counter_follows_its_list),
		cmocka_unit_test(both_of_two_values_count),
		cmocka_unit_test(a_wrong_value_is_told),
		cmocka_unit_test(tags_that_do_not_fit_are_told),
		cmocka_unit_test(quantities_are_exact),
		cmocka_unit_test(names_come_from_files),
	};

	if (argc < 2)
		return 2;
	object_path = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
