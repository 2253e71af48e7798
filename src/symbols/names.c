/* SPDX-License-Identifier: MIT */
/*
 * A pool of strings: blocks of text that never move, and an open hash table of pointers into them. In front of each text stands its
 * number.
 *
 * Invariant: equal texts have equal pointers, and a pointer stays good until the pool is freed. The pool is bounded
 * because names come from files that anybody may write; beyond the bound new names are refused and known ones still found.
 */
#include "symbols/names.h"

#include <stdlib.h>
#include <string.h>

enum {
	BLOCK_SIZE = 64 << 10,
	MAX_TEXT = 12 << 20,
	LEAST_COST = MAX_TEXT / ECLI_NAMES_MAX,
	FIRST_SLOTS = 1 << 10, /* a power of two, as all sizes of the table */
};

struct block {
	struct block *next;
	size_t used, room;
	uint32_t words[]; /* number, text, number, text, ... */
};

struct slot {
	uint32_t hash;
	const char *text; /* NULL: empty */
};

struct ecli_names {
	struct block *blocks; /* the one in use first */
	struct slot *slots;
	size_t n_slots, count, text_size;
	size_t cost; /* of the texts, each as so many as there may be share the room */
};

struct ecli_names *ecli_names_new(void)
{
	return calloc(1, sizeof(struct ecli_names));
}

void ecli_names_free(struct ecli_names *names)
{
	if (!names)
		return;
	for (struct block *block = names->blocks, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	free(names->slots);
	free(names);
}

/* FNV-1a. */
static uint32_t hash_of(const char *text, size_t *ret_len)
{
	uint32_t hash = 2166136261u;
	const char *c = text;

	for (; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	*ret_len = (size_t)(c - text);
	return hash;
}

static struct slot *slot_of(struct slot *slots, size_t n_slots, uint32_t hash, const char *text)
{
	size_t i = hash & (n_slots - 1);

	while (slots[i].text && (slots[i].hash != hash || strcmp(slots[i].text, text)))
		i = (i + 1) & (n_slots - 1);
	return &slots[i];
}

static bool grow(struct ecli_names *names)
{
	size_t n_slots = names->n_slots ? names->n_slots * 2 : FIRST_SLOTS;
	struct slot *slots = calloc(n_slots, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < names->n_slots; i++) {
		if (names->slots[i].text)
			*slot_of(slots, n_slots, names->slots[i].hash, names->slots[i].text) = names->slots[i];
	}
	free(names->slots);
	names->slots = slots;
	names->n_slots = n_slots;
	return true;
}

/* Room for a number and a text of @len and its NUL: the place of the text. */
static char *room_for(struct ecli_names *names, size_t len)
{
	size_t size = sizeof(uint32_t) + (len / sizeof(uint32_t) + 1) * sizeof(uint32_t);
	struct block *block = names->blocks;

	if (!block || block->room - block->used < size) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		block = malloc(sizeof(*block) + room);
		if (!block)
			return NULL;
		*block = (struct block){ .next = names->blocks, .room = room };
		names->blocks = block;
	}
	uint32_t *number = block->words + block->used / sizeof(uint32_t);
	*number = 0;
	block->used += size;
	return (char *)(number + 1);
}

uint32_t *ecli_names_mark(const char *text)
{
	return (uint32_t *)text - 1;
}

size_t ecli_names_bytes(const struct ecli_names *names)
{
	return names->cost;
}

const char *ecli_names_add(struct ecli_names *names, const char *text)
{
	size_t len;
	uint32_t hash = hash_of(text, &len);

	if (names->count * 2 >= names->n_slots && !grow(names))
		return NULL;
	struct slot *slot = slot_of(names->slots, names->n_slots, hash, text);
	if (slot->text)
		return slot->text;
	if (len >= MAX_TEXT || names->text_size + len >= MAX_TEXT || names->count >= ECLI_NAMES_MAX)
		return NULL;
	char *copy = room_for(names, len);
	if (!copy)
		return NULL;
	memcpy(copy, text, len + 1);
	*slot = (struct slot){ .hash = hash, .text = copy };
	names->count++;
	names->text_size += len + 1;
	names->cost += len + 1 > LEAST_COST ? len + 1 : LEAST_COST;
	return copy;
}
