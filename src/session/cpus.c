/* SPDX-License-Identifier: MIT */
/*
 * The kernel takes an event off a CPU that goes and does not give it back, so a CPU that returns is one that came. The look is at one short file and a
 * folder's number for each CPU, five times a second, so what happens on a new CPU at first may be missed; the losses say so (losses.h). A failure is told
 * once and ends nothing.
 */
#include "session/cpus.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "session/buffers.h"
#include "session/run.h"

#define LOOK_MS 200

uint32_t cpus_new(const struct cpus *before, const struct cpus *now, uint32_t *ret)
{
	uint32_t count = 0, k = 0;

	for (uint32_t i = 0; i < now->count; i++) {
		const struct cpu_seen *cpu = &now->running[i];

		while (k < before->count && before->running[k].number < cpu->number)
			k++;
		if (k == before->count || before->running[k].number != cpu->number ||
		    before->running[k].life != cpu->life)
			ret[count++] = cpu->number;
	}
	return count;
}

static int look(struct cpus *ret)
{
	CLEANUP_FREE uint32_t *numbers = NULL;
	struct ecli_err ignored;
	uint32_t count;
	int r = ecli_poll_cpus(&ignored, &numbers, &count);

	if (r)
		return r;
	ret->running = calloc(count + 1, sizeof(*ret->running));
	if (!ret->running)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		ret->running[i] = (struct cpu_seen){ numbers[i], ecli_poll_cpu_life(numbers[i]) };
	ret->count = count;
	return 0;
}

static void on_perf_lost(void *ctx, uint32_t cpu, uint64_t count)
{
	struct source *source = ctx;
	struct session *session = source->session;

	(void)cpu;
	losses_add_perf(&session->losses, (size_t)(source - session->sources.items), count);
}

int cpus_add_perf(struct session *session, struct source *source, const uint32_t *cpus, uint32_t n_cpus,
		  struct ecli_err *err)
{
	uint32_t pages =
		buffers_perf_pages(source, session->opts->buffer_bytes, session->opts->package->perf_buffer_pages);

	if (!cpus)
		return ecli_poll_add_perf(session->poll, source->map_fd, pages, rows_on_record, on_perf_lost, source,
					  err);
	return ecli_poll_add_perf_cpus(session->poll, source->map_fd, pages, cpus, n_cpus, rows_on_record, on_perf_lost,
				       source, err);
}

static void open_buffers(struct session *session, const uint32_t *cpus, uint32_t count)
{
	struct ecli_err err;

	for (size_t i = 0; i < session->sources.count; i++) {
		struct source *source = &session->sources.items[i];

		if (source->kind == ECLI_SOURCE_PERF && source->map_fd >= 0 &&
		    cpus_add_perf(session, source, cpus, count, &err))
			ecli_log(ECLI_LOG_WARN, "%s: %s: what CPUs send that came later is lost", source->map,
				 err.text);
	}
}

/* At the first call only remembers them. True: some came. */
static bool follow(struct session *session)
{
	struct cpus *cpus = &session->cpus, now = { 0 };
	struct ecli_err err;
	uint32_t n_came = 0;

	/* Where that cannot be read no CPU can be seen to come. */
	if (look(&now))
		return false;
	CLEANUP_FREE uint32_t *came = calloc(now.count + 1, sizeof(*came));
	if (!came) {
		cpus_done(&now);
		return false;
	}
	if (cpus->running)
		n_came = cpus_new(cpus, &now, came);
	if (n_came) {
		ecli_log(ECLI_LOG_INFO, "CPUs that came are followed, too: %u", n_came);
		open_buffers(session, came, n_came);
		if (ecli_load_follow_cpus(session->load, came, n_came, &err))
			ecli_log(ECLI_LOG_WARN, "%s: CPUs that came later are not sampled", err.text);
	}
	cpus_done(cpus);
	*cpus = now;
	return n_came;
}

static uint32_t on_timer(void *ctx)
{
	struct session *session = ctx;

	/* What a CPU without a buffer sent was counted until now. */
	if (follow(session))
		losses_read(&session->losses, session->load, true);
	return LOOK_MS;
}

int cpus_start(struct session *session, struct ecli_err *err)
{
	bool any = ecli_load_has_samplers(session->load);

	for (size_t i = 0; i < session->sources.count; i++)
		any |= session->sources.items[i].kind == ECLI_SOURCE_PERF;
	if (!any)
		return 0;
	follow(session);
	return ecli_poll_add_timer(session->poll, LOOK_MS, on_timer, session, err);
}

void cpus_done(struct cpus *cpus)
{
	free(cpus->running);
	*cpus = (struct cpus){ 0 };
}
