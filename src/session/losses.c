/* SPDX-License-Identifier: MIT */
/*
 * Losses, from one of two sources and never from both: with the prelude its counters are exact and include what a perf buffer
 * tells; without it the perf buffers are all there is, and a ring buffer tells nothing.
 *
 * Beside records, runs: a program that the kernel did not run, because it was running on that CPU already, saw nothing.
 *
 * Invariant: a loss is told once. What a perf buffer refused before it had a reader happened before the run, and what nobody was to
 * read (a map that export_config leaves out) is not lost.
 */
#include "session/losses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Losses of one map expression as the prelude counts them since the programs were attached. */
struct prelude_loss {
	uint64_t before; /* refused before the run began */
	uint64_t told;
	bool is_ignored;
};

struct perf_loss {
	uint64_t told;
	uint64_t pending; /* told by the perf buffer, not yet passed on */
};

static bool is_perf_buffer(const struct sources *sources, const char *map)
{
	for (size_t i = 0; i < sources->count; i++)
		if (sources->items[i].kind == ECLI_SOURCE_PERF && !strcmp(sources->items[i].map, map))
			return true;
	return false;
}

int losses_prepare(struct losses *losses, const struct ecli_load *load, const struct sources *sources,
		   const struct ecli_package *package)
{
	const char *map;
	uint64_t total;
	int r;

	while (!(r = ecli_load_lost(load, losses->n_prelude, &map, &total)))
		losses->n_prelude++;
	losses->has_prelude = r != -ENOTSUP;
	losses->is_exact = true;
	losses->prelude = calloc(losses->n_prelude + 1, sizeof(*losses->prelude));
	losses->perf = calloc(sources->count + 1, sizeof(*losses->perf));
	while (!ecli_load_missed(load, losses->n_missed, &map, &total))
		losses->n_missed++;
	losses->missed = calloc(losses->n_missed + 1, sizeof(*losses->missed));
	if (!losses->prelude || !losses->perf || !losses->missed)
		return -ENOMEM;

	for (size_t i = 0; i < losses->n_prelude; i++) {
		if (ecli_load_lost(load, i, &map, &total))
			continue;
		/* A perf buffer exists only once it has a reader. A ring buffer keeps early records; one it lost is a gap
		 * in what is shown. */
		losses->prelude[i].before = is_perf_buffer(sources, map) ? total : 0;
		losses->prelude[i].is_ignored = records_are_left_out(package, map);
	}
	for (size_t i = 0; i < sources->count; i++)
		if (sources->items[i].kind == ECLI_SOURCE_RING && !losses->has_prelude)
			losses->is_exact = false;
	return 0;
}

void losses_add_perf(struct losses *losses, size_t source, uint64_t count)
{
	losses->perf[source].pending += count;
}

static void tell_prelude(struct losses *losses, const struct ecli_load *load, losses_fn fn, void *ctx)
{
	for (size_t i = 0; i < losses->n_prelude; i++) {
		struct prelude_loss *loss = &losses->prelude[i];
		const char *map;
		uint64_t total;

		if (loss->is_ignored || ecli_load_lost(load, i, &map, &total) || total - loss->before <= loss->told)
			continue;
		total -= loss->before;
		fn(ctx, &(struct ecli_loss){ .map = map, .count = total - loss->told, .total = total });
		loss->told = total;
	}
}

static void tell_missed(struct losses *losses, const struct ecli_load *load, losses_fn fn, void *ctx)
{
	for (size_t i = 0; i < losses->n_missed; i++) {
		const char *program;
		uint64_t total;

		if (ecli_load_missed(load, i, &program, &total) || total <= losses->missed[i])
			continue;
		fn(ctx, &(struct ecli_loss){ .program = program, .count = total - losses->missed[i], .total = total });
		losses->missed[i] = total;
	}
}

void losses_tell(struct losses *losses, const struct ecli_load *load, const struct sources *sources, losses_fn fn,
		 void *ctx)
{
	tell_missed(losses, load, fn, ctx);
	if (losses->has_prelude) {
		tell_prelude(losses, load, fn, ctx);
		return;
	}
	for (size_t i = 0; i < sources->count; i++) {
		struct perf_loss *loss = &losses->perf[i];
		uint64_t count = loss->pending;

		if (!count)
			continue;
		loss->told += count;
		loss->pending = 0;
		fn(ctx, &(struct ecli_loss){ .map = sources->items[i].map, .count = count, .total = loss->told });
	}
}

void losses_done(struct losses *losses)
{
	free(losses->prelude);
	free(losses->perf);
	free(losses->missed);
	*losses = (struct losses){ 0 };
}
