/* SPDX-License-Identifier: MIT */
/* poll/loop.c under the worst load there is, a producer at full rate, and under none. */
#include "live.h"

#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct stop {
	uint64_t sent_ns;
	unsigned seconds;
	pthread_t target;
	unsigned after_ms;
};

static int ignore(void *ctx, const struct ecli_poll_record *record)
{
	(void)record;
	++*(uint64_t *)ctx;
	return 0;
}

static struct ecli_poll *new_ring(uint64_t *count)
{
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;

	assert_ok(ecli_poll_new(&err, &poll), &err);
	assert_ok(ecli_poll_add_ring(poll, live_map("ring"), ignore, count, &err), &err);
	assert_ok(ecli_poll_add_ring(poll, live_map("large_ring"), ignore, count, &err), &err);
	return poll;
}

static void *send_signal(void *arg)
{
	struct stop *stop = arg;

	live_sleep_ms(stop->after_ms);
	stop->sent_ns = live_now_ns();
	pthread_kill(stop->target, SIGUSR1);
	return NULL;
}

static void a_signal_stops_a_storm(void **state)
{
	(void)state;
	sigset_t mask;
	uint64_t count = 0, late_ns = 0;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &mask, NULL);
	int signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	assert_true(signal_fd >= 0);

	for (int try = 0; try < 3; try++) {
		struct ecli_err err = { 0 };
		struct ecli_poll *poll = new_ring(&count);
		struct storm storm = { .prog_fd = live_prog("ring_burst"), .burst = 1000 };
		struct stop stop = { .target = pthread_self(), .after_ms = 300 };
		struct ecli_poll_run run = { .duration_ms = 10000, .signal_fd = signal_fd };
		struct signalfd_siginfo info;
		enum ecli_poll_end end;
		pthread_t thread;

		live_pin(1);
		storm_start(&storm);
		assert_int_equal(pthread_create(&thread, NULL, send_signal, &stop), 0);
		assert_ok(ecli_poll_run(poll, &run, &err, &end), &err);
		late_ns = live_now_ns() - stop.sent_ns;
		pthread_join(thread, NULL);
		storm_stop(&storm);
		assert_int_equal(end, ECLI_POLL_SIGNAL);
		/* The signal is left for the caller to read. */
		assert_int_equal(read(signal_fd, &info, sizeof(info)), sizeof(info));
		assert_int_equal(info.ssi_signo, SIGUSR1);
		ecli_poll_free(poll);
		if (late_ns < 50 * MS)
			break;
	}
	close(signal_fd);
	printf("# signal in a storm: served after %.2f ms\n", (double)late_ns / 1e6);
	assert_true(count > 10000);
	assert_true(late_ns < 50 * MS);
}

static void tick(void *ctx)
{
	++*(unsigned *)ctx;
}

static void a_storm_ends_on_time(void **state)
{
	(void)state;
	uint64_t count = 0, late_ns = 0;
	unsigned seconds = 0;

	for (int try = 0; try < 3; try++) {
		struct ecli_err err = { 0 };
		struct ecli_poll *poll = new_ring(&count);
		struct storm storm = { .prog_fd = live_prog("ring_burst"), .burst = 1000 };
		struct ecli_poll_run run = { .duration_ms = 2500, .signal_fd = -1, .on_second = tick, .ctx = &seconds };
		enum ecli_poll_end end;

		seconds = 0;
		live_pin(1);
		storm_start(&storm);
		uint64_t start_ns = live_now_ns();
		assert_ok(ecli_poll_run(poll, &run, &err, &end), &err);
		late_ns = live_now_ns() - start_ns - 2500 * MS;
		storm_stop(&storm);
		ecli_poll_free(poll);
		assert_int_equal(end, ECLI_POLL_DURATION);
		assert_int_equal(seconds, 2);
		if (late_ns < 20 * MS)
			break;
	}
	printf("# duration in a storm: %.2f ms late, %u ticks in 2.5 s\n", (double)late_ns / 1e6, seconds);
	assert_true(late_ns < 20 * MS);
}

/* The final drain takes what was there at the call, although the storm goes on. */
static void the_final_drain_ends_in_a_storm(void **state)
{
	(void)state;
	uint64_t count = 0;
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_ring(&count);
	struct storm storm = { .prog_fd = live_prog("ring_burst"), .burst = 1000 };

	live_pin(1);
	storm_start(&storm);
	live_sleep_ms(100);
	uint64_t start_ns = live_now_ns();
	assert_ok(ecli_poll_drain(poll, &err), &err);
	uint64_t took_ns = live_now_ns() - start_ns;
	storm_stop(&storm);
	/* 256 KiB hold 4681 records; the other ring is empty. */
	assert_true(count > 0 && count <= 4682);
	assert_true(took_ns < 500 * MS);
	ecli_poll_free(poll);
}

static void an_idle_loop_costs_next_to_nothing(void **state)
{
	(void)state;
	uint64_t count = 0;
	struct ecli_err err = { 0 };
	struct ecli_poll *poll = new_ring(&count);
	struct ecli_poll_run run = { .duration_ms = 2000, .signal_fd = -1 };
	enum ecli_poll_end end;

	assert_ok(ecli_poll_drain(poll, &err), &err); /* what the tests before left */
	assert_ok(ecli_poll_add_perf(poll, live_map("perf"), 64, ignore, NULL, &count, &err), &err);
	assert_ok(ecli_poll_add_map(poll, live_map("array"), 1000, false, ignore, NULL, &count, &err), &err);
	uint64_t cpu_ns = live_thread_cpu_ns();
	assert_ok(ecli_poll_run(poll, &run, &err, &end), &err);
	cpu_ns = live_thread_cpu_ns() - cpu_ns;
	ecli_poll_free(poll);
	printf("# idle: %.3f %% of a CPU\n", (double)cpu_ns / 2e9 * 100);
	assert_true(cpu_ns < 2000 * MS / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_stops_a_storm),
		cmocka_unit_test(a_storm_ends_on_time),
		cmocka_unit_test(the_final_drain_ends_in_a_storm),
		cmocka_unit_test(an_idle_loop_costs_next_to_nothing),
	};

	live_open();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
