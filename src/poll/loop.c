/* SPDX-License-Identifier: MIT */
/*
 * The loop: rounds over all sources while there are records, sleep between them, one epoll wait when there are none.
 *
 *     round: every source, each with a bound ─┬─ nothing found ──────> on_idle, arm, wait (at most WAIT_MS with buffers)
 *       ^                                     ├─ buffer filling up ──> next round at once
 *       │                                     ├─ else, called ───────> on_idle, wait unarmed (at most REST_MS)
 *       └─────────────────────────────────────┴─ else ───────────────> nap, next round
 *
 * "Called": every buffer's kernel side calls when a quarter of it was written (docs/design/0016). Armed, it also calls for the next record.
 * So the reader is woken for the first record after a time without any and for a buffer that fills, never for a record in between. What else wakes
 * it during a rest (calls that were on their way, timers, the screen) does not end the rest.
 *
 * Invariants: between two looks at the clock, the signal and the timers lie at most one source's slice (SLICE_NS) and
 * LOOK_NS. A record that was handed out is followed by on_idle within FLUSH_NS, under any load. A buffer is looked at
 * every WAIT_MS even when the kernel did not call (BPF_RB_NO_WAKEUP, perf records below the watermark), which with
 * FLUSH_NS stays below ECLI_POLL_LATENCY_MS: a record found by the timer is followed by on_idle at once, or by a nap and an empty
 * round, hence on_idle.
 *
 * It deliberately knows no kernel object: those are the sources, one file each.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/cleanup.h"
#include "poll/nap.h"
#include "poll/source.h"

#define WAIT_MS       50
#define REST_MS       40    /* two waits in so long at most are 50 a second: one called, one in vain */
#define HELD_NAP_NS   50000 /* what was held back is due by then */
#define LET_DOWN      2
#define SLICE_NS      4000000u
#define SLICE_RECORDS 4096u
#define LOOK_NS       1000000u
#define FLUSH_NS      50000000u
#define NS_PER_MS     1000000u
#define NS_PER_S      1000000000u

static_assert(REST_MS <= WAIT_MS && WAIT_MS < ECLI_POLL_LATENCY_MS &&
		      FLUSH_NS < ECLI_POLL_LATENCY_MS * (uint64_t)NS_PER_MS,
	      "the latency promised in poll.h");
static_assert(SLICE_NS + LOOK_NS < 10 * (uint64_t)NS_PER_MS, "signals and timers are served every 10 ms");

struct ecli_poll {
	int epoll_fd;
	struct poll_source **sources;
	size_t n_sources;
	size_t turn; /* who is first in the next round */
	bool is_stopped;
};

struct run {
	struct ecli_poll *poll;
	const struct ecli_poll_run *opts;
	struct ecli_err *err;
	uint64_t end_ns;    /* 0: none */
	uint64_t second_ns; /* when on_second is due; 0: never */
	uint64_t idle_ns;   /* last on_idle */
	uint64_t look_ns;   /* last look at epoll */
	bool unflushed;     /* records were handed out since */
	bool is_called;     /* all buffers are */
	bool is_resting;    /* records were found since the last wait for the first one */
	uint64_t rest_ns;   /* when the rest ends */
	bool was_in_vain;   /* the last wait ended by its time: nobody called */
	unsigned let_down;  /* how often a buffer was half full after that */
	struct poll_nap nap;
	enum ecli_poll_end end;
};

int ecli_poll_new(struct ecli_err *err, struct ecli_poll **ret_poll)
{
	CLEANUP_FREE struct ecli_poll *poll = calloc(1, sizeof(*poll));

	if (!poll)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	poll->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (poll->epoll_fd < 0) {
		int r = -errno;

		return ecli_err_set(err, r, "cannot wait for events: %s", strerror(-r));
	}
	*ret_poll = TAKE_PTR(poll);
	return 0;
}

void ecli_poll_free(struct ecli_poll *poll)
{
	if (!poll)
		return;
	for (size_t i = 0; i < poll->n_sources; i++)
		poll->sources[i]->ops->free(poll->sources[i]);
	free(poll->sources);
	close(poll->epoll_fd);
	free(poll);
}

int poll_add_source(struct ecli_poll *poll, struct poll_source *source, struct ecli_err *err)
{
	struct poll_source **sources = reallocarray(poll->sources, poll->n_sources + 1, sizeof(struct poll_source *));
	int r = 0;

	if (!sources) {
		r = ecli_err_set(err, -ENOMEM, "out of memory");
	} else {
		poll->sources = sources;
		if (source->fd >= 0) {
			struct epoll_event event = { .events = source->epoll_in, .data.ptr = source };

			if (epoll_ctl(poll->epoll_fd, EPOLL_CTL_ADD, source->fd, &event) < 0) {
				r = -errno;
				ecli_err_set(err, r, "cannot wait for events: %s", strerror(-r));
			}
		}
	}
	if (r < 0) {
		source->ops->free(source);
		return r;
	}
	poll->sources[poll->n_sources++] = source;
	return 0;
}

struct poll_source *poll_source_at(struct ecli_poll *poll, size_t index)
{
	return index < poll->n_sources ? poll->sources[index] : NULL;
}

int poll_callback_failed(struct ecli_err *err, int code)
{
	if (err && !err->code)
		return ecli_err_set(err, code, "cannot handle an event: %s", strerror(-code));
	return code;
}

static void idle(struct run *run, uint64_t now_ns)
{
	run->unflushed = false;
	run->idle_ns = now_ns;
	if (run->opts->on_idle)
		run->opts->on_idle(run->opts->ctx);
}

/* Before anything else of what a wait brought. */
static void look_at_clock(const struct run *run, const struct epoll_event *events, int n, bool has_waited)
{
	bool is_told = false;

	for (int i = 0; i < n; i++)
		is_told |= events[i].data.ptr == &run->opts;
	if (run->opts->on_clock && (is_told || has_waited))
		run->opts->on_clock(run->opts->ctx, is_told);
}

/* Asks epoll, waiting up to @timeout_ms. 1: the signal came. */
static int look(struct run *run, int timeout_ms)
{
	struct epoll_event events[16];
	int n = epoll_wait(run->poll->epoll_fd, events, ARRAY_SIZE(events), timeout_ms);

	if (n < 0 && errno != EINTR) {
		int r = -errno;

		return ecli_err_set(run->err, r, "cannot wait for events: %s", strerror(-r));
	}
	run->look_ns = poll_now_ns();
	look_at_clock(run, events, n, timeout_ms != 0);
	if (timeout_ms)
		run->was_in_vain = n == 0;
	for (int i = 0; i < n; i++) {
		struct poll_source *source = events[i].data.ptr;

		if ((void *)source == run) {                            /* out_fd */
			if (events[i].events & (EPOLLERR | EPOLLHUP)) { /* nobody reads any more */
				run->end = ECLI_POLL_CALLBACK;
				return 1;
			}
			run->opts->on_writable(run->opts->ctx);
			continue;
		}
		if ((void *)source == &run->opts) /* clock_fd */
			continue;
		if (!source) {
			/* Left unread: the caller may want to know which signal it was. */
			run->end = ECLI_POLL_SIGNAL;
			return 1;
		}
		source->active = true;
	}
	return 0;
}

/* Everything that is due by the clock. 1: the end. Cheap enough to be called after every slice. */
static int serve(struct run *run)
{
	uint64_t now_ns = poll_now_ns();

	if (run->poll->is_stopped) {
		run->end = ECLI_POLL_CALLBACK;
		return 1;
	}
	if (run->end_ns && now_ns >= run->end_ns) {
		run->end = ECLI_POLL_DURATION;
		return 1;
	}
	if (run->second_ns && now_ns >= run->second_ns) {
		run->opts->on_second(run->opts->ctx);
		run->second_ns += NS_PER_S;
		if (run->second_ns <= now_ns) /* we were stopped for long: no burst of ticks */
			run->second_ns = now_ns + NS_PER_S;
	}
	if (run->unflushed && now_ns - run->idle_ns >= FLUSH_NS)
		idle(run, now_ns);
	if (now_ns - run->look_ns >= LOOK_NS)
		return look(run, 0);
	return 0;
}

static void add_round(struct poll_round *total, const struct poll_round *round)
{
	total->records += round->records;
	if (round->fill > total->fill)
		total->fill = round->fill;
	if (round->size_bytes && (!total->size_bytes || round->size_bytes < total->size_bytes))
		total->size_bytes = round->size_bytes;
	total->moved |= round->moved || round->records;
	total->more |= round->more;
	total->held |= round->held;
}

/* One slice for every source that may have something. 0, 1: the end, or negative errno. */
static int round_robin(struct run *run, struct poll_round *total)
{
	struct ecli_poll *poll = run->poll;

	for (size_t i = 0; i < poll->n_sources; i++) {
		struct poll_source *source = poll->sources[(poll->turn + i) % poll->n_sources];

		if (!source->is_buffer && !source->active)
			continue;

		struct poll_budget budget = { .records = SLICE_RECORDS, .deadline_ns = poll_now_ns() + SLICE_NS };
		struct poll_round round = { 0 };
		int r = source->ops->drain(source, &budget, &round, run->err);

		run->unflushed |= round.records > 0;
		if (r == POLL_STOP)
			run->end = ECLI_POLL_CALLBACK;
		if (r)
			return r;
		add_round(total, &round);
		r = serve(run);
		if (r)
			return r;
	}
	/* Only now: one whose turn was over may have been asked by a later one. */
	for (size_t i = 0; i < poll->n_sources; i++)
		total->more |= !poll->sources[i]->is_buffer && poll->sources[i]->active;
	if (poll->n_sources)
		poll->turn = (poll->turn + 1) % poll->n_sources;
	return 0;
}

static bool has_buffers(const struct ecli_poll *poll)
{
	for (size_t i = 0; i < poll->n_sources; i++)
		if (poll->sources[i]->is_buffer)
			return true;
	return false;
}

/* Whether all buffers are called for. Where one is not, its naps set the pace, and no other is treated as if it were. */
static bool settle_calls(struct ecli_poll *poll)
{
	bool all = has_buffers(poll);

	for (size_t i = 0; i < poll->n_sources; i++)
		all &= !poll->sources[i]->is_buffer || poll->sources[i]->is_called;
	for (size_t i = 0; i < poll->n_sources; i++)
		poll->sources[i]->is_called &= all;
	return all;
}

/*
 * Who promised to call may not do it for all that is written: one of several sources without the prelude is enough. Twice, because a record can come
 * right after the wait.
 */
static void check_calls(struct run *run, const struct poll_round *found)
{
	if (!run->is_called || !run->was_in_vain || found->fill <= POLL_FILL_FULL / 2)
		return;
	run->was_in_vain = false;
	if (++run->let_down < LET_DOWN)
		return;
	for (size_t i = 0; i < run->poll->n_sources; i++)
		run->poll->sources[i]->is_called = false;
	run->is_called = false;
	ecli_log(ECLI_LOG_INFO,
		 "a buffer was half full and nobody called: it is looked at every millisecond from now on");
}

/* The next record is to wake us. True: one of the buffers has one already. */
static bool arm(const struct run *run)
{
	bool is_there = false;

	for (size_t i = 0; run->is_called && i < run->poll->n_sources; i++) {
		struct poll_source *source = run->poll->sources[i];

		if (source->is_buffer && source->ops->arm)
			is_there |= source->ops->arm(source);
	}
	return is_there;
}

static bool is_finished(const struct ecli_poll *poll)
{
	for (size_t i = 0; i < poll->n_sources; i++)
		if (!poll->sources[i]->is_once || poll->sources[i]->active)
			return false;
	return poll->n_sources > 0;
}

/* Milliseconds until something is due by the clock, rounded up; -1: never. Where there are buffers it is at @until_ns. */
static int wait_ms(const struct run *run, uint64_t until_ns)
{
	uint64_t now_ns = poll_now_ns(), due_ns = UINT64_MAX;

	if (has_buffers(run->poll))
		due_ns = until_ns;
	if (run->end_ns && run->end_ns < due_ns)
		due_ns = run->end_ns;
	if (run->second_ns && run->second_ns < due_ns)
		due_ns = run->second_ns;
	if (due_ns == UINT64_MAX)
		return -1;
	if (due_ns <= now_ns)
		return 0;
	uint64_t ms = (due_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
	return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

static void nap(const struct run *run, uint64_t length_ns)
{
	uint64_t now_ns = poll_now_ns();

	if (run->end_ns && now_ns + length_ns > run->end_ns)
		length_ns = run->end_ns > now_ns ? run->end_ns - now_ns : 0;
	if (length_ns) {
		struct timespec length = { .tv_nsec = (long)length_ns };

		clock_nanosleep(CLOCK_MONOTONIC, 0, &length, NULL);
	}
}

/* After a round that found something: it comes later than asked for, and more of it at once. 0, 1: the end, or negative errno. */
static int rest(struct run *run, const struct poll_round *found)
{
	if (!run->is_called) {
		uint64_t length_ns = poll_nap_next(&run->nap, found->fill, found->size_bytes);

		if (!found->more)
			nap(run, length_ns);
		return 0;
	}
	if (found->more || found->fill >= POLL_FILL_FULL / POLL_CALL_SHARE)
		return 0;
	/* A lone record is shown at once; of many, the last one can wait for the next. */
	if (found->held && !run->is_resting) {
		run->is_resting = true;
		nap(run, HELD_NAP_NS);
		return 0;
	}
	run->is_resting = true;
	if (run->unflushed)
		idle(run, poll_now_ns());
	run->rest_ns = poll_now_ns() + REST_MS * NS_PER_MS;
	return run->poll->is_stopped ? 0 : look(run, wait_ms(run, run->rest_ns));
}

static int loop(struct run *run)
{
	for (;;) {
		struct poll_round total = { 0 };
		int r = serve(run);

		if (!r)
			r = round_robin(run, &total);
		if (r)
			return r < 0 ? r : 0;

		check_calls(run, &total);
		if (total.moved || total.more || total.held) {
			r = rest(run, &total);
			if (r)
				return r < 0 ? r : 0;
			continue;
		}

		poll_nap_reset(&run->nap);
		if (run->unflushed)
			idle(run, poll_now_ns());
		if (run->poll->is_stopped)
			continue;
		if (is_finished(run->poll)) {
			run->end = ECLI_POLL_FINISHED;
			return 0;
		}
		uint64_t now_ns = poll_now_ns();
		if (!run->is_resting || now_ns >= run->rest_ns) {
			if (arm(run))
				continue;
			run->is_resting = false;
			r = look(run, wait_ms(run, now_ns + WAIT_MS * NS_PER_MS));
		} else {
			r = look(run, wait_ms(run, run->rest_ns));
		}
		if (r)
			return r < 0 ? r : 0;
	}
}

int ecli_poll_run(struct ecli_poll *poll, const struct ecli_poll_run *opts, struct ecli_err *err,
		  enum ecli_poll_end *ret_end)
{
	for (size_t i = 0; i < poll->n_sources; i++)
		if (poll->sources[i]->ops->start)
			poll->sources[i]->ops->start(poll->sources[i]);
	/* After that: the last interval of a duration is over when the duration is. */
	uint64_t now_ns = poll_now_ns();
	struct run run = {
		.poll = poll,
		.opts = opts,
		.err = err,
		.idle_ns = now_ns,
		.is_called = settle_calls(poll),
		.end_ns = opts->duration_ms ? now_ns + opts->duration_ms * NS_PER_MS : 0,
		.second_ns = opts->on_second ? now_ns + NS_PER_S : 0,
	};

	if (opts->duration_ms > (UINT64_MAX - now_ns) / NS_PER_MS)
		run.end_ns = 0; /* five hundred years: no limit */
	if (opts->signal_fd >= 0) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };

		if (epoll_ctl(poll->epoll_fd, EPOLL_CTL_ADD, opts->signal_fd, &event) < 0) {
			int r = -errno;

			return ecli_err_set(err, r, "cannot wait for signals: %s", strerror(-r));
		}
	}
	if (opts->clock_fd > 0) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &run.opts };

		epoll_ctl(poll->epoll_fd, EPOLL_CTL_ADD, opts->clock_fd, &event);
	}
	/* Error and hang-up are always told; "can take more" only when it was full before. A regular file cannot be watched and
	 * never hangs up. */
	if (opts->out_fd > 0) {
		struct epoll_event event = { .events = opts->on_writable ? EPOLLOUT | EPOLLET : 0, .data.ptr = &run };

		epoll_ctl(poll->epoll_fd, EPOLL_CTL_ADD, opts->out_fd, &event);
	}
	int r = loop(&run);
	if (run.unflushed)
		idle(&run, poll_now_ns());
	if (opts->signal_fd >= 0)
		epoll_ctl(poll->epoll_fd, EPOLL_CTL_DEL, opts->signal_fd, NULL);
	if (opts->clock_fd > 0)
		epoll_ctl(poll->epoll_fd, EPOLL_CTL_DEL, opts->clock_fd, NULL);
	if (opts->out_fd > 0)
		epoll_ctl(poll->epoll_fd, EPOLL_CTL_DEL, opts->out_fd, NULL);
	if (r == 0)
		*ret_end = run.end;
	return r;
}

void ecli_poll_rings_call(struct ecli_poll *poll)
{
	for (size_t i = 0; i < poll->n_sources; i++) {
		struct poll_source *source = poll->sources[i];

		source->is_called = source->is_buffer && source->buffer.size_bytes >= POLL_CALL_MIN_BYTES;
	}
}

void ecli_poll_stop(struct ecli_poll *poll)
{
	poll->is_stopped = true;
}

void ecli_poll_look(struct ecli_poll *poll)
{
	for (size_t i = 0; i < poll->n_sources; i++)
		if (poll->sources[i]->ops->look)
			poll->sources[i]->ops->look(poll->sources[i]);
}

int ecli_poll_buffer(const struct ecli_poll *poll, size_t index, struct ecli_poll_buffer *ret_buffer)
{
	for (size_t i = 0; i < poll->n_sources; i++) {
		if (!poll->sources[i]->is_buffer || index--)
			continue;
		*ret_buffer = poll->sources[i]->buffer;
		return 0;
	}
	return -ENOENT;
}

void ecli_poll_set_interval(struct ecli_poll *poll, uint32_t interval_ms)
{
	for (size_t i = 0; i < poll->n_sources; i++)
		if (poll->sources[i]->ops->set_interval)
			poll->sources[i]->ops->set_interval(poll->sources[i], interval_ms);
}

/* All of one source. 0, 1: there was no time for all, or negative errno; *@ret_stop: a callback asked for the end. */
static int drain_last(struct poll_source *source, bool (*is_over)(void *ctx), void *ctx, bool *ret_stop,
		      struct ecli_err *err)
{
	struct poll_round round;

	do {
		struct poll_budget budget = { .records = UINT32_MAX, .deadline_ns = UINT64_MAX, .last = true };

		budget.cut = is_over && is_over(ctx);
		if (is_over)
			budget.deadline_ns = poll_now_ns() + (budget.cut ? 0 : SLICE_NS);
		round = (struct poll_round){ 0 };
		int r = source->ops->drain(source, &budget, &round, err);
		*ret_stop = r == POLL_STOP;
		if (r)
			return r < 0 ? r : 0;
		if (budget.cut)
			return round.more || (!source->is_buffer && source->active);
	} while (round.more || (!source->is_buffer && source->active));
	return 0;
}

int ecli_poll_drain_until(struct ecli_poll *poll, bool (*is_over)(void *ctx), void *ctx, struct ecli_err *err)
{
	bool is_stopped = false;
	int r = 0;

	for (size_t i = 0; i < poll->n_sources; i++)
		if (poll->sources[i]->ops->mark)
			poll->sources[i]->ops->mark(poll->sources[i]);
	for (size_t i = 0; r >= 0 && !is_stopped && i < poll->n_sources; i++) {
		int one = drain_last(poll->sources[i], is_over, ctx, &is_stopped, err);

		r = one ? one : r;
	}
	return r;
}

int ecli_poll_drain(struct ecli_poll *poll, struct ecli_err *err)
{
	return ecli_poll_drain_until(poll, NULL, NULL, err);
}
