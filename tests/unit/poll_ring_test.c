/* SPDX-License-Identifier: MIT */
/* poll/ring.c over memory of our own: order, bounds, hostile lengths, and the hand-shake with a producer that follows
 * the kernel's. */
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "base/cleanup.h"
#include "poll/ring.h"

#define SIZE 4096u

struct memory {
	unsigned long consumer, producer;
	uint8_t *data;
};

struct seen {
	unsigned count;
	size_t bytes;
	uint8_t first[64]; /* the first byte of each record */
	unsigned stop_at;
	int stop_with;
};

static struct memory memory;

static int set_up(void **state)
{
	(void)state;
	int fd = memfd_create("ring", MFD_CLOEXEC);

	/* Twice in a row, as the kernel maps it. */
	memory.data = mmap(NULL, 2 * SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || ftruncate(fd, SIZE) < 0 || memory.data == MAP_FAILED)
		return -1;
	for (int i = 0; i < 2; i++)
		if (mmap(memory.data + i * SIZE, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
		    MAP_FAILED)
			return -1;
	close(fd);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return munmap(memory.data, 2 * SIZE);
}

static struct poll_ring start_at(unsigned long pos)
{
	struct poll_ring ring = {
		.consumer = &memory.consumer, .producer = &memory.producer, .data = memory.data, .size_bytes = SIZE
	};

	memory.consumer = memory.producer = pos;
	memset(memory.data, 0, SIZE);
	assert_int_equal(poll_ring_start(&ring), 0);
	return ring;
}

static void put(uint32_t len, uint32_t bits, uint8_t fill)
{
	uint8_t *at = memory.data + memory.producer % SIZE;
	uint32_t word = len | bits;

	memcpy(at, &word, sizeof(word));
	memset(at + 8, fill, len);
	memory.producer += (len + 8 + 7) / 8 * 8;
}

static int on_record(void *ctx, const struct ecli_poll_record *record)
{
	struct seen *seen = ctx;

	assert_true(record->mono_ns > 0);
	if (seen->count < sizeof(seen->first))
		seen->first[seen->count] = record->size_bytes ? *(const uint8_t *)record->data : 0;
	for (size_t i = 1; i < record->size_bytes; i++)
		assert_int_equal(((const uint8_t *)record->data)[i], *(const uint8_t *)record->data);
	seen->bytes += record->size_bytes;
	return ++seen->count == seen->stop_at ? seen->stop_with : 0;
}

static int read_ring(struct poll_ring *ring, struct seen *seen, uint32_t records, struct poll_round *round,
		     struct ecli_err *err)
{
	struct poll_budget budget = { .records = records, .deadline_ns = UINT64_MAX };

	*round = (struct poll_round){ 0 };
	return poll_ring_read(ring, &budget, on_record, seen, round, err);
}

static void records_come_in_order_across_the_end(void **state)
{
	(void)state;
	/* Starts 40 bytes before the end of the data, and of the numbers. */
	struct poll_ring ring = start_at(0ul - 40);
	struct poll_round round;
	struct seen seen = { 0 };

	put(16, 0, 1);
	put(20, BPF_RINGBUF_DISCARD_BIT, 2);
	put(48, 0, 3);
	put(0, 0, 0);
	put(7, 0, 4);
	assert_int_equal(read_ring(&ring, &seen, 100, &round, NULL), 0);
	assert_int_equal(seen.count, 4);
	assert_int_equal(seen.bytes, 16 + 48 + 0 + 7);
	assert_memory_equal(seen.first, "\1\3\0\4", 4);
	assert_int_equal(round.records, 4);
	assert_false(round.more);
	assert_true(memory.consumer == memory.producer);
	assert_int_equal(round.size_bytes, SIZE);
}

/* What the kernel sees as used: up to what it was told, not up to where we are. */
static void the_high_water_mark_is_the_most_in_use(void **state)
{
	(void)state;
	struct poll_ring ring = start_at(0ul - 512);
	struct poll_round round;
	struct seen seen = { 0 };

	assert_int_equal(read_ring(&ring, &seen, 100, &round, NULL), 0);
	assert_int_equal(ring.high_bytes, 0);
	for (int i = 0; i < 20; i++)
		put(24, 0, 1);
	assert_int_equal(read_ring(&ring, &seen, 100, &round, NULL), 0);
	assert_int_equal(ring.high_bytes, 20 * 32);
	for (int i = 0; i < 5; i++)
		put(24, 0, 1);
	assert_int_equal(read_ring(&ring, &seen, 100, &round, NULL), 0);
	assert_int_equal(ring.high_bytes, 20 * 32);
	for (int i = 0; i < 21; i++)
		put(24, 0, 1);
	assert_int_equal(read_ring(&ring, &seen, 100, &round, NULL), 0);
	assert_int_equal(ring.high_bytes, 21 * 32);
	assert_int_equal(seen.count, 46);
}

static void a_record_being_written_holds_up_the_rest(void **state)
{
	(void)state;
	struct poll_ring ring = start_at(0);
	struct poll_round round;
	struct seen seen = { 0 };

	put(8, 0, 1);
	unsigned long busy = memory.producer;
	put(8, BPF_RINGBUF_BUSY_BIT, 2);
	put(8, 0, 3);
	assert_int_equal(read_ring(&ring, &seen, 100, &round, NULL), 0);
	assert_int_equal(seen.count, 1);
	assert_true(memory.consumer == busy);
	assert_int_equal(round.fill, 48 * POLL_FILL_FULL / SIZE);

	uint32_t done = 8;
	memcpy(memory.data + busy, &done, sizeof(done));
	assert_int_equal(read_ring(&ring, &seen, 100, &round, NULL), 0);
	assert_memory_equal(seen.first, "\1\2\3", 3);
	assert_int_equal(read_ring(&ring, &seen, 100, &round, NULL), 0);
	assert_int_equal(round.records, 0);
}

static void the_bound_holds(void **state)
{
	(void)state;
	struct poll_ring ring = start_at(0);
	struct poll_round round;
	struct seen seen = { 0 };

	for (int i = 0; i < 250; i++)
		put(8, 0, 1);
	assert_int_equal(read_ring(&ring, &seen, 64, &round, NULL), 0);
	assert_true(round.more && seen.count >= 64 && seen.count <= 128);
	assert_true(memory.consumer == seen.count * 16ul);

	/* The time has passed already: still some records, or there would be no progress. */
	struct poll_budget late = { .records = 1000, .deadline_ns = 1 };
	unsigned before = seen.count;
	round = (struct poll_round){ 0 };
	assert_int_equal(poll_ring_read(&ring, &late, on_record, &seen, &round, NULL), 0);
	assert_true(round.more && seen.count > before && seen.count < 250);

	/* The last drain ends where it was told, although there is more. */
	ring.end = memory.producer;
	put(8, 0, 2);
	struct poll_budget last = { .records = UINT32_MAX, .deadline_ns = UINT64_MAX, .last = true };
	do {
		round = (struct poll_round){ 0 };
		assert_int_equal(poll_ring_read(&ring, &last, on_record, &seen, &round, NULL), 0);
	} while (round.more);
	assert_int_equal(seen.count, 250);
}

static void a_callback_ends_it_at_its_record(void **state)
{
	(void)state;
	struct poll_ring ring = start_at(0);
	struct poll_round round;
	struct seen seen = { .stop_at = 2, .stop_with = 1 };
	struct ecli_err err = { 0 };

	for (int i = 0; i < 5; i++)
		put(8, 0, 1);
	assert_int_equal(read_ring(&ring, &seen, 100, &round, &err), POLL_STOP);
	assert_true(memory.consumer == 32);
	seen.stop_at = 4;
	seen.stop_with = -EIO;
	assert_int_equal(read_ring(&ring, &seen, 100, &round, &err), -EIO);
	assert_string_equal(err.text, "cannot handle an event: Input/output error");
	assert_true(memory.consumer == 64);
	/* A callback's own words stay. */
	seen.stop_at = 5;
	ecli_err_set(&err, -EPIPE, "own words");
	assert_int_equal(read_ring(&ring, &seen, 100, &round, &err), -EIO);
	assert_string_equal(err.text, "own words");
}

static void nonsense_is_refused(void **state)
{
	(void)state;
	struct poll_round round;
	struct seen seen = { 0 };
	struct ecli_err err = { 0 };
	static const uint32_t lengths[] = { SIZE, 0x3fffffff, 25, BPF_RINGBUF_DISCARD_BIT | 0x3fffffff };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct poll_ring ring = start_at(SIZE - 32);

		memcpy(memory.data + SIZE - 32, &lengths[i], 4);
		memory.producer += 32; /* promises less than the record says */
		assert_int_equal(read_ring(&ring, &seen, 100, &round, &err), -EBADMSG);
		assert_int_equal(seen.count, 0);
		assert_int_equal(err.code, -EBADMSG);
	}
	struct poll_ring ring = start_at(0);
	memory.producer = SIZE + 8;
	assert_int_equal(read_ring(&ring, &seen, 100, &round, &err), -EBADMSG);
	assert_int_equal(poll_ring_start(&ring), -EBADMSG);
	memory.consumer = memory.producer = 4;
	assert_int_equal(poll_ring_start(&ring), -EBADMSG);
	memory.consumer = 8;
	memory.producer = 0;
	assert_int_equal(poll_ring_start(&ring), -EBADMSG);
}

/* The kernel calls for a record that the reader's position points to: for none as long as one is kept back, and for the next one after arming. */
static void one_record_is_kept_back_until_the_ring_is_armed(void **state)
{
	(void)state;
	struct poll_ring ring = start_at(SIZE - 32);
	struct poll_round round;
	struct seen seen = { 0 };

	ring.is_called = true;
	assert_false(poll_ring_arm(&ring));
	assert_true(memory.consumer == memory.producer);
	for (unsigned i = 1; i <= 3; i++) {
		put(8, 0, 1);
		put(24, 0, 2);
		assert_int_equal(read_ring(&ring, &seen, 100, &round, NULL), 0);
		assert_true(round.moved && seen.count == 2 * i);
		assert_true(memory.consumer == memory.producer - 32);
	}
	assert_int_equal(read_ring(&ring, &seen, 100, &round, NULL), 0);
	assert_true(!round.moved && memory.consumer == memory.producer - 32);
	assert_false(poll_ring_arm(&ring));
	assert_true(memory.consumer == memory.producer);

	/* One taken back is found, too, or each of them would wake. One being written is none yet. */
	put(8, BPF_RINGBUF_DISCARD_BIT, 3);
	assert_true(poll_ring_arm(&ring));
	assert_int_equal(read_ring(&ring, &seen, 100, &round, NULL), 0);
	assert_true(round.moved && !round.records && memory.consumer == memory.producer - 16);
	put(8, BPF_RINGBUF_BUSY_BIT, 4);
	assert_false(poll_ring_arm(&ring));
	assert_true(memory.consumer == memory.producer - 16);

	/* A large one is not worth its room; the final drain gives back all. */
	ring = start_at(0);
	ring.is_called = true;
	put(SIZE / 8, 0, 5);
	assert_int_equal(read_ring(&ring, &seen, 100, &round, NULL), 0);
	assert_true(memory.consumer == memory.producer);
	put(8, 0, 6);
	ring.end = memory.producer;
	struct poll_budget last = { .records = UINT32_MAX, .deadline_ns = UINT64_MAX, .last = true };
	assert_int_equal(poll_ring_read(&ring, &last, on_record, &seen, &round, NULL), 0);
	assert_true(memory.consumer == memory.producer);
}

/* ---- the hand-shake -------------------------------------------------------------------------------------------- */

static unsigned shakes = 300000; /* with ECLI_TEST_FULL=1: 3,000,000 */

struct producer {
	int wake_fd;
	unsigned long pos;
	unsigned woken;
};

/* What bpf_ringbuf_reserve() and _commit() do: positions, BUSY, exchange of the header, then a look at the reader. */
static void *produce(void *arg)
{
	struct producer *self = arg;

	for (unsigned i = 0; i < shakes; i++) {
		while (self->pos + 16 - __atomic_load_n(&memory.consumer, __ATOMIC_ACQUIRE) > SIZE)
			sched_yield();
		uint32_t *header = (uint32_t *)(memory.data + self->pos % SIZE);

		__atomic_store_n(header, 8 | BPF_RINGBUF_BUSY_BIT, __ATOMIC_RELAXED);
		__atomic_store_n(&memory.producer, self->pos + 16, __ATOMIC_RELEASE);
		memset(header + 2, (uint8_t)i, 8);
		__atomic_exchange_n(header, 8, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&memory.consumer, __ATOMIC_ACQUIRE) == self->pos) {
			uint64_t one = 1;

			self->woken++;
			if (write(self->wake_fd, &one, sizeof(one)) < 0)
				return arg;
		}
		self->pos += 16;
	}
	return NULL;
}

/* False when records lie there and for five seconds neither a wake-up comes nor the producer gets on: it waits for us, and we for it. */
static bool is_woken(int wake_fd)
{
	unsigned long last = memory.consumer;

	for (int still = 0; still < 5;) {
		struct pollfd wait = { .fd = wake_fd, .events = POLLIN };

		if (poll(&wait, 1, 1000) == 1)
			return true;
		unsigned long now = __atomic_load_n(&memory.producer, __ATOMIC_ACQUIRE);
		still = now != memory.consumer && now == last ? still + 1 : 0;
		last = now;
	}
	return false;
}

/* The reader goes to sleep only on wake-ups, without a timer to save it. */
static void shake(bool is_called)
{
	struct poll_ring ring = start_at(0);
	struct poll_round round;
	struct seen seen = { 0 };
	struct producer producer = { .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	pthread_t thread;
	void *failed;

	ring.is_called = is_called;
	assert_int_equal(pthread_create(&thread, NULL, produce, &producer), 0);
	while (seen.count < shakes) {
		uint64_t wakes;

		assert_int_equal(read_ring(&ring, &seen, UINT32_MAX, &round, NULL), 0);
		if (seen.count == shakes)
			break;
		if (is_called && (round.moved || poll_ring_arm(&ring)))
			continue;
		if (!is_woken(producer.wake_fd))
			fail_msg("a wake-up was lost after %u records", seen.count);
		assert_int_equal(read(producer.wake_fd, &wakes, sizeof(wakes)), sizeof(wakes));
	}
	pthread_join(thread, &failed);
	assert_null(failed);
	assert_true(producer.woken > 0);
	assert_int_equal(seen.bytes, shakes * 8ull);
	close(producer.wake_fd);
}

static void no_wake_up_is_lost(void **state)
{
	(void)state;
	const char *full = getenv("ECLI_TEST_FULL");

	if (full && *full == '1')
		shakes *= 10;
	shake(false);
	shake(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_in_order_across_the_end),
		cmocka_unit_test(the_high_water_mark_is_the_most_in_use),
		cmocka_unit_test(a_record_being_written_holds_up_the_rest),
		cmocka_unit_test(the_bound_holds),
		cmocka_unit_test(a_callback_ends_it_at_its_record),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(one_record_is_kept_back_until_the_ring_is_armed),
		cmocka_unit_test(no_wake_up_is_lost),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
