/* SPDX-License-Identifier: MIT */
/*
 * Rows of `ecli run -o json` into lines that a shell can compare:
 *
 *     truth_rows FIELD... < rows.json        one line a row: the fields' values, one space between
 *
 * Text is percent-encoded (every byte outside printable ASCII, the space and % itself), "time" becomes microseconds
 * since 1970; a list of texts is each of them with a %00 behind it. This is also the judge of the JSON: a line that is not one flat, strictly valid object in valid UTF-8, an
 * object whose first key is neither "time" nor "ecli", or a field that is missing ends it with status 1. So does a
 * record that tells of lost events: a truth test never loses any. It needs nothing but libc and runs in the smallest
 * virtual machine.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_KEYS 32

struct value {
	char *key;
	char *text; /* decoded */
	size_t len;
	bool is_text;
};

static unsigned long line_number;

static void fail(const char *what, const char *where)
{
	fprintf(stderr, "row %lu: %s near: %.40s\n", line_number, what, where);
	exit(1);
}

static const char *skip(const char *at)
{
	while (*at == ' ')
		at++;
	return at;
}

/* One code point as UTF-8. Returns the bytes written. */
static size_t put_utf8(char *out, uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

static uint32_t hex4(const char *at)
{
	uint32_t code = 0;

	for (int i = 0; i < 4; i++) {
		if (!isxdigit((unsigned char)at[i]))
			fail("bad \\u escape", at);
		code = code * 16 + (uint32_t)(isdigit((unsigned char)at[i]) ? at[i] - '0' : (at[i] | 32) - 'a' + 10);
	}
	return code;
}

/* @at: behind the backslash. */
static const char *escape(const char *at, char *out, size_t *len)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *known = *at ? strchr(from, *at) : NULL;
	uint32_t code;

	if (known) {
		out[(*len)++] = to[known - from];
		return at + 1;
	}
	if (*at != 'u')
		fail("bad escape", at);
	code = hex4(at + 1);
	at += 5;
	if (code >= 0xdc00 && code < 0xe000)
		fail("lone surrogate", at);
	if (code >= 0xd800 && code < 0xdc00) {
		uint32_t low = at[0] == '\\' && at[1] == 'u' ? hex4(at + 2) : 0;

		if (low < 0xdc00 || low >= 0xe000)
			fail("lone surrogate", at);
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		at += 6;
	}
	*len += put_utf8(out + *len, code);
	return at;
}

/* Length of the valid UTF-8 sequence at @at (Unicode table 3-7), 0 when there is none. */
static size_t utf8_len(const unsigned char *at)
{
	size_t need = at[0] < 0x80                    ? 1
		      : at[0] >= 0xc2 && at[0] < 0xe0 ? 2
		      : (at[0] & 0xf0) == 0xe0        ? 3
		      : at[0] >= 0xf0 && at[0] < 0xf5 ? 4
						      : 0;

	for (size_t i = 1; i < need; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) || (at[0] == 0xf0 && at[1] < 0x90) ||
	    (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return need;
}

/* @at: the opening quote. The result is malloc'ed. */
static const char *string(const char *at, char **ret_text, size_t *ret_len)
{
	char *out = malloc(strlen(at) + 1);
	size_t len = 0, n;

	if (!out || *at++ != '"')
		fail("no string", at);
	while (*at != '"') {
		if ((unsigned char)*at < 0x20)
			fail("control character in a string", at);
		if (*at == '\\') {
			at = escape(at + 1, out, &len);
			continue;
		}
		n = utf8_len((const unsigned char *)at);
		if (!n)
			fail("invalid UTF-8", at);
		memcpy(out + len, at, n);
		len += n;
		at += n;
	}
	out[len] = '\0';
	*ret_text = out;
	*ret_len = len;
	return at + 1;
}

/* A number, true, false or null, as it stands. */
static const char *scalar(const char *at, char **ret_text, size_t *ret_len)
{
	size_t len = strcspn(at, ",} \n"), digits;

	*ret_text = strndup(at, len);
	*ret_len = len;
	if (!*ret_text)
		fail("no memory", at);
	digits = strspn(*ret_text + (**ret_text == '-'), "0123456789");
	if (digits && (*ret_text)[digits + (**ret_text == '-')] == '.') {
		size_t places = strspn(*ret_text + (**ret_text == '-') + digits + 1, "0123456789");

		digits += places ? 1 + places : 0;
	}
	if (strcmp(*ret_text, "true") && strcmp(*ret_text, "false") && strcmp(*ret_text, "null") &&
	    (!digits || digits + (**ret_text == '-') != len))
		fail("no value", at);
	return at + len;
}

/* A list of texts: one text with a NUL behind each of them. */
static const char *list(const char *at, char **ret_text, size_t *ret_len)
{
	char *out = calloc(1, strlen(at) + 1), *text;
	size_t len;

	if (!out)
		fail("no memory", at);
	*ret_text = out;
	*ret_len = 0;
	at = skip(at + 1);
	while (*at != ']') {
		at = skip(string(at, &text, &len));
		memcpy(out + *ret_len, text, len + 1);
		*ret_len += len + 1;
		free(text);
		if (*at == ',' && *skip(at + 1) == '"')
			at = skip(at + 1);
		else if (*at != ']')
			fail("list does not end", at);
	}
	return at + 1;
}

static size_t parse(const char *line, struct value *values)
{
	const char *at = skip(line);
	size_t n = 0, len;

	if (*at++ != '{')
		fail("no object", line);
	do {
		struct value *value = &values[n];

		if (n++ == MAX_KEYS)
			fail("too many keys", at);
		at = skip(string(skip(at), &value->key, &len));
		if (*at++ != ':')
			fail("no colon", at);
		at = skip(at);
		value->is_text = *at == '"' || *at == '[';
		at = *at == '['       ? list(at, &value->text, &value->len)
		     : value->is_text ? string(at, &value->text, &value->len)
				      : scalar(at, &value->text, &value->len);
		at = skip(at);
	} while (*at++ == ',');
	if (at[-1] != '}' || (*skip(at) != '\n' && *skip(at)))
		fail("object does not end", at - 1);
	return n;
}

static void print_text(const struct value *value)
{
	for (size_t i = 0; i < value->len; i++) {
		unsigned char c = (unsigned char)value->text[i];

		if (c <= ' ' || c >= 0x7f || c == '%')
			printf("%%%02X", c);
		else
			putchar(c);
	}
	if (!value->len)
		putchar('%'); /* an empty text must stay a word of its own */
}

/* "2026-11-22T10:00:00.123456+00:00" */
static void print_time(const char *text)
{
	struct tm tm = { 0 };
	int micros, hours, minutes, end = 0;
	char sign;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%6d%c%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
		   &tm.tm_min, &tm.tm_sec, &micros, &sign, &hours, &minutes, &end) != 10 ||
	    end != 32 || (sign != '+' && sign != '-'))
		fail("not a time", text);
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	minutes = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
	printf("%lld", ((long long)timegm(&tm) - minutes * 60LL) * 1000000 + micros);
}

static void print_row(char *const *fields, const struct value *values, size_t n)
{
	for (size_t f = 0; fields[f]; f++) {
		size_t i = 0;

		while (i < n && strcmp(values[i].key, fields[f]) != 0)
			i++;
		if (i == n)
			fail("this field is missing", fields[f]);
		if (f)
			putchar(' ');
		if (!strcmp(fields[f], "time"))
			print_time(values[i].text);
		else if (values[i].is_text)
			print_text(&values[i]);
		else
			printf("%s", values[i].text);
	}
	putchar('\n');
}

int main(int argc, char **argv)
{
	struct value values[MAX_KEYS];
	char *line = NULL;
	size_t room = 0, n;
	ssize_t len;

	if (argc < 2) {
		fprintf(stderr, "usage: truth_rows FIELD... < rows.json\n");
		return 2;
	}
	while ((len = getline(&line, &room, stdin)) > 0) {
		line_number++;
		if (strlen(line) != (size_t)len || line[len - 1] != '\n')
			fail("a NUL byte or an unfinished line", line);
		n = parse(line, values);
		if (!strcmp(values[0].key, "time"))
			print_row(argv + 1, values, n);
		else if (strcmp(values[0].key, "ecli"))
			fail("the first key is neither time nor ecli", line);
		else if (!strcmp(values[0].text, "lost"))
			fail("events were lost", line);
		for (size_t i = 0; i < n; i++) {
			free(values[i].key);
			free(values[i].text);
		}
	}
	free(line);
	return 0;
}
