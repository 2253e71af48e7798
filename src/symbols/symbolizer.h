/* SPDX-License-Identifier: MIT */
/*
 * The parent's side of the symbolizer (child.h): starts it at the first question, waits for its answers no longer than a run may, ends it when it
 * does not answer, and starts another one that leaves the file alone which the last one was at.
 *
 * What counts as time is what the child used of a CPU or was blocked for; waiting for a CPU on a busy machine does not. A question may take 2 s of
 * it, all of a run 10 s and a tenth of how long it has lasted. At most 24 children are started.
 */
#ifndef ECLI_SYMBOLS_SYMBOLIZER_H
#define ECLI_SYMBOLS_SYMBOLIZER_H

#include <ecli/symbols.h>

#include "symbols/names.h"
#include "symbols/wire.h"

struct ecli_symbolizer;

/* Nothing is started yet. @opts and @names: borrowed. NULL when out of memory. */
struct ecli_symbolizer *ecli_symbolizer_new(const struct ecli_symbols_opts *opts, struct ecli_names *names);
/* Ends the child. */
void ecli_symbolizer_free(struct ecli_symbolizer *symbolizer);

struct ecli_symbolizer_answer {
	size_t ends[ECLI_WIRE_ADDRESSES]; /* of each address, where its frames end */
	bool is_final[ECLI_WIRE_ADDRESSES];
	uint32_t look; /* of the process, different for each child; 0: it is not known */
};

/* What the kernel told of an image that may be gone; @parent as struct ecli_told_image has it. */
struct ecli_symbolizer_told {
	struct ecli_map maps[ECLI_TOLD_MAPPINGS];
	size_t count;
	struct ecli_image_id parent;
};

/* How many children were started so far: a new one knows nothing. */
uint32_t ecli_symbolizer_starts(const struct ecli_symbolizer *symbolizer);

/* Appends the frames of at most ECLI_WIRE_ADDRESSES addresses. @is_calls: the first one is a return address, too. @told: NULL: nothing. False: there is no answer, and
 * @frames is as it was. */
bool ecli_symbolizer_ask(struct ecli_symbolizer *symbolizer, const struct ecli_image_id *id, const uint64_t *addresses,
			 size_t count, bool is_calls, const struct ecli_symbolizer_told *told,
			 struct ecli_frames *frames, struct ecli_symbolizer_answer *ret);

/* Tells the child to look at a process; does not wait for that. */
void ecli_symbolizer_note(struct ecli_symbolizer *symbolizer, const struct ecli_image_id *id);

/* What its children used so far: CPU time, and the most memory of any one. */
void ecli_symbolizer_cost(const struct ecli_symbolizer *symbolizer, struct ecli_symbols_cost *ret);

/* Why there are no more answers, a sentence; NULL: there are. */
const char *ecli_symbolizer_problem(const struct ecli_symbolizer *symbolizer);

#endif
