/* SPDX-License-Identifier: MIT */
/*
 * Any descriptor somebody wants to be called for: a keyboard, a signalfd. The one source whose bytes the loop does not read itself.
 *
 * The callback is called once each time the loop finds the descriptor readable (or its other end gone); what it leaves unread
 * makes the loop call again. It has no part in the final drain: that is for what programs reported.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "poll/source.h"

struct fd_source {
	struct poll_source source;
	ecli_poll_readable_fn on_readable;
	int fd;
};

static int fd_drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
		    struct ecli_err *err)
{
	struct fd_source *self = (struct fd_source *)source;
	int r = 0;

	(void)round;
	source->active = false;
	if (!budget->last)
		r = self->on_readable(source->ctx, self->fd);
	return r < 0 ? poll_callback_failed(err, r) : r;
}

/* The descriptor stays with who added it. */
static void fd_free(struct poll_source *source)
{
	free(source);
}

int ecli_poll_add_fd(struct ecli_poll *poll, int fd, ecli_poll_readable_fn on_readable, void *ctx, struct ecli_err *err)
{
	static const struct poll_source_ops ops = { .drain = fd_drain, .free = fd_free };
	struct fd_source *self = calloc(1, sizeof(*self));

	if (!self)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	self->source = (struct poll_source){ .ops = &ops, .fd = fd, .epoll_in = EPOLLIN, .ctx = ctx };
	self->on_readable = on_readable;
	self->fd = fd;
	return poll_add_source(poll, &self->source, err);
}
