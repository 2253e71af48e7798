/* SPDX-License-Identifier: MIT */
/*
 * The end of a run by signals (docs/design/0015-hostile.md).
 *
 *     first signal ── 350 ms reading ── 600 names ── 700 rows ── 800 writing ──> detach, close
 *        └─ 200 ms later: a second one ends it at once
 *
 * A result that is nearly there is worth some time, a hundred thousand of them are not: whatever takes long after the loop asks here
 * whether its time is over, and then leaves the rest out and counts it. Whatever waits, waits for the descriptor of the signals as well.
 *
 * Ctrl-C (SIGINT) is a person's who waits for the results and can press it again: everything has ENDS_PATIENCE times as long. SIGTERM and SIGHUP
 * come from somebody who will not wait.
 *
 * A machine that is busy with others does not make results worse: time in which this process wanted to run and could not is not counted.
 *
 * A second signal is no business of ours where the kernel can do it: as soon as nothing is attached that would outlive the process, its signals
 * get their usual action again (on_may_kill), which ends it wherever it is. Where that cannot be, all that asks here is told that its time is over.
 */
#include "session/ends.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define ASK_EVERY 256u

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* "123456 789 12": ran, waited for a CPU, how often. */
uint64_t ends_delay_ns(void)
{
	CLEANUP_FD int fd = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
	char text[96];
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *space;

	text[len > 0 ? len : 0] = '\0';
	space = strchr(text, ' ');
	return space ? strtoull(space + 1, NULL, 10) : 0;
}

static uint64_t fair_ms(const struct ends *ends)
{
	return now_ms() - (ends->delay_ns ? ends->delay_ns() / 1000000 : 0);
}

/* Whether any came. @ret_is_patient: nothing but SIGINT. */
static bool take(int fd, bool *ret_is_patient)
{
	struct signalfd_siginfo info = { 0 };
	struct pollfd in = { .fd = fd, .events = POLLIN };
	bool any = false, is_patient = true;

	/* The descriptor need not be a non-blocking one. */
	while (poll(&in, 1, 0) > 0 && (in.revents & POLLIN) && read(fd, &info, sizeof(info)) > 0) {
		any = true;
		is_patient &= info.ssi_signo == SIGINT;
	}
	*ret_is_patient = is_patient;
	return any;
}

/* Since the first one. The two clocks are rounded each, so it may be one less than nothing. */
static int64_t past_ms(const struct ends *ends)
{
	return (int64_t)(fair_ms(ends) - ends->first_ms);
}

bool ends_look(struct ends *ends)
{
	if (ends->fd < 0)
		return false;
	bool is_patient, came = take(ends->fd, &is_patient);
	bool is_first = !ends->signals && came;

	if (is_first) {
		ends->signals = 1;
		ends->is_patient = is_patient;
		ends->first_ms = fair_ms(ends);
		if (ends->on_first)
			ends->on_first(ends->ctx);
	} else if (ends->signals && !is_patient && came) {
		ends->is_patient = false;
	}
	if (ends->signals && !is_first && past_ms(ends) >= ENDS_ONE_MS) {
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
	int64_t left_ms = (int64_t)ms * (ends->is_patient ? ENDS_PATIENCE : 1) - past_ms(ends);

	return left_ms > 0 ? (int)left_ms : 0;
}

bool ends_is_past(struct ends *ends, unsigned ms)
{
	if (ends_look(ends) && (ends->signals > 1 || ends_left_ms(ends, ms) == 0) && ms > ends->past_ms)
		ends->past_ms = ms;
	return ends->past_ms >= ms;
}

bool ends_look_often(struct ends *ends)
{
	return ends->signals || (ends->asked++ % ASK_EVERY == 0 && ends_look(ends));
}

bool ends_is_past_often(struct ends *ends, unsigned ms)
{
	return ends->past_ms >= ms || (ends->asked++ % ASK_EVERY == 0 && ends_is_past(ends, ms));
}
