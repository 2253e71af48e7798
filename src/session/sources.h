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

struct session;

struct source {
	enum ecli_source kind;
	const char *map;        /* name of the map or iterator program; borrowed from the package or types */
	int map_fd;             /* while a buffer of it is read; else -1 */
	struct records records; /* none for the trace pipe, iterators and what is none */
	/* Sampled maps and variables. */
	const struct ecli_package_sample *sample; /* borrowed */
	struct sampler *sampler;                  /* owned */
	uint32_t interval_ms;                     /* 0: only at the end */
	bool clear;
	bool told_shorter, told_longer;                 /* that records are not of the size of their type */
	const char *variable;                           /* borrowed; NULL: it is a map. Then `map` is the section's */
	uint32_t offset_bytes, element_bytes, elements; /* of a variable */
	uint64_t looks;                                 /* that were shown */
	struct session *session;                        /* back pointer for callbacks */
};

struct sources {
	struct source *items;
	size_t count;
};

/*
 * Finds the sources of a package; a package without any gets the trace pipe, or one that is none (ECLI_SOURCE_NONE) when no program prints. Errors: a buffer whose record type is not
 * known (says how to name it), a type that cannot be decoded.
 */
int sources_find(const struct ecli_package *package, const struct ecli_types *types, enum ecli_format format,
		 enum ecli_heat heat, const struct ecli_globals *globals, struct ecli_err *err,
		 struct sources *ret_sources);
/* Whether a run of the package would show nothing: there is no buffer, sample or iterator, and no program prints. */
bool sources_reports_nothing(const struct ecli_package *package, const struct ecli_types *types);
/* Says which maps ask to be pinned: load/ takes the pins away, for a map that outlives the run is not made without a word, nor left out so. */
void sources_tell_pins(const struct ecli_types *types);
/* What a person calls it. */
const char *source_name(const struct source *source);
void sources_done(struct sources *sources);

#endif
