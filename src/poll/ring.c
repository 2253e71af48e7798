/* SPDX-License-Identifier: MIT */
/*
 * Ring buffer source: our own reader of BPF_MAP_TYPE_RINGBUF.
 *
 *     page 0: consumer position (ours)   page 1: producer position   then the data, mapped twice
 *     record: u32 length | BUSY | DISCARD, u32 (kernel's), bytes, padded to 8
 *
 * Why not libbpf's: it drains without limit, so that a fast producer keeps timers and signals waiting for ever, and it
 * writes the consumer position after every record, so that the kernel, seeing an empty ring again and again, calls
 * again and again.
 *
 * When does the kernel call? For a record that the reader's position points to exactly: the reader has read all before it and may be asleep.
 * So a reader that keeps one record back, as if not read yet, is not called, and one that gives back all is called for the next record. A
 * kernel side made by ecc calls besides that when a quarter of the ring was written (docs/design/0016); with another one nothing is kept back.
 *
 * Invariants: a record is read only after its header was loaded (acquire) without BUSY. The reader reports "empty" only
 * (poll_ring_arm() where a record is kept back) after the consumer position was published and, behind a full fence, the next header or the
 * producer position was looked at once more; the kernel writes the header, then reads the consumer position, so one of both sides always sees
 * the other (kernel/bpf/ringbuf.c, bpf_ringbuf_commit). Lengths are checked against what the producer has published.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "poll/ring.h"

/* At most this many records, and at most a quarter of the ring, are kept from the producer between two publications; the clock is
 * looked at as often. */
#define BATCH_RECORDS 64u
#define BATCH_SHARE   4
#define KEEP_SHARE    8 /* a record above an eighth of the ring is not kept back */
#define BUSY_WAIT_NS  20000000u
#define BUSY_NAP_NS   100000
#define OVERWRITE     (1u << 19) /* BPF_F_RB_OVERWRITE, Linux 6.19: the producer runs over the reader */

struct ring_source {
	struct poll_source source;
	struct poll_ring ring;
	void *consumer_page, *producer_pages;
	size_t page_bytes, producer_bytes;
};

int poll_ring_start(struct poll_ring *ring)
{
	ring->pos = ring->published = ring->kept = ring->end = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
	ring->seen = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
	if (ring->pos % 8 || ring->seen - ring->pos > ring->size_bytes)
		return -EBADMSG;
	return 0;
}

/* What the kernel counts as in use: up to where it was told that we have read. Looked at before space is given back. */
static void note_level(struct poll_ring *ring, unsigned long producer)
{
	unsigned long level = producer - ring->published;

	if (level > ring->high_bytes && level <= ring->size_bytes)
		ring->high_bytes = level;
}

static void publish(struct poll_ring *ring, unsigned long pos)
{
	note_level(ring, __atomic_load_n(ring->producer, __ATOMIC_RELAXED));
	__atomic_store_n(ring->consumer, pos, __ATOMIC_SEQ_CST);
	/* The loads that follow are acquire loads, which some machines may take before the store above. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	ring->published = pos;
}

/* The final drain gives back all, and so does one that finds the ring in a state it cannot go on from. */
static void give_back(struct poll_ring *ring, bool all)
{
	unsigned long pos = ring->is_called && !all ? ring->kept : ring->pos;

	if (pos != ring->published)
		publish(ring, pos);
}

static int bad_record(struct ecli_err *err)
{
	return ecli_err_set(err, -EBADMSG,
			    "a ring buffer holds a record that does not fit in it; does another program read it, too?");
}

/* 1 and the record's header word, 0: nothing there yet, or -EBADMSG. */
static inline int peek(struct poll_ring *ring, uint32_t *ret_word, unsigned long *ret_total)
{
	if (ring->pos == ring->seen) {
		ring->seen = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
		if (ring->pos == ring->seen)
			return 0;
		if (ring->seen - ring->pos > ring->size_bytes)
			return -EBADMSG;
	}
	const uint32_t *header = (const void *)(ring->data + (ring->pos & (ring->size_bytes - 1)));
	uint32_t word = __atomic_load_n(header, __ATOMIC_ACQUIRE);

	if (word & BPF_RINGBUF_BUSY_BIT)
		return 0;
	unsigned long length = word & ~BPF_RINGBUF_DISCARD_BIT;
	unsigned long total = (length + BPF_RINGBUF_HDR_SZ + 7) & ~7ul;
	if (total > ring->seen - ring->pos)
		return -EBADMSG;
	*ret_word = word;
	*ret_total = total;
	return 1;
}

bool poll_ring_arm(struct poll_ring *ring)
{
	unsigned long total;
	uint32_t word;

	give_back(ring, true);
	return peek(ring, &word, &total) != 0; /* what is damaged is told by the next round */
}

int poll_ring_read(struct poll_ring *ring, const struct poll_budget *budget, ecli_poll_record_fn on_record, void *ctx,
		   struct poll_round *round, struct ecli_err *err)
{
	struct ecli_poll_record record = { .mono_ns = poll_now_ns() };
	uint32_t batch = 0;
	int r = 0;

	round->size_bytes = ring->size_bytes;
	unsigned long waiting = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) - ring->pos;
	round->fill = (uint32_t)((uint64_t)waiting * POLL_FILL_FULL / ring->size_bytes);

	while (!r && !(budget->last && ring->pos == ring->end)) {
		unsigned long total;
		uint32_t word;
		int found = peek(ring, &word, &total);

		if (found < 0) {
			give_back(ring, true);
			return bad_record(err);
		}
		if (!found) {
			if (ring->is_called || ring->pos == ring->published)
				break;
			give_back(ring, true);
			continue;
		}
		if (!(word & BPF_RINGBUF_DISCARD_BIT)) {
			record.data = ring->data + (ring->pos & (ring->size_bytes - 1)) + BPF_RINGBUF_HDR_SZ;
			record.size_bytes = word;
			round->records++;
			r = on_record(ctx, &record);
		}
		ring->kept = total <= ring->size_bytes / KEEP_SHARE ? ring->pos : ring->pos + total;
		ring->pos += total;
		round->moved = true;
		if (++batch == BATCH_RECORDS || ring->pos - ring->published >= ring->size_bytes / BATCH_SHARE) {
			give_back(ring, false);
			batch = 0;
			record.mono_ns = poll_now_ns();
			if (round->records >= budget->records || record.mono_ns >= budget->deadline_ns) {
				round->more = true;
				break;
			}
		}
	}
	give_back(ring, budget->last);
	return r < 0 ? poll_callback_failed(err, r) : r;
}

/* A producer that was interrupted between reserving and committing is waited for: its record was promised. */
static int drain_last(struct ring_source *self, const struct poll_budget *budget, struct poll_round *round,
		      struct ecli_err *err)
{
	struct poll_source *source = &self->source;
	uint64_t give_up_ns = poll_now_ns() + BUSY_WAIT_NS;

	for (;;) {
		int r = poll_ring_read(&self->ring, budget, source->on_record, source->ctx, round, err);

		if (r || self->ring.pos == self->ring.end || poll_now_ns() >= give_up_ns)
			return r;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){ .tv_nsec = BUSY_NAP_NS }, NULL);
	}
}

static int map_producer(struct ring_source *self, size_t bytes)
{
	if (self->producer_pages)
		munmap(self->producer_pages, self->producer_bytes);
	self->producer_pages = NULL;

	void *pages = mmap(NULL, bytes, PROT_READ, MAP_SHARED, self->source.buffer.map_fd, (off_t)self->page_bytes);
	if (pages == MAP_FAILED)
		return -errno;
	self->producer_pages = pages;
	self->producer_bytes = bytes;
	self->ring.producer = pages;
	return 0;
}

/* The data becomes memory of ours, twice its size, only when there is some: most tools report little. 1: there is none yet. */
static int map_data(struct ring_source *self, struct ecli_err *err)
{
	struct poll_ring *ring = &self->ring;

	if (__atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) == ring->pos)
		return 1;
	int r = map_producer(self, self->page_bytes + 2 * (size_t)ring->size_bytes);
	if (r < 0)
		return ecli_err_set(err, r, "cannot map a ring buffer of %lu bytes: %s", ring->size_bytes,
				    strerror(-r));
	ring->data = (const uint8_t *)self->producer_pages + self->page_bytes;
	return 0;
}

static int ring_drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
		      struct ecli_err *err)
{
	struct ring_source *self = (struct ring_source *)source;
	int r = self->ring.data ? 0 : map_data(self, err);

	if (r)
		return r < 0 ? r : 0;
	self->ring.is_called = source->is_called;
	r = budget->last ? drain_last(self, budget, round, err)
			 : poll_ring_read(&self->ring, budget, source->on_record, source->ctx, round, err);
	source->buffer.high_bytes = self->ring.high_bytes;
	return r;
}

static void ring_mark(struct poll_source *source)
{
	struct ring_source *self = (struct ring_source *)source;

	self->ring.end = __atomic_load_n(self->ring.producer, __ATOMIC_ACQUIRE);
	note_level(&self->ring, self->ring.end);
}

static bool ring_arm(struct poll_source *source)
{
	struct ring_source *self = (struct ring_source *)source;

	/* Where no record was seen yet, none was kept back. */
	return self->ring.data && poll_ring_arm(&self->ring);
}

static void ring_free(struct poll_source *source)
{
	struct ring_source *self = (struct ring_source *)source;

	/* Another reader may go on where this one ends. */
	if (self->ring.consumer)
		give_back(&self->ring, true);
	if (self->consumer_page)
		munmap(self->consumer_page, self->page_bytes);
	if (self->producer_pages)
		munmap(self->producer_pages, self->producer_bytes);
	free(self);
}

static const struct poll_source_ops ring_ops = {
	.drain = ring_drain, .arm = ring_arm, .mark = ring_mark, .free = ring_free
};

static int map_pages(struct ring_source *self, int map_fd, uint32_t size_bytes)
{
	self->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	if (size_bytes > (SIZE_MAX - self->page_bytes) / 2)
		return -E2BIG;
	self->ring.size_bytes = size_bytes;
	self->source.buffer = (struct ecli_poll_buffer){ .map_fd = map_fd, .size_bytes = size_bytes };

	void *page = mmap(NULL, self->page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	if (page == MAP_FAILED)
		return -errno;
	self->consumer_page = page;
	self->ring.consumer = page;
	return map_producer(self, self->page_bytes);
}

int ecli_poll_add_ring(struct ecli_poll *poll, int map_fd, ecli_poll_record_fn on_record, void *ctx,
		       struct ecli_err *err)
{
	struct bpf_map_info info = { 0 };
	uint32_t info_bytes = sizeof(info);

	if (bpf_obj_get_info_by_fd(map_fd, &info, &info_bytes) < 0) {
		int r = -errno;

		return ecli_err_set(err, r, "cannot read about a ring buffer: %s", strerror(-r));
	}
	if (info.type != BPF_MAP_TYPE_RINGBUF)
		return ecli_err_set(err, -EINVAL, "map %.16s is not a ring buffer", info.name);
	if (info.map_flags & OVERWRITE)
		return ecli_err_set(err, -EOPNOTSUPP,
				    "ring buffer %.16s overwrites what was not read yet; create it without that flag",
				    info.name);

	struct ring_source *self = calloc(1, sizeof(*self));
	if (!self)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	self->source = (struct poll_source){
		.ops = &ring_ops,
		.fd = map_fd,
		.epoll_in = EPOLLIN | EPOLLET,
		.is_buffer = true,
		.on_record = on_record,
		.ctx = ctx,
	};
	int r = map_pages(self, map_fd, info.max_entries);
	if (r < 0)
		ecli_err_set(err, r, "cannot map ring buffer %.16s: %s", info.name, strerror(-r));
	else if (poll_ring_start(&self->ring) < 0)
		r = bad_record(err);
	if (r < 0) {
		ring_free(&self->source);
		return r;
	}
	return poll_add_source(poll, &self->source, err);
}
