/* SPDX-License-Identifier: MIT */
/*
 * Takes the text of a trace pipe apart.
 *
 *     "            comm-1234    [001] d..31   123.456789: bpf_trace_printk: message\n"
 *      16 columns  -pid  (tgid)? [cpu] flags  time       name              up to the next record
 *
 * The text is made for people and nothing in it is escaped: a command name may hold spaces, dashes, brackets and
 * newlines, a message newlines. So a record is looked for at the start of each line only, first with the dash at its
 * fixed place (a command name has at most 15 bytes and is padded to 16), then by the last dash before the CPU. Lines
 * that start no record belong to the message before them. A message whose second line looks exactly like a record
 * cannot be told from one: whoever needs certainty about hostile text should use a ring buffer.
 *
 * Invariant: every index is compared with the length before it is used; what cannot be understood is left out, never a
 * failure.
 */
#include <string.h>

#include "base/cleanup.h"
#include "poll/trace_text.h"

#define COMM_COLUMNS 16u
#define HEAD_LIMIT   256u /* a record's head is far shorter; bounds the search for it */

/* Before Linux 5.9 bpf_trace_printk() was no event, and its lines carried a made-up address. */
static const char *const print_names[] = { "bpf_trace_printk", "0x00000001", "0x1" };

/* A place in text with its end; every take_ function moves it past what it took. */
struct cursor {
	const char *at, *end;
};

static bool take_char(struct cursor *c, char wanted)
{
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

static bool take_spaces(struct cursor *c)
{
	const char *start = c->at;

	while (take_char(c, ' '))
		;
	return c->at > start;
}

/* At most 18 digits, so that no sum below overflows. */
static bool take_digits(struct cursor *c, uint64_t *ret, int *ret_count)
{
	uint64_t value = 0;
	int count = 0;

	for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
		if (++count > 18)
			return false;
		value = value * 10 + (uint64_t)(*c->at - '0');
	}
	*ret = value;
	*ret_count = count;
	return count > 0;
}

static bool take_u32(struct cursor *c, uint32_t *ret)
{
	uint64_t value;
	int count;

	if (!take_digits(c, &value, &count) || value > UINT32_MAX)
		return false;
	*ret = (uint32_t)value;
	return true;
}

/* Seconds and a fraction of three to nine digits, then a colon. */
static bool take_time(struct cursor *c, uint64_t *ret_ns)
{
	uint64_t seconds, fraction;
	int count;

	if (!take_digits(c, &seconds, &count) || seconds > UINT64_MAX / 1000000000u - 1)
		return false;
	if (!take_char(c, '.') || !take_digits(c, &fraction, &count) || count > 9 || !take_char(c, ':'))
		return false;
	for (; count < 9; count++)
		fraction *= 10;
	*ret_ns = seconds * 1000000000u + fraction;
	return true;
}

/* From the dash on: "-1234  (  99) [001] d..31   12.345678: name: ". */
static bool take_head(struct cursor *c, struct ecli_poll_print *print, const char **name, size_t *name_len)
{
	if (!take_char(c, '-') || !take_u32(c, &print->pid) || !take_spaces(c))
		return false;
	if (take_char(c, '(')) { /* the thread group, where somebody asked the kernel to record it */
		while (c->at < c->end && *c->at != ')' && *c->at != '\n')
			c->at++;
		if (!take_char(c, ')') || !take_spaces(c))
			return false;
	}
	if (!take_char(c, '[') || !take_u32(c, &print->cpu) || !take_char(c, ']') || !take_spaces(c))
		return false;

	struct cursor flags = *c; /* one word, or none when the pipe was told so */
	if (!take_time(c, &print->mono_ns)) {
		*c = flags;
		while (c->at < c->end && *c->at != ' ' && *c->at != '\n')
			c->at++;
		if (!take_spaces(c) || !take_time(c, &print->mono_ns))
			return false;
	}
	if (!take_char(c, ' '))
		return false;
	*name = c->at;
	while (c->at < c->end && *c->at != ':' && *c->at != '\n')
		c->at++;
	*name_len = (size_t)(c->at - *name);
	if (take_char(c, ':'))
		take_char(c, ' ');
	return c->at < c->end; /* else more is to come */
}

static size_t head_from_dash(const char *bytes, size_t len, size_t dash, struct ecli_poll_print *print,
			     const char **name, size_t *name_len)
{
	struct cursor c = { bytes + dash, bytes + (len < HEAD_LIMIT ? len : HEAD_LIMIT) };
	size_t task = 0;

	if (!take_head(&c, print, name, name_len))
		return 0;
	while (task < dash && bytes[task] == ' ')
		task++;
	print->task = bytes + task;
	print->task_len = dash - task;
	return (size_t)(c.at - bytes);
}

size_t trace_text_parse_head(const char *bytes, size_t len, struct ecli_poll_print *ret_print, const char **ret_name,
			     size_t *ret_name_len)
{
	struct ecli_poll_print print = { 0 };
	const char *name;
	size_t name_len, head = 0;

	if (len > COMM_COLUMNS)
		head = head_from_dash(bytes, len, COMM_COLUMNS, &print, &name, &name_len);
	if (!head) {
		size_t limit = len < HEAD_LIMIT ? len : HEAD_LIMIT;
		const char *newline = memchr(bytes, '\n', limit);

		for (size_t dash = newline ? (size_t)(newline - bytes) : limit; !head && dash-- > 0;)
			if (bytes[dash] == '-')
				head = head_from_dash(bytes, len, dash, &print, &name, &name_len);
	}
	if (head) {
		*ret_print = print;
		*ret_name = name;
		*ret_name_len = name_len;
	}
	return head;
}

static bool is_print_name(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(print_names); i++)
		if (len == strlen(print_names[i]) && !memcmp(name, print_names[i], len))
			return true;
	return false;
}

/* "CPU:1 [LOST 123 EVENTS]", which the kernel puts between records. */
static bool take_lost(const char *line, size_t len, uint64_t *ret_count)
{
	static const char before[] = " [LOST ", after[] = " EVENTS]";
	struct cursor c = { line, line + len };
	uint32_t cpu;
	int digits;

	if (!take_char(&c, 'C') || !take_char(&c, 'P') || !take_char(&c, 'U') || !take_char(&c, ':') ||
	    !take_u32(&c, &cpu))
		return false;
	for (const char *p = before; *p; p++)
		if (!take_char(&c, *p))
			return false;
	if (!take_digits(&c, ret_count, &digits))
		return false;
	for (const char *p = after; *p; p++)
		if (!take_char(&c, *p))
			return false;
	return c.at == c.end;
}

int trace_text_flush(struct trace_text *text)
{
	if (!text->is_open)
		return 0;
	text->is_open = false;

	struct ecli_poll_print print = text->open;
	size_t end = text->message_end;
	while (end > text->message_at && text->bytes[end - 1] == '\n')
		end--;
	print.task = text->bytes + text->task_at;
	print.message = text->bytes + text->message_at;
	print.message_len = end - text->message_at;
	text->count++;
	return text->on_line(text->ctx, &print);
}

/* A record starts at bytes + used and its first line ends before @end. */
static void open_message(struct trace_text *text, const struct ecli_poll_print *print, size_t head, size_t end)
{
	text->is_open = true;
	text->open = *print;
	text->task_at = (size_t)(print->task - text->bytes);
	text->message_at = text->used + head;
	text->message_end = end;
}

/* Handles one line. 0, 1 in @ret_more: there was one. */
static int take_line(struct trace_text *text, bool *ret_more)
{
	const char *start = text->bytes + text->used, *name = NULL;
	size_t len = text->len - text->used, name_len = 0;
	struct ecli_poll_print print;
	size_t head = trace_text_parse_head(start, len, &print, &name, &name_len);
	const char *newline = memchr(start + head, '\n', len - head);
	uint64_t lost;
	int r = 0;

	*ret_more = newline;
	if (!newline)
		return 0;
	size_t line_end = (size_t)(newline - text->bytes) + 1;

	if (head) {
		r = trace_text_flush(text);
		if (is_print_name(name, name_len))
			open_message(text, &print, head, line_end);
	} else if (take_lost(start, (size_t)(newline - start), &lost)) {
		r = trace_text_flush(text);
		text->lost += lost;
	} else if (text->is_open) {
		text->message_end = line_end;
	}
	text->used = line_end;
	return r;
}

static int take_lines(struct trace_text *text)
{
	bool more = true;
	int r = 0;

	while (more && !r)
		r = take_line(text, &more);
	return r;
}

int trace_text_take(struct trace_text *text, size_t len)
{
	text->len += len;
	return take_lines(text);
}

char *trace_text_room(struct trace_text *text, size_t *ret_room)
{
	size_t keep = text->is_open ? text->task_at : text->used;

	memmove(text->bytes, text->bytes + keep, text->len - keep);
	text->len -= keep;
	text->used -= keep;
	if (text->is_open) {
		text->task_at -= keep;
		text->message_at -= keep;
		text->message_end -= keep;
	}
	/* The kernel's longest message is a page: a full buffer is a line without an end, which nobody can use. */
	if (text->len == sizeof(text->bytes)) {
		text->is_open = false;
		text->len = text->used = 0;
	}
	*ret_room = sizeof(text->bytes) - text->len;
	return text->bytes + text->len;
}
