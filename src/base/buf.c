/* SPDX-License-Identifier: MIT */
/*
 * A growable byte buffer. Appending never reports failure by itself: when memory runs out the buffer is marked failed,
 * further appends are ignored, and its owner asks once at the end. Growth doubles, so appending n bytes costs O(n).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecli/base.h>

void ecli_buf_done(struct ecli_buf *buf)
{
	free(buf->data);
	*buf = (struct ecli_buf){ 0 };
}

void ecli_buf_clear(struct ecli_buf *buf)
{
	buf->len = 0;
	buf->failed = false;
}

bool ecli_buf_reserve(struct ecli_buf *buf, size_t extra)
{
	size_t need;

	if (buf->failed)
		return false;
	if (extra <= buf->cap - buf->len)
		return true;
	if (__builtin_add_overflow(buf->len, extra, &need) || need > SIZE_MAX / 2) {
		buf->failed = true;
		return false;
	}

	size_t cap = buf->cap ? buf->cap : 64;
	while (cap < need)
		cap *= 2;
	char *data = realloc(buf->data, cap);
	if (!data) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->cap = cap;
	return true;
}

void ecli_buf_add(struct ecli_buf *buf, const void *data, size_t len)
{
	if (!len || !ecli_buf_reserve(buf, len))
		return;
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

void ecli_buf_add_text(struct ecli_buf *buf, const char *text)
{
	ecli_buf_add(buf, text, strlen(text));
}

void ecli_buf_add_char(struct ecli_buf *buf, char c)
{
	ecli_buf_add(buf, &c, 1);
}

void ecli_buf_add_repeat(struct ecli_buf *buf, char c, size_t count)
{
	if (!count || !ecli_buf_reserve(buf, count))
		return;
	memset(buf->data + buf->len, c, count);
	buf->len += count;
}

void ecli_buf_add_format(struct ecli_buf *buf, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);

	/* vsnprintf wants room for its NUL; it is not counted. */
	if (len < 0)
		buf->failed = true;
	else if (ecli_buf_reserve(buf, (size_t)len + 1)) {
		vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
		buf->len += (size_t)len;
	}
	va_end(again);
}

bool ecli_buf_failed(const struct ecli_buf *buf)
{
	return buf->failed;
}

const char *ecli_buf_text(struct ecli_buf *buf)
{
	if (!ecli_buf_reserve(buf, 1))
		return "";
	buf->data[buf->len] = '\0';
	return buf->data;
}

char *ecli_buf_take(struct ecli_buf *buf)
{
	if (!ecli_buf_reserve(buf, 1)) {
		ecli_buf_done(buf);
		return NULL;
	}
	buf->data[buf->len] = '\0';
	char *data = buf->data;
	*buf = (struct ecli_buf){ 0 };
	return data;
}
