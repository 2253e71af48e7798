/* SPDX-License-Identifier: MIT */
/*
 * The last look at a map, as a hash table of our own: open addressing, linear steps, deletion by moving back, entries of one
 * size in one piece of memory.
 *
 *     entry   seen: look (0: free) | changed: look | key | value
 *
 * Keys come from the kernel and are chosen by whoever is traced: the hash begins with a number that nobody outside
 * knows, so that nobody can make them collide.
 */
#include "session/last.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct head {
	uint32_t seen;    /* the look that saw it; 0: no entry */
	uint32_t changed; /* the look in which the value was another than before */
};

static uint64_t seed(void)
{
	static uint64_t seed; /* memoised */

	if (!seed && getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint64_t)(uintptr_t)&seed;
	return seed | 1;
}

static uint64_t hash(const uint8_t *key, size_t bytes)
{
	uint64_t h = seed();

	for (size_t i = 0; i < bytes; i += sizeof(uint64_t)) {
		uint64_t word = 0;

		memcpy(&word, key + i, bytes - i < sizeof(word) ? bytes - i : sizeof(word));
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return h ^ h >> 32;
}

static size_t stride(const struct last *last)
{
	return sizeof(struct head) + last->key_bytes + last->value_bytes;
}

static uint8_t *entry_at(const struct last *last, size_t index)
{
	return last->entries + index * stride(last);
}

static struct head head_of(const uint8_t *entry)
{
	struct head head;

	memcpy(&head, entry, sizeof(head));
	return head;
}

/* The entry of the key, or the free one where it belongs. There is always a free one. */
static size_t find(const struct last *last, const void *key, bool *ret_is_there)
{
	size_t i = hash(key, last->key_bytes) & (last->room - 1);

	for (;; i = (i + 1) & (last->room - 1)) {
		const uint8_t *entry = entry_at(last, i);

		*ret_is_there = head_of(entry).seen != 0;
		if (!*ret_is_there || !memcmp(entry + sizeof(struct head), key, last->key_bytes))
			return i;
	}
}

static int grow(struct last *last)
{
	struct last old = *last;
	size_t room = old.room ? old.room * 2 : 64;
	uint8_t *entries = calloc(room, stride(last));

	if (!entries)
		return -ENOMEM;
	last->entries = entries;
	last->room = room;
	for (size_t i = 0; i < old.room; i++) {
		const uint8_t *entry = entry_at(&old, i);
		bool is_there;

		if (head_of(entry).seen)
			memcpy(entry_at(last, find(last, entry + sizeof(struct head), &is_there)), entry, stride(last));
	}
	free(old.entries);
	return 0;
}

void last_init(struct last *last, size_t key_bytes, size_t value_bytes)
{
	*last = (struct last){ .key_bytes = key_bytes, .value_bytes = value_bytes, .look = 1 };
}

void last_done(struct last *last)
{
	free(last->entries);
	*last = (struct last){ 0 };
}

int last_swap(struct last *last, const void *key, const void *value, void *ret_previous)
{
	bool is_there;
	int r = last->count >= last->room / 2 ? grow(last) : 0;

	if (r)
		return r;
	uint8_t *entry = entry_at(last, find(last, key, &is_there));
	uint8_t *at = entry + sizeof(struct head) + last->key_bytes;
	struct head head = head_of(entry);

	if (is_there)
		memcpy(ret_previous, at, last->value_bytes);
	else
		memcpy(entry + sizeof(struct head), key, last->key_bytes);
	if (!is_there || memcmp(at, value, last->value_bytes) != 0)
		head.changed = last->look;
	head.seen = last->look;
	memcpy(entry, &head, sizeof(head));
	memcpy(at, value, last->value_bytes);
	last->count += !is_there;
	return is_there;
}

/* What follows the free place may have been put there because it was taken. */
static void close_gap(struct last *last, size_t gap)
{
	for (size_t i = (gap + 1) & (last->room - 1);; i = (i + 1) & (last->room - 1)) {
		uint8_t *entry = entry_at(last, i);

		if (!head_of(entry).seen)
			break;
		size_t home = hash(entry + sizeof(struct head), last->key_bytes) & (last->room - 1);
		if (((i - home) & (last->room - 1)) < ((i - gap) & (last->room - 1)))
			continue;
		memcpy(entry_at(last, gap), entry, stride(last));
		gap = i;
	}
	memset(entry_at(last, gap), 0, sizeof(struct head));
	last->count--;
}

void last_forget(struct last *last, const void *key)
{
	bool is_there = false;
	size_t i = last->room ? find(last, key, &is_there) : 0;

	if (is_there)
		close_gap(last, i);
}

const void *last_see(struct last *last, const void *key)
{
	bool is_there = false;
	size_t i = last->room ? find(last, key, &is_there) : 0;

	if (!is_there)
		return NULL;
	uint8_t *entry = entry_at(last, i);
	struct head head = head_of(entry);
	head.seen = last->look;
	memcpy(entry, &head, sizeof(head));
	return entry + sizeof(head) + last->key_bytes;
}

void last_keep_look(struct last *last)
{
	if (!++last->look)
		last->look = 1;
}

void last_end_look(struct last *last)
{
	/* What moves back into the gap is looked at again. */
	for (size_t i = 0; i < last->room;) {
		uint32_t seen = head_of(entry_at(last, i)).seen;

		if (seen && seen != last->look)
			close_gap(last, i);
		else
			i++;
	}
	/* What went around the end into the first places was looked at before, and is so again in the next look. */
	last_keep_look(last);
}

const void *last_unseen(const struct last *last, size_t *cursor)
{
	for (size_t i = *cursor; i < last->room; i++) {
		const uint8_t *entry = entry_at(last, i);
		uint32_t seen = head_of(entry).seen;

		if (seen && seen != last->look) {
			*cursor = i + 1;
			return entry + sizeof(struct head);
		}
	}
	*cursor = last->room;
	return NULL;
}

const void *last_idle(const struct last *last, uint32_t looks, size_t *cursor)
{
	for (size_t i = *cursor; i < last->room; i++) {
		const uint8_t *entry = entry_at(last, i);
		struct head head = head_of(entry);

		if (head.seen && last->look - head.changed > looks) {
			*cursor = i + 1;
			return entry + sizeof(head);
		}
	}
	*cursor = last->room;
	return NULL;
}
