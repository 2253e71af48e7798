/* SPDX-License-Identifier: MIT */
/* src/session/out.c: bytes leave once and in order, however the reader reads; writing never waits before the end. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "session/out.h"
#include "still_clock.h"

struct pipe_ends {
	int read_fd, write_fd, signal_fd;
	struct ends ends;
	struct out out;
	uint64_t made; /* lines */
};

/* How often the test has waited for its reader: the program is linked with --wrap for poll(2). */
static atomic_uint waits;
static atomic_bool is_finished;

int __real_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms);

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	waits++;
	return __real_poll(fds, n, timeout_ms);
}

static void until_somebody_waits(void)
{
	while (!waits)
		sched_yield();
}

static int setup(void **state)
{
	struct pipe_ends *ends = calloc(1, sizeof(*ends));
	int fds[2];

	waits = 0;
	signal(SIGPIPE, SIG_IGN);
	if (!ends || pipe2(fds, O_CLOEXEC))
		return -1;
	ends->read_fd = fds[0];
	ends->write_fd = fds[1];
	/* Each write is a signal. */
	ends->signal_fd = eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
	ends->ends.fd = ends->signal_fd;
	out_init(&ends->out, ends->write_fd, &ends->ends);
	*state = ends;
	return 0;
}

static int teardown(void **state)
{
	struct pipe_ends *ends = *state;

	out_done(&ends->out);
	if (ends->read_fd >= 0)
		close(ends->read_fd);
	close(ends->write_fd);
	close(ends->signal_fd);
	free(ends);
	return 0;
}

/* Lines of 16 bytes with their numbers. */
static void make_lines(struct pipe_ends *ends, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		ecli_buf_add_format(&ends->out.buf, "%015llu\n", (unsigned long long)ends->made++);
}

static uint64_t read_some(struct pipe_ends *ends, size_t most, uint64_t from)
{
	static char bytes[1u << 20];
	static size_t have;
	ssize_t n = read(ends->read_fd, bytes + have, most < sizeof(bytes) - have ? most : sizeof(bytes) - have);
	size_t at = 0;

	assert_true(n >= 0);
	if (!from)
		assert_int_equal(have, 0);
	for (have += (size_t)n; have - at >= 16; at += 16) {
		char expected[17];

		snprintf(expected, sizeof(expected), "%015llu\n", (unsigned long long)from++);
		assert_memory_equal(bytes + at, expected, 16);
	}
	memmove(bytes, bytes + at, have - at);
	have -= at;
	return from;
}

static void what_does_not_fit_waits_in_order(void **state)
{
	struct pipe_ends *ends = *state;
	struct out *out = &ends->out;
	uint64_t seen = 0;

	/* A pipe takes 64 KiB; 10 MiB are made while a slow reader takes odd pieces. */
	for (int i = 0; i < 640; i++) {
		make_lines(ends, 1024);
		assert_int_equal(out_flush(out), 0);
		if (i % 3 == 0)
			seen = read_some(ends, 10001, seen);
		assert_int_equal(out->bytes + out_waiting(out), ends->made * 16);
		/* Bytes that are gone do not pile up before those that wait. */
		assert_true(out->buf.len <= 2 * out_waiting(out) + OUT_BATCH_BYTES);
	}
	assert_true(out_waiting(out) > 5u << 20);
	while (out_waiting(out)) {
		seen = read_some(ends, 70000, seen);
		assert_int_equal(out_flush(out), 0);
	}
	while (seen < ends->made)
		seen = read_some(ends, 70000, seen);
	assert_true(out->buf.cap <= 4 * OUT_BATCH_BYTES); /* memory is given back */
	assert_false(out->closed);
}

/* Some always waits, and never much: what is gone does not pile up before it. */
static void who_reads_late_costs_no_memory(void **state)
{
	struct pipe_ends *ends = *state;
	struct out *out = &ends->out;
	uint64_t seen = 0;

	make_lines(ends, 10ull * 1024);
	for (int i = 0; i < 640; i++) {
		make_lines(ends, 1024);
		assert_int_equal(out_flush(out), 0);
		seen = read_some(ends, 16384, seen);
		assert_in_range(out_waiting(out), 1, 128 << 10);
		assert_true(out->buf.len <= 2 * out_waiting(out) + OUT_BATCH_BYTES);
	}
	while (seen < ends->made) {
		assert_int_equal(out_flush(out), 0);
		seen = read_some(ends, 70000, seen);
	}
}

static void a_batch_is_due_once(void **state)
{
	struct pipe_ends *ends = *state;
	struct out *out = &ends->out;
	unsigned tries = 0;

	for (int i = 0; i < 65536; i++) { /* 1 MiB, nobody reads */
		make_lines(ends, 1);
		if (out_is_due(out)) {
			assert_int_equal(out_flush(out), 0);
			tries++;
		}
	}
	assert_int_equal(tries, 16);
	assert_int_equal(out->writes, 1);
	assert_false(out_is_full(out));
	ecli_buf_add_repeat(&out->buf, 'x', OUT_LIMIT_BYTES);
	assert_true(out_is_full(out));
}

static void *read_all(void *arg)
{
	struct pipe_ends *ends = arg;
	uint64_t seen = 0;

	until_somebody_waits();
	while (seen < ends->made)
		seen = read_some(ends, 1u << 20, seen);
	return NULL;
}

static void the_end_waits_for_a_reader(void **state)
{
	struct pipe_ends *ends = *state;
	pthread_t thread;

	make_lines(ends, 1u << 17);
	assert_int_equal(pthread_create(&thread, NULL, read_all, ends), 0);
	assert_int_equal(out_finish(&ends->out), 0);
	pthread_join(thread, NULL);
	assert_int_equal(ends->out.bytes, 1u << 21);
	assert_int_equal(ends->out.left_lines, 0);
}

/* With a signal, too, as long as it reads: no time passes until it does. */
static void after_a_signal_who_reads_gets_all(void **state)
{
	struct pipe_ends *ends = *state;
	pthread_t thread;

	clock_stop();
	make_lines(ends, 1u << 17);
	assert_int_equal(write(ends->signal_fd, &(uint64_t){ 1 }, 8), 8);
	assert_int_equal(pthread_create(&thread, NULL, read_all, ends), 0);
	assert_int_equal(out_finish(&ends->out), 0);
	clock_go();
	pthread_join(thread, NULL);
	assert_int_equal(ends->out.bytes, 1u << 21);
}

static void after_a_signal_a_sleeper_is_left(void **state)
{
	struct pipe_ends *ends = *state;

	make_lines(ends, 10000);
	ecli_buf_add_text(&ends->out.buf, "{\"ecli\":\"lost\"}\n\n"); /* no rows */
	make_lines(ends, 5);
	assert_int_equal(write(ends->signal_fd, &(uint64_t){ 1 }, 8), 8);
	assert_int_equal(out_finish(&ends->out), 0);
	assert_true(ends->out.closed);
	assert_int_equal(ends->out.bytes, 65536);
	assert_int_equal(ends->out.left_lines, 10005 - 65536 / 16);
	make_lines(ends, 5);
	assert_int_equal(out_flush(&ends->out), 0);
	assert_int_equal(ends->out.bytes, 65536);
}

/* A signal that comes while waiting, and no patience after a second one, which is none before some time has passed. */
static void *interrupt_twice(void *arg)
{
	struct pipe_ends *ends = arg;

	until_somebody_waits();
	assert_int_equal(write(ends->signal_fd, &(uint64_t){ 2 }, 8), 8);
	while (waits < 20)
		sched_yield();
	clock_move(ENDS_ONE_MS * 1000000ull);
	assert_int_equal(write(ends->signal_fd, &(uint64_t){ 1 }, 8), 8);
	return NULL;
}

static void a_second_signal_ends_it(void **state)
{
	struct pipe_ends *ends = *state;
	pthread_t thread;

	clock_stop();
	make_lines(ends, 10000);
	assert_int_equal(pthread_create(&thread, NULL, interrupt_twice, ends), 0);
	assert_int_equal(out_finish(&ends->out), 0);
	clock_go();
	pthread_join(thread, NULL);
	assert_int_equal(ends->out.left_lines, 10000 - 65536 / 16);
	assert_int_equal(ends->ends.signals, 2);
}

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Some bytes each time somebody waits, and 10 ms pass: it never sleeps, and would take for ever. */
static void *read_slowly(void *arg)
{
	struct pipe_ends *ends = arg;
	unsigned seen = 0;
	char bytes[8192];

	while (!atomic_load(&is_finished)) {
		unsigned now = waits;

		if (now == seen) {
			sched_yield();
			continue;
		}
		seen = now;
		clock_move(10000000);
		assert_true(read(ends->read_fd, bytes, sizeof(bytes)) >= 0 || errno == EAGAIN);
	}
	return NULL;
}

static void after_a_signal_a_slow_reader_has_its_time(void **state)
{
	struct pipe_ends *ends = *state;
	pthread_t thread;

	clock_stop();
	uint64_t before_ms = clock_ms();
	atomic_store(&is_finished, false);
	make_lines(ends, 1u << 20);
	assert_int_equal(fcntl(ends->read_fd, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(write(ends->signal_fd, &(uint64_t){ 1 }, 8), 8);
	assert_int_equal(pthread_create(&thread, NULL, read_slowly, ends), 0);
	assert_int_equal(out_finish(&ends->out), 0);
	uint64_t took_ms = clock_ms() - before_ms;
	atomic_store(&is_finished, true);
	pthread_join(thread, NULL);
	clock_go();
	assert_true(ends->out.closed);
	assert_true(ends->out.bytes > 65536);
	assert_int_equal(ends->out.left_lines, (1u << 20) - ends->out.bytes / 16);
	assert_in_range(took_ms, ENDS_WRITE_MS, ENDS_WRITE_MS + 100);
}

static uint64_t waited_for_a_cpu_ns;

static uint64_t delay(void)
{
	return waited_for_a_cpu_ns;
}

static void count_call(void *ctx)
{
	++*(unsigned *)ctx;
}

/* The usual action of signals comes back once, and not before a second one would count. */
static void a_second_signal_is_the_kernels_business(void **state)
{
	struct pipe_ends *ends = *state;
	struct ends *signals = &ends->ends;
	unsigned calls = 0;

	clock_stop();
	signals->on_may_kill = count_call;
	signals->ctx = &calls;
	clock_move(10000 * 1000000ull);
	assert_false(ends_look(signals));
	assert_int_equal(write(ends->signal_fd, &(uint64_t){ 1 }, 8), 8);
	assert_true(ends_look(signals));
	clock_move((ENDS_ONE_MS - 1) * 1000000ull);
	assert_true(ends_look(signals));
	assert_int_equal(calls, 0);
	clock_move(1000000);
	for (int i = 0; i < 3; i++)
		assert_true(ends_look(signals));
	assert_int_equal(calls, 1);
	assert_int_equal(signals->signals, 1);
	clock_go();
}

/* What a busy machine takes from us is not taken from the results; and a second signal at once is the first one still. */
static void time_without_a_cpu_does_not_count(void **state)
{
	struct pipe_ends *ends = *state;
	struct ends *signals = &ends->ends;

	clock_stop();
	signals->delay_ns = delay;
	assert_false(ends_is_past(signals, ENDS_READ_MS));
	assert_int_equal(ends_left_ms(signals, ENDS_READ_MS), -1);
	assert_int_equal(write(ends->signal_fd, &(uint64_t){ 2 }, 8), 8);
	assert_true(ends_look(signals));
	assert_int_equal(signals->signals, 1);
	clock_move(10000 * 1000000ull);
	waited_for_a_cpu_ns += 9900 * 1000000ull;
	assert_int_equal(ends_left_ms(signals, ENDS_READ_MS), ENDS_READ_MS - 100);
	assert_int_equal(write(ends->signal_fd, &(uint64_t){ 1 }, 8), 8);
	assert_false(ends_is_past(signals, ENDS_READ_MS));
	assert_int_equal(signals->signals, 1);
	clock_move(250 * 1000000ull);
	assert_true(ends_is_past(signals, ENDS_READ_MS));
	assert_false(ends_is_past(signals, ENDS_NAMES_MS));
	assert_int_equal(write(ends->signal_fd, &(uint64_t){ 1 }, 8), 8);
	assert_true(ends_is_past(signals, ENDS_WRITE_MS));
	clock_go();
}

/* Who pressed Ctrl-C waits for results; who sends SIGTERM does not, also afterwards. */
static void ctrl_c_has_patience(void **state)
{
	(void)state;
	struct signalfd_siginfo info = { .ssi_signo = SIGINT };
	struct ends signals = { .delay_ns = delay };
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	signals.fd = fds[0];
	clock_stop();
	assert_int_equal(write(fds[1], &info, sizeof(info)), sizeof(info));
	assert_true(ends_look(&signals));
	assert_int_equal(ends_left_ms(&signals, ENDS_READ_MS), ENDS_READ_MS * ENDS_PATIENCE);
	/* Both clocks are rounded: less than nothing is nothing, and no second signal may come early. */
	waited_for_a_cpu_ns += 1000000;
	assert_true(ends_look(&signals));
	assert_false(signals.may_kill);
	assert_false(ends_is_past(&signals, ENDS_READ_MS));
	info.ssi_signo = SIGTERM;
	assert_int_equal(write(fds[1], &info, sizeof(info)), sizeof(info));
	assert_true(ends_look(&signals));
	assert_int_equal(signals.signals, 1);
	assert_in_range(ends_left_ms(&signals, ENDS_READ_MS), ENDS_READ_MS, ENDS_READ_MS + 1);
	clock_go();
	close(fds[0]);
	close(fds[1]);
}

static void a_reader_who_left_is_no_error(void **state)
{
	struct pipe_ends *ends = *state;

	close(ends->read_fd);
	ends->read_fd = -1;
	make_lines(ends, 10000);
	assert_int_equal(out_flush(&ends->out), 0);
	assert_true(ends->out.closed);
	assert_int_equal(out_finish(&ends->out), 0);
	assert_int_equal(ends->out.left_lines, 0);
}

static void a_full_disk_is_one(void **state)
{
	(void)state;
	struct ends none = { .fd = -1 };
	struct out out;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	out_init(&out, fd, &none);
	ecli_buf_add_text(&out.buf, "row\n");
	assert_int_equal(out_flush(&out), -ENOSPC);
	assert_true(out.closed);
	out_done(&out);
	close(fd);
}

static void a_socket_does_not_block_either(void **state)
{
	(void)state;
	struct pipe_ends ends = { 0 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	ends.read_fd = fds[0];
	ends.ends.fd = -1;
	out_init(&ends.out, fds[1], &ends.ends);
	make_lines(&ends, 1u << 17);
	assert_int_equal(out_flush(&ends.out), 0);
	assert_true(out_waiting(&ends.out) > 0 && ends.out.bytes > 0);
	for (uint64_t seen = 0; seen < ends.made;) {
		seen = read_some(&ends, 70000, seen);
		assert_int_equal(out_flush(&ends.out), 0);
	}
	close(fds[0]);
	make_lines(&ends, 10);
	assert_int_equal(out_flush(&ends.out), 0);
	assert_true(ends.out.closed);
	out_done(&ends.out);
	close(fds[1]);
}

static void an_iterator_waits_for_the_reader(void **state)
{
	struct pipe_ends *ends = *state;
	pthread_t thread;

	make_lines(ends, 1u << 17);
	assert_int_equal(pthread_create(&thread, NULL, read_all, ends), 0);
	assert_int_equal(out_relieve(&ends->out, OUT_BATCH_BYTES), 0);
	assert_true(out_waiting(&ends->out) <= OUT_BATCH_BYTES);
	assert_int_equal(out_finish(&ends->out), 0);
	pthread_join(thread, NULL);

	/* Or for a signal, which is left for the loop. */
	uint64_t value;
	make_lines(ends, 1u << 17);
	assert_int_equal(write(ends->signal_fd, &(uint64_t){ 1 }, 8), 8);
	assert_int_equal(out_relieve(&ends->out, OUT_BATCH_BYTES), 0);
	assert_true(out_waiting(&ends->out) > OUT_BATCH_BYTES);
	assert_int_equal(read(ends->signal_fd, &value, 8), 8);
}

#define WITH_PIPE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PIPE(what_does_not_fit_waits_in_order),
		WITH_PIPE(who_reads_late_costs_no_memory),
		WITH_PIPE(a_batch_is_due_once),
		WITH_PIPE(the_end_waits_for_a_reader),
		WITH_PIPE(after_a_signal_who_reads_gets_all),
		WITH_PIPE(after_a_signal_a_sleeper_is_left),
		WITH_PIPE(a_second_signal_ends_it),
		WITH_PIPE(after_a_signal_a_slow_reader_has_its_time),
		WITH_PIPE(time_without_a_cpu_does_not_count),
		cmocka_unit_test(ctrl_c_has_patience),
		WITH_PIPE(a_second_signal_is_the_kernels_business),
		WITH_PIPE(a_reader_who_left_is_no_error),
		cmocka_unit_test(a_full_disk_is_one),
		cmocka_unit_test(a_socket_does_not_block_either),
		WITH_PIPE(an_iterator_waits_for_the_reader),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
