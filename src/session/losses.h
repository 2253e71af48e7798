/* SPDX-License-Identifier: MIT */
/* How many records of a run nobody will see: counted by the prelude in the kernel, else told by perf buffers. */
#ifndef ECLI_SESSION_LOSSES_H
#define ECLI_SESSION_LOSSES_H

#include <ecli/load.h>

#include "session/sources.h"

struct losses {
	struct prelude_loss *prelude; /* one per entry of ecli_load_lost() */
	size_t n_prelude;
	struct perf_loss *perf; /* one per source; used when the object has no prelude */
	bool has_prelude;
	bool is_exact; /* false: a ring buffer without the prelude */
};

/* @count more since the last time, @total since the run began. */
typedef void (*losses_fn)(void *ctx, const char *map, uint64_t count, uint64_t total);

/* When everything is attached and read: what was refused before is not of this run. 0 or -ENOMEM; losses_done() in any case. */
int losses_prepare(struct losses *losses, const struct ecli_load *load, const struct sources *sources,
		   const struct ecli_package *package);
/* What the kernel says of a perf buffer. */
void losses_add_perf(struct losses *losses, size_t source, uint64_t count);
/* Tells what was lost since the last call, a call of @fn for each map that lost something. */
void losses_tell(struct losses *losses, const struct ecli_load *load, const struct sources *sources, losses_fn fn,
		 void *ctx);
void losses_done(struct losses *losses);

#endif
