/* SPDX-License-Identifier: MIT */
/* What of a run nobody will see, in every place where something can get lost, each counted once. See losses.c. */
#ifndef ECLI_SESSION_LOSSES_H
#define ECLI_SESSION_LOSSES_H

#include <ecli/load.h>

#include "session/sources.h"

struct losses {
	struct ecli_session_loss *items; /* count: not told yet */
	size_t count;
	size_t n_prelude; /* items: first the prelude's, then one a source, */
	size_t n_sources;
	size_t n_programs; /* then two a program, then the output's two and that of new CPUs */
	uint64_t *seen;    /* by item of the prelude: its counter */
	bool *is_ignored;  /* by item of the prelude */
	bool has_prelude;
	bool is_exact; /* false: a ring buffer without the prelude */
};

typedef void (*losses_fn)(void *ctx, const struct ecli_session_loss *loss);

/* Makes the list, when everything is loaded. 0 or -ENOMEM; losses_done() in any case. */
int losses_prepare(struct losses *losses, const struct ecli_load *load, const struct sources *sources,
		   const struct ecli_package *package);
/* What the kernel says of a perf buffer. */
void losses_add_perf(struct losses *losses, size_t source, uint64_t count);
/* Rows that did not fit, lines that nobody read. @why: ECLI_LOSS_OUTPUT or ECLI_LOSS_UNREAD. */
void losses_add_output(struct losses *losses, enum ecli_loss why, uint64_t count);
/* Reads what the kernel counted. Once more before detaching: a probe's count goes with its link. @cpus_came: what perf buffers could not take since the last
 * time was lost because a CPU had none yet. */
void losses_read(struct losses *losses, const struct ecli_load *load, bool cpus_came);
/* Tells what was added since the last call, a call of @fn for each item that has something. */
void losses_tell(struct losses *losses, losses_fn fn, void *ctx);
/* Leaves only items with a total, for a summary at the end; nothing can be added any more. */
void losses_close(struct losses *losses);
void losses_done(struct losses *losses);

#endif
