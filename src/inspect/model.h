/* SPDX-License-Identifier: MIT */
/*
 * Inside of an inspection: who fills what.
 *
 *     inspect.c  the order of things        code.c    instructions -> instruction set, calls; calls.c  calls -> effects, costs
 *     maps.c     maps and their memory      fields.c  plan -> fields of an event         schema.c  fields -> JSON schema
 *     tables.h   what Linux had since when, and what can change something (kinds.c, helpers.c, effects.c, harmless.c)
 *     places.c   effects of where programs are put
 */
#ifndef ECLI_INSPECT_MODEL_H
#define ECLI_INSPECT_MODEL_H

#include <ecli/inspect.h>

#include "base/cleanup.h"
#include "base/code.h"
#include "session/sources.h"

/* The public struct comes first, so that a pointer to it is one to this. */
struct inspect {
	struct ecli_inspect public;
	const struct ecli_types *types;
	struct sources sources;
	char **texts; /* strings made here */
	size_t n_texts;
	uint32_t *helpers;   /* calls of each helper, by number up to INSPECT_HELPERS_MAX */
	uint32_t odd_helper; /* one above that, which no kernel has; 0: none */
};
#define INSPECT_HELPERS_MAX 4096u

/* Room for one more item at the end of a growing list; zeroed, NULL without memory. */
void *inspect_grow(void *items_pointer, size_t *count, size_t item_bytes);
#define INSPECT_ADD(items, count) ((__typeof__(items))inspect_grow(&(items), &(count), sizeof(*(items))))

/* Takes over a malloc'ed text and frees it with the inspection. NULL in, or no memory: NULL. */
const char *inspect_keep(struct inspect *inspect, char *text);

int inspect_code(struct inspect *inspect, struct ecli_err *err);
/* places.c: what @prog changes by where it is put; tables of functions for the kernel. */
struct inspect_kind;
int inspect_places(struct inspect *inspect, const struct inspect_kind *kind, const struct ecli_inspect_prog *prog,
		   const struct ecli_package_prog *from, struct ecli_err *err);
int inspect_tables(struct inspect *inspect, struct ecli_err *err);
/* calls.c: a call of a helper in @function; the calls of all functions, when each was looked through. */
int inspect_helper_call(struct inspect *inspect, const struct ecli_code_function *function, uint32_t id,
			struct ecli_err *err);
int inspect_calls(struct inspect *inspect, const struct ecli_elf *elf, const struct ecli_code *code,
		  struct ecli_err *err);
/* Adds what the rounds of @cause cost in @function, once; nothing when @cause makes none. */
int inspect_cost(struct inspect *inspect, const struct ecli_code_function *function, const char *cause,
		 struct ecli_err *err);
/* Adds an effect. @cause: NULL is no memory. */
int inspect_effect(struct inspect *inspect, const char *sentence, const char *cause, struct ecli_err *err);
int inspect_maps(struct inspect *inspect, const struct ecli_inspect_opts *opts, struct ecli_err *err);
int inspect_fields(struct inspect *inspect, struct ecli_inspect_source *source, struct ecli_err *err);

/* Adds what the kernel has to have, each once. */
int inspect_need(struct inspect *inspect, const char *what, const char *since, struct ecli_err *err);

#endif
