/* SPDX-License-Identifier: MIT */
/*
 * What the loop knows of a source: a descriptor to wait for and a drain with a bound.
 *
 *     loop ──budget──> source.drain() ──record──> callback
 *          <──round──
 *
 * Invariant: drain() never sleeps and returns within its budget, so one busy source cannot hold up the others, the
 * timers or a signal. A source that has more to do says so (round.more or source.active) and is called again.
 */
#ifndef ECLI_POLL_SOURCE_H
#define ECLI_POLL_SOURCE_H

#include <time.h>

#include <ecli/poll.h>

#include "base/kernel_clock.h"

#define POLL_STOP      1    /* drain: a callback asked for the end */
#define POLL_FILL_FULL 1024 /* round.fill of a full buffer */

/*
 * The kernel calls when this share of a buffer was written. From a smaller buffer than this the rest is written before a reader that was called
 * has its CPU: there it naps as briefly as the buffer is small.
 */
#define POLL_CALL_SHARE     4
#define POLL_CALL_MIN_BYTES (128u << 10)

/* How much a drain may do. The time is looked at every few records only: a callback is expected to take microseconds.
 */
struct poll_budget {
	uint32_t records;
	uint64_t deadline_ns;
	bool last; /* the final drain: up to what mark() saw, held back records included */
	bool cut; /* with last: this is the last call, and the time is over: round.more says whether something is left */
};

/* What a drain did. */
struct poll_round {
	uint64_t records;
	uint32_t fill;       /* of POLL_FILL_FULL, at the start; 0 where there is no buffer */
	uint64_t size_bytes; /* of the smallest buffer; 0 where there is none */
	bool moved;          /* something was taken from a buffer, also if it was nothing to hand out */
	bool more;           /* the bound was reached: call again without a nap */
	bool held;           /* records are there that become due within microseconds: nap, do not wait */
};

struct poll_source;

struct poll_source_ops {
	/* 0, POLL_STOP, or negative errno with the sentence set. */
	int (*drain)(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
		     struct ecli_err *err);
	/*
	 * Of a buffer: the kernel is to call for the next record, too, until one was found; else it calls when a good part of the buffer was
	 * written. True: there is something already, drain again. NULL: the kernel does as it likes.
	 */
	bool (*arm)(struct poll_source *source);
	/* Remembers what is there now as the end of the final drain. NULL: the source ends by itself. */
	void (*mark)(struct poll_source *source);
	/* The run begins: intervals count from now on. NULL: it has none. */
	void (*start)(struct poll_source *source);
	/* NULL: it has no interval. */
	void (*set_interval)(struct poll_source *source, uint32_t interval_ms);
	/* Somebody asks for a look. NULL: it is nothing to look at. */
	void (*look)(struct poll_source *source);
	void (*free)(struct poll_source *source);
};

struct poll_source {
	const struct poll_source_ops *ops;
	int fd;            /* for epoll, owned by the source; -1: none */
	uint32_t epoll_in; /* EPOLLIN, with EPOLLET for buffers (a record being written must not make us spin) */
	bool is_buffer;    /* drained in every round and on a timer; the others only while active */
	bool is_called; /* a buffer: the kernel calls in time before it is full, so between rounds the reader may sleep */
	bool is_once;   /* ends for ever when no longer active */
	struct ecli_poll_buffer buffer; /* while is_buffer: kept up to date by drain */
	bool active;                    /* set by the loop when fd is readable, cleared by the source when it is done */
	ecli_poll_record_fn on_record;
	void *ctx;
};

/* The clock of records. */
static inline uint64_t poll_now_ns(void)
{
	return ecli_kernel_mono_ns();
}

/* Adds a source and owns it from here on, also when it fails. */
int poll_add_source(struct ecli_poll *poll, struct poll_source *source, struct ecli_err *err);

/* NULL: there are no more. */
struct poll_source *poll_source_at(struct ecli_poll *poll, size_t index);

/* The sentence for a callback that failed, unless the callback has written its own into the same object. */
int poll_callback_failed(struct ecli_err *err, int code);

#endif
