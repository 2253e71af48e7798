/* SPDX-License-Identifier: MIT */
/*
 * An open hash table from (file, address) to a run of frames in one array. Nothing is taken out of it one by one: when it
 * is full it is emptied, which costs less than keeping account of what was used when.
 */
#include "symbols/answers.h"

#include <stdlib.h>
#include <string.h>

#include "symbols/frames.h"

enum {
	MAX_FRAMES = 1 << 16,
	FIRST_SLOTS = 1 << 10, /* a power of two */
};

void ecli_answers_done(struct ecli_answers *answers)
{
	free(answers->slots);
	ecli_frames_done(&answers->frames);
	*answers = (struct ecli_answers){ 0 };
}

static struct ecli_answers_slot *slot_of(struct ecli_answers_slot *slots, size_t n_slots, uint32_t file,
					 uint64_t address)
{
	size_t i = (size_t)(((address ^ (uint64_t)file << 40) * 0x9e3779b97f4a7c15ull) >> 32) & (n_slots - 1);

	while (slots[i].count && (slots[i].address != address || slots[i].file != file))
		i = (i + 1) & (n_slots - 1);
	return &slots[i];
}

static bool grow(struct ecli_answers *answers)
{
	size_t n_slots = answers->n_slots ? answers->n_slots * 2 : FIRST_SLOTS;
	struct ecli_answers_slot *slots = calloc(n_slots, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < answers->n_slots; i++) {
		const struct ecli_answers_slot *old = &answers->slots[i];

		if (old->count)
			*slot_of(slots, n_slots, old->file, old->address) = *old;
	}
	free(answers->slots);
	answers->slots = slots;
	answers->n_slots = n_slots;
	return true;
}

const struct ecli_frame *ecli_answers_find(const struct ecli_answers *answers, uint32_t file, uint64_t address,
					   size_t *ret_count)
{
	if (!answers->n_slots)
		return NULL;
	const struct ecli_answers_slot *slot = slot_of(answers->slots, answers->n_slots, file, address);
	*ret_count = slot->count;
	return slot->count ? &answers->frames.items[slot->first] : NULL;
}

void ecli_answers_keep(struct ecli_answers *answers, uint32_t file, uint64_t address, const struct ecli_frame *frames,
		       size_t count)
{
	if (answers->frames.count + count > MAX_FRAMES)
		ecli_answers_done(answers);
	if (answers->used * 2 >= answers->n_slots && !grow(answers))
		return;
	size_t first = answers->frames.count;
	if (ecli_frames_add(&answers->frames, frames, count))
		return;
	*slot_of(answers->slots, answers->n_slots, file, address) = (struct ecli_answers_slot){
		.address = address, .file = file, .first = (uint32_t)first, .count = (uint32_t)count
	};
	answers->used++;
}
