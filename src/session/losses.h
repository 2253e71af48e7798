/* SPDX-License-Identifier: MIT */
/* What of a run nobody will see: records, counted by the prelude in the kernel or told by perf buffers, and runs of programs. */
#ifndef ECLI_SESSION_LOSSES_H
#define ECLI_SESSION_LOSSES_H

#include <ecli/load.h>
#include <ecli/session.h>

#include "session/sources.h"

struct losses {
	struct prelude_loss *prelude; /* one per entry of ecli_load_lost() */
	size_t n_prelude;
	struct perf_loss *perf; /* one per source; used when the object has no prelude */
	uint64_t *missed;       /* told, one per loaded program */
	size_t n_missed;
	bool has_prelude;
	bool is_exact; /* false: a ring buffer without the prelude */
};

typedef void (*losses_fn)(void *ctx, const struct ecli_loss *loss);

/* When everything is attached and read: what was refused before is not of this run. 0 or -ENOMEM; losses_done() in any case. */
int losses_prepare(struct losses *losses, const struct ecli_load *load, const struct sources *sources,
		   const struct ecli_package *package);
/* What the kernel says of a perf buffer. */
void losses_add_perf(struct losses *losses, size_t source, uint64_t count);
/* Tells what was lost since the last call, a call of @fn for each map and program that lost something. */
void losses_tell(struct losses *losses, const struct ecli_load *load, const struct sources *sources, losses_fn fn,
		 void *ctx);
void losses_done(struct losses *losses);

#endif
