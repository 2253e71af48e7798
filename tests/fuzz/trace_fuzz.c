/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for poll/trace_text: the text of a trace pipe, into which processes put names and messages.
 *
 *     input = size of the pieces it is read in, 0: flushed between them, text
 *
 * Whatever the text, reading ends; tasks and messages lie in what was read; pieces of any size give the same messages, unless it was flushed, or
 * a task's name has a newline in it: its first line looks complete when a piece ends there. (The kernel hands out whole records.)
 */
#include <string.h>

#include "base/cleanup.h"
#include "plain.h"
#include "poll/trace_text.h"

struct heard {
	struct trace_text *text;
	struct ecli_buf all;
};

static int on_line(void *ctx, const struct ecli_poll_print *line)
{
	struct heard *heard = ctx;
	const char *begin = heard->text->bytes, *end = begin + heard->text->len;

	CHECK(line->task >= begin && line->task <= end && line->task_len <= (size_t)(end - line->task));
	CHECK(line->message >= begin && line->message <= end && line->message_len <= (size_t)(end - line->message));
	ecli_buf_add_format(&heard->all, "%u %u %llu %zu %zu ", line->pid, line->cpu, (unsigned long long)line->mono_ns,
			    line->task_len, line->message_len);
	ecli_buf_add(&heard->all, line->task, line->task_len);
	ecli_buf_add(&heard->all, line->message, line->message_len);
	return 0;
}

static void hear(struct heard *heard, const uint8_t *data, size_t size, size_t piece, bool flushes)
{
	CLEANUP_FREE struct trace_text *text = calloc(1, sizeof(*text));

	CHECK(text);
	text->on_line = on_line;
	text->ctx = heard;
	heard->text = text;
	while (size) {
		size_t room, len = size < piece ? size : piece;
		char *place = trace_text_room(text, &room);

		CHECK(room && place >= text->bytes && place + room <= text->bytes + sizeof(text->bytes));
		len = len < room ? len : room;
		memcpy(place, data, len);
		CHECK(!trace_text_take(text, len));
		if (flushes)
			CHECK(!trace_text_flush(text));
		data += len;
		size -= len;
	}
	CHECK(!trace_text_flush(text));
	ecli_buf_add_format(&heard->all, "lost %llu", (unsigned long long)text->lost);
}

/* Whether a record could begin before a newline and have its dash behind it. */
static bool has_broken_name(const uint8_t *text, size_t size)
{
	enum { COMM_COLUMNS = 16 };

	for (size_t line = 0; line + COMM_COLUMNS < size; line++)
		if ((!line || text[line - 1] == '\n') && text[line + COMM_COLUMNS] == '-' &&
		    memchr(text + line, '\n', COMM_COLUMNS))
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard whole = { 0 }, pieces = { 0 };

	if (size < 2)
		return 0;
	hear(&whole, data + 1, size - 1, size, false);
	hear(&pieces, data + 1, size - 1, *data ? *data : 40, !*data);
	if (*data && size < TRACE_TEXT_BYTES && !has_broken_name(data + 1, size - 1))
		CHECK(whole.all.len == pieces.all.len && !memcmp(whole.all.data, pieces.all.data, whole.all.len));
	ecli_buf_done(&whole.all);
	ecli_buf_done(&pieces.all);
	return 0;
}
