/* SPDX-License-Identifier: MIT */
/* Rows that are stacks, gathered as a profile and written as one. See profile.c. */
#ifndef ECLI_SESSION_PROFILE_H
#define ECLI_SESSION_PROFILE_H

#include <ecli/session.h>
#include <ecli/stacks.h>

#include "session/sources.h"
#include "session/stacks.h"

struct session;

struct profile {
	bool is_wanted;
	bool is_each_look;            /* folded stacks of each look go to the output by themselves */
	struct ecli_stacks *whole;    /* owned: what is written at the end */
	struct ecli_stacks *look;     /* owned: of the look in work; NULL unless is_each_look */
	const struct source *looking; /* whose look is in work */
	struct ecli_frames user, kernel;
	struct ecli_plan_stack *stack; /* owned */
	uint64_t samples;              /* weight added */
	uint64_t stacks;               /* rows added */
	uint64_t left_out;             /* rows that the profile had no room for */
	uint64_t start_ns;             /* CLOCK_MONOTONIC */
	uint64_t looks;                /* written */
};

/*
 * Before loading: what the person asked for can be had and written. ECLI_FAIL_USAGE: the package has no stacks; -errno of a file that cannot
 * be written. profile_done() in any case.
 */
int profile_prepare(struct session *session, struct ecli_err *err);
void profile_done(struct profile *profile);
/* A row that the person wants. 0 or -ENOMEM. */
int profile_add(struct session *session, const struct source *source, const struct record *record, const void *data,
		size_t size_bytes);
/* False for a row of a sampled map of stacks that weighs nothing (any more): it is not shown. */
bool profile_weighs(const struct record *record, const void *data, size_t size_bytes);
/* A look at a sampled map is over. */
int profile_look_done(struct session *session, const struct source *source);
/* Writes all files, and what goes to the output. */
int profile_finish(struct session *session, struct ecli_err *err);

/* What a weight is: the name of its column, "samples" when that is a count. */
const char *profile_what(const struct session *session);
/* The column that is the weight of a row, as the package says it. */
struct stack_number profile_weight(const struct ecli_package *package, const struct source *source,
				   const struct record *record);

#endif
