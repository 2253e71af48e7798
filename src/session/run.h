/* SPDX-License-Identifier: MIT */
/* One run while it lasts: shared by the files that are the run (session.c), what it reads (feeds.c) and what it shows (rows.c). Nobody else includes this. */
#ifndef ECLI_SESSION_RUN_H
#define ECLI_SESSION_RUN_H

#include <ecli/load.h>
#include <ecli/poll.h>
#include <ecli/session.h>

#include "session/cpus.h"
#include "session/early.h"
#include "session/ends.h"
#include "session/losses.h"
#include "session/out.h"
#include "session/profile.h"
#include "session/sources.h"
#include "session/wanted.h"

struct cpu_time {
	uint64_t user_ns, system_ns;
};

struct session {
	const struct ecli_session_opts *opts;
	struct sources sources;
	struct ecli_load *load;
	struct ecli_poll *poll;
	struct out out;
	struct ends ends;
	unsigned holds;                  /* reasons why a signal must not end the process */
	bool holds_loop;                 /* one of them: the loop and its results */
	bool holds_pipe;                 /* one of them: the trace instance */
	const void *last_header;         /* the record or source whose header was printed last */
	uint64_t start_ns;               /* CLOCK_MONOTONIC, when the loop began */
	struct ecli_poll_clocks *clocks; /* NULL: their changes are not told */
	struct losses losses;
	struct cpus cpus;
	struct wanted wanted;
	uint64_t look_wall_ns; /* when the look that is being shown was through */
	bool only_sampled;     /* --count counts looks */
	bool is_last_look;     /* the run is over: what is looked at now is what its end has left */
	bool has_shown;        /* a table was written: the next one stands apart from it */
	struct stacks stacks;
	struct profile profile;
	struct early early;
	int write_error;
	bool is_viewed; /* looks at sampled maps go to opts->view */
	struct ecli_session_control control;
	struct ecli_buf view_rows, view_total,
		view_sums;   /* of the look that is being handed over; sums: a flag a column */
	uint64_t rounds;     /* looks handed to the view */
	struct cpu_time cpu; /* when the loop began */
	struct ecli_session_stats stats;
};

/* Callbacks of poll/ with a source as their context; what they return is what a poll callback returns: 1 stops the loop. */
int rows_on_record(void *ctx, const struct ecli_poll_record *record);
int rows_on_entry(void *ctx, const struct ecli_poll_record *record);
int rows_on_pass(void *ctx, uint64_t mono_ns);
int rows_on_print(void *ctx, const struct ecli_poll_print *line);
int rows_on_chunk(void *ctx, const struct ecli_poll_record *record);

/* A row of a type of the source, if it is wanted; returns as a callback of poll/. */
int rows_show(struct source *source, struct record *type, const struct ecli_poll_record *record);
/* The header that is due before a row of @record, NULL for a source without types. */
void rows_header(struct session *session, const struct source *source, const struct record *record);
/* Once attached: asks the view, if there is one and it is made for such a package. */
int view_open(struct session *session, struct ecli_err *err);
/* A look for the view: its rows one by one, its total, then its end, which returns what a poll callback returns. Rows and total: 0 or -ENOMEM. */
int view_add_row(struct session *session, const void *row, size_t size_bytes);
int view_add_total(struct session *session, const void *row, size_t size_bytes, const bool *columns, size_t n_columns);
int view_end_look(struct session *session, const struct source *source, const struct record *table,
		  enum ecli_since since, uint64_t mono_ns);

/* Closes the view, if it is open. */
void view_end(struct session *session);

/* While *@why is set, a signal must not end the process. */
void session_hold_for(struct session *session, bool *why, bool holds);

/* Hands what is buffered to the reader. */
int rows_flush(struct session *session);

/* Whether a signal has come and the time after it is over: the rest of the results is left out, and counted. With a struct session as context, for
 * those who ask now and then: reading, names, rows, writing. */
bool session_is_ending(struct session *session, unsigned ms);

#endif
