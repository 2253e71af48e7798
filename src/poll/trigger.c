/* SPDX-License-Identifier: MIT */
/*
 * A descriptor that asks for a look at every sampled map when it becomes readable: a signal, for instance. Several that came
 * together are one look. It hands out no records.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "poll/source.h"

struct trigger {
	struct poll_source source; /* fd: a duplicate */
	struct ecli_poll *poll;
};

static int trigger_drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
			 struct ecli_err *err)
{
	struct signalfd_siginfo info;

	(void)round, (void)err;
	source->active = false;
	/* The last drain looks at everything by itself. */
	if (read(source->fd, &info, sizeof(info)) > 0 && !budget->last)
		ecli_poll_look(((struct trigger *)source)->poll);
	return 0;
}

static void trigger_free(struct poll_source *source)
{
	if (source->fd >= 0)
		close(source->fd);
	free(source);
}

static const struct poll_source_ops trigger_ops = { .drain = trigger_drain, .free = trigger_free };

int ecli_poll_add_trigger(struct ecli_poll *poll, int fd, struct ecli_err *err)
{
	struct trigger *self = calloc(1, sizeof(*self));

	if (!self)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	self->source = (struct poll_source){ .ops = &trigger_ops, .epoll_in = EPOLLIN };
	self->poll = poll;
	self->source.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (self->source.fd < 0) {
		int r = ecli_err_set(err, -errno, "cannot wait for a signal: %s", strerror(errno));

		trigger_free(&self->source);
		return r;
	}
	return poll_add_source(poll, &self->source, err);
}
