/* SPDX-License-Identifier: MIT */
/* One run while it lasts: shared by the files that are the run (session.c) and what it shows (rows.c). Nobody else includes this. */
#ifndef ECLI_SESSION_RUN_H
#define ECLI_SESSION_RUN_H

#include <ecli/load.h>
#include <ecli/poll.h>
#include <ecli/session.h>

#include "session/losses.h"
#include "session/out.h"
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
	const void *last_header; /* the record or source whose header was printed last */
	uint64_t wall_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC */
	struct losses losses;
	struct wanted wanted;
	uint64_t look_wall_ns; /* when the look that is being shown was through */
	bool only_sampled;     /* --count counts looks */
	bool has_shown;        /* a table was written: the next one stands apart from it */
	int write_error;
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
/* Hands what is buffered to the reader. */
int rows_flush(struct session *session);

#endif
