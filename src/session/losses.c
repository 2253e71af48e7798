/* SPDX-License-Identifier: MIT */
/*
 * Where something can get lost on its way from the kernel to the reader, and who counts it:
 *
 *     program not run ── the kernel (recursion, probes)
 *     buffer or map full ── the prelude, exactly; without it perf buffers tell, and ring buffers tell nothing
 *     output too slow, output unread ── we
 *
 * Invariant: a loss is told once, by one of those who count. With the prelude its counters are exact and include what a
 * perf buffer tells, so that is not added. What nobody was to read (a map that export_config leaves out) is not lost.
 */
#include "session/losses.h"

#include <assert.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

const char *const ecli_loss_names[] = {
	[ECLI_LOSS_BUFFER] = "buffer full",
	[ECLI_LOSS_MAP] = "map full",
	[ECLI_LOSS_STACK] = "stack slot taken",
	[ECLI_LOSS_STORAGE] = "no room",
	[ECLI_LOSS_OUTPUT] = "output too slow",
	[ECLI_LOSS_UNREAD] = "output unread",
	[ECLI_LOSS_RECURSION] = "recursion",
	[ECLI_LOSS_PROBE] = "probe missed",
	[ECLI_LOSS_CPU] = "new CPU",
};
static_assert(ARRAY_SIZE(ecli_loss_names) == ECLI_LOSS_CPU + 1, "a name for each");

#define N_OUTPUT 2
#define N_CPU    1

static struct ecli_session_loss *of_sources(const struct losses *losses)
{
	return losses->items + losses->n_prelude;
}

static struct ecli_session_loss *of_programs(const struct losses *losses)
{
	return of_sources(losses) + losses->n_sources;
}

static struct ecli_session_loss *of_output(const struct losses *losses)
{
	return of_programs(losses) + 2 * losses->n_programs;
}

static struct ecli_session_loss *of_cpus(const struct losses *losses)
{
	return of_output(losses) + N_OUTPUT;
}

static void add(struct ecli_session_loss *loss, uint64_t count)
{
	loss->count += count;
	loss->total += count;
}

static void raise_to(struct ecli_session_loss *loss, uint64_t total)
{
	if (total > loss->total)
		add(loss, total - loss->total);
}

/* By what the map holds. Where not even that is known, records are what tools send. */
static enum ecli_loss loss_of(uint32_t map_type)
{
	switch (map_type) {
	case BPF_MAP_TYPE_UNSPEC:
	case BPF_MAP_TYPE_RINGBUF:
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
		return ECLI_LOSS_BUFFER;
	case BPF_MAP_TYPE_STACK_TRACE:
		return ECLI_LOSS_STACK;
	case BPF_MAP_TYPE_TASK_STORAGE:
	case 32: /* BPF_MAP_TYPE_CGRP_STORAGE, Linux 6.2 */
	case BPF_MAP_TYPE_INODE_STORAGE:
	case BPF_MAP_TYPE_SK_STORAGE:
		return ECLI_LOSS_STORAGE;
	default:
		return ECLI_LOSS_MAP;
	}
}

int losses_prepare(struct losses *losses, const struct ecli_load *load, const struct sources *sources,
		   const struct ecli_package *package)
{
	struct ecli_load_missed missed;
	struct ecli_load_lost lost;
	int r;

	while (!(r = ecli_load_lost(load, losses->n_prelude, &lost)))
		losses->n_prelude++;
	losses->has_prelude = r != -ENOTSUP;
	losses->is_exact = true;
	losses->n_sources = sources->count;
	while (!ecli_load_missed(load, losses->n_programs, &missed))
		losses->n_programs++;
	losses->count = losses->n_prelude + losses->n_sources + 2 * losses->n_programs + N_OUTPUT + N_CPU;
	losses->items = calloc(losses->count, sizeof(*losses->items));
	losses->is_ignored = calloc(losses->n_prelude + 1, sizeof(*losses->is_ignored));
	losses->seen = calloc(losses->n_prelude + 1, sizeof(*losses->seen));
	if (!losses->items || !losses->is_ignored || !losses->seen)
		return -ENOMEM;

	for (size_t i = 0; i < losses->n_prelude; i++) {
		if (ecli_load_lost(load, i, &lost))
			continue;
		losses->items[i].name = lost.map;
		losses->items[i].why = loss_of(lost.map_type);
		losses->is_ignored[i] = records_are_left_out(package, lost.map);
	}
	for (size_t i = 0; i < sources->count; i++) {
		of_sources(losses)[i].name = sources->items[i].map;
		if (sources->items[i].kind == ECLI_SOURCE_RING && !losses->has_prelude)
			losses->is_exact = false;
	}
	for (size_t i = 0; i < losses->n_programs && !ecli_load_missed(load, i, &missed); i++) {
		struct ecli_session_loss *pair = of_programs(losses) + 2 * i;

		pair[0] = (struct ecli_session_loss){ .why = ECLI_LOSS_RECURSION, .name = missed.program };
		pair[1] = (struct ecli_session_loss){ .why = ECLI_LOSS_PROBE, .name = missed.program };
	}
	of_output(losses)[0] = (struct ecli_session_loss){ .why = ECLI_LOSS_OUTPUT, .name = "" };
	of_cpus(losses)[0] = (struct ecli_session_loss){ .why = ECLI_LOSS_CPU, .name = "" };
	of_output(losses)[1] = (struct ecli_session_loss){ .why = ECLI_LOSS_UNREAD, .name = "" };
	return 0;
}

void losses_add_perf(struct losses *losses, size_t source, uint64_t count)
{
	if (!losses->has_prelude)
		add(&of_sources(losses)[source], count);
}

void losses_add_output(struct losses *losses, enum ecli_loss why, uint64_t count)
{
	add(&of_output(losses)[why == ECLI_LOSS_UNREAD], count);
}

void losses_read(struct losses *losses, const struct ecli_load *load, bool cpus_came)
{
	struct ecli_load_missed missed;
	struct ecli_load_lost lost;

	for (size_t i = 0; i < losses->n_prelude; i++)
		if (!losses->is_ignored[i] && !ecli_load_lost(load, i, &lost) && lost.total > losses->seen[i]) {
			bool is_cpu = cpus_came && lost.map_type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;

			add(is_cpu ? of_cpus(losses) : &losses->items[i], lost.total - losses->seen[i]);
			losses->seen[i] = lost.total;
		}
	for (size_t i = 0; i < losses->n_programs && !ecli_load_missed(load, i, &missed); i++) {
		raise_to(&of_programs(losses)[2 * i], missed.by_recursion);
		raise_to(&of_programs(losses)[2 * i + 1], missed.by_probe);
	}
}

void losses_tell(struct losses *losses, losses_fn fn, void *ctx)
{
	for (size_t i = 0; i < losses->count; i++) {
		if (losses->items[i].count)
			fn(ctx, &losses->items[i]);
		losses->items[i].count = 0;
	}
}

void losses_close(struct losses *losses)
{
	size_t count = 0;

	for (size_t i = 0; i < losses->count; i++)
		if (losses->items[i].total)
			losses->items[count++] = losses->items[i];
	*losses = (struct losses){ .items = losses->items,
				   .is_ignored = losses->is_ignored,
				   .seen = losses->seen,
				   .count = count,
				   .has_prelude = losses->has_prelude,
				   .is_exact = losses->is_exact };
}

void losses_done(struct losses *losses)
{
	free(losses->items);
	free(losses->is_ignored);
	free(losses->seen);
	*losses = (struct losses){ 0 };
}
