/* SPDX-License-Identifier: MIT */
/* poll/perf_read.c over memory of our own: merging, wrapping, losses, hostile sizes; and poll/cpus.c. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "poll/cpus.h"
#include "poll/perf_read.h"

#define SIZE 4096u
#define CPUS 3u

struct seen {
	unsigned count;
	uint64_t times[64], lost[CPUS];
	uint32_t cpus[64];
	unsigned stop_at;
	int stop_with;
};

struct fake {
	struct perf_event_mmap_page pages[CPUS];
	_Alignas(8) uint8_t data[CPUS][SIZE];
	struct perf_cpu cpus[CPUS];
	uint32_t heap[CPUS];
	uint8_t scratch[PERF_SCRATCH_BYTES + 4];
	struct perf_reader reader;
	struct seen seen;
};

static struct fake fake;

static int on_record(void *ctx, const struct ecli_poll_record *record)
{
	struct seen *seen = ctx;
	const uint8_t *bytes = record->data;

	assert_int_equal((uintptr_t)bytes % 4, 0);
	for (size_t i = 0; i < record->size_bytes; i++)
		assert_int_equal(bytes[i], (uint8_t)(record->mono_ns + i));
	if (seen->count < 64) {
		seen->times[seen->count] = record->mono_ns;
		seen->cpus[seen->count] = record->cpu;
	}
	return ++seen->count == seen->stop_at ? seen->stop_with : 0;
}

static void on_lost(void *ctx, uint32_t cpu, uint64_t count)
{
	struct seen *seen = ctx;

	seen->lost[cpu / 10] += count;
}

static void start_at(uint64_t pos)
{
	memset(&fake, 0, sizeof(fake));
	for (uint32_t i = 0; i < CPUS; i++) {
		fake.pages[i].data_head = fake.pages[i].data_tail = pos;
		fake.cpus[i] = (struct perf_cpu){ .page = &fake.pages[i],
						  .data = fake.data[i],
						  .size_bytes = SIZE,
						  .cpu = i * 10,
						  .tail = pos,
						  .published = pos };
	}
	fake.reader = (struct perf_reader){
		.cpus = fake.cpus,
		.n_cpus = CPUS,
		.heap = fake.heap,
		.scratch = fake.scratch,
		.on_record = on_record,
		.on_lost = on_lost,
		.ctx = &fake.seen,
	};
}

static void put_bytes(uint32_t cpu, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fake.data[cpu][fake.pages[cpu].data_head++ % SIZE] = ((const uint8_t *)bytes)[i];
}

static void put_header(uint32_t cpu, uint32_t type, size_t size)
{
	struct perf_event_header header = { .type = type, .size = (uint16_t)size };

	put_bytes(cpu, &header, sizeof(header));
}

/* @len: 4 more than a multiple of 8, as the kernel pads. */
static void put_sample(uint32_t cpu, uint64_t time_ns, uint32_t len)
{
	assert_int_equal(len % 8, 4);
	put_header(cpu, PERF_RECORD_SAMPLE, 20 + len);
	put_bytes(cpu, &time_ns, 8);
	put_bytes(cpu, &len, 4);
	for (uint32_t i = 0; i < len; i++)
		put_bytes(cpu, &(uint8_t){ (uint8_t)(time_ns + i) }, 1);
}

static void put_lost(uint32_t cpu, uint64_t count)
{
	put_header(cpu, PERF_RECORD_LOST, 24);
	put_bytes(cpu, &(uint64_t){ 77 }, 8);
	put_bytes(cpu, &count, 8);
}

static int read_perf(uint32_t records, uint64_t cutoff_ns, struct poll_round *round, struct ecli_err *err)
{
	struct poll_budget budget = { .records = records, .deadline_ns = UINT64_MAX };

	*round = (struct poll_round){ 0 };
	return poll_perf_read(&fake.reader, &budget, cutoff_ns, round, err);
}

static void the_high_water_mark_is_that_of_the_fullest_cpu(void **state)
{
	(void)state;
	struct poll_round round;

	start_at(0 - 64ull);
	put_sample(0, 10, 44);
	put_sample(1, 11, 44);
	put_sample(1, 12, 44);
	assert_int_equal(read_perf(100, UINT64_MAX, &round, NULL), 0);
	assert_int_equal(fake.reader.high_bytes, 2 * 64);
	put_sample(0, 13, 44);
	assert_int_equal(read_perf(100, UINT64_MAX, &round, NULL), 0);
	assert_int_equal(fake.reader.high_bytes, 2 * 64);
}

static void cpus_are_merged_by_time(void **state)
{
	(void)state;
	struct poll_round round;

	/* Wrapping records and positions on the way. */
	start_at(0 - 64ull);
	put_sample(2, 10, 4);
	put_sample(0, 20, 44);
	put_sample(1, 15, 52);
	put_sample(1, 25, 12);
	put_sample(0, 21, 100);
	put_sample(2, 22, 4);
	put_sample(2, 30, 4);
	assert_int_equal(read_perf(100, 29, &round, NULL), 0);
	static const uint64_t times[] = { 10, 15, 20, 21, 22, 25 };
	static const uint32_t cpus[] = { 20, 10, 0, 0, 20, 10 };
	assert_int_equal(fake.seen.count, 6);
	assert_memory_equal(fake.seen.times, times, sizeof(times));
	assert_memory_equal(fake.seen.cpus, cpus, sizeof(cpus));
	/* The one younger than the cutoff waits, and an older one that comes later goes first. */
	assert_true(round.held && !round.more);
	assert_true(fake.pages[2].data_tail != fake.pages[2].data_head);
	put_sample(0, 28, 4);
	assert_int_equal(read_perf(100, UINT64_MAX, &round, NULL), 0);
	assert_int_equal(fake.seen.times[6], 28);
	assert_int_equal(fake.seen.times[7], 30);
	assert_false(round.held);
	for (int i = 0; i < 3; i++)
		assert_true(fake.pages[i].data_tail == fake.pages[i].data_head);
	assert_int_equal(round.size_bytes, SIZE);
}

static void losses_are_told_and_strangers_skipped(void **state)
{
	(void)state;
	struct poll_round round;

	start_at(SIZE - 8);
	put_lost(1, 5);
	put_sample(1, 1, 4);
	put_lost(1, 1ull << 40);
	put_header(0, PERF_RECORD_THROTTLE, 16);
	put_bytes(0, "12345678", 8);
	put_sample(0, 2, 4);
	assert_int_equal(read_perf(100, UINT64_MAX, &round, NULL), 0);
	assert_int_equal(fake.seen.count, 2);
	assert_true(fake.seen.lost[1] == (1ull << 40) + 5 && fake.cpus[1].reported_lost == fake.seen.lost[1]);
	assert_true(fake.seen.lost[0] == 0);
	assert_true(fake.pages[1].data_tail == fake.pages[1].data_head);
}

static void the_bound_and_the_callback_end_it(void **state)
{
	(void)state;
	struct poll_round round;
	struct ecli_err err = { 0 };

	start_at(0);
	for (int i = 0; i < 100; i++)
		put_sample(0, (uint64_t)i, 4);
	assert_int_equal(read_perf(10, UINT64_MAX, &round, NULL), 0);
	assert_true(round.more && fake.seen.count == 64);
	assert_true(fake.pages[0].data_tail == 64 * 24);
	fake.seen.stop_at = 70;
	fake.seen.stop_with = 1;
	assert_int_equal(read_perf(1000, UINT64_MAX, &round, NULL), POLL_STOP);
	assert_true(fake.pages[0].data_tail == 70 * 24);
	fake.seen.stop_at = 80;
	fake.seen.stop_with = -ENOSPC;
	assert_int_equal(read_perf(1000, UINT64_MAX, &round, &err), -ENOSPC);
	assert_int_equal(err.code, -ENOSPC);

	struct poll_budget last = { .records = UINT32_MAX, .deadline_ns = UINT64_MAX, .last = true };
	fake.cpus[0].end = 90 * 24;
	round = (struct poll_round){ 0 };
	assert_int_equal(poll_perf_read(&fake.reader, &last, UINT64_MAX, &round, NULL), 0);
	assert_int_equal(fake.seen.count, 90);
}

static void nonsense_is_refused(void **state)
{
	(void)state;
	static const struct {
		uint32_t type;
		uint16_t size;
		uint32_t sample_bytes;
	} cases[] = {
		{ PERF_RECORD_SAMPLE, 0, 4 },  { PERF_RECORD_SAMPLE, 7, 4 },
		{ PERF_RECORD_SAMPLE, 16, 4 }, { PERF_RECORD_SAMPLE, 32, 20 },
		{ PERF_RECORD_SAMPLE, 30, 4 }, { PERF_RECORD_SAMPLE, 32, UINT32_MAX },
		{ PERF_RECORD_LOST, 48, 0 },   { 99, 65528, 0 },
	};
	struct poll_round round;
	struct ecli_err err;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		start_at(SIZE - 16);
		put_header(1, cases[i].type, cases[i].size);
		put_bytes(1, "timetime", 8);
		put_bytes(1, &cases[i].sample_bytes, 4);
		put_bytes(1, "datadatadatad", 12);
		err = (struct ecli_err){ 0 };
		assert_int_equal(read_perf(10, UINT64_MAX, &round, &err), -EBADMSG);
		assert_int_equal(err.code, -EBADMSG);
		assert_int_equal(fake.seen.count, 0);
	}
	start_at(0);
	fake.pages[1].data_head = SIZE + 8;
	assert_int_equal(read_perf(10, UINT64_MAX, &round, &err), -EBADMSG);
}

static void lists_of_cpus_are_read_strictly(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int r;
		uint32_t count, last;
	} cases[] = {
		{ "0\n", 0, 1, 0 },         { "0-3,8,10-11\n", 0, 7, 11 },
		{ "65535", 0, 1, 65535 },   { "", -EINVAL },
		{ "\n", -EINVAL },          { "1-", -EINVAL },
		{ "3-1", -EINVAL },         { "1,1", -EINVAL },
		{ "2,1", -EINVAL },         { "65536", -EINVAL },
		{ "0-65536", -EINVAL },     { "0, 1", -EINVAL },
		{ "0-3x", -EINVAL },        { "0\n1", -EINVAL },
		{ "99999999999", -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_FREE uint32_t *cpus = NULL;
		uint32_t count = 0;

		assert_int_equal(poll_cpus_parse(cases[i].text, &cpus, &count), cases[i].r);
		assert_int_equal(count, cases[i].count);
		if (count)
			assert_int_equal(cpus[count - 1], cases[i].last);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_high_water_mark_is_that_of_the_fullest_cpu),
		cmocka_unit_test(cpus_are_merged_by_time),
		cmocka_unit_test(losses_are_told_and_strangers_skipped),
		cmocka_unit_test(the_bound_and_the_callback_end_it),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(lists_of_cpus_are_read_strictly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
