/* SPDX-License-Identifier: MIT */
/*
 * poll/loop.c under the worst load there is, a producer at full rate, and under none. How soon it serves what is due is
 * tests/unit/poll_loop_test.c, on a clock of its own; here are real sources, and what they leave to each other.
 */
#include "live.h"
#include "waits.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define SLICE (4096 + 64u) /* records of a buffer before the next one has its turn */

static int ignore(void *ctx, const struct ecli_poll_record *record)
{
	(void)record;
	++*(uint64_t *)ctx;
	return 0;
}

static struct ecli_poll *new_ring(ecli_poll_record_fn fn, void *ctx)
{
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;

	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_ok(ecli_poll_add_ring(poll, live_map("ring"), fn, ctx, &err), &err);
	assert_ok(ecli_poll_add_ring(poll, live_map("large_ring"), fn, ctx, &err), &err);
	return poll;
}

struct stormy {
	uint64_t count, stop_at;
	unsigned looks; /* when the signal was sent */
};

static int send_signal(void *ctx, const struct ecli_poll_record *record)
{
	struct stormy *stormy = ctx;

	(void)record;
	if (++stormy->count == stormy->stop_at) {
		stormy->looks = live_waits.looks;
		pthread_kill(pthread_self(), SIGUSR1);
	}
	return 0;
}

/* The first look at descriptors after the signal ends it, while the storm goes on. */
static void a_signal_stops_a_storm(void **state)
{
	(void)state;
	struct stormy stormy = { .stop_at = 300000 };
	struct ecli_poll *poll = new_ring(send_signal, &stormy);
	struct storm storm = { .prog_fd = live_prog("ring_burst"), .burst = 1000 };
	struct signalfd_siginfo info;
	struct ecli_err err = { 0 };
	enum ecli_poll_end end;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &mask, NULL);
	int signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	assert_true(signal_fd >= 0);

	live_pin(1);
	storm_start(&storm);
	assert_ok(ecli_poll_run(poll, &(struct ecli_poll_run){ .signal_fd = signal_fd }, &err, &end), &err);
	uint64_t produced = storm.produced;
	while (storm.produced <= produced) /* it goes on */
		usleep(100);
	storm_stop(&storm);
	assert_int_equal(end, ECLI_POLL_SIGNAL);
	assert_true(stormy.count >= stormy.stop_at);
	assert_in_range(live_waits.looks - stormy.looks, 0, 1);
	/* The signal is left for the caller to read. */
	assert_int_equal(read(signal_fd, &info, sizeof(info)), sizeof(info));
	assert_int_equal(info.ssi_signo, SIGUSR1);
	close(signal_fd);
	ecli_poll_free(poll);
}

static void tick(void *ctx)
{
	++*(unsigned *)ctx;
}

static void a_storm_has_an_end(void **state)
{
	(void)state;
	uint64_t count = 0;
	unsigned seconds = 0;
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_ring(ignore, &count);
	struct storm storm = { .prog_fd = live_prog("ring_burst"), .burst = 1000 };
	struct ecli_poll_run run = { .duration_ms = 1300, .signal_fd = -1, .on_second = tick, .ctx = &seconds };
	enum ecli_poll_end end;

	live_pin(1);
	storm_start(&storm);
	uint64_t start_ns = live_now_ns();
	assert_ok(ecli_poll_run(poll, &run, &err, &end), &err);
	uint64_t took_ns = live_now_ns() - start_ns;
	uint64_t produced = storm.produced;
	while (storm.produced <= produced)
		usleep(100);
	storm_stop(&storm);
	ecli_poll_free(poll);
	assert_int_equal(end, ECLI_POLL_DURATION);
	assert_true(took_ns >= 1300 * MS);
	assert_in_range(seconds, 0, 1);
	assert_true(count > 1000);
}

/* A source that others try to starve: how many of the loudest one's records came while one of it was there. */
struct shared {
	uint64_t loud, map, ticks;
	atomic_ullong calm, perf;
	struct storm storms[3];
	uint64_t waiting, worst;
};

#define LOUD_LIMIT 400000000ull /* so many for nothing mean that somebody starves */

static bool all_had_their_turn(const struct shared *shared)
{
	return shared->calm >= 20 && shared->perf >= 20 && shared->map >= 5 * 8 && shared->ticks >= 2;
}

static int on_loud(void *ctx, const struct ecli_poll_record *record)
{
	struct shared *shared = ctx;

	(void)record;
	/* Of what the calm one has written by now, nothing was there before this record. */
	if (shared->storms[1].produced <= shared->calm)
		shared->waiting = 0;
	else if (++shared->waiting > shared->worst)
		shared->worst = shared->waiting;
	shared->loud++;
	return all_had_their_turn(shared) || shared->loud >= LOUD_LIMIT;
}

static int on_calm(void *ctx, const struct ecli_poll_record *record)
{
	struct shared *shared = ctx;

	(void)record;
	shared->calm++;
	shared->waiting = 0;
	return 0;
}

static int on_perf(void *ctx, const struct ecli_poll_record *record)
{
	(void)record;
	((struct shared *)ctx)->perf++;
	return 0;
}

static int on_map(void *ctx, const struct ecli_poll_record *record)
{
	(void)record;
	((struct shared *)ctx)->map++;
	return 0;
}

static void on_tick(void *ctx)
{
	((struct shared *)ctx)->ticks++;
}

static void start_three(struct shared *shared)
{
	shared->storms[0] = (struct storm){ .prog_fd = live_prog("ring_burst"), .burst = 1000 };
	shared->storms[1] = (struct storm){ .prog_fd = live_prog("large_ring_burst"), .burst = 1, .pause_us = 10000 };
	shared->storms[2] = (struct storm){ .prog_fd = live_prog("perf_burst"), .burst = 1, .pause_us = 10000 };
	live_pin(1);
	for (size_t i = 0; i < 3; i++)
		storm_start(&shared->storms[i]);
}

/* A ring that never gets empty beside another ring, a perf buffer and a map: all of them come, and so do the ticks. */
static void nobody_waits_for_the_loudest(void **state)
{
	(void)state;
	struct shared shared = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll, *rest = new_ring(ignore, &shared.loud);
	struct ecli_poll_run run = { .signal_fd = -1, .on_second = on_tick, .ctx = &shared };
	struct ecli_poll_buffer buffer;
	enum ecli_poll_end end;

	assert_ok(ecli_poll_drain(rest, &err), &err); /* what the tests before left */
	ecli_poll_free(rest);
	shared.loud = 0;
	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_ok(ecli_poll_add_ring(poll, live_map("ring"), on_loud, &shared, &err), &err);
	assert_ok(ecli_poll_add_ring(poll, live_map("large_ring"), on_calm, &shared, &err), &err);
	assert_ok(ecli_poll_add_perf(poll, live_map("perf"), 64, on_perf, NULL, &shared, &err), &err);
	assert_ok(ecli_poll_add_map(poll, live_map("array"), 100, false, on_map, NULL, &shared, &err), &err);
	start_three(&shared);
	assert_ok(ecli_poll_run(poll, &run, &err, &end), &err);
	for (size_t i = 0; i < 3; i++)
		storm_stop(&shared.storms[i]);
	printf("# four at once: %llu, %llu, %llu records, %llu entries, %llu ticks; at most %llu of the loudest while "
	       "a calm one was there\n",
	       (unsigned long long)shared.loud, (unsigned long long)shared.calm, (unsigned long long)shared.perf,
	       (unsigned long long)shared.map, (unsigned long long)shared.ticks, (unsigned long long)shared.worst);
	assert_true(all_had_their_turn(&shared));
	/* At worst it comes right after its turn, and is first in the round after the next. */
	assert_in_range(shared.worst, 0, 3 * SLICE);

	assert_int_equal(ecli_poll_buffer(poll, 0, &buffer), 0);
	assert_int_equal(buffer.size_bytes, 256 * 1024);
	assert_true(buffer.high_bytes > 0 && buffer.high_bytes <= buffer.size_bytes);
	assert_int_equal(ecli_poll_buffer(poll, 2, &buffer), 0);
	assert_int_equal(buffer.map_fd, live_map("perf"));
	assert_int_equal(ecli_poll_buffer(poll, 3, &buffer), -ENOENT);
	ecli_poll_free(poll);
}

/* The final drain takes what was there at the call, all of it and nothing else, although the storm goes on. */
static void the_final_drain_ends_in_a_storm(void **state)
{
	(void)state;
	uint64_t count = 0, fit = 256 * 1024 / (sizeof(struct poll_event) + 8);
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_ring(ignore, &count);
	struct storm storm = { .prog_fd = live_prog("ring_burst"), .burst = 1000 };

	assert_ok(ecli_poll_drain(poll, &err), &err); /* what the tests before left */
	live_take_failed(0);
	count = 0;
	live_pin(1);
	storm_start(&storm);
	while (storm.produced <= fit + 1000) /* nobody reads: the ring is full */
		usleep(100);
	assert_ok(ecli_poll_drain(poll, &err), &err);
	storm_stop(&storm);
	ecli_poll_free(poll);
	assert_int_equal(count, fit);
}

/* An idle loop asks for its waits, twenty a second, the second's look at the map and nothing else. */
static void an_idle_loop_costs_next_to_nothing(void **state)
{
	(void)state;
	uint64_t count = 0;
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_ring(ignore, &count);
	struct ecli_poll_run run = { .duration_ms = 1500, .signal_fd = -1 };
	enum ecli_poll_end end;

	assert_ok(ecli_poll_drain(poll, &err), &err); /* what the tests before left */
	assert_ok(ecli_poll_add_perf(poll, live_map("perf"), 64, ignore, NULL, &count, &err), &err);
	assert_ok(ecli_poll_add_map(poll, live_map("array"), 1000, false, ignore, NULL, &count, &err), &err);
	memset(&live_waits, 0, sizeof(live_waits));
	assert_ok(ecli_poll_run(poll, &run, &err, &end), &err);
	ecli_poll_free(poll);
	printf("# idle for 1.5 s: %u waits, %u looks, %u naps\n", live_waits.waits, live_waits.looks, live_waits.naps);
	assert_in_range(live_waits.waits, 1, 1500 / 50 + 3);
	assert_in_range(live_waits.looks + live_waits.naps, 0, 1500 / 50 + 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_stops_a_storm),
		cmocka_unit_test(a_storm_has_an_end),
		cmocka_unit_test(nobody_waits_for_the_loudest),
		cmocka_unit_test(the_final_drain_ends_in_a_storm),
		cmocka_unit_test(an_idle_loop_costs_next_to_nothing),
	};

	live_open();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
