/* SPDX-License-Identifier: MIT */
/* poll/ring.c on the real kernel: every record once, in order, soon enough, and nothing else. */
#include "live.h"
#include "waits.h"

#include <errno.h>
#include <stdio.h>

#include <bpf/bpf.h>

static struct ecli_poll *new_ring(struct tally *tally)
{
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;

	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_ok(ecli_poll_add_ring(poll, live_map("ring"), tally_record, tally, &err), &err);
	return poll;
}

/* Under a storm: produced = received + failed + discarded, to the record. */
static void every_record_is_accounted_for(void **state)
{
	(void)state;
	struct tally tally = { .stop_after = 300000 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_ring(&tally);
	struct storm storm = { .prog_fd = live_prog("ring_burst"), .burst = 1000, .flags = POLL_DISCARD_SOME };

	live_take_failed(0);
	live_take_failed(2);
	live_pin(1);
	storm_start(&storm);
	enum ecli_poll_end end = live_run_poll(poll, &(struct ecli_poll_run){ 0 });
	storm_stop(&storm);
	tally.stop_after = 0;
	assert_ok(ecli_poll_drain(poll, &err), &err);
	ecli_poll_free(poll);

	uint64_t failed = live_take_failed(0), discarded = live_take_failed(2);
	printf("# ring storm: %llu produced, %llu received, %llu did not fit, %llu taken back\n",
	       (unsigned long long)storm.produced, (unsigned long long)tally.records, (unsigned long long)failed,
	       (unsigned long long)discarded);
	assert_int_equal(end, ECLI_POLL_CALLBACK);
	assert_true(tally.records >= 300000 && discarded > 10);
	assert_int_equal(tally.records + failed + discarded, storm.produced);
	assert_int_equal(tally.disorder, 0);
	assert_int_equal(tally.broken, 0);
	assert_int_equal(tally.bytes, tally.records * sizeof(struct poll_event));
}

/* A full ring: exactly what fits is delivered, the rest was counted by the program, and the ring is usable afterwards.
 */
static void a_full_ring_loses_only_what_did_not_fit(void **state)
{
	(void)state;
	struct tally tally = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_ring(&tally);

	live_take_failed(0);
	live_run(live_prog("ring_burst"), 10000, 0, 0);
	uint64_t failed = live_take_failed(0);
	assert_true(failed > 0);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(tally.records + failed, 10000);
	assert_int_equal(tally.gaps, 0); /* the first ones are the ones kept */

	live_run(live_prog("ring_burst"), 4000, 0, 10000);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(tally.records + failed, 14000);
	assert_int_equal(live_take_failed(0), 0);
	ecli_poll_free(poll);
}

static int tally_count(void *ctx, const struct ecli_poll_record *record)
{
	struct tally *tally = ctx;

	(void)record;
	return ++tally->records == tally->stop_after;
}

static uint64_t enough;

static int found(void *ctx, const struct ecli_poll_record *record)
{
	struct live_rows *rows = ctx;

	(void)record;
	live_rows_found(rows);
	return enough && rows->found >= enough && rows->shows >= 3;
}

/* That the loop flushes in time under any load is tests/unit/poll_loop_test.c, on a clock of its own; this is the kernel's part. */
static void a_row_is_never_late(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		uint64_t flags;
		unsigned pause_us;
		uint64_t burst;
		unsigned bursts;
		bool each, without_timer;
		uint64_t enough;
	} cases[] = {
		{ "lone events wake the reader", 0, 1000, 1, 40, true, true, 0 },
		{ "bursts wake the reader", 0, 0, 1000, 200, true, true, 0 },
		{ "lone events without a wake-up", BPF_RB_NO_WAKEUP, 1000, 1, 10, true, false, 0 },
		{ "an event every 0.5 ms", 0, 500, 1, 600, false, true, 0 },
		{ "bursts without a wake-up", BPF_RB_NO_WAKEUP, 1000, 100, 200, false, false, 0 },
		{ "full rate", 0, 0, 1000, UINT32_MAX, false, false, 300000 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct live_rows rows = { .prog_fd = live_prog("ring_burst"),
					  .flags = cases[i].flags,
					  .burst = cases[i].burst,
					  .bursts = cases[i].bursts,
					  .pause_us = cases[i].pause_us,
					  .each = cases[i].each };
		struct ecli_err err = { 0 };
		struct ecli_poll *poll;

		printf("# %s\n", cases[i].what);
		enough = cases[i].enough;
		live_waits.without_timer = cases[i].without_timer;
		live_pin(1);
		assert_ok(ecli_poll_new(&err, &poll), &err);
		assert_ok(ecli_poll_add_ring(poll, live_map("ring"), found, &rows, &err), &err);
		enum ecli_poll_end end = live_rows_run(&rows, poll);
		live_waits.without_timer = false;
		printf("#   %llu events, shown %u times; asked for %.2f ms until found, then %.2f ms until shown; %u "
		       "naps, %u of %u waits timed out\n",
		       (unsigned long long)rows.found, rows.shows, (double)rows.worst_found_ns / 1e6,
		       (double)rows.worst_shown_ns / 1e6, live_waits.naps, live_waits.timeouts, live_waits.waits);
		assert_int_equal(end, enough ? ECLI_POLL_CALLBACK : ECLI_POLL_SIGNAL);
		enough = 0;
		assert_ok(ecli_poll_drain(poll, &err), &err);
		ecli_poll_free(poll);
		assert_true(rows.shows > 0);
		if (cases[i].each) /* none was lost */
			assert_int_equal(rows.found, rows.produced);
	}
}

/*
 * The same where the kernel side is said to call for a quarter: while records come the reader is not called for one, and for the first one
 * after a wait in vain it is. The ring is large enough that no quarter is written during a rest, unless the reader itself was held up.
 */
static void a_reader_at_work_is_not_called_for_each_record(void **state)
{
	(void)state;
	struct tally tally = { .stop_after = 4000 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;
	struct storm storm = { .prog_fd = live_prog("large_ring_burst"), .burst = 10, .pause_us = 500 };

	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_ok(ecli_poll_add_ring(poll, live_map("large_ring"), tally_count, &tally, &err), &err);
	ecli_poll_rings_call(poll);
	live_take_failed(0);
	live_pin(1);
	storm_start(&storm);
	assert_int_equal(live_run_poll(poll, &(struct ecli_poll_run){ 0 }), ECLI_POLL_CALLBACK);
	uint64_t quarters = storm.produced * 56 / (1024 * 1024 / 4);
	storm_stop(&storm);
	unsigned calls = live_waits.waits - live_waits.timeouts;
	printf("# ring: %llu records: %u waits, of which %u were called, %u naps\n", (unsigned long long)tally.records,
	       live_waits.waits, calls, live_waits.naps);
	assert_in_range(calls, 0, 1 + live_waits.timeouts + quarters);
	assert_in_range(live_waits.naps, 0, quarters);
	assert_in_range(live_waits.waits, 1, 400);
	tally.stop_after = 0;
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(tally.records + live_take_failed(0), storm.produced);
	ecli_poll_free(poll);
}

static void a_lone_record_wakes_a_reader_that_is_called_for_more(void **state)
{
	(void)state;

	for (int i = 0; i < 5; i++) {
		struct live_rows rows = {
			.prog_fd = live_prog("large_ring_burst"), .burst = 1, .bursts = 1, .each = true
		};
		struct ecli_err err = { 0 };
		struct ecli_poll *poll;

		assert_ok(ecli_poll_new(&err, &poll), &err);
		assert_ok(ecli_poll_add_ring(poll, live_map("large_ring"), found, &rows, &err), &err);
		ecli_poll_rings_call(poll);
		live_waits.without_timer = true;
		assert_int_equal(live_rows_run(&rows, poll), ECLI_POLL_SIGNAL);
		live_waits.without_timer = false;
		assert_int_equal(rows.found, 1);
		/* Another reader goes on where this one ends, though a record was kept back. */
		ecli_poll_free(poll);
	}
}

/* The record after the stop stays in the ring, and a second poll object takes over exactly there. */
static void a_callback_stops_at_its_record(void **state)
{
	(void)state;
	struct tally tally = { .stop_after = 7 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_ring(&tally);

	live_run(live_prog("ring_burst"), 100, 0, 0);
	assert_int_equal(live_run_poll(poll, &(struct ecli_poll_run){ 0 }), ECLI_POLL_CALLBACK);
	assert_int_equal(tally.records, 7);
	ecli_poll_free(poll);

	tally.stop_after = 0;
	poll = new_ring(&tally);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	assert_int_equal(tally.records, 100);
	assert_int_equal(tally.gaps + tally.disorder, 0);
	ecli_poll_free(poll);
}

static void a_wrong_map_is_refused(void **state)
{
	(void)state;
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;

	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_int_equal(ecli_poll_add_ring(poll, live_map("table"), tally_record, NULL, &err), -EINVAL);
	assert_string_equal(err.text, "map table is not a ring buffer");
	assert_true(ecli_poll_add_ring(poll, -1, tally_record, NULL, &err) < 0);
	assert_int_equal(ecli_poll_add_perf(poll, live_map("ring"), 8, tally_record, NULL, NULL, &err), -EINVAL);
	assert_int_equal(ecli_poll_add_perf(poll, live_map("perf"), 3, tally_record, NULL, NULL, &err), -EINVAL);
	ecli_poll_free(poll);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_record_is_accounted_for),
		cmocka_unit_test(a_full_ring_loses_only_what_did_not_fit),
		cmocka_unit_test(a_row_is_never_late),
		cmocka_unit_test(a_reader_at_work_is_not_called_for_each_record),
		cmocka_unit_test(a_lone_record_wakes_a_reader_that_is_called_for_more),
		cmocka_unit_test(a_callback_stops_at_its_record),
		cmocka_unit_test(a_wrong_map_is_refused),
	};

	live_open();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
