/* SPDX-License-Identifier: MIT */
/* poll/loop.c with made-up sources and a clock that the test moves: ends, fairness, flushing, ticks. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "poll/source.h"
#include "still_clock.h"

#define MS 1000000ull

/* What loop.c promises: signals and timers are served every 10 ms, and rows are shown within ECLI_POLL_LATENCY_MS. */
#define SERVED_NS 10 * MS
#define SHOWN_NS  ECLI_POLL_LATENCY_MS *MS

/* A source that always has records, or a given number of them. */
struct made_up {
	struct poll_source source;
	uint64_t left; /* records; UINT64_MAX: for ever */
	uint64_t given;
	unsigned calls;
	uint64_t cost_ns;              /* of a record */
	uint64_t every_ns, burst, due; /* records come so often, and so many at once: from the clock's time @due on */
	int signal_fd;                 /* a signal is sent with record @signal_at, at @signal_ns */
	uint64_t signal_at, signal_ns;
	uint64_t oldest_ns;   /* when a record came and none was there before; 0: it was handed out */
	uint64_t *unshown_ns; /* since when a record is not shown; 0: all are */
	uint64_t stop_at;
	int stop_with;
	unsigned *freed;
	uint64_t left_at_mark;
};

static int made_up_drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
			 struct ecli_err *err)
{
	struct made_up *self = (struct made_up *)source;

	self->calls++;
	for (; self->every_ns && poll_now_ns() >= self->due; self->due += self->every_ns) {
		if (!self->left)
			self->oldest_ns = self->due;
		self->left += self->burst;
	}
	while (self->left && (!budget->last || self->left_at_mark)) {
		if (round->records >= budget->records || poll_now_ns() >= budget->deadline_ns) {
			round->more = true;
			return 0;
		}
		self->left -= self->left != UINT64_MAX;
		self->left_at_mark -= budget->last;
		round->records++;
		clock_move(self->cost_ns);
		if (self->unshown_ns && !*self->unshown_ns)
			*self->unshown_ns = self->oldest_ns ? self->oldest_ns : poll_now_ns();
		self->oldest_ns = 0;
		if (self->signal_at && self->given == self->signal_at) {
			self->signal_ns = poll_now_ns();
			assert_int_equal(write(self->signal_fd, &(uint64_t){ 1 }, 8), 8);
		}
		if (++self->given == self->stop_at)
			return self->stop_with < 0 ? poll_callback_failed(err, self->stop_with) : self->stop_with;
	}
	source->active = false;
	return 0;
}

static void made_up_mark(struct poll_source *source)
{
	struct made_up *self = (struct made_up *)source;

	self->left_at_mark = self->left == UINT64_MAX ? 10 : self->left;
}

static void made_up_free(struct poll_source *source)
{
	struct made_up *self = (struct made_up *)source;

	if (self->freed)
		++*self->freed;
}

static const struct poll_source_ops made_up_ops = { .drain = made_up_drain,
						    .mark = made_up_mark,
						    .free = made_up_free };

struct calls {
	unsigned idle, seconds;
	uint64_t unshown_ns, worst_ns; /* how long a record was not shown */
	uint64_t ticks_ns[4];
};

static void on_idle(void *ctx)
{
	struct calls *calls = ctx;

	if (calls->unshown_ns && poll_now_ns() - calls->unshown_ns > calls->worst_ns)
		calls->worst_ns = poll_now_ns() - calls->unshown_ns;
	calls->unshown_ns = 0;
	calls->idle++;
}

static void on_second(void *ctx)
{
	struct calls *calls = ctx;

	if (calls->seconds < sizeof(calls->ticks_ns) / sizeof(calls->ticks_ns[0]))
		calls->ticks_ns[calls->seconds] = poll_now_ns();
	calls->seconds++;
}

static struct ecli_poll *new_poll(struct made_up *sources, size_t n)
{
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;

	assert_int_equal(ecli_poll_new(&err, &poll), 0);
	for (size_t i = 0; i < n; i++) {
		sources[i].source.ops = &made_up_ops;
		if (!sources[i].source.fd)
			sources[i].source.fd = -1;
		assert_int_equal(poll_add_source(poll, &sources[i].source, &err), 0);
	}
	return poll;
}

/* How long it ran, by the clock that only waiting and records move. */
static uint64_t run_for(struct ecli_poll *poll, uint64_t duration_ms, int signal_fd, struct calls *calls, int expected,
			enum ecli_poll_end *ret_end)
{
	struct ecli_poll_run run = { .duration_ms = duration_ms,
				     .signal_fd = signal_fd,
				     .on_idle = on_idle,
				     .on_second = on_second,
				     .ctx = calls };
	struct ecli_err err = { 0 };

	clock_stop();
	uint64_t start_ns = poll_now_ns();
	assert_int_equal(ecli_poll_run(poll, &run, &err, ret_end), expected);
	assert_int_equal(err.code, expected < 0 ? expected : 0);
	uint64_t took_ns = poll_now_ns() - start_ns;
	clock_go();
	return took_ns;
}

static void it_ends_on_time_without_sources(void **state)
{
	(void)state;
	struct ecli_poll *poll = new_poll(NULL, 0);
	struct calls calls = { 0 };
	enum ecli_poll_end end;
	uint64_t took_ns = run_for(poll, 60, -1, &calls, 0, &end);

	assert_int_equal(end, ECLI_POLL_DURATION);
	assert_int_equal(took_ns, 60 * MS);
	assert_int_equal(calls.idle, 0); /* nothing was handed out */
	ecli_poll_free(poll);
}

static void a_source_that_never_ends_starves_nobody(void **state)
{
	(void)state;
	unsigned freed = 0;
	struct calls calls = { 0 };
	struct made_up sources[3] = {
		{ .source.is_buffer = true, .left = UINT64_MAX, .cost_ns = 1000, .freed = &freed },
		{ .source.is_buffer = true, .left = 1500000, .cost_ns = 1000, .freed = &freed },
		{ .source.is_buffer = true, .left = UINT64_MAX, .cost_ns = 100000, .freed = &freed },
	};
	struct ecli_poll *poll = new_poll(sources, 3);
	enum ecli_poll_end end;

	for (size_t i = 0; i < 3; i++)
		sources[i].unshown_ns = &calls.unshown_ns;
	uint64_t start_ns = poll_now_ns(), took_ns = run_for(poll, 3300, -1, &calls, 0, &end);

	assert_int_equal(end, ECLI_POLL_DURATION);
	assert_in_range(took_ns, 3300 * MS, 3300 * MS + SERVED_NS);
	/* Every source had its turn, in equal number and for equally long, and rows were shown all the while. */
	assert_in_range(sources[0].calls, sources[2].calls - 1, sources[2].calls + 1);
	assert_in_range(sources[0].given, 1000000, sources[1].given + 4096);
	assert_true(sources[1].left > 0);
	assert_in_range(sources[2].given, sources[0].given / 110, sources[0].given / 90);
	assert_in_range(calls.worst_ns, 1, SHOWN_NS);
	assert_int_equal(calls.seconds, 3);
	for (uint64_t i = 0; i < 3; i++)
		assert_in_range(calls.ticks_ns[i] - start_ns, (i + 1) * 1000 * MS, (i + 1) * 1000 * MS + SERVED_NS);
	assert_int_equal(still_waits.waits + still_waits.naps, 0);

	/* The last drain is not for ever either. */
	struct ecli_err err = { 0 };
	uint64_t given = sources[0].given;
	assert_int_equal(ecli_poll_drain(poll, &err), 0);
	assert_int_equal(sources[0].given, given + 10);
	assert_int_equal(sources[1].left, 0);
	ecli_poll_free(poll);
	assert_int_equal(freed, 3);
}

/* Without a wake-up: only the loop's own looks find a record. */
static void a_row_is_never_late(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		uint64_t every_ns, burst, cost_ns;
	} cases[] = {
		{ "a record now and then", 330 * MS + 7, 1, 1000 },
		{ "a record every 0.5 ms", MS / 2, 1, 1000 },
		{ "bursts", 3 * MS, 1000, 1000 },
		{ "more than can be read", MS, 2000, 1000 },
		{ "slow ones", 20 * MS, 1, 3 * MS },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct calls calls = { 0 };
		struct made_up source = { .source.is_buffer = true,
					  .every_ns = cases[i].every_ns,
					  .burst = cases[i].burst,
					  .cost_ns = cases[i].cost_ns,
					  .unshown_ns = &calls.unshown_ns };
		struct ecli_poll *poll = new_poll(&source, 1);
		enum ecli_poll_end end;

		/* The clock of run_for() begins where this one is, or a little later. */
		source.due = poll_now_ns() + cases[i].every_ns;
		uint64_t took_ns = run_for(poll, 2000, -1, &calls, 0, &end);
		if (took_ns > 2000 * MS + SERVED_NS || calls.worst_ns > SHOWN_NS || calls.idle < 5)
			fail_msg("%s: ran for %llu ns; a record was shown after %llu ns, and rows %u times",
				 cases[i].what, (unsigned long long)took_ns, (unsigned long long)calls.worst_ns,
				 calls.idle);
		ecli_poll_free(poll);
	}
}

static void an_idle_loop_looks_twenty_times_a_second(void **state)
{
	(void)state;
	struct made_up source = { .source.is_buffer = true };
	struct ecli_poll *poll = new_poll(&source, 1);
	struct calls calls = { 0 };
	enum ecli_poll_end end;

	assert_int_equal(run_for(poll, 10000, -1, &calls, 0, &end), 10000 * MS);
	assert_in_range(still_waits.waits, 10000 / ECLI_POLL_LATENCY_MS, 10000 / 50 + 11);
	assert_int_equal(still_waits.naps, 0);
	assert_in_range(source.calls, still_waits.waits, still_waits.waits + 1);
	assert_int_equal(calls.seconds, 9); /* the tenth is the end */
	ecli_poll_free(poll);
}

static void sleep_three_seconds(void *ctx)
{
	unsigned *times = ctx;

	if (!(*times)++)
		clock_move(3000 * MS);
}

static void ticks_that_were_missed_are_not_made_up_for(void **state)
{
	(void)state;
	struct ecli_poll *poll = new_poll(NULL, 0);
	struct calls calls = { 0 };
	enum ecli_poll_end end;
	unsigned times = 0;

	still_meanwhile = sleep_three_seconds; /* the machine stood still in the first wait */
	still_meanwhile_ctx = &times;
	assert_int_equal(run_for(poll, 5500, -1, &calls, 0, &end), 5500 * MS);
	assert_int_equal(calls.seconds, 2); /* at 4 s and 5 s */
	ecli_poll_free(poll);
}

static void a_signal_ends_it_and_stays_readable(void **state)
{
	(void)state;
	struct made_up source = { .source.is_buffer = true, .left = UINT64_MAX, .cost_ns = 1000 };
	struct ecli_poll *poll = new_poll(&source, 1);
	struct calls calls = { 0 };
	enum ecli_poll_end end;
	int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	uint64_t value;

	assert_in_range(run_for(poll, 5000, fd, &calls, 0, &end), 0, SERVED_NS);
	assert_int_equal(end, ECLI_POLL_SIGNAL);
	assert_int_equal(read(fd, &value, sizeof(value)), sizeof(value));
	/* The descriptor is not kept: a second run without it does not end by it, one with it can. */
	assert_int_equal(write(fd, &value, sizeof(value)), sizeof(value));
	assert_in_range(run_for(poll, 30, -1, &calls, 0, &end), 30 * MS, 30 * MS + SERVED_NS);
	assert_int_equal(end, ECLI_POLL_DURATION);
	run_for(poll, 5000, fd, &calls, 0, &end);
	assert_int_equal(end, ECLI_POLL_SIGNAL);
	/* One that comes in the middle of records that never end. */
	assert_int_equal(read(fd, &value, sizeof(value)), sizeof(value));
	source.signal_fd = fd;
	source.signal_at = source.given + 123456;
	run_for(poll, 60000, fd, &calls, 0, &end);
	assert_int_equal(end, ECLI_POLL_SIGNAL);
	assert_in_range(source.given, source.signal_at, source.signal_at + SERVED_NS / source.cost_ns);
	close(fd);
	run_for(poll, 30, fd, &calls, -EBADF, &end);
	ecli_poll_free(poll);
}

struct stopper {
	struct ecli_poll *poll;
	unsigned idle;
};

static void stop_at_idle(void *ctx)
{
	struct stopper *stopper = ctx;

	stopper->idle++;
	ecli_poll_stop(stopper->poll);
}

/* At the first idle moment, though neither a record nor a signal comes after it. */
static void a_callback_that_returns_nothing_ends_it(void **state)
{
	(void)state;
	struct made_up source = { .source.is_buffer = true, .left = 5 };
	struct stopper stopper = { .poll = new_poll(&source, 1) };
	struct ecli_poll_run run = { .duration_ms = 5000, .signal_fd = -1, .on_idle = stop_at_idle, .ctx = &stopper };
	struct ecli_err err = { 0 };
	enum ecli_poll_end end = ECLI_POLL_SIGNAL;

	clock_stop();
	assert_int_equal(ecli_poll_run(stopper.poll, &run, &err, &end), 0);
	clock_go();
	assert_int_equal(end, ECLI_POLL_CALLBACK);
	assert_int_equal(source.given, 5);
	assert_int_equal(stopper.idle, 1);
	ecli_poll_free(stopper.poll);
}

static void a_callback_ends_it(void **state)
{
	(void)state;
	struct made_up source = {
		.source.is_buffer = true, .left = UINT64_MAX, .cost_ns = 1000, .stop_at = 10, .stop_with = 1
	};
	struct ecli_poll *poll = new_poll(&source, 1);
	struct calls calls = { 0 };
	enum ecli_poll_end end = ECLI_POLL_SIGNAL;

	run_for(poll, 5000, -1, &calls, 0, &end);
	assert_int_equal(end, ECLI_POLL_CALLBACK);
	assert_int_equal(source.given, 10);
	assert_int_equal(calls.idle, 1); /* the last rows are flushed */
	source.stop_at = 20;
	source.stop_with = -EPIPE;
	end = ECLI_POLL_SIGNAL;
	run_for(poll, 5000, -1, &calls, -EPIPE, &end);
	assert_int_equal(end, ECLI_POLL_SIGNAL); /* untouched */
	assert_int_equal(calls.idle, 2);
	ecli_poll_free(poll);
}

static void it_finishes_when_only_iterators_were_there(void **state)
{
	(void)state;
	struct made_up sources[2] = {
		{ .source.is_once = true, .source.active = true, .left = 10000 },
		{ .source.is_once = true, .source.active = true, .left = 3 },
	};
	struct ecli_poll *poll = new_poll(sources, 2);
	struct calls calls = { 0 };
	enum ecli_poll_end end;

	run_for(poll, 0, -1, &calls, 0, &end);
	assert_int_equal(end, ECLI_POLL_FINISHED);
	assert_true(sources[0].left == 0 && sources[1].left == 0 && calls.idle >= 1);

	/* With a buffer beside them it goes on. */
	struct made_up buffer = { .source.is_buffer = true };
	struct ecli_err err = { 0 };
	buffer.source.ops = &made_up_ops;
	buffer.source.fd = -1;
	assert_int_equal(poll_add_source(poll, &buffer.source, &err), 0);
	run_for(poll, 20, -1, &calls, 0, &end);
	assert_int_equal(end, ECLI_POLL_DURATION);
	ecli_poll_free(poll);
}

/* A descriptor that becomes readable wakes its source, which otherwise is not called at all. */
static void a_quiet_source_is_called_when_readable(void **state)
{
	(void)state;
	struct made_up source = { .source = { .fd = eventfd(0, EFD_CLOEXEC), .epoll_in = EPOLLIN | EPOLLET },
				  .left = 5 };
	struct ecli_poll *poll = new_poll(&source, 1);
	struct calls calls = { 0 };
	enum ecli_poll_end end;
	uint64_t one = 1;

	run_for(poll, 20, -1, &calls, 0, &end);
	assert_int_equal(source.calls, 0);
	assert_int_equal(write(source.source.fd, &one, sizeof(one)), sizeof(one));
	run_for(poll, 20, -1, &calls, 0, &end);
	assert_true(source.calls >= 1 && source.given == 5 && calls.idle == 1);
	ecli_poll_free(poll);
	close(source.source.fd);
}

struct reader {
	struct made_up source; /* busy: it reads with this source's records */
	int pipe[2];
	unsigned told, turns;
	uint64_t written;
};

static void fill(struct reader *reader)
{
	char bytes[4096] = { 0 };
	ssize_t n;

	while ((n = write(reader->pipe[1], bytes, sizeof(bytes))) > 0)
		reader->written += (uint64_t)n;
}

static void on_writable(void *ctx)
{
	struct reader *reader = ctx;

	reader->told++;
	fill(reader);
}

/* Reads all that is there at every tenth turn, and is gone at the fortieth, which ends the run. */
static void read_now_and_then(void *ctx)
{
	struct reader *reader = ctx;
	char bytes[4096];

	if (++reader->turns % 10 || reader->pipe[0] < 0)
		return;
	if (reader->turns < 40) {
		while (read(reader->pipe[0], bytes, sizeof(bytes)) > 0)
			;
	} else {
		close(reader->pipe[0]);
		reader->pipe[0] = -1;
	}
}

static int busy_drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
		      struct ecli_err *err)
{
	read_now_and_then(source);
	return made_up_drain(source, budget, round, err);
}

static const struct poll_source_ops busy_ops = { .drain = busy_drain, .free = made_up_free };

/* A full pipe is told about when its reader reads, whatever the sources do, and never while nothing changes. */
static void an_output_that_was_full_is_told_to_have_room(void **state)
{
	(void)state;

	for (int busy = 0; busy < 2; busy++) {
		struct reader reader = { .source = { .source.is_buffer = true, .cost_ns = 1000 } };
		struct ecli_poll *poll = new_poll(&reader.source, 1);
		struct ecli_err err = { 0 };
		enum ecli_poll_end end;

		reader.source.left = busy ? UINT64_MAX : 0;
		assert_int_equal(pipe2(reader.pipe, O_NONBLOCK | O_CLOEXEC), 0);
		fill(&reader);
		struct ecli_poll_run run = { .duration_ms = 300,
					     .signal_fd = -1,
					     .out_fd = reader.pipe[1],
					     .on_writable = on_writable,
					     .ctx = &reader };
		uint64_t full = reader.written;
		clock_stop();
		assert_int_equal(ecli_poll_run(poll, &run, &err, &end), 0);
		assert_int_equal(end, ECLI_POLL_DURATION);
		assert_int_equal(reader.told, 0);

		if (busy)
			reader.source.source.ops = &busy_ops;
		else
			still_meanwhile = read_now_and_then;
		still_meanwhile_ctx = &reader;
		run.duration_ms = 60000;
		assert_int_equal(ecli_poll_run(poll, &run, &err, &end), 0);
		clock_go();
		assert_int_equal(end, ECLI_POLL_CALLBACK); /* nobody is there to read any more */
		assert_int_equal(reader.told, 3);
		assert_int_equal(reader.written, 4 * full);
		close(reader.pipe[1]);
		ecli_poll_free(poll);
	}
}

static void a_source_that_cannot_be_added_is_freed(void **state)
{
	(void)state;
	unsigned freed = 0;
	struct made_up source = { .source = { .ops = &made_up_ops, .fd = 987654 }, .freed = &freed };
	struct ecli_poll *poll = new_poll(NULL, 0);
	struct ecli_err err = { 0 };

	assert_int_equal(poll_add_source(poll, &source.source, &err), -EBADF);
	assert_int_equal(freed, 1);
	ecli_poll_free(poll);
	assert_int_equal(freed, 1);
	ecli_poll_free(NULL);
}

/* ---- descriptors of others ------------------------------------------------------------------------------------- */

struct descriptor {
	unsigned calls;
	unsigned stop_at;
	int stop_with;
	bool leaves_bytes;
};

static int on_readable(void *ctx, int fd)
{
	struct descriptor *reader = ctx;
	char byte;

	if (!reader->leaves_bytes)
		assert_int_equal(read(fd, &byte, 1), 1);
	return ++reader->calls == reader->stop_at ? reader->stop_with : 0;
}

static void a_descriptor_is_told_until_it_is_read(void **state)
{
	(void)state;
	static const struct {
		struct descriptor reader;
		unsigned calls;
		int result;
	} cases[] = {
		{ { .stop_at = 0 }, 3, 0 }, /* one byte a call; then the time is over */
		{ { .stop_at = 2, .stop_with = 1 }, 2, 0 },
		{ { .stop_at = 5, .stop_with = 1, .leaves_bytes = true }, 5, 0 },
		{ { .stop_at = 1, .stop_with = -EIO }, 1, -EIO },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ecli_poll_run run = { .duration_ms = 50, .signal_fd = -1 };
		struct descriptor reader = cases[i].reader;
		struct ecli_err err = { 0 };
		struct ecli_poll *poll;
		enum ecli_poll_end end;
		int fds[2];

		assert_int_equal(pipe(fds), 0);
		assert_int_equal(write(fds[1], "abc", 3), 3);
		assert_int_equal(ecli_poll_new(&err, &poll), 0);
		assert_int_equal(ecli_poll_add_fd(poll, fds[0], on_readable, &reader, &err), 0);
		clock_stop();
		assert_int_equal(ecli_poll_run(poll, &run, &err, &end), cases[i].result);
		clock_go();
		assert_int_equal(reader.calls, cases[i].calls);
		if (!cases[i].result)
			assert_int_equal(end, cases[i].reader.stop_at ? ECLI_POLL_CALLBACK : ECLI_POLL_DURATION);
		/* The final drain is not for it, and it stays open. */
		assert_int_equal(ecli_poll_drain(poll, &err), 0);
		assert_int_equal(reader.calls, cases[i].calls);
		ecli_poll_free(poll);
		assert_int_equal(close(fds[0]), 0);
		close(fds[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_on_time_without_sources),
		cmocka_unit_test(a_source_that_never_ends_starves_nobody),
		cmocka_unit_test(a_row_is_never_late),
		cmocka_unit_test(an_idle_loop_looks_twenty_times_a_second),
		cmocka_unit_test(ticks_that_were_missed_are_not_made_up_for),
		cmocka_unit_test(a_signal_ends_it_and_stays_readable),
		cmocka_unit_test(a_callback_ends_it),
		cmocka_unit_test(a_callback_that_returns_nothing_ends_it),
		cmocka_unit_test(it_finishes_when_only_iterators_were_there),
		cmocka_unit_test(a_quiet_source_is_called_when_readable),
		cmocka_unit_test(an_output_that_was_full_is_told_to_have_room),
		cmocka_unit_test(a_source_that_cannot_be_added_is_freed),
		cmocka_unit_test(a_descriptor_is_told_until_it_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
