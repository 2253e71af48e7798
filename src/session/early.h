/* SPDX-License-Identifier: MIT */
/* What is looked at before a sampled map is: the processes whose stacks are in it, and how many there are. See early.c. */
#ifndef ECLI_SESSION_EARLY_H
#define ECLI_SESSION_EARLY_H

#include "session/sources.h"

struct session;

struct early {
	const struct source *source; /* sampled, with stacks; NULL: there is none to look at */
	uint32_t key_bytes;
	uint32_t value_bytes; /* of its map; 0: values are not read (those of CPUs lie in several places) */
	/* Of the walk in work, and of the last one. */
	uint64_t stacks, weight;
	bool has_told;
};

/* Adds the timer, when everything is loaded. 0 or -errno. */
int early_start(struct session *session, struct ecli_err *err);
/* Tells how far the run is; and that rows or a profile are next, if it has told before. */
void early_progress(struct session *session, uint64_t elapsed_ns);
void early_end_progress(struct session *session);

#endif
