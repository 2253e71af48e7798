/* SPDX-License-Identifier: MIT */
/*
 * render/: digits, escapes, times and messages by themselves. The fast ways are compared with slow ones written here
 * that look at one character after the other.
 */
#include "unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ecli/render.h>

#include "base/cleanup.h"
#include "random.h"
#include "render/clock.h"
#include "render/escape.h"
#include "render/utf8.h"

#define WALL_NS 1795341600123456789u /* 2026-11-22T10:00:00.123456789Z */

/* ---- escapes --------------------------------------------------------------------------------------------------- */

static void utf8_is_decoded_strictly(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned int bytes;
		uint32_t code;
	} cases[] = {
		{ "a", 1, 'a' },
		{ "\xc3\xa9", 2, 0xe9 },
		{ "\xe4\xb8\xad", 3, 0x4e2d },
		{ "\xf0\x9f\x90\xa7", 4, 0x1f427 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\xf4\x90\x80\x80", 0, 0 },
		{ "\xc0\xaf", 0, 0 },
		{ "\xc1\xbf", 0, 0 },
		{ "\xe0\x9f\xbf", 0, 0 },
		{ "\xf0\x8f\xbf\xbf", 0, 0 },
		{ "\xed\xa0\x80", 0, 0 },
		{ "\xed\x9f\xbf", 3, 0xd7ff },
		{ "\x80", 0, 0 },
		{ "\xc3", 0, 0 },
		{ "\xe4\xb8", 0, 0 },
		{ "\xe4\xb8z", 0, 0 },
		{ "\xff", 0, 0 },
		{ "\xf5\x80\x80\x80", 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t code = 0;

		assert_int_equal(ecli_utf8_decode(cases[i].text, strlen(cases[i].text), &code), cases[i].bytes);
		assert_int_equal(code, cases[i].code);
	}
	assert_int_equal(ecli_utf8_width('a'), 1);
	assert_int_equal(ecli_utf8_width(0xe9), 1);
	assert_int_equal(ecli_utf8_width(0x301), 0);
	assert_int_equal(ecli_utf8_width(0x4e2d), 2);
	assert_int_equal(ecli_utf8_width(0xac00), 2);
	assert_int_equal(ecli_utf8_width(0x1f427), 2);
	assert_int_equal(ecli_utf8_width(0x2500), 1);
	assert_true(ecli_utf8_is_unsafe(0x9b) && ecli_utf8_is_unsafe(0x202e) && ecli_utf8_is_unsafe(0x2069));
	assert_false(ecli_utf8_is_unsafe(' ') || ecli_utf8_is_unsafe(0xa0) || ecli_utf8_is_unsafe(0x2010));
}

static void check_text(void (*fn)(const char *, size_t, struct ecli_buf *), const char *text, size_t len,
		       const char *expected)
{
	CLEANUP_BUF struct ecli_buf buf = { 0 };

	fn(text, len, &buf);
	assert_string_equal(ecli_buf_text(&buf), expected);
}

static void json_strings_are_valid_whatever_comes(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t len;
		const char *expected;
	} cases[] = {
		{ "", 0, "\"\"" },
		{ "abc", 3, "\"abc\"" },
		{ "a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\"" },
		{ "\b\f\n\r\t\0\x1f\x7f", 8, "\"\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f\"" },
		{ "caf\xc3\xa9 \xf0\x9f\x90\xa7", 10, "\"caf\xc3\xa9 \xf0\x9f\x90\xa7\"" },
		{ "x\xff\xfey", 4, "\"x\xef\xbf\xbd\xef\xbf\xbdy\"" },
		{ "cut\xe4\xb8", 5, "\"cut\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xe2\x80\xa8\xe2\x80\xa9", 6, "\"\\u2028\\u2029\"" },
		{ "\xc2\x9b\xe2\x80\xae\xef\xbb\xbf", 8, "\"\\u009b\\u202e\\ufeff\"" },
		{ "\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_text(ecli_render_json_text, cases[i].text, cases[i].len, cases[i].expected);
}

static void terminal_text_cannot_act_on_the_terminal(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t len;
		const char *expected;
	} cases[] = {
		{ "plain text", 10, "plain text" },
		{ "\x1b[2J", 4, "\\e[2J" },
		{ "\a\b\t\n\v\f\r", 7, "\\a\\b\\t\\n\\v\\f\\r" },
		{ "\0\x01\x7f", 3, "\\x00\\x01\\x7f" },
		{ "back\\slash \"q\"", 14, "back\\\\slash \"q\"" },
		{ "\xff\xc3", 2, "\\xff\\xc3" },
		{ "\xc2\x9b"
		  "31m",
		  5, "\\u{9b}31m" },
		{ "a\xe2\x80\xae"
		  "b",
		  5, "a\\u{202e}b" },
		{ "\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f\xe2\x81\xa6\xef\xbb\xbf", 14,
		  "\\u{61c}\\u{200e}\\u{200f}\\u{2066}\\u{feff}" },
		{ "\xe2\x80\xa8\xe2\x80\xa9", 6, "\\u{2028}\\u{2029}" },
		{ "\xe4\xb8\xad\xe6\x96\x87", 6, "\xe4\xb8\xad\xe6\x96\x87" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_text(ecli_render_safe_text, cases[i].text, cases[i].len, cases[i].expected);
}

/* One character after the other; the slow twin of ecli_escape_safe() and ecli_escape_json(). */
static void slow_safe(const char *text, size_t len, enum ecli_escape mode, struct ecli_buf *out, size_t *ret_width)
{
	bool is_plain = mode == ECLI_ESCAPE_PLAIN || mode == ECLI_ESCAPE_PLAIN_QUOTED;
	bool is_quoted = mode == ECLI_ESCAPE_TABLE_QUOTED || mode == ECLI_ESCAPE_PLAIN_QUOTED;
	static const char letters[] = "\a"
				      "a\b"
				      "b\t"
				      "t\n"
				      "n\v"
				      "v\f"
				      "f\r"
				      "r\x1b"
				      "e";
	size_t used;

	*ret_width = 0;
	for (; len; text += used, len -= used) {
		unsigned char c = (unsigned char)*text;
		uint32_t code;
		size_t before = out->len;

		used = ecli_utf8_decode(text, len, &code);
		if (used > 1 && !ecli_utf8_is_unsafe(code)) {
			ecli_buf_add(out, text, used);
			*ret_width += ecli_utf8_width(code);
			continue;
		}
		if (used > 1) {
			ecli_buf_add_format(out, "\\u{%x}", code);
		} else if (c == '\\' || (c == '"' && is_quoted)) {
			ecli_buf_add_format(out, "\\%c", c);
		} else if (c >= 0x7f || c < ' ' || (c == ' ' && is_plain)) {
			const char *letter = NULL;

			for (const char *l = letters; *l && !letter; l += 2)
				letter = (unsigned char)*l == c ? l + 1 : NULL;
			if (letter)
				ecli_buf_add_format(out, "\\%c", *letter);
			else
				ecli_buf_add_format(out, "\\x%02x", c);
		} else {
			ecli_buf_add_char(out, (char)c);
		}
		used = used ? used : 1;
		*ret_width += out->len - before;
	}
}

/* Bytes that are often special; pure noise would nearly never be valid UTF-8. */
static size_t random_text(char *text, size_t max)
{
	static const char *const bits[] = { "a",
					    "zz",
					    " ",
					    "\\",
					    "\"",
					    "\n",
					    "\x7f",
					    "\xc3\xa9",
					    "\xe4",
					    "\xe4\xb8\xad",
					    "\xe2\x80\xae",
					    "\xf0\x9f\x90\xa7",
					    "\xff",
					    "\xc2\x85",
					    "0123456789abcdef",
					    "\xe2\x80\xa8",
					    "\xcc\x81",
					    "\x1b",
					    "~" };
	size_t len = 0, want = next_random() % (max + 1);

	while (len < want) {
		const char *bit = bits[next_random() % ARRAY_SIZE(bits)];
		size_t n = strlen(bit);

		if (next_random() % 8 == 0)
			text[len++] = (char)next_random();
		else if (len + n <= want) {
			memcpy(text + len, bit, n);
			len += n;
		} else {
			text[len++] = 'q';
		}
	}
	return len;
}

static void fast_escape_is_the_slow_one(void **state)
{
	(void)state;
	for (int i = 0; i < 60000; i++) {
		char text[48];
		size_t len = random_text(text, i % 48);
		/* Exactly as large as it is, so that a read or write beyond is seen by ASan. */
		CLEANUP_FREE char *in = malloc(len ? len : 1);
		CLEANUP_FREE char *out = malloc(len * ECLI_ESCAPE_SAFE_ROOM + ECLI_ESCAPE_SLACK);
		CLEANUP_BUF struct ecli_buf expected = { 0 };
		enum ecli_escape mode = (enum ecli_escape)(i % 4);
		size_t narrow = 0, width;

		assert_true(in && out);
		memcpy(in, text, len);
		size_t got = (size_t)(ecli_escape_safe(out, in, len, mode, &narrow) - out);
		slow_safe(text, len, mode, &expected, &width);
		assert_int_equal(got, expected.len);
		if (got)
			assert_memory_equal(out, expected.data, got);
		assert_int_equal(got - narrow, width);
	}
}

static void fast_json_reads_back(void **state)
{
	(void)state;
	for (int i = 0; i < 60000; i++) {
		char text[64];
		size_t len = random_text(text, i % 64);
		CLEANUP_FREE char *in = malloc(len ? len : 1);
		CLEANUP_FREE char *out = malloc(len * ECLI_ESCAPE_JSON_ROOM + ECLI_ESCAPE_SLACK + 2);
		CLEANUP_BUF struct ecli_buf expected = { 0 };
		json_error_t error;

		assert_true(in && out);
		memcpy(in, text, len);
		out[0] = '"';
		char *end = ecli_escape_json(out + 1, in, len);
		*end++ = '"';

		json_t *value = json_loadb(out, (size_t)(end - out), JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
		assert_non_null(value);
		for (size_t at = 0, used; at < len; at += used ? used : 1) {
			uint32_t code;

			used = ecli_utf8_decode(text + at, len - at, &code);
			ecli_buf_add(&expected, used ? text + at : "\xef\xbf\xbd", used ? used : 3);
		}
		assert_int_equal(json_string_length(value), expected.len);
		assert_memory_equal(json_string_value(value), ecli_buf_text(&expected), expected.len);
		json_decref(value);
		for (char *c = out; c < end; c++)
			assert_true((unsigned char)*c >= ' ');
	}
}

/* ---- times ----------------------------------------------------------------------------------------------------- */

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static void times_are_local_with_microseconds(void **state)
{
	(void)state;
	static const struct {
		const char *zone;
		uint64_t ns;
		const char *text;
	} cases[] = {
		{ "UTC0", WALL_NS, "2026-11-22T10:00:00.123456+00:00" },
		{ "IST-5:30", WALL_NS, "2026-11-22T15:30:00.123456+05:30" },
		{ "NST3:30", WALL_NS, "2026-11-22T06:30:00.123456-03:30" },
		{ "UTC0", 0, "1970-01-01T00:00:00.000000+00:00" },
		{ "UTC0", 999999999, "1970-01-01T00:00:00.999999+00:00" },
		{ "UTC0", UINT64_MAX, "2554-07-21T23:34:33.709551+00:00" },
		{ "EST5EDT,M3.2.0,M11.1.0", 1783000800000000000u, "2026-07-02T10:00:00.000000-04:00" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_BUF struct ecli_buf buf = { 0 };

		set_zone(cases[i].zone);
		ecli_render_iso_time(cases[i].ns, &buf);
		assert_string_equal(ecli_buf_text(&buf), cases[i].text);
	}
	set_zone("UTC0");
}

static void cached_time_follows_in_both_directions(void **state)
{
	(void)state;
	struct ecli_clock clock = { 0 };
	uint64_t ns = WALL_NS;

	for (int i = 0; i < 2000; i++) {
		CLEANUP_BUF struct ecli_buf fresh = { 0 };

		ns += next_random() % 1500000000u - 600000000u;
		ecli_render_iso_time(ns, &fresh);
		char iso[ECLI_CLOCK_ISO_LEN];
		ecli_clock_iso(&clock, ns, iso);
		assert_memory_equal(iso, fresh.data, ECLI_CLOCK_ISO_LEN);
		assert_memory_equal(ecli_clock_time(&clock, ns), fresh.data + 11, ECLI_CLOCK_TIME_LEN);
	}
}

/* ---- messages -------------------------------------------------------------------------------------------------- */

static void check_message(enum ecli_format format, const struct ecli_render_message *message, const char *expected)
{
	CLEANUP_BUF struct ecli_buf buf = { 0 };

	ecli_render_message_header(format, &buf);
	ecli_render_message(format, message, &buf);
	assert_string_equal(ecli_buf_text(&buf), expected);
}

static void messages_have_three_forms(void **state)
{
	(void)state;
	static const char text[] = "opened \"a b\"\n\x1b[1m";
	struct ecli_render_message message = { .wall_ns = WALL_NS,
					       .task = "my task",
					       .task_len = 7,
					       .pid = 4321,
					       .cpu = 1,
					       .message = text,
					       .message_len = sizeof(text) - 1 };

	check_message(ECLI_FORMAT_TABLE, &message,
		      "TIME     TASK                 PID MESSAGE\n"
		      "10:00:00 my task             4321 opened \"a b\"\\n\\e[1m\n");
	check_message(ECLI_FORMAT_PLAIN, &message,
		      "time task pid message\n"
		      "10:00:00 my\\x20task 4321 opened \"a b\"\\n\\e[1m\n");
	check_message(ECLI_FORMAT_JSON, &message,
		      "{\"time\":\"2026-11-22T10:00:00.123456+00:00\",\"task\":\"my task\",\"pid\":4321,\"cpu\":1,"
		      "\"message\":\"opened \\\"a b\\\"\\n\\u001b[1m\"}\n");

	message.task_len = message.message_len = 0;
	check_message(ECLI_FORMAT_TABLE, &message,
		      "TIME     TASK                 PID MESSAGE\n10:00:00                     4321\n");
	check_message(ECLI_FORMAT_PLAIN, &message, "time task pid message\n10:00:00 - 4321\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_decoded_strictly),
		cmocka_unit_test(json_strings_are_valid_whatever_comes),
		cmocka_unit_test(terminal_text_cannot_act_on_the_terminal),
		cmocka_unit_test(fast_escape_is_the_slow_one),
		cmocka_unit_test(fast_json_reads_back),
		cmocka_unit_test(times_are_local_with_microseconds),
		cmocka_unit_test(cached_time_follows_in_both_directions),
		cmocka_unit_test(messages_have_three_forms),
	};
	set_zone("UTC0");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
