/* SPDX-License-Identifier: MIT */
/* poll/ring.c on the real kernel: every record once, in order, soon enough, and nothing else. */
#include "live.h"

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
	struct tally tally = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_ring(&tally);
	struct storm storm = { .prog_fd = live_prog("ring_burst"), .burst = 1000, .flags = POLL_DISCARD_SOME };
	struct ecli_poll_run run = { .duration_ms = 1000, .signal_fd = -1 };
	enum ecli_poll_end end;

	live_take_failed(0);
	live_take_failed(2);
	live_pin(1);
	storm_start(&storm);
	assert_ok(ecli_poll_run(poll, &run, &err, &end), &err);
	storm_stop(&storm);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	ecli_poll_free(poll);

	uint64_t failed = live_take_failed(0), discarded = live_take_failed(2);
	printf("# ring storm: %llu produced, %llu received, %llu did not fit, %llu taken back\n",
	       (unsigned long long)storm.produced, (unsigned long long)tally.records, (unsigned long long)failed,
	       (unsigned long long)discarded);
	assert_int_equal(end, ECLI_POLL_DURATION);
	assert_true(tally.records > 10000 && discarded > 10);
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

struct latency {
	uint64_t records, worst_ns, first_unflushed_ns, worst_flush_ns;
};

static int measure(void *ctx, const struct ecli_poll_record *record)
{
	struct latency *latency = ctx;
	const struct poll_event *event = record->data;
	uint64_t late_ns = live_now_ns() - event->ktime_ns;

	latency->records++;
	if (late_ns > latency->worst_ns)
		latency->worst_ns = late_ns;
	if (!latency->first_unflushed_ns)
		latency->first_unflushed_ns = event->ktime_ns;
	return 0;
}

static void flushed(void *ctx)
{
	struct latency *latency = ctx;

	if (latency->first_unflushed_ns && live_now_ns() - latency->first_unflushed_ns > latency->worst_flush_ns)
		latency->worst_flush_ns = live_now_ns() - latency->first_unflushed_ns;
	latency->first_unflushed_ns = 0;
}

/* The time from event to flush, at @pause_us between single events. */
static struct latency run_latency(uint64_t flags, unsigned pause_us, uint64_t burst)
{
	struct latency latency = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;
	struct ecli_poll_run run = { .duration_ms = 1200, .signal_fd = -1, .on_idle = flushed, .ctx = &latency };
	struct storm storm = {
		.prog_fd = live_prog("ring_burst"), .burst = burst, .pause_us = pause_us, .flags = flags
	};
	enum ecli_poll_end end;

	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_ok(ecli_poll_add_ring(poll, live_map("ring"), measure, &latency, &err), &err);
	storm_start(&storm);
	assert_ok(ecli_poll_run(poll, &run, &err, &end), &err);
	storm_stop(&storm);

	struct latency late = latency; /* what is left belongs to no test */
	assert_ok(ecli_poll_drain(poll, &err), &err);
	ecli_poll_free(poll);
	return late;
}

static void a_row_is_never_late(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		uint64_t flags;
		unsigned pause_us;
		uint64_t burst;
	} cases[] = {
		{ "lone events", 0, 30000, 1 },
		{ "lone events without a wake-up", BPF_RB_NO_WAKEUP, 30000, 1 },
		{ "an event every 0.5 ms", 0, 500, 1 },
		{ "bursts without a wake-up", BPF_RB_NO_WAKEUP, 1000, 100 },
		{ "full rate", 0, 0, 1000 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct latency latency = { 0 };

		/* Three tries: other work on this machine may keep us from the CPU; our own lateness would show every
		 * time. */
		for (int try = 0; try < 3; try++) {
			latency = run_latency(cases[i].flags, cases[i].pause_us, cases[i].burst);
			if (latency.worst_flush_ns < ECLI_POLL_LATENCY_MS * MS)
				break;
		}
		printf("# latency, %s: worst delivery %.2f ms, worst flush %.2f ms of %llu events\n", cases[i].what,
		       (double)latency.worst_ns / 1e6, (double)latency.worst_flush_ns / 1e6,
		       (unsigned long long)latency.records);
		assert_true(latency.records > 10);
		assert_true(latency.worst_ns < ECLI_POLL_LATENCY_MS * MS);
		assert_true(latency.worst_flush_ns < ECLI_POLL_LATENCY_MS * MS);
	}
}

/* The record after the stop stays in the ring, and a second poll object takes over exactly there. */
static void a_callback_stops_at_its_record(void **state)
{
	(void)state;
	struct tally tally = { .stop_after = 7 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_ring(&tally);
	struct ecli_poll_run run = { .duration_ms = 5000, .signal_fd = -1 };
	enum ecli_poll_end end;

	live_run(live_prog("ring_burst"), 100, 0, 0);
	assert_ok(ecli_poll_run(poll, &run, &err, &end), &err);
	assert_int_equal(end, ECLI_POLL_CALLBACK);
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
		cmocka_unit_test(a_callback_stops_at_its_record),
		cmocka_unit_test(a_wrong_map_is_refused),
	};

	live_open();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
