/* SPDX-License-Identifier: MIT */
/*
 * The end of a run by signals (docs/design/0015-hostile.md).
 *
 *     first signal ── 250 ms reading ── 450 names ── 550 rows ── 650 writing ──> detach, close
 *        └─ 200 ms later: a second one ends it at once
 *
 * A result that is nearly there is worth some time, a hundred thousand of them are not: whatever takes long after the loop asks here
 * whether its time is over, and then leaves the rest out and counts it. Whatever waits, waits for the descriptor of the signals as well.
 *
 * A second signal is no business of ours where the kernel can do it: as soon as nothing is attached that would outlive the process, its signals
 * get their usual action again (on_may_kill), which ends it wherever it is. Where that cannot be, all that asks here is told that its time is over.
 */
#include "session/ends.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define ASK_EVERY 256u

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool take(int fd)
{
	struct signalfd_siginfo info;
	struct pollfd in = { .fd = fd, .events = POLLIN };
	bool any = false;

	/* The descriptor need not be a non-blocking one. */
	while (poll(&in, 1, 0) > 0 && (in.revents & POLLIN) && read(fd, &info, sizeof(info)) > 0)
		any = true;
	return any;
}

bool ends_look(struct ends *ends)
{
	if (ends->fd < 0)
		return false;
	bool came = take(ends->fd);

	if (!ends->signals && came) {
		ends->signals = 1;
		ends->first_ms = now_ms();
		if (ends->on_first)
			ends->on_first(ends->ctx);
	} else if (ends->signals && ends_left_ms(ends, ENDS_ONE_MS) == 0) {
		if (came)
			ends->signals = 2;
		if (!ends->may_kill && ends->on_may_kill)
			ends->on_may_kill(ends->ctx);
		ends->may_kill = true;
	}
	return ends->signals;
}

int ends_left_ms(const struct ends *ends, unsigned ms)
{
	if (!ends->signals)
		return -1;
	uint64_t past_ms = now_ms() - ends->first_ms;

	return past_ms < ms ? (int)(ms - past_ms) : 0;
}

bool ends_is_past(struct ends *ends, unsigned ms)
{
	if (ends_look(ends) && (ends->signals > 1 || ends_left_ms(ends, ms) == 0) && ms > ends->past_ms)
		ends->past_ms = ms;
	return ends->past_ms >= ms;
}

bool ends_is_past_often(struct ends *ends, unsigned ms)
{
	return ends->past_ms >= ms || (ends->asked++ % ASK_EVERY == 0 && ends_is_past(ends, ms));
}
