/* SPDX-License-Identifier: MIT */
/* CPUs that come, or come back, while a tool runs: their buffers are opened and their samplers started. */
#ifndef ECLI_SESSION_CPUS_H
#define ECLI_SESSION_CPUS_H

#include <ecli/base.h>

struct session;
struct source;

struct cpu_seen {
	uint32_t number;
	uint64_t life; /* ecli_poll_cpu_life() */
};

/* The CPUs that ran at the last look, ascending. Zero-initialise. */
struct cpus {
	struct cpu_seen *running;
	uint32_t count;
};

/* From now on CPUs that come are followed, where something is on each CPU by itself. 0 or a negative errno with @err set. */
int cpus_start(struct session *session, struct ecli_err *err);
/* Reads a perf buffer: of @cpus, or with NULL of all that run. */
int cpus_add_perf(struct session *session, struct source *source, const uint32_t *cpus, uint32_t n_cpus,
		  struct ecli_err *err);
void cpus_done(struct cpus *cpus);

/* The numbers of those of @now that are not among @before, or have another life, into @ret, which has room for all of @now. Apart for tests. */
uint32_t cpus_new(const struct cpus *before, const struct cpus *now, uint32_t *ret);

#endif
