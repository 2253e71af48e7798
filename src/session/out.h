/* SPDX-License-Identifier: MIT */
/*
 * Where rows go: a queue in front of a file descriptor that is written without ever blocking on a reader who went away
 * for a while. One write(2) per batch.
 */
#ifndef ECLI_SESSION_OUT_H
#define ECLI_SESSION_OUT_H

#include <ecli/base.h>

#include "session/ends.h"

/* A batch: large enough that write(2) costs nothing per row, small enough to stay in the cache. */
#define OUT_BATCH_BYTES (64u * 1024)
/* What is kept for a reader who does not keep up; the row that would come on top of it is lost, and counted. */
#define OUT_LIMIT_BYTES (64u * 1024 * 1024)

struct out {
	struct ecli_buf buf; /* rows are appended here by whoever makes them */
	size_t done;         /* bytes of buf that were written already */
	size_t tried;        /* length of buf when writing was tried last */
	int fd;              /* as given, or our own non-blocking description of the same pipe or terminal */
	struct ends *ends;   /* borrowed: when to give up waiting for the reader */
	int last_wait_ms;    /* how long a reader who does not read may delay the end after a signal */
	uint64_t bytes;      /* written so far */
	uint64_t writes;     /* calls that wrote something */
	uint64_t left_lines; /* by out_finish(): lines that nobody read */
	bool own_fd, is_socket, is_terminal;
	bool closed; /* no more is written: the reader is gone, does not read although a signal came, or a write failed */
};

void out_init(struct out *out, int fd, struct ends *ends);
void out_done(struct out *out);

static inline size_t out_waiting(const struct out *out)
{
	return out->buf.len - out->done;
}

/* A batch came together since writing was tried last. */
static inline bool out_is_due(const struct out *out)
{
	return out->buf.len - out->tried >= OUT_BATCH_BYTES;
}

/* The reader does not keep up: no more rows until it has read some. */
static inline bool out_is_full(const struct out *out)
{
	return out_waiting(out) >= OUT_LIMIT_BYTES;
}

/* Writes what can be written without waiting; the rest stays in the queue. 0, or -errno of write(2); a reader that closed the
 * pipe is not an error: `closed` tells. */
int out_flush(struct out *out);

/* The same, then waits until the reader has taken all but @most bytes, or until a signal comes. For sources that can wait. */
int out_relieve(struct out *out, size_t most);

/* At the end: writes everything, however long the reader takes. After a signal only a reader who is still reading is waited for, and that
 * not longer than ENDS_WRITE_MS; another signal ends that, too. */
int out_finish(struct out *out);

#endif
