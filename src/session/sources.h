/* SPDX-License-Identifier: MIT */
/*
 * What a package reports and through what: its buffers, sampled maps and iterators, each with the plan of its records,
 * found before anything is loaded.
 */
#ifndef ECLI_SESSION_SOURCES_H
#define ECLI_SESSION_SOURCES_H

#include <ecli/package.h>
#include <ecli/plan.h>
#include <ecli/render.h>
#include <ecli/session.h>
#include <ecli/types.h>

#include "session/records.h"
#include "session/snapshot.h"

struct session;

struct source {
	enum ecli_source kind;
	const char *map;          /* name of the map or iterator program; borrowed from the package or types */
	int map_fd;               /* while a buffer of it is read; else -1 */
	uint32_t interval_ms;     /* sampled maps */
	bool clear;               /* sampled maps */
	uint32_t key_bytes;       /* sampled maps */
	bool is_profile;          /* a sampled map of stacks: what weighs nothing is not shown */
	struct records records;   /* none for the trace pipe and iterators */
	struct snapshot snapshot; /* sampled maps, in a run */
	struct session *session;  /* back pointer for callbacks */
};

struct sources {
	struct source *items;
	size_t count;
};

/*
 * Finds the sources of a package; a package without any gets the trace pipe. Errors: a buffer whose record type is not
 * known (says how to name it), a type that cannot be decoded.
 */
int sources_find(const struct ecli_package *package, const struct ecli_types *types, enum ecli_format format,
		 const struct ecli_globals *globals, struct ecli_err *err, struct sources *ret_sources);
void sources_done(struct sources *sources);

#endif
