/* SPDX-License-Identifier: MIT */
/*
 * A map of stacks is looked at when its interval is over, often only at the end, and a process may be gone by then, and with it
 * all that its addresses mean. So the map's keys are walked every 100 ms for processes that nobody has looked at yet. That may cost
 * at most a thousandth of a CPU: a walk that took long delays the next one.
 *
 * Only keys are read, and only when a process id is in them. Once a second, for a person who waits at a terminal, the values too: how
 * many samples there are.
 */
#include "session/early.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "session/run.h"

#define LOOK_MS       100u
#define LONGEST_MS    10000u
#define COST          1000u /* one part of so many of the time */
#define NS_PER_SECOND 1000000000ull
#define MAX_VALUE     4096u
#define MAX_RECORD    (4 * MAX_VALUE)

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SECOND + (uint64_t)ts.tv_nsec;
}

static int note_key(void *ctx, const void *key)
{
	struct session *session = ctx;
	const struct source *source = session->early.source;
	const struct stack_row *row = source->records.items[0].stacks;
	uint64_t pid = stacks_read_number(&row->pid, key, session->early.key_bytes);

	if (pid && pid <= INT32_MAX)
		stacks_note(&session->stacks, (uint32_t)pid);
	return ends_look_often(&session->ends);
}

static uint32_t look(void *ctx)
{
	struct session *session = ctx;
	uint64_t start_ns = cpu_ns();

	ecli_load_keys(session->early.source->map_fd, session->early.key_bytes, note_key, session);
	uint64_t next_ms = (cpu_ns() - start_ns) * COST / 1000000;
	return next_ms < LOOK_MS ? LOOK_MS : next_ms > LONGEST_MS ? LONGEST_MS : (uint32_t)next_ms;
}

/* ---- progress -------------------------------------------------------------------------------------------------- */

/* Key and value as the record has them. */
static int count_key(void *ctx, const void *key)
{
	struct session *session = ctx;
	const struct source *source = session->early.source;
	const struct profile_row *how = &source->records.items[0].profile;
	uint32_t padded = source->sampler->value_offset;
	uint8_t value[MAX_VALUE], record[MAX_RECORD];

	session->early.stacks++;
	if (!session->early.value_bytes)
		return ends_look_often(&session->ends);
	memcpy(record, key, session->early.key_bytes);
	if (!ecli_load_value(source->map_fd, key, value)) {
		ecli_plan_take_value(source->sampler->plan, record, value, session->early.value_bytes);
		session->early.weight +=
			stacks_read_number(&how->weight, record, padded + source->sampler->value_bytes);
	}
	return ends_look_often(&session->ends);
}

void early_progress(struct session *session, uint64_t elapsed_ns)
{
	const struct ecli_session_opts *opts = session->opts;
	struct early *early = &session->early;
	struct ecli_session_progress progress = { .elapsed_ns = elapsed_ns, .what = profile_what(session) };

	bool is_silent = opts->no_rows ? !session->profile.is_each_look : early->source && !early->source->interval_ms;

	if (!opts->on_progress || !is_silent)
		return;
	if (early->source) {
		early->stacks = early->weight = 0;
		ecli_load_keys(early->source->map_fd, early->key_bytes, count_key, session);
		progress.stacks = early->stacks;
		progress.weight = early->weight;
	} else {
		progress.weight = session->profile.samples;
	}
	opts->on_progress(opts->ctx, &progress);
	early->has_told = true;
}

void early_end_progress(struct session *session)
{
	if (session->early.has_told)
		session->opts->on_progress(session->opts->ctx, NULL);
	session->early.has_told = false;
}

/* ---- start ----------------------------------------------------------------------------------------------------- */

static bool is_per_cpu(uint32_t map_type)
{
	return map_type == BPF_MAP_TYPE_PERCPU_HASH || map_type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       map_type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

int early_start(struct session *session, struct ecli_err *err)
{
	struct early *early = &session->early;

	for (size_t i = 0; i < ecli_load_map_count(session->load); i++) {
		struct ecli_load_map map;

		ecli_load_map(session->load, i, &map);
		for (size_t k = 0; k < session->sources.count; k++) {
			const struct source *source = &session->sources.items[k];

			if (source->kind != ECLI_SOURCE_MAP || source->variable || strcmp(source->map, map.name) != 0 ||
			    !source->records.items[0].stacks || early->source || !map.key_size)
				continue;
			early->source = source;
			early->key_bytes = map.key_size;
			if (!is_per_cpu(map.map_type) && map.value_size <= MAX_VALUE && map.key_size < MAX_VALUE &&
			    ecli_plan_size(source->sampler->plan) <= MAX_RECORD)
				early->value_bytes = map.value_size;
		}
	}
	if (!early->source)
		return 0;
	const struct stack_row *row = early->source->records.items[0].stacks;
	if (row->user == STACKS_NONE || row->pid.column == STACKS_NONE ||
	    row->pid.offset + row->pid.size_bytes > early->key_bytes)
		return 0;
	return ecli_poll_add_timer(session->poll, LOOK_MS, look, session, err);
}
