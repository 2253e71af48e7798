/* SPDX-License-Identifier: MIT */
/*
 * The rows of a storm, as storm.c reads them back: see rows.h.
 *
 * A second of storm is a third of a gigabyte, so lines are looked at where they lie and nothing is copied but a line
 * that is cut in two.
 */
#include "rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY         "\"delta_us\":"
#define CHUNK_BYTES (1 << 20)

/* The digits at @at, which end before @end. 0: there are none. */
static uint64_t digits(const char *at, const char *end)
{
	uint64_t value = 0;

	for (; at < end && *at >= '0' && *at <= '9'; at++)
		value = value * 10 + (uint64_t)(*at - '0');
	return value;
}

/* The fourth word. */
static const char *fourth(const char *at, const char *end)
{
	for (int word = 0;; word++) {
		while (at < end && *at == ' ')
			at++;
		if (word == 3)
			return at;
		while (at < end && *at != ' ')
			at++;
	}
}

static void add_line(struct rows *rows, const char *line, const char *end)
{
	uint64_t number = 0;

	if (line == end)
		return;
	if (*line == '{') {
		const char *key = memmem(line, (size_t)(end - line), KEY, strlen(KEY));

		if (!key && end - line > 8 && !memcmp(line, "{\"ecli\":", 8))
			return;
		if (key)
			number = digits(key + strlen(KEY), end);
	} else {
		number = digits(fourth(line, end), end);
	}
	if (number > rows->last) {
		rows->last = number;
		rows->count++;
		if (rows->on_row)
			rows->on_row(rows->ctx, number);
	} else if (rows->count) { /* before the first row stand headers */
		rows->odd++;
	}
}

void rows_add(struct rows *rows, const char *data, size_t len)
{
	const char *end = data + len;

	while (data < end) {
		const char *eol = memchr(data, '\n', (size_t)(end - data));
		size_t part = (size_t)((eol ? eol : end) - data);

		if (rows->part_len || !eol) {
			if (rows->part_len + part > sizeof(rows->part))
				part = sizeof(rows->part) - rows->part_len; /* an absurd line: odd, or a short row */
			memcpy(rows->part + rows->part_len, data, part);
			rows->part_len += part;
			if (!eol)
				return;
			add_line(rows, rows->part, rows->part + rows->part_len);
			rows->part_len = 0;
		} else {
			add_line(rows, data, eol);
		}
		data = eol + 1;
	}
}

int rows_add_file(struct rows *rows, int fd)
{
	char *chunk = malloc(CHUNK_BYTES);
	off_t at = 0;
	ssize_t n = 0;

	if (!chunk)
		return -ENOMEM;
	while ((n = pread(fd, chunk, CHUNK_BYTES, at)) > 0) {
		rows_add(rows, chunk, (size_t)n);
		at += n;
	}
	int r = n < 0 ? -errno : 0;
	if (rows->part_len)
		rows->odd++; /* the last line has no end */
	free(chunk);
	return r;
}
