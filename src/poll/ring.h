/* SPDX-License-Identifier: MIT */
/* The reading half of a BPF ring buffer over plain memory, so that tests can lay out any memory they like. See ring.c.
 */
#ifndef ECLI_POLL_RING_H
#define ECLI_POLL_RING_H

#include "poll/source.h"

struct poll_ring {
	unsigned long *consumer;       /* ours to write */
	const unsigned long *producer; /* the kernel's */
	const uint8_t *data;           /* size_bytes, mapped twice in a row: a record never wraps */
	unsigned long size_bytes;      /* a power of two */
	unsigned long pos;             /* up to where records were handed out */
	unsigned long kept;            /* up to where the kernel may know of it while is_called: one record less */
	unsigned long published;       /* what *consumer says */
	unsigned long seen;            /* the last known *producer */
	unsigned long high_bytes;      /* the most that lay between *consumer and *producer */
	unsigned long end;             /* where the final drain ends */
	bool is_called; /* the kernel side calls in time, so the reader may keep it from calling earlier */
};

/* Takes over where the last reader stopped. -EBADMSG: the positions make no sense. */
int poll_ring_start(struct poll_ring *ring);

/* Has the kernel call for the next record. True: there is one already. */
bool poll_ring_arm(struct poll_ring *ring);

/* Hands out records within the budget. 0, POLL_STOP, the callback's negative errno, or -EBADMSG (with a sentence). */
int poll_ring_read(struct poll_ring *ring, const struct poll_budget *budget, ecli_poll_record_fn on_record, void *ctx,
		   struct poll_round *round, struct ecli_err *err);

#endif
