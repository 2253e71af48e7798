/* SPDX-License-Identifier: MIT */
/* The reading half of perf buffers over plain memory, so that tests can lay out any memory they like. See perf_read.c.
 */
#ifndef ECLI_POLL_PERF_READ_H
#define ECLI_POLL_PERF_READ_H

#include <linux/perf_event.h>

#include "poll/source.h"

/* One CPU's buffer. Positions grow without end; the place in data is position modulo size_bytes. */
struct perf_cpu {
	struct perf_event_mmap_page *page;
	const uint8_t *data;
	uint64_t size_bytes; /* a power of two */
	uint32_t cpu;
	uint64_t tail;      /* up to where records were handed out */
	uint64_t published; /* what page->data_tail says */
	uint64_t head;      /* the kernel's, as of the start of the round */
	uint64_t end;       /* where the final drain ends */
	uint64_t time_ns;   /* of the record at tail, while the CPU is in the heap */
	uint32_t sample_bytes;
	uint64_t reported_lost; /* sum handed to on_lost */
	uint64_t closed_lost;   /* sum of events that are closed */
};

struct perf_reader {
	struct perf_cpu *cpus;
	uint32_t n_cpus;
	uint32_t *heap; /* n_cpus slots: CPUs with a record, the oldest record first */
	uint32_t n_heap;
	uint64_t high_bytes; /* the most that one CPU's buffer held */
	uint8_t *scratch;    /* PERF_SCRATCH_BYTES: a record that wraps is put together here */
	ecli_poll_record_fn on_record;
	ecli_poll_lost_fn on_lost; /* may be NULL */
	void *ctx;
};

#define PERF_SCRATCH_BYTES 65536u /* perf_event_header.size has 16 bits */

/*
 * Hands out records of all CPUs in the order of their times, as far as they are older than @cutoff_ns, within the
 * budget. 0, POLL_STOP, the callback's negative errno, or -EBADMSG (with a sentence).
 */
int poll_perf_read(struct perf_reader *reader, const struct poll_budget *budget, uint64_t cutoff_ns,
		   struct poll_round *round, struct ecli_err *err);

#endif
