/* SPDX-License-Identifier: MIT */
/* From the bytes of a trace pipe to messages of bpf_printk(). Pure: no descriptor, no clock. See trace_text.c. */
#ifndef ECLI_POLL_TRACE_TEXT_H
#define ECLI_POLL_TRACE_TEXT_H

#include <ecli/poll.h>

#define TRACE_TEXT_BYTES 65536u

/* The bytes that were read and not handed out yet. Zero-initialised but for the first two members. */
struct trace_text {
	ecli_poll_print_fn on_line;
	void *ctx;
	uint64_t lost;  /* events the kernel says it overwrote, since the start */
	uint64_t count; /* messages handed out */

	/* A message stays open until something shows that it has ended: it may go on after a newline. */
	bool is_open;
	struct ecli_poll_print open; /* task and message unset: their places are below, as the bytes move */
	size_t task_at, message_at, message_end;
	size_t used; /* bytes before are done with */
	size_t len;
	char bytes[TRACE_TEXT_BYTES];
};

/* Room for reading, never 0; trace_text_take() after. */
char *trace_text_room(struct trace_text *text, size_t *ret_room);
/* @len bytes were put into the room. 0 or what on_line returned; the rest is kept and the next call goes on with it. */
int trace_text_take(struct trace_text *text, size_t len);
/* Nothing more to read for now: what is open is complete. */
int trace_text_flush(struct trace_text *text);

/*
 * Whether a record starts at @bytes. Fills task, pid, cpu and mono_ns; @ret_name and @ret_name_len: the event's;
 * returns the length up to the message, 0: no record starts here.
 */
size_t trace_text_parse_head(const char *bytes, size_t len, struct ecli_poll_print *ret_print, const char **ret_name,
			     size_t *ret_name_len);

#endif
