/* SPDX-License-Identifier: MIT */
/* What was found out about an address of a file once: stacks repeat themselves. At most 65,536 frames; then it starts anew. */
#ifndef ECLI_SYMBOLS_ANSWERS_H
#define ECLI_SYMBOLS_ANSWERS_H

#include <ecli/symbols.h>

/* Zeroed: empty. Not to be touched from outside. */
struct ecli_answers {
	struct ecli_answers_slot {
		uint64_t address;
		uint32_t file, first, count; /* count 0: empty */
	} * slots;
	size_t n_slots, used;
	struct ecli_frames frames;
};

void ecli_answers_done(struct ecli_answers *answers);

/* The frames of @address in file number @file; NULL: not known. Valid until the next change. */
const struct ecli_frame *ecli_answers_find(const struct ecli_answers *answers, uint32_t file, uint64_t address,
					   size_t *ret_count);
/* Keeps them, unless memory is out. @count: at least 1. */
void ecli_answers_keep(struct ecli_answers *answers, uint32_t file, uint64_t address, const struct ecli_frame *frames,
		       size_t count);

#endif
