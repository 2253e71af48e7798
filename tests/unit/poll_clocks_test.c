/* SPDX-License-Identifier: MIT */
/* src/poll/loop.c and clocks.c: a changed clock is told before anything that is there is read. */
#include "unit.h"

#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ecli/poll.h>

#include "still_clock.h"

/* What happened, in its order: C a change of the clock, w a wait without one, r something is read. */
struct seen {
	char order[16];
	size_t len;
	int clock_fd;
	unsigned int reads;
};

static void note(struct seen *seen, char what)
{
	if (seen->len + 1 < sizeof(seen->order))
		seen->order[seen->len++] = what;
}

static void on_clock(void *ctx, bool is_told)
{
	struct seen *seen = ctx;
	eventfd_t value;

	assert_int_equal(eventfd_read(seen->clock_fd, &value), is_told ? 0 : -1);
	note(seen, is_told ? 'C' : 'w');
}

/* With the second read the clock changes again. */
static int on_readable(void *ctx, int fd)
{
	struct seen *seen = ctx;
	eventfd_t value;

	assert_int_equal(eventfd_read(fd, &value), 0);
	note(seen, 'r');
	if (++seen->reads == 2)
		assert_int_equal(eventfd_write(seen->clock_fd, 1), 0);
	if (seen->reads < 4)
		assert_int_equal(eventfd_write(fd, 1), 0);
	return 0;
}

static void a_changed_clock_is_told_first(void **state)
{
	(void)state;
	struct seen seen = { .clock_fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK) };
	struct ecli_poll_run run = {
		.duration_ms = 50, .signal_fd = -1, .clock_fd = seen.clock_fd, .on_clock = on_clock, .ctx = &seen
	};
	int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	struct ecli_poll *poll;
	enum ecli_poll_end end;
	struct ecli_err err;

	assert_int_equal(ecli_poll_new(&err, &poll), 0);
	assert_int_equal(ecli_poll_add_fd(poll, fd, on_readable, &seen, &err), 0);
	clock_stop();
	assert_int_equal(ecli_poll_run(poll, &run, &err, &end), 0);
	clock_go();
	assert_int_equal(end, ECLI_POLL_DURATION);
	assert_string_equal(seen.order, "CrwrCrwrw");
	ecli_poll_free(poll);
	close(seen.clock_fd);
	close(fd);
}

/* Nobody has set the clock: nothing is readable, and nothing waits for ever. */
static void clocks_that_nobody_set_are_silent(void **state)
{
	(void)state;
	struct ecli_poll_clocks *clocks = ecli_poll_clocks_new();
	struct pollfd in = { .fd = clocks ? ecli_poll_clocks_fd(clocks) : -1, .events = POLLIN };
	uint64_t mono_ns;

	assert_non_null(clocks);
	assert_int_equal(poll(&in, 1, 0), 0);
	assert_false(ecli_poll_clocks_read(clocks, &mono_ns));
	ecli_poll_clocks_watch(clocks);
	ecli_poll_clocks_watch(clocks);
	assert_false(ecli_poll_clocks_read(clocks, &mono_ns));
	ecli_poll_clocks_free(clocks);
	ecli_poll_clocks_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_changed_clock_is_told_first),
		cmocka_unit_test(clocks_that_nobody_set_are_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
