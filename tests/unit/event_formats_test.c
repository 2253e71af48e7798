/* SPDX-License-Identifier: MIT */
/*
 * What the event tools brought: lists of words (as text that a shell reads back, as JSON, in --where), addresses of both families, numbers in
 * a fixed unit, columns that are hidden.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecli/render.h>
#include <ecli/where.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "plan/ops.h"
#include "plan_fixture.h"

#define WALL_NS        1795341600123456789u
#define BYTES(literal) literal, sizeof(literal) - 1

DEFINE_CLEANUP(where, struct ecli_where *, ecli_where_free)
DEFINE_CLEANUP(program, struct ecli_where_program *, ecli_where_program_free)

static void make(struct fixture *f, const char *line, const char *field, const char *format)
{
	struct ecli_plan_note note = { .field = field, .format = format };

	*f = (struct fixture){ .spec = spec_new() };
	f->id = spec_define(f->spec, line);
	fixture_plan(f, &note, 1);
}

/* The row behind its time. The record lies in a block of its size, so that AddressSanitizer sees each byte too far. */
static char *row(const struct fixture *f, enum ecli_format format, const void *data, size_t size)
{
	CLEANUP_BUF struct ecli_buf out = { 0 };
	CLEANUP_FREE void *copy = malloc(size ? size : 1);
	struct ecli_render *render = NULL;

	memcpy(copy, data, size);
	assert_int_equal(ecli_render_new(f->plan, format, NULL, NULL, &render), 0);
	assert_int_equal(ecli_render_row(render, WALL_NS, copy, size, &out), 0);
	ecli_render_free(render);
	const char *text = ecli_buf_text(&out);
	text = format == ECLI_FORMAT_JSON ? strchr(text, ',') + 1 : text + strlen("10:00:00");
	return strndup(text, strlen(text) - 1);
}

static void shows(const struct fixture *f, enum ecli_format format, const void *data, size_t size, const char *want)
{
	CLEANUP_FREE char *got = row(f, format, data, size);

	assert_string_equal(got, want);
}

/* ---- lists of words -------------------------------------------------------------------------------------------- */

static void words_are_quoted_as_a_shell_needs_it(void **state)
{
	(void)state;
	struct fixture f;

	make(&f, "struct event u8:n char[0]:args", "args", "argv");
	shows(&f, ECLI_FORMAT_TABLE, BYTES("\1ls\0-l\0a b\0"), "   1 ls -l 'a b'");
	shows(&f, ECLI_FORMAT_TABLE, BYTES("\1\0x\0\0"), "   1 '' x ''");
	shows(&f, ECLI_FORMAT_TABLE, BYTES("\1it's\0\"q\"\0"), "   1 'it'\"'\"'s' '\"q\"'");
	shows(&f, ECLI_FORMAT_TABLE, BYTES("\1a\nb\0c\\d\0\033\0"), "   1 $'a\\nb' $'c\\\\d' $'\\e'");
	shows(&f, ECLI_FORMAT_TABLE, BYTES("\1\xff\0caf\xc3\xa9\0"), "   1 $'\\xff' caf\xc3\xa9");
	shows(&f, ECLI_FORMAT_TABLE, BYTES("\1a b\nc'd\0"), "   1 $'a b\\nc'\"'\"$'d'");
	shows(&f, ECLI_FORMAT_PLAIN, BYTES("\1ls\0a b\0"), " 1 ls\\x20'a\\x20b'");
	/* No words, one word, and a word that looks like none. */
	shows(&f, ECLI_FORMAT_PLAIN, BYTES("\1"), " 1 -");
	shows(&f, ECLI_FORMAT_PLAIN, BYTES("\1-\0"), " 1 '-'");
	shows(&f, ECLI_FORMAT_PLAIN, BYTES("\1cat\0-\0"), " 1 cat\\x20-");
	fixture_done(&f);
}

static void a_list_that_was_cut_says_so(void **state)
{
	(void)state;
	struct fixture f;

	make(&f, "struct event u8:n char[0]:args", "args", "argv");
	shows(&f, ECLI_FORMAT_TABLE, BYTES("\1ls\0a b"), "   1 ls 'a b'...");
	shows(&f, ECLI_FORMAT_TABLE, BYTES("\1ls\0..."), "   1 ls ...");
	shows(&f, ECLI_FORMAT_TABLE, BYTES("\1ls\0...\0"), "   1 ls '...'");
	shows(&f, ECLI_FORMAT_JSON, BYTES("\1ls\0\0a\"b\0"),
	      "\"n\":1,\"args\":[\"ls\",\"\",\"a\\\"b\"],\"args_cut\":false}");
	shows(&f, ECLI_FORMAT_JSON, BYTES("\1ls\0ab"), "\"n\":1,\"args\":[\"ls\",\"ab\"],\"args_cut\":true}");
	shows(&f, ECLI_FORMAT_JSON, BYTES("\1ls\0..."), "\"n\":1,\"args\":[\"ls\"],\"args_cut\":true}");
	shows(&f, ECLI_FORMAT_JSON, BYTES("\1...\0"), "\"n\":1,\"args\":[\"...\"],\"args_cut\":false}");
	shows(&f, ECLI_FORMAT_JSON, BYTES("\1"), "\"n\":1,\"args\":[],\"args_cut\":false}");
	fixture_done(&f);
}

/* Of an array that is always there whole, zeros at the end are room and no words. */
static void zeros_behind_a_fixed_array_are_no_words(void **state)
{
	(void)state;
	struct fixture f;
	char large[1 + 80] = "\1a\0b";

	make(&f, "struct event char[8]:args u8:n", "args", "argv");
	shows(&f, ECLI_FORMAT_JSON, BYTES("a\0\0b\0\0\0\0\7"),
	      "\"args\":[\"a\",\"\",\"b\"],\"args_cut\":false,\"n\":7}");
	shows(&f, ECLI_FORMAT_JSON, BYTES("abcdefg\0\7"), "\"args\":[\"abcdefg\"],\"args_cut\":false,\"n\":7}");
	shows(&f, ECLI_FORMAT_JSON, BYTES("abcdefgh\7"), "\"args\":[\"abcdefgh\"],\"args_cut\":true,\"n\":7}");
	shows(&f, ECLI_FORMAT_JSON, BYTES("\0\0\0\0\0\0\0\0\7"), "\"args\":[],\"args_cut\":false,\"n\":7}");
	fixture_done(&f);
	/* A long one at the end: a record that has a part of it is exact, one that has all of it is an array as above. */
	make(&f, "struct event u8:n char[80]:args", "args", "argv");
	shows(&f, ECLI_FORMAT_JSON, large, 6, "\"n\":1,\"args\":[\"a\",\"b\",\"\"],\"args_cut\":false}");
	shows(&f, ECLI_FORMAT_JSON, large, sizeof(large), "\"n\":1,\"args\":[\"a\",\"b\"],\"args_cut\":false}");
	fixture_done(&f);
}

/* What is shown can be typed: bash makes the same words of it. */
static void a_shell_reads_the_words_back(void **state)
{
	(void)state;
	static const char *const parts[] = { "a",    "Z",    "0",        " ", "'", "\"", "\\", "\n", "\t",
					     "\x01", "\x7f", "$",        "`", "!", "*",  ".",  "-",  "~",
					     "#",    "\xff", "\xc3\xa9", "%", "=", "&",  ";" };
	char script[] = "/tmp/ecli-words-XXXXXX", command[64];
	CLEANUP_BUF struct ecli_buf lines = { 0 }, want = { 0 };
	uint32_t random = 7;
	struct fixture f;

	make(&f, "struct event u8:n char[0]:args", "args", "argv");
	for (int i = 0; i < 400; i++) {
		CLEANUP_BUF struct ecli_buf record = { 0 };

		ecli_buf_add_char(&record, 1);
		for (int k = 0; k < 12; k++) {
			random = random * 1664525 + 1013904223;
			if (random >> 24 < 60)
				ecli_buf_add_char(&record, '\0');
			else
				ecli_buf_add_text(&record, parts[(random >> 16) % ARRAY_SIZE(parts)]);
		}
		ecli_buf_add_char(&record, '\0');
		CLEANUP_FREE char *text = row(&f, ECLI_FORMAT_TABLE, record.data, record.len);
		ecli_buf_add_format(&lines, "printf '%%s\\0' %s\n", text + strlen("   1 "));
		ecli_buf_add(&want, record.data + 1, record.len - 1);
	}
	fixture_done(&f);
	close(mkstemp(script));
	assert_int_equal(ecli_file_write(script, lines.data, lines.len, NULL), 0);
	snprintf(command, sizeof(command), "LC_ALL=C bash %s", script);
	FILE *shell = popen(command, "r");
	CLEANUP_FREE char *got = calloc(1, want.len + 1);
	assert_int_equal(fread(got, 1, want.len + 1, shell), want.len);
	assert_memory_equal(got, want.data, want.len);
	assert_int_equal(pclose(shell), 0);
	unlink(script);
}

/* ---- --where --------------------------------------------------------------------------------------------------- */

static bool matches(const struct fixture *f, const char *text, const void *data, size_t size)
{
	CLEANUP(cleanup_where) struct ecli_where *where = NULL;
	CLEANUP(cleanup_program) struct ecli_where_program *program = NULL;
	const struct ecli_plan *plan = f->plan;
	struct ecli_err err = { 0 };

	if (ecli_where_parse(text, &err, &where) || ecli_where_bind(where, &plan, 1, &err, &program))
		fail_msg("%s: %s", text, err.text);
	return ecli_where_matches(program, data, size);
}

static void words_are_compared_with_spaces_between(void **state)
{
	(void)state;
	CLEANUP(cleanup_where) struct ecli_where *where = NULL;
	struct ecli_where_program *program = NULL;
	struct fixture f;
	struct ecli_err err = { 0 };

	make(&f, "struct event u8:n char[0]:args", "args", "argv");
	assert_true(matches(&f, "args == \"ls -l a\"", BYTES("\1ls\0-l\0a\0")));
	assert_true(matches(&f, "args ~ \"*-l*\"", BYTES("\1ls\0-l\0a\0")));
	assert_false(matches(&f, "args ~ \"*-x*\"", BYTES("\1ls\0-l\0a\0")));
	assert_true(matches(&f, "args == \"\"", BYTES("\1")));
	assert_false(matches(&f, "args == \"ls\"", BYTES("\1ls\0-l\0")));
	const struct ecli_plan *plan = f.plan;
	assert_int_equal(ecli_where_parse("args_cut", &err, &where), 0);
	assert_int_equal(ecli_where_bind(where, &plan, 1, &err, &program), -EINVAL);
	assert_non_null(strstr(err.text, "args_cut is shown only"));
	fixture_done(&f);
}

static void networks_of_both_families_are_compared(void **state)
{
	(void)state;
	static const char four[] = "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\1\2\3",
			  six[] = "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1";
	struct fixture f;

	make(&f, "struct event u8[16]:addr", "addr", "ip");
	shows(&f, ECLI_FORMAT_PLAIN, four, 16, " 10.1.2.3");
	shows(&f, ECLI_FORMAT_PLAIN, six, 16, " fe80::1");
	shows(&f, ECLI_FORMAT_JSON, four, 16,
	      "\"addr\":\"10.1.2.3\",\"addr_raw\":\"00000000000000000000ffff0a010203\"}");
	assert_true(matches(&f, "addr == 10.1.2.3", four, 16));
	assert_true(matches(&f, "addr == ::ffff:10.1.2.3", four, 16));
	assert_true(matches(&f, "addr == 10.0.0.0/8", four, 16));
	assert_false(matches(&f, "addr == 10.2.0.0/16", four, 16));
	assert_true(matches(&f, "addr == fe80::/10", six, 16));
	assert_false(matches(&f, "addr in (10.0.0.0/8, 0.0.0.0/0)", six, 16));
	fixture_done(&f);
}

/* ---- fixed units ----------------------------------------------------------------------------------------------- */

static void numbers_have_one_unit(void **state)
{
	(void)state;
	static const struct {
		const char *format, *text, *where;
		uint64_t value;
	} cases[] = {
		{ "ns_in_us", "1234.567", "f == 1234.567", 1234567 },
		{ "ns_in_ms", "1.234", "f > 1.2 && f < 1.3ms && f == 1234567ns", 1234567 },
		{ "ns_in_ms", "0.000", "f < 1us", 999 },
		{ "us_in_ms", "0.999", "f == 0.999 && f_raw == 999", 999 },
		{ "us_in_ms", "18446744073709551.615", "f > 1s", UINT64_MAX },
		{ "bytes_in_kib", "1.500", "f == 1.5 && f == 1536B", 1536 },
		{ "bytes_in_kib", "0.999", "f < 1", 1023 },
		{ "bytes_in_kib", "1048576.000", "f == 1GiB", 1u << 30 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_BUF struct ecli_buf want = { 0 };
		struct fixture f;

		make(&f, "struct event u64:f", "f", cases[i].format);
		ecli_buf_add_format(&want, "\"f\":%s,\"f_raw\":%llu}", cases[i].text,
				    (unsigned long long)cases[i].value);
		shows(&f, ECLI_FORMAT_JSON, &cases[i].value, 8, ecli_buf_text(&want));
		assert_true(matches(&f, cases[i].where, &cases[i].value, 8));
		fixture_done(&f);
	}
	int64_t negative = -1500;
	struct fixture f;
	make(&f, "struct event s64:f", "f", "ns_in_us");
	shows(&f, ECLI_FORMAT_PLAIN, &negative, 8, " -1.500");
	assert_true(matches(&f, "f == -1.5", &negative, 8));
	fixture_done(&f);
}

static void hidden_columns_are_in_json_only(void **state)
{
	(void)state;
	struct fixture f;

	make(&f, "struct event u8:a s32:b_raw u8:c", "b_raw", "errno");
	ecli_plan_hide(f.plan, "a");
	ecli_plan_hide(f.plan, "b_raw");
	ecli_plan_hide(f.plan, "nobody");
	shows(&f, ECLI_FORMAT_PLAIN, BYTES("\1\0\0\0\xfe\xff\xff\xff\3\0\0\0"), " 3");
	shows(&f, ECLI_FORMAT_JSON, BYTES("\1\0\0\0\xfe\xff\xff\xff\3\0\0\0"),
	      "\"a\":1,\"b\":\"-ENOENT\",\"b_raw\":-2,\"c\":3}");
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_quoted_as_a_shell_needs_it),
		cmocka_unit_test(a_list_that_was_cut_says_so),
		cmocka_unit_test(zeros_behind_a_fixed_array_are_no_words),
		cmocka_unit_test(a_shell_reads_the_words_back),
		cmocka_unit_test(words_are_compared_with_spaces_between),
		cmocka_unit_test(networks_of_both_families_are_compared),
		cmocka_unit_test(numbers_have_one_unit),
		cmocka_unit_test(hidden_columns_are_in_json_only),
	};
	setenv("TZ", "UTC0", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
