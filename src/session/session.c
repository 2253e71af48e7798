/* SPDX-License-Identifier: MIT */
/*
 * One run of one package.
 *
 *     sources_find -> wanted_prepare -> [trace pipe] -> load -> buffers and maps -> attach -> ready -> loop -> drain -> losses -> last rows
 *                                                                                          -> summary -> detach, close
 *
 * The order matters at both ends: the trace pipe and the buffers are opened before programs are attached, so the first
 * event is not missed, and buffers are read up to where they are when the loop has ended, so the last event is not.
 *
 * This file knows no map, no format and no event: what is read is feeds.c, what is shown is rows.c, sentences are the caller's.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/kernel_clock.h"
#include "base/pidns.h"
#include "base/wall.h"
#include "session/buffers.h"
#include "session/feeds.h"
#include "session/namespace.h"
#include "session/run.h"
#include "session/summary.h"

#define NS_PER_SECOND 1000000000ull
#define WATCH_AFTER_NS                                                                                                 \
	(5 * NS_PER_SECOND) /* when the machine sleeps is asked of runs that last (ecli_poll_clocks_watch()) */

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SECOND + (uint64_t)ts.tv_nsec;
}

/* What was made before the machine slept, or the clock was set, keeps its time (base/wall.h). */
static void settle_clocks(struct session *session, bool is_told)
{
	bool has_slept = ecli_wall_has_slept();
	uint64_t mono_ns;

	if ((is_told || has_slept) && session->clocks && ecli_poll_clocks_read(session->clocks, &mono_ns) && has_slept)
		ecli_wall_slept_at(mono_ns);
}

static void on_clock(void *ctx, bool is_told)
{
	ecli_wall_look();
	settle_clocks(ctx, is_told);
}

/* ---- signals --------------------------------------------------------------------------------------------------- */

static void hold(struct session *session, bool holds)
{
	const struct ecli_session_opts *opts = session->opts;
	bool before = session->holds;

	session->holds += holds ? 1 : -1;
	if (opts->on_hold && before != (session->holds > 0))
		opts->on_hold(opts->ctx, session->holds);
}

void session_hold_for(struct session *session, bool *why, bool holds)
{
	if (*why == holds)
		return;
	*why = holds;
	hold(session, holds);
}

static void on_keep(void *ctx, bool keeps)
{
	hold(ctx, keeps);
}

/* Only asked, not taken: what is pending ends the process once everything is taken off. */
static bool has_signal(void *ctx)
{
	const struct session *session = ctx;
	struct pollfd in = { .fd = session->ends.fd, .events = POLLIN };

	return in.fd >= 0 && poll(&in, 1, 0) > 0;
}

static void on_first_signal(void *ctx)
{
	const struct session *session = ctx;

	if (session->poll)
		ecli_poll_stop(session->poll);
}

static void let_signals_end(void *ctx)
{
	struct session *session = ctx;

	ecli_load_release(session->load);
	session_hold_for(session, &session->holds_loop, false);
}

bool session_is_ending(struct session *session, unsigned ms)
{
	return ends_is_past_often(&session->ends, ms);
}

static bool names_are_over(void *ctx)
{
	return ends_is_past(&((struct session *)ctx)->ends, ENDS_NAMES_MS);
}

static bool reading_is_over(void *ctx)
{
	return ends_is_past(&((struct session *)ctx)->ends, ENDS_READ_MS);
}

/* ---- losses ---------------------------------------------------------------------------------------------------- */

static void tell_loss(void *ctx, const struct ecli_session_loss *loss)
{
	struct session *session = ctx;
	struct ecli_buf *out = &session->out.buf;

	if (loss->why == ECLI_LOSS_RECURSION || loss->why == ECLI_LOSS_PROBE)
		session->stats.missed += loss->count;
	else
		session->stats.lost += loss->count;
	if (session->opts->format == ECLI_FORMAT_JSON) {
		ecli_buf_add_text(out, "{\"ecli\":\"lost\",");
		summary_name_loss(loss, out);
		ecli_buf_add_format(out, ",\"count\":%llu,\"total\":%llu,\"reason\":\"%s\"}\n",
				    (unsigned long long)loss->count, (unsigned long long)loss->total,
				    ecli_loss_names[loss->why]);
	}
	if (session->opts->on_lost)
		session->opts->on_lost(session->opts->ctx, loss);
}

static void tell_losses(struct session *session)
{
	losses_read(&session->losses, session->load, false);
	losses_tell(&session->losses, tell_loss, session);
}

/* ---- the run --------------------------------------------------------------------------------------------------- */

/* Both when there is nothing more to read for now and when the reader reads again. What cannot be written ends the run at once, not
 * with the next row, which may never come. */
static void on_flush(void *ctx)
{
	struct session *session = ctx;

	if (rows_flush(session))
		ecli_poll_stop(session->poll);
}

static void on_second(void *ctx)
{
	struct session *session = ctx;

	uint64_t run_ns = now_ns(CLOCK_MONOTONIC) - session->start_ns;

	ecli_wall_measure();
	settle_clocks(session, false);
	if (session->clocks && run_ns >= WATCH_AFTER_NS)
		ecli_poll_clocks_watch(session->clocks);
	tell_losses(session);
	early_progress(session, run_ns);
}

static int load(struct session *session, struct ecli_err *err)
{
	const struct ecli_session_opts *opts = session->opts;
	CLEANUP_FREE struct ecli_load_buffer *buffers = calloc(session->sources.count + 1, sizeof(*buffers));
	struct ecli_load_opts load = { .btf_path = opts->btf_path,
				       .no_links = opts->no_links,
				       .loader = opts->loader,
				       .buffers = buffers,
				       .on_map = feeds_on_map,
				       .on_loaded = feeds_on_loaded,
				       .on_keep = on_keep,
				       .is_ending = has_signal,
				       .ctx = session,
				       .filters = session->wanted.filters,
				       .n_filters = session->wanted.n_filters };

	if (!buffers)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	load.n_buffers = buffers_of_rings(&session->sources, opts->buffer_bytes, buffers);
	if (!opts->trace_self)
		ecli_globals_set_default(opts->globals, ECLI_SELF_VARIABLE, ecli_pidns_own());
	load.globals = ecli_globals_values(opts->globals, &load.n_globals);

	uint64_t start_ns = now_ns(CLOCK_MONOTONIC);
	int r = ecli_load_open(opts->package, &load, err, &session->load);
	session->stats.attach_ns = now_ns(CLOCK_MONOTONIC) - start_ns;
	if (!r && ecli_load_rings_call(session->load))
		ecli_poll_rings_call(session->poll);
	if (!r)
		wanted_loaded(&session->wanted, session->load, &session->sources);
	return r;
}

static bool has_sampled(const struct session *session)
{
	for (size_t i = 0; i < session->sources.count; i++)
		if (session->sources.items[i].kind == ECLI_SOURCE_MAP)
			return true;
	return false;
}

static int open_all(struct session *session, struct ecli_err *err)
{
	const char *tracefs;

	sources_tell_pins(session->opts->types);
	int r = session->sources.items[0].kind == ECLI_SOURCE_TRACE_PIPE ? ecli_load_need_tracefs(err, &tracefs) : 0;

	r = r ? r : load(session, err);
	if (!r && has_sampled(session) && session->opts->look_fd > 0)
		r = ecli_poll_add_trigger(session->poll, session->opts->look_fd, err);
	r = r ? r : feeds_add_iterators(session, err);
	r = r ? r : early_start(session, err);
	if (!r)
		stacks_follow(&session->stacks, session->poll);
	if (!r)
		namespace_tell(session);
	if (!r && losses_prepare(&session->losses, session->load, &session->sources, session->opts->package))
		r = ecli_err_set(err, -ENOMEM, "out of memory");
	session->stats.loss_is_exact = session->losses.is_exact;
	session->stats.sample = session->wanted.sample;
	return r;
}

/* Who ends a screen wants what is on it to stay, not the part of an interval that followed. */
static bool wants_last_look(const struct session *session, enum ecli_poll_end end)
{
	return session->is_viewed ? end == ECLI_POLL_DURATION || !session->rounds : end != ECLI_POLL_CALLBACK;
}

static void tell_cut(const struct session *session, bool was_cut)
{
	if (was_cut)
		ecli_log(ECLI_LOG_WARN,
			 "the run was ended by a signal before everything was read: the last rows are not all there");
	if (session->stacks.is_cut)
		ecli_log(ECLI_LOG_WARN, "the run was ended by a signal before all addresses had names");
}

/*
 * What happened before the end belongs to the run, unless the person has seen enough; what happens while we clean up does not. So
 * everything is read and told first: the kernel takes 20 to 90 ms to detach from a tracepoint, and rows must not wait for that.
 */
static int end_run(struct session *session, enum ecli_poll_end end, struct ecli_err *err)
{
	int r = 0;

	if (ends_look(&session->ends))
		end = ECLI_POLL_SIGNAL;
	losses_read(&session->losses, session->load, false);
	session->is_last_look = true;
	if (wants_last_look(session, end))
		r = ecli_poll_drain_until(session->poll, reading_is_over, session, err);
	tell_cut(session, r > 0);
	r = r > 0 ? 0 : r;
	losses_tell(&session->losses, tell_loss, session);
	view_end(session);
	if (!r)
		r = profile_finish(session, err);
	if (r || session->write_error)
		return r;

	session->write_error = out_finish(&session->out);
	if (session->out.left_lines) {
		uint64_t lines = session->out.left_lines;

		session->stats.events -= lines < session->stats.events ? lines : session->stats.events;
		losses_add_output(&session->losses, ECLI_LOSS_UNREAD, lines);
		losses_tell(&session->losses, tell_loss, session);
	}
	int written = summary_tell(session);
	if (!session->write_error)
		session->write_error = written;
	return 0;
}

/* Tables of sampled maps have a header for each look. */
static bool is_table(const struct session *session)
{
	return session->sources.items[0].kind == ECLI_SOURCE_MAP && session->opts->format == ECLI_FORMAT_TABLE;
}

static int run_loop(struct session *session, struct ecli_err *err)
{
	const struct ecli_session_opts *opts = session->opts;
	struct ecli_poll_run run = {
		.duration_ms = opts->duration_ms,
		.signal_fd = opts->signal_fd,
		.out_fd = session->out.fd,
		.on_writable = on_flush,
		.on_clock = on_clock,
		.on_idle = on_flush,
		.on_second = on_second,
		.ctx = session,
	};
	enum ecli_poll_end end;

	if (ecli_load_is_finished(session->load))
		run.duration_ms = 1;
	session->clocks = ecli_poll_clocks_new();
	run.clock_fd = session->clocks ? ecli_poll_clocks_fd(session->clocks) : 0;
	ecli_wall_measure();
	session_hold_for(session, &session->holds_loop, true);
	if (opts->on_ready)
		opts->on_ready(opts->ctx, session->sources.items[0].kind);
	int r = view_open(session, err);
	r = r ? r : cpus_start(session, err);
	if (r)
		return r;
	if (!session->is_viewed && session->sources.count == 1 && session->sources.items[0].records.count < 2 &&
	    !is_table(session) && !opts->no_rows)
		rows_header(session, &session->sources.items[0], session->sources.items[0].records.items);
	on_flush(session);

	session->cpu = cpu_time_now();
	session->start_ns = now_ns(CLOCK_MONOTONIC);
	r = ecli_poll_run(session->poll, &run, err, &end);
	session->stats.run_ns = now_ns(CLOCK_MONOTONIC) - session->start_ns;
	return r ? r : end_run(session, end, err);
}

static void close_all(struct session *session)
{
	view_end(session);
	ecli_load_release(session->load);
	feeds_close(session);
	ecli_poll_clocks_free(session->clocks);
	/* What comes when everything is written changes nothing any more. */
	ends_look(&session->ends);
	session_hold_for(session, &session->holds_loop, false);
	ecli_load_close(session->load);
	wanted_done(&session->wanted);
	profile_done(&session->profile);
	sources_done(&session->sources);
	stacks_done(&session->stacks);
	out_done(&session->out);
	losses_done(&session->losses);
	cpus_done(&session->cpus);
}

int ecli_session_run(const struct ecli_session_opts *opts, struct ecli_err *err, struct ecli_session_stats *ret_stats)
{
	struct session session = { .opts = opts };

	session.ends = (struct ends){ .fd = opts->signal_fd,
				      .delay_ns = ends_delay_ns,
				      .on_first = on_first_signal,
				      .on_may_kill = let_signals_end,
				      .ctx = &session };
	session.stacks.is_over = names_are_over;
	session.stacks.ctx = &session;
	out_init(&session.out, opts->out_fd, &session.ends);
	int r = ecli_load_need_files(opts->package, err);
	r = r ? r
	      : sources_find(opts->package, opts->types, opts->format, opts->heat, opts->globals, err,
			     &session.sources);
	for (size_t i = 0; i < session.sources.count; i++)
		session.sources.items[i].session = &session;
	if (!r)
		r = profile_prepare(&session, err);
	if (!r)
		r = feeds_prepare(&session, err);
	if (!r)
		r = wanted_prepare(&session.wanted, opts->where, opts->sample, &session.sources, err);
	if (!r)
		r = open_all(&session, err);
	if (!r)
		r = run_loop(&session, err);
	if (!r && session.write_error)
		r = ecli_err_set(err, session.write_error, "cannot write the output: %s",
				 strerror(-session.write_error));
	close_all(&session);
	if (!r)
		*ret_stats = session.stats;
	return r;
}
