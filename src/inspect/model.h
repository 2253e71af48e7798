/* SPDX-License-Identifier: MIT */
/*
 * Inside of an inspection: who fills what.
 *
 *     inspect.c  the order of things        code.c    instructions -> calls, instruction set
 *     maps.c     maps and their memory      fields.c  plan -> fields of an event         schema.c  fields -> JSON schema
 *     tables.h   what Linux had since when, and what can change something (kinds.c, helpers.c, effects.c)
 */
#ifndef ECLI_INSPECT_MODEL_H
#define ECLI_INSPECT_MODEL_H

#include <ecli/inspect.h>

#include "base/cleanup.h"
#include "session/sources.h"

/* The public struct comes first, so that a pointer to it is one to this. */
struct inspect {
	struct ecli_inspect public;
	const struct ecli_types *types;
	struct sources sources;
	char **texts; /* strings made here */
	size_t n_texts;
};

/* Room for one more item at the end of a growing list; zeroed, NULL without memory. */
void *inspect_grow(void *items_pointer, size_t *count, size_t item_bytes);
#define INSPECT_ADD(items, count) ((__typeof__(items))inspect_grow(&(items), &(count), sizeof(*(items))))

/* Takes over a malloc'ed text and frees it with the inspection. NULL in, or no memory: NULL. */
const char *inspect_keep(struct inspect *inspect, char *text);

int inspect_code(struct inspect *inspect, struct ecli_err *err);
int inspect_maps(struct inspect *inspect, const struct ecli_inspect_opts *opts, struct ecli_err *err);
int inspect_fields(struct inspect *inspect, struct ecli_inspect_source *source, struct ecli_err *err);

/* Adds what the kernel has to have, each once. */
int inspect_need(struct inspect *inspect, const char *what, const char *since, struct ecli_err *err);

#endif
