/* SPDX-License-Identifier: MIT */
/*
 * The slots of an index: at most half of them are taken, so that a search ends soon; doubling moves every number by the hash
 * that lies beside it, without asking the owner.
 */
#include "stacks/index.h"

#include <errno.h>
#include <stdlib.h>

enum { LEAST_SLOTS = 64 };

void ecli_index_done(struct ecli_index *index)
{
	free(index->slots);
	*index = (struct ecli_index){ 0 };
}

void ecli_index_clear(struct ecli_index *index)
{
	if (index->slots)
		memset(index->slots, 0, ((size_t)index->mask + 1) * sizeof(*index->slots));
	index->count = 0;
}

void ecli_index_add(struct ecli_index *index, uint32_t hash, uint32_t id)
{
	uint32_t at = hash & index->mask;

	while (index->slots[at].id_after)
		at = (at + 1) & index->mask;
	index->slots[at] = (struct ecli_index_slot){ .hash = hash, .id_after = id + 1 };
	index->count++;
}

int ecli_index_reserve(struct ecli_index *index)
{
	size_t slots = index->slots ? (size_t)index->mask + 1 : 0;
	struct ecli_index larger = { 0 };

	if ((size_t)index->count + 1 <= slots / 2)
		return 0;
	size_t wanted = slots ? slots * 2 : LEAST_SLOTS;
	larger.slots = calloc(wanted, sizeof(*larger.slots));
	if (!larger.slots)
		return -ENOMEM;
	larger.mask = (uint32_t)(wanted - 1);
	for (size_t i = 0; i < slots; i++)
		if (index->slots[i].id_after)
			ecli_index_add(&larger, index->slots[i].hash, index->slots[i].id_after - 1);
	free(index->slots);
	*index = larger;
	return 0;
}
