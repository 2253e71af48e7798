/* SPDX-License-Identifier: MIT */
/* src/poll/loop.c: how long it sleeps where the kernel calls in time, on a clock that the test moves (docs/design/0016-wakeups.md). */
#include "unit.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "poll/source.h"
#include "still_clock.h"

#define MS 1000000ull

/* A buffer into which records come by the clock. */
struct made_up {
	struct poll_source source;
	uint64_t every_ns, burst, cost_ns, due; /* so many at once, so often; what one costs; when the next come */
	uint64_t left, oldest_ns;               /* not handed out yet; since when */
	uint64_t unshown_ns, worst_ns;          /* since when one is not shown, 0: all are; the longest */
	unsigned int arms, armed_with;          /* how often it was armed; with records left */
	uint64_t room;                          /* records that fit; 0: the fill is not told */
	uint64_t most;                          /* that were found at once */
	bool has_followers;                     /* records right after the one that was called for call, too */
	bool is_armed;
};

static void come(struct made_up *self)
{
	for (; self->every_ns && poll_now_ns() >= self->due; self->due += self->every_ns) {
		if (!self->left)
			self->oldest_ns = self->due;
		self->left += self->burst;
	}
}

static int drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
		 struct ecli_err *err)
{
	struct made_up *self = (struct made_up *)source;

	(void)err;
	come(self);
	if (self->left > self->most)
		self->most = self->left;
	if (self->is_armed && self->left && self->has_followers) {
		self->is_armed = false;
		eventfd_write(self->source.fd, 1);
	}
	if (self->room)
		round->fill = (uint32_t)(self->left * POLL_FILL_FULL / self->room);
	for (; self->left; self->left--) {
		if (round->records >= budget->records || poll_now_ns() >= budget->deadline_ns) {
			round->more = true;
			return 0;
		}
		if (!self->unshown_ns)
			self->unshown_ns = self->oldest_ns;
		round->records++;
		clock_move(self->cost_ns);
		self->oldest_ns = poll_now_ns();
	}
	return 0;
}

static bool arm(struct poll_source *source)
{
	struct made_up *self = (struct made_up *)source;

	self->arms++;
	self->is_armed = true;
	self->armed_with += self->left != 0;
	return self->every_ns && poll_now_ns() >= self->due;
}

static void leave(struct poll_source *source)
{
	(void)source;
}

static const struct poll_source_ops ops = { .drain = drain, .arm = arm, .free = leave };

static void on_idle(void *ctx)
{
	struct made_up *self = ctx;

	if (self->unshown_ns && poll_now_ns() - self->unshown_ns > self->worst_ns)
		self->worst_ns = poll_now_ns() - self->unshown_ns;
	self->unshown_ns = 0;
}

static void run_for(struct made_up *sources, size_t count, uint64_t duration_ms)
{
	struct ecli_poll_run run = { .duration_ms = duration_ms, .signal_fd = -1, .on_idle = on_idle, .ctx = sources };
	struct ecli_err err = { 0 };
	struct ecli_poll *poll;
	enum ecli_poll_end end;

	assert_int_equal(ecli_poll_new(&err, &poll), 0);
	for (size_t i = 0; i < count; i++) {
		sources[i].source.ops = &ops;
		sources[i].source.fd = sources[i].has_followers ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
		sources[i].source.epoll_in = EPOLLIN | EPOLLET;
		sources[i].source.is_buffer = true;
		sources[i].due = poll_now_ns() + sources[i].every_ns;
		assert_int_equal(poll_add_source(poll, &sources[i].source, &err), 0);
	}
	clock_stop();
	assert_int_equal(ecli_poll_run(poll, &run, &err, &end), 0);
	clock_go();
	assert_int_equal(end, ECLI_POLL_DURATION);
	for (size_t i = 0; i < count; i++)
		if (sources[i].source.fd >= 0)
			close(sources[i].source.fd);
	ecli_poll_free(poll);
}

static void a_reader_that_is_called_sleeps(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		uint64_t every_ns, burst, cost_ns;
	} cases[] = {
		{ "none", 0, 0, 0 },
		{ "a record now and then", 330 * MS + 7, 1, 1000 },
		{ "a record after each rest", 41 * MS, 1, 1000 },
		{ "10,000 a second", MS / 10, 1, 1000 },
		{ "100,000 a second", MS / 10, 10, 1000 },
		{ "bursts", 3 * MS, 1000, 1000 },
		{ "slow ones", 20 * MS, 1, 3 * MS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct made_up buffer = { .source.is_called = true,
					  .every_ns = cases[i].every_ns,
					  .burst = cases[i].burst,
					  .cost_ns = cases[i].cost_ns };

		run_for(&buffer, 1, 2000);
		/* 25 a second of 40 ms, and two for the beginning and the end. */
		if (still_waits.waits > 52 || still_waits.naps || buffer.worst_ns > ECLI_POLL_LATENCY_MS * MS)
			fail_msg("%s: %u waits, %u naps; a record was shown after %llu ns", cases[i].what,
				 still_waits.waits, still_waits.naps, (unsigned long long)buffer.worst_ns);
		/* It is armed when nothing is there, and only then. */
		assert_int_equal(buffer.armed_with, 0);
		if (!cases[i].every_ns || cases[i].every_ns > 40 * MS)
			assert_true(buffer.arms > 0);
	}
}

/*
 * The record that is called for has others right behind it, which call, too; nothing is left to be read when they are heard. That does not end the
 * rest, or the next record would be called for again, and so on.
 */
static void a_call_on_its_way_does_not_end_a_rest(void **state)
{
	(void)state;
	struct made_up buffer = {
		.source.is_called = true, .every_ns = MS / 2, .burst = 2, .cost_ns = 1, .has_followers = true
	};

	run_for(&buffer, 1, 2000);
	assert_in_range(buffer.arms, 1, 2);
	assert_in_range(still_waits.waits, 1, 55);
	assert_in_range(buffer.worst_ns, 1, ECLI_POLL_LATENCY_MS * MS);
}

/* One buffer that nobody calls for sets the pace for all. */
static void a_reader_that_is_not_called_naps(void **state)
{
	(void)state;
	struct made_up buffers[2] = {
		{ .source.is_called = true, .every_ns = MS, .burst = 1, .cost_ns = 1000 },
		{ .source.is_called = false },
	};

	run_for(buffers, 2, 1000);
	assert_true(still_waits.naps > 0);
	assert_int_equal(buffers[0].arms + buffers[1].arms, 0);
	assert_false(buffers[0].source.is_called);
	assert_in_range(buffers[0].worst_ns, 1, ECLI_POLL_LATENCY_MS * MS);
}

/* A buffer of which the kernel side does not keep the promise is found to be so before long: 600 of 1000 come in each rest. */
static void a_promise_that_is_not_kept_is_not_trusted(void **state)
{
	(void)state;
	struct made_up buffer = { .source.is_called = true, .every_ns = MS, .burst = 15, .cost_ns = 100, .room = 1000 };

	run_for(&buffer, 1, 1000);
	assert_in_range(buffer.most, 500, 1000);
	assert_false(buffer.source.is_called);

	/* One that is called for in time, or fills up slowly, is trusted. */
	buffer = (struct made_up){ .source.is_called = true, .every_ns = MS, .burst = 2, .cost_ns = 100, .room = 1000 };
	run_for(&buffer, 1, 1000);
	assert_int_equal(still_waits.naps, 0);
	assert_true(buffer.source.is_called);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_that_is_called_sleeps),
		cmocka_unit_test(a_call_on_its_way_does_not_end_a_rest),
		cmocka_unit_test(a_reader_that_is_not_called_naps),
		cmocka_unit_test(a_promise_that_is_not_kept_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
