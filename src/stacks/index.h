/* SPDX-License-Identifier: MIT */
/*
 * A set of numbers found by hash: what a number stands for, and whether two are the same thing, only its owner knows.
 *
 *     slots   | hash 7, id 3 | free | hash 9, id 0 | hash 9, id 5 | free | ...     open addressing, never full
 *
 * Looking up is a loop of the owner over the numbers with the same hash, which compares and takes one or adds its own:
 *
 *     for (struct ecli_probe probe = ecli_probe(index, hash); ecli_probe_next(index, &probe, &id);)
 *             if (same(id, what))
 *                     return id;
 *
 * The hash is seeded by the owner, because names come from processes that may want to make it slow.
 */
#ifndef ECLI_STACKS_INDEX_H
#define ECLI_STACKS_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct ecli_index_slot {
	uint32_t hash, id_after; /* id + 1; 0: free */
};

struct ecli_index {
	struct ecli_index_slot *slots; /* owned; a power of two of them, or NULL */
	uint32_t count, mask;
};

struct ecli_probe {
	uint32_t hash, at;
};

void ecli_index_done(struct ecli_index *index);
void ecli_index_clear(struct ecli_index *index);
/* Room for one more. -ENOMEM. */
int ecli_index_reserve(struct ecli_index *index);
/* Adds what is not there yet; there is room (ecli_index_reserve). */
void ecli_index_add(struct ecli_index *index, uint32_t hash, uint32_t id);

static inline struct ecli_probe ecli_probe(const struct ecli_index *index, uint32_t hash)
{
	return (struct ecli_probe){ .hash = hash, .at = hash & index->mask };
}

static inline bool ecli_probe_next(const struct ecli_index *index, struct ecli_probe *probe, uint32_t *ret_id)
{
	if (!index->slots)
		return false;
	for (;; probe->at = (probe->at + 1) & index->mask) {
		const struct ecli_index_slot *slot = &index->slots[probe->at];

		if (!slot->id_after)
			return false;
		if (slot->hash == probe->hash) {
			*ret_id = slot->id_after - 1;
			probe->at = (probe->at + 1) & index->mask;
			return true;
		}
	}
}

static inline uint64_t ecli_hash_word(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static inline uint64_t ecli_hash_bytes(uint64_t hash, const char *bytes, size_t len)
{
	uint64_t word;

	for (; len >= sizeof(word); bytes += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = ecli_hash_word(hash, word);
	}
	word = len;
	for (size_t i = 0; i < len; i++)
		word = word << 8 | (unsigned char)bytes[i];
	return ecli_hash_word(hash, word);
}

#endif
