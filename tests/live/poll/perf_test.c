/* SPDX-License-Identifier: MIT */
/* poll/perf.c on the real kernel: times of the events, order over CPUs, exact losses. */
#include "live.h"
#include "waits.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PAGES 64

struct perf_tally {
	struct tally tally;
	struct live_rows rows;
	uint64_t lost, before_ns, wrong_times, last_ns, disorder, per_cpu[128], last_seq[128], cpu_disorder;
};

static int on_record(void *ctx, const struct ecli_poll_record *record)
{
	struct perf_tally *perf = ctx;
	struct poll_event event;

	assert_int_equal((uintptr_t)record->data % 4, 0);
	memcpy(&event, record->data, sizeof(event));
	/* The writer's clock, then the record's time stamp, then ours. The two in the kernel may read the clock's base a step apart. */
	perf->wrong_times += event.ktime_ns < perf->before_ns || record->mono_ns + 1000 < event.ktime_ns ||
			     record->mono_ns > live_now_ns() + 1000;
	live_rows_found(&perf->rows);
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

/* Bursts one after the other, each when something of the last was shown. */
static void run_perf(uint64_t burst, unsigned bursts, bool without_timer, struct perf_tally *perf)
{
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_perf(perf);

	perf->before_ns = live_now_ns();
	perf->rows = (struct live_rows){
		.prog_fd = live_prog("perf_burst"), .burst = burst, .bursts = bursts, .pause_us = 1000, .each = true
	};
	live_take_failed(1);
	live_pin(1);
	live_waits.without_timer = without_timer;
	enum ecli_poll_end end = live_rows_run(&perf->rows, poll);
	live_waits.without_timer = false;
	assert_int_equal(end, ECLI_POLL_SIGNAL);
	printf("# perf: %u bursts of %llu: %llu records; asked for %.2f ms until found, then %.2f ms until shown\n",
	       bursts, (unsigned long long)burst, (unsigned long long)perf->tally.records,
	       (double)perf->rows.worst_found_ns / 1e6, (double)perf->rows.worst_shown_ns / 1e6);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	ecli_poll_free(poll);
	assert_int_equal(perf->tally.broken + perf->wrong_times, 0);
	assert_int_equal(perf->tally.records + live_take_failed(1), burst * bursts);
}

/* The same clock on both sides; and a lone record, far below the watermark, is there in time. */
static void a_record_has_the_time_of_its_event(void **state)
{
	(void)state;
	struct perf_tally perf = { 0 };

	run_perf(1, 15, false, &perf);
	assert_int_equal(perf.tally.records, 15);
}

/* Above the watermark the kernel calls: here is no timer that would have looked. */
static void a_burst_wakes_the_reader(void **state)
{
	(void)state;
	struct perf_tally perf = { 0 };

	run_perf(1000, 30, true, &perf);
	assert_true(perf.tally.records >= 10000);
}

/* Below the watermark, too, when the reader has nothing to read: no timer would find this one. */
static void a_lone_record_wakes_the_reader(void **state)
{
	(void)state;

	for (int i = 0; i < 5; i++) {
		struct perf_tally perf = { 0 };

		run_perf(1, 1, true, &perf);
		assert_int_equal(perf.tally.records, 1);
	}
}

/*
 * While records come the reader asks for time, not for records: it is called for a quarter of a buffer, and for the first record after a wait in
 * vain, after which it naps once.
 */
static void a_reader_at_work_is_not_called_for_each_record(void **state)
{
	(void)state;
	struct perf_tally perf = { .tally.stop_after = 8000 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_perf(&perf);
	struct storm storm = { .prog_fd = live_prog("perf_burst"), .burst = 10, .pause_us = 500 };

	live_pin(1);
	storm_start(&storm);
	assert_int_equal(live_run_poll(poll, &(struct ecli_poll_run){ 0 }), ECLI_POLL_CALLBACK);
	storm_stop(&storm);
	unsigned calls = live_waits.waits - live_waits.timeouts;
	uint64_t quarters = perf.tally.records * 72 / (PAGES * 4096 / 4);
	printf("# perf: %llu records: %u waits, of which %u were called, %u naps\n",
	       (unsigned long long)perf.tally.records, live_waits.waits, calls, live_waits.naps);
	/* The record that woke it may have had followers that called, too, before the map named the other event. */
	assert_in_range(calls, 0, quarters + 3 + 2 * live_waits.timeouts);
	assert_in_range(live_waits.naps, 0, 2 + live_waits.timeouts);
	assert_in_range(live_waits.waits, 1, 800);
	perf.tally.stop_after = 0;
	assert_ok(ecli_poll_drain(poll, &err), &err);
	ecli_poll_free(poll);
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

	perf.tally.stop_after = 10000 - failed;
	assert_int_equal(live_run_poll(poll, &(struct ecli_poll_run){ 0 }), ECLI_POLL_CALLBACK);
	assert_int_equal(perf.lost, 0); /* there is no later record yet */

	live_run(live_prog("perf_burst"), 1, 0, 10000);
	perf.tally.stop_after++;
	assert_int_equal(live_run_poll(poll, &(struct ecli_poll_run){ 0 }), ECLI_POLL_CALLBACK);
	assert_int_equal(perf.lost, failed);
	perf.tally.stop_after = 0;
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

/* What lies there from two CPUs comes in the order of time. Under a storm a CPU that was stopped between the time stamp and the
 * record may break it, and nothing else is: nothing unaccounted for, each CPU's order kept. */
static void cpus_are_merged_by_time(void **state)
{
	(void)state;
	struct perf_tally perf = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_perf(&perf);
	struct storm storm = { .prog_fd = live_prog("perf_burst"), .burst = 200, .pause_us = 200 };
	uint64_t mine = 0;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		ecli_poll_free(poll);
		skip();
	}
	live_take_failed(1);
	for (int i = 0; i < 40; i++, mine += 50) {
		live_pin(i % 2);
		live_run(live_prog("perf_burst"), 50, 0, mine);
	}
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(perf.tally.records, mine);
	assert_int_equal(perf.disorder + perf.cpu_disorder + perf.tally.disorder + perf.tally.gaps, 0);
	assert_int_equal(perf.per_cpu[0], perf.per_cpu[1]);

	ecli_poll_free(poll);
	perf = (struct perf_tally){ 0 };
	poll = new_perf(&perf);
	mine = 0;
	live_pin(1);
	storm_start(&storm);
	for (int i = 0; i < 20; i++, mine += 50) {
		live_run(live_prog("perf_burst"), 50, 0, mine);
		perf.tally.stop_after = perf.tally.records + 500;
		assert_int_equal(live_run_poll(poll, &(struct ecli_poll_run){ 0 }), ECLI_POLL_CALLBACK);
	}
	storm_stop(&storm);
	perf.tally.stop_after = 0;
	assert_ok(ecli_poll_drain(poll, &err), &err);
	uint64_t failed = live_take_failed(1);

	printf("# perf on two CPUs: %llu and %llu records, %llu lost, %llu out of time order\n",
	       (unsigned long long)perf.per_cpu[0], (unsigned long long)perf.per_cpu[1], (unsigned long long)perf.lost,
	       (unsigned long long)perf.disorder);
	assert_int_equal(perf.tally.records + failed, storm.produced + mine);
	assert_int_equal(perf.lost, failed);
	assert_int_equal(perf.cpu_disorder, 0);
	assert_int_equal(perf.per_cpu[1], mine);
	ecli_poll_free(poll);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_has_the_time_of_its_event),
		cmocka_unit_test(a_burst_wakes_the_reader),
		cmocka_unit_test(a_lone_record_wakes_the_reader),
		cmocka_unit_test(a_reader_at_work_is_not_called_for_each_record),
		cmocka_unit_test(a_loss_is_exact_after_a_later_record),
		cmocka_unit_test(a_loss_at_the_end_is_told_by_the_drain),
		cmocka_unit_test(cpus_are_merged_by_time),
	};

	live_open();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
