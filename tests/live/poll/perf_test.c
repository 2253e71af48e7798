/* SPDX-License-Identifier: MIT */
/* poll/perf.c on the real kernel: times of the events, order over CPUs, exact losses. */
#include "live.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PAGES 64

struct perf_tally {
	struct tally tally;
	uint64_t lost, worst_apart_ns, worst_late_ns, last_ns, disorder, per_cpu[128], last_seq[128], cpu_disorder;
};

static int on_record(void *ctx, const struct ecli_poll_record *record)
{
	struct perf_tally *perf = ctx;
	struct poll_event event;

	assert_int_equal((uintptr_t)record->data % 4, 0);
	memcpy(&event, record->data, sizeof(event));
	uint64_t apart_ns =
		record->mono_ns > event.ktime_ns ? record->mono_ns - event.ktime_ns : event.ktime_ns - record->mono_ns;
	uint64_t late_ns = live_now_ns() - event.ktime_ns;

	if (apart_ns > perf->worst_apart_ns)
		perf->worst_apart_ns = apart_ns;
	if (late_ns > perf->worst_late_ns)
		perf->worst_late_ns = late_ns;
	perf->disorder += record->mono_ns < perf->last_ns;
	perf->last_ns = record->mono_ns;
	if (record->cpu < 128) {
		perf->cpu_disorder += perf->per_cpu[record->cpu] && event.seq <= perf->last_seq[record->cpu];
		perf->per_cpu[record->cpu]++;
		perf->last_seq[record->cpu] = event.seq;
	}
	return tally_record(&perf->tally, record);
}

static void on_lost(void *ctx, uint32_t cpu, uint64_t count)
{
	struct perf_tally *perf = ctx;

	(void)cpu;
	perf->lost += count;
}

static struct ecli_poll *new_perf(struct perf_tally *perf)
{
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;

	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_ok(ecli_poll_add_perf(poll, live_map("perf"), PAGES, on_record, on_lost, perf, &err), &err);
	return poll;
}

static struct perf_tally run_perf(uint64_t burst)
{
	struct perf_tally perf = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_perf(&perf);
	struct ecli_poll_run run = { .duration_ms = 1000, .signal_fd = -1 };
	struct storm storm = { .prog_fd = live_prog("perf_burst"), .burst = burst, .pause_us = 30000 };
	enum ecli_poll_end end;

	storm_start(&storm);
	assert_ok(ecli_poll_run(poll, &run, &err, &end), &err);
	storm_stop(&storm);
	ecli_poll_free(poll);
	assert_int_equal(perf.tally.broken, 0);
	return perf;
}

/* The same clock on both sides; and a lone record, far below the watermark, is there in time. */
static void a_record_has_the_time_of_its_event(void **state)
{
	(void)state;
	struct perf_tally perf = { 0 };

	for (int try = 0; try < 3; try++) {
		perf = run_perf(1);
		if (perf.worst_apart_ns < MS && perf.worst_late_ns < ECLI_POLL_LATENCY_MS * MS)
			break;
	}
	printf("# perf: %llu records, at most %.1f us between both clocks, at most %.1f ms late\n",
	       (unsigned long long)perf.tally.records, (double)perf.worst_apart_ns / 1e3,
	       (double)perf.worst_late_ns / 1e6);
	assert_true(perf.tally.records > 10);
	assert_true(perf.worst_apart_ns < MS);
	assert_true(perf.worst_late_ns < ECLI_POLL_LATENCY_MS * MS);
}

/* Above the watermark the kernel calls: long before the timer would have looked. */
static void a_burst_wakes_the_reader(void **state)
{
	(void)state;
	struct perf_tally perf = { 0 };

	for (int try = 0; try < 3; try++) {
		perf = run_perf(1000);
		if (perf.worst_late_ns < 25 * MS)
			break;
	}
	printf("# perf: bursts of 1000 delivered within %.2f ms\n", (double)perf.worst_late_ns / 1e6);
	assert_true(perf.tally.records >= 10000);
	assert_int_equal(perf.lost, 0);
	assert_true(perf.worst_late_ns < 25 * MS);
}

/* The kernel tells the loss in front of the next record that fits. */
static void a_loss_is_exact_after_a_later_record(void **state)
{
	(void)state;
	struct perf_tally perf = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_perf(&perf);

	live_pin(0);
	live_take_failed(1);
	live_run(live_prog("perf_burst"), 10000, 0, 0);
	uint64_t failed = live_take_failed(1);
	assert_true(failed > 1000);

	struct ecli_poll_run run = { .duration_ms = 20, .signal_fd = -1 };
	enum ecli_poll_end end;
	assert_ok(ecli_poll_run(poll, &run, &err, &end), &err);
	assert_int_equal(perf.tally.records, 10000 - failed);

	live_run(live_prog("perf_burst"), 1, 0, 10000);
	assert_ok(ecli_poll_run(poll, &run, &err, &end), &err);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(perf.tally.records, 10001 - failed);
	assert_int_equal(perf.lost, failed);
	assert_int_equal(perf.tally.gaps, failed);
	assert_int_equal(perf.tally.disorder + perf.tally.broken, 0);
	ecli_poll_free(poll);
}

/* At the end there is no later record: the final drain asks the buffers themselves (Linux 6.0). */
static void a_loss_at_the_end_is_told_by_the_drain(void **state)
{
	(void)state;
	struct perf_tally perf = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_perf(&perf);

	live_pin(0);
	live_take_failed(1);
	live_run(live_prog("perf_burst"), 10000, 0, 0);
	uint64_t failed = live_take_failed(1);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(perf.tally.records + failed, 10000);
	assert_int_equal(perf.lost, failed);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(perf.lost, failed); /* told once */
	ecli_poll_free(poll);
}

/* Two CPUs at once: nothing unaccounted for, each CPU's order kept, and the merged order that of time. */
static void cpus_are_merged_by_time(void **state)
{
	(void)state;
	struct perf_tally perf = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_perf(&perf);
	struct storm storm = { .prog_fd = live_prog("perf_burst"), .burst = 200, .pause_us = 200, .max_bursts = 1000 };
	struct ecli_poll_run run = { .duration_ms = 20, .signal_fd = -1 };
	enum ecli_poll_end end;
	uint64_t mine = 0;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		ecli_poll_free(poll);
		skip();
	}
	live_take_failed(1);
	live_pin(1);
	storm_start(&storm);
	for (int i = 0; i < 20; i++, mine += 50) {
		live_run(live_prog("perf_burst"), 50, 0, mine);
		assert_ok(ecli_poll_run(poll, &run, &err, &end), &err);
	}
	storm_stop(&storm);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	uint64_t failed = live_take_failed(1);

	printf("# perf on two CPUs: %llu and %llu records, %llu lost, %llu out of time order\n",
	       (unsigned long long)perf.per_cpu[0], (unsigned long long)perf.per_cpu[1], (unsigned long long)perf.lost,
	       (unsigned long long)perf.disorder);
	assert_int_equal(perf.tally.records + failed, storm.produced + mine);
	assert_int_equal(perf.lost, failed);
	assert_int_equal(perf.cpu_disorder, 0);
	assert_int_equal(perf.per_cpu[1], mine);
	/* A virtual CPU that is stopped between time stamp and record is the only way to disorder. */
	assert_true(perf.disorder <= perf.tally.records / 10000);
	ecli_poll_free(poll);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_has_the_time_of_its_event),
		cmocka_unit_test(a_burst_wakes_the_reader),
		cmocka_unit_test(a_loss_is_exact_after_a_later_record),
		cmocka_unit_test(a_loss_at_the_end_is_told_by_the_drain),
		cmocka_unit_test(cpus_are_merged_by_time),
	};

	live_open();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
