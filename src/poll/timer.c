/* SPDX-License-Identifier: MIT */
/*
 * A timer that is set anew by whoever it calls, so that work that turns out to take long can come less often.
 *
 * Invariant: between two calls lies at least what the first of them returned, whatever the loop was busy with; calls that were missed are
 * not made up for. What is called belongs to the loop and must not sleep.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "poll/source.h"

struct timer {
	struct poll_source source; /* fd: the timer */
	ecli_poll_timer_fn fn;
};

static int set(int fd, uint32_t ms)
{
	struct itimerspec when = { .it_value = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 } };

	return timerfd_settime(fd, 0, &when, NULL) < 0 ? -errno : 0;
}

static int timer_drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
		       struct ecli_err *err)
{
	struct timer *self = (struct timer *)source;
	uint64_t ticks;

	(void)budget, (void)round, (void)err;
	source->active = false;
	if (read(source->fd, &ticks, sizeof(ticks)) > 0)
		set(source->fd, self->fn(source->ctx));
	return 0;
}

static void timer_free(struct poll_source *source)
{
	if (source->fd >= 0)
		close(source->fd);
	free(source);
}

static const struct poll_source_ops timer_ops = { .drain = timer_drain, .free = timer_free };

int ecli_poll_add_timer(struct ecli_poll *poll, uint32_t first_ms, ecli_poll_timer_fn fn, void *ctx,
			struct ecli_err *err)
{
	struct timer *self = calloc(1, sizeof(*self));

	if (!self)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	self->source = (struct poll_source){ .ops = &timer_ops, .epoll_in = EPOLLIN, .ctx = ctx };
	self->fn = fn;
	self->source.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	int r = self->source.fd < 0 ? -errno : set(self->source.fd, first_ms);
	if (r < 0) {
		timer_free(&self->source);
		return ecli_err_set(err, r, "cannot make a timer: %s", strerror(-r));
	}
	return poll_add_source(poll, &self->source, err);
}
