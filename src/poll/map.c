/* SPDX-License-Identifier: MIT */
/*
 * Entries of a map that has keys, in portions.
 *
 * Programs go on changing the map while it is read. Portions are fetched by the kernel's batch calls (Linux 5.6), which
 * walk the map by bucket: no entry twice, none lost or endless because another one vanished. Where a map has no batch
 * calls, keys are walked one at a time from NULL; the next key is asked for before the current entry is deleted, entries
 * that vanish are skipped, and a walk that was thrown back to the start by a vanished key ends there instead of repeating
 * entries.
 *
 * Clearing reads and deletes in one step, where the kernel can (5.6 in batches, 5.14 one at a time). What a program adds through a
 * pointer that it got before is lost all the same; session/ subtracts instead wherever that is right. An array's entries
 * cannot be deleted: clearing writes zeros, and an update between reading and writing is lost.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "poll/looks.h"

#define PORTION_ENTRIES 256u
#define PORTION_BYTES   (1u << 20)
#define ASK_AGAIN       1
#define KERNEL_ENOTSUPP 524 /* not in errno.h; what the kernel answers for an operation a map does not have */

struct map_reader {
	struct poll_reader reader;
	int map_fd;
	bool clear, is_array;
	bool by_key;  /* no batch calls */
	bool no_take; /* no call that reads and deletes (before Linux 5.14) */
	uint32_t max_entries;
	uint8_t *place, *ahead; /* batch: the kernel's token; by key: the current and the next key */
	bool has_place;
	uint8_t *first; /* by key: where this look began */
	uint64_t steps;
	uint8_t *zeros;
};

static int map_failed(const struct map_reader *self, int r, struct ecli_err *err)
{
	if (r == -KERNEL_ENOTSUPP || r == -EOPNOTSUPP)
		return ecli_err_set(err, -EOPNOTSUPP, "the entries of map %.16s cannot be listed: its type has no list",
				    self->reader.name);
	return ecli_err_set(err, r, "cannot read the entries of map %.16s: %s", self->reader.name, strerror(-r));
}

/* 0; ASK_AGAIN: the portion or the way of asking has changed; or the failure. */
static int fetch_batch(struct map_reader *self)
{
	uint32_t count = self->reader.room;
	void *in = self->has_place ? self->place : NULL;
	int r = self->clear ? bpf_map_lookup_and_delete_batch(self->map_fd, in, self->place, self->reader.keys,
							      self->reader.values, &count, NULL)
			    : bpf_map_lookup_batch(self->map_fd, in, self->place, self->reader.keys,
						   self->reader.values, &count, NULL);

	if (r == 0 || r == -ENOENT) {
		self->reader.have = count <= self->reader.room ? count : self->reader.room;
		self->reader.at_end = r == -ENOENT;
		self->has_place = true;
		return 0;
	}
	if (r == -ENOSPC && self->reader.room < self->max_entries) {
		/* One bucket holds more than the portion. */
		uint32_t room = self->reader.room > self->max_entries / 2 ? self->max_entries : self->reader.room * 2;

		r = poll_reader_make_room(&self->reader, room);
		return r < 0 ? r : ASK_AGAIN;
	}
	if (self->has_place && r == -EINTR)
		return ASK_AGAIN;
	if (self->has_place)
		return r;
	self->by_key = true;
	return ASK_AGAIN;
}

/* Reads the entry of the key in @key into @value, and clears it. -ENOENT: it has vanished. */
static int take_entry(struct map_reader *self, const void *key, void *value)
{
	int r;

	if (self->clear && !self->is_array && !self->no_take) {
		r = bpf_map_lookup_and_delete_elem(self->map_fd, key, value);
		if (r != -EINVAL && r != -EOPNOTSUPP && r != -KERNEL_ENOTSUPP)
			return r;
		self->no_take = true;
	}
	r = bpf_map_lookup_elem(self->map_fd, key, value);
	if (r < 0 || !self->clear)
		return r;
	r = self->is_array ? bpf_map_update_elem(self->map_fd, key, self->zeros, BPF_EXIST)
			   : bpf_map_delete_elem(self->map_fd, key);
	return r == -ENOENT ? 0 : r;
}

static int next_key(struct map_reader *self, const void *key)
{
	int r = bpf_map_get_next_key(self->map_fd, key, self->ahead);

	if (r == -ENOENT)
		self->reader.at_end = true;
	else if (!r && !key)
		memcpy(self->first, self->ahead, self->reader.key_bytes);
	return r == -ENOENT ? 0 : r;
}

static int fetch_by_key(struct map_reader *self)
{
	if (!self->has_place) {
		int r = next_key(self, NULL);

		if (r < 0)
			return r;
		self->has_place = true;
	}
	while (!self->reader.at_end && self->reader.have < self->reader.room) {
		memcpy(self->place, self->ahead, self->reader.key_bytes);
		int r = next_key(self, self->place);
		if (r < 0)
			return r;

		r = take_entry(self, self->place, self->reader.values + self->reader.have * self->reader.value_bytes);
		if (r < 0 && r != -ENOENT)
			return r;
		if (!r)
			memcpy(self->reader.keys + (size_t)self->reader.have++ * self->reader.key_bytes, self->place,
			       self->reader.key_bytes);

		/* Thrown back to the start: what is there has been read, or, when clearing, waits for the next pass. */
		if (++self->steps >= self->max_entries || !memcmp(self->ahead, self->first, self->reader.key_bytes))
			self->reader.at_end = true;
	}
	return 0;
}

static int map_fetch(struct poll_reader *reader, struct ecli_err *err)
{
	struct map_reader *self = (struct map_reader *)reader;
	int r;

	do {
		r = self->by_key ? fetch_by_key(self) : fetch_batch(self);
	} while (r == ASK_AGAIN);
	return r < 0 ? map_failed(self, r, err) : 0;
}

static void map_begin(struct poll_reader *reader)
{
	struct map_reader *self = (struct map_reader *)reader;

	self->has_place = false;
	self->steps = 0;
}

static void map_free(struct poll_reader *reader)
{
	struct map_reader *self = (struct map_reader *)reader;

	free(self->place);
	free(self->ahead);
	free(self->first);
	free(self->zeros);
	free(self);
}

static const struct poll_reader_ops map_ops = { .begin = map_begin, .fetch = map_fetch, .free = map_free };

static int prepare(struct map_reader *self, struct ecli_err *err)
{
	uint64_t fit = PORTION_BYTES / (self->reader.key_bytes + self->reader.value_bytes);
	uint32_t room = fit > PORTION_ENTRIES ? PORTION_ENTRIES : fit ? (uint32_t)fit : 1;
	size_t padded_key_bytes = (self->reader.key_bytes + 7) & ~7u;

	if (room > self->max_entries)
		room = self->max_entries;
	/* A batch token has the size of a key or four bytes, whichever is more. */
	self->place = calloc(1, padded_key_bytes);
	self->ahead = calloc(1, padded_key_bytes);
	self->first = calloc(1, padded_key_bytes);
	self->zeros = calloc(1, self->reader.value_bytes);
	if (!self->place || !self->ahead || !self->first || !self->zeros ||
	    poll_reader_make_room(&self->reader, room) < 0)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	return 0;
}

int poll_map_reader_new(const struct poll_map *map, bool clear, struct ecli_err *err, struct poll_reader **ret)
{
	struct map_reader *self;
	int r;

	if (!map->key_bytes || !map->value_bytes)
		return ecli_err_set(err, -EINVAL, "map %.16s has no keys and values to sample", map->name);
	self = calloc(1, sizeof(*self));
	if (!self)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	self->reader =
		(struct poll_reader){ .ops = &map_ops, .key_bytes = map->key_bytes, .value_bytes = map->value_bytes };
	memcpy(self->reader.name, map->name, sizeof(self->reader.name));
	self->map_fd = map->fd;
	self->clear = clear;
	self->max_entries = map->max_entries ? map->max_entries : UINT32_MAX;
	self->is_array = map->type == BPF_MAP_TYPE_ARRAY || map->type == BPF_MAP_TYPE_PERCPU_ARRAY;
	self->by_key = self->is_array && clear;
	r = prepare(self, err);
	if (r < 0) {
		poll_reader_free(&self->reader);
		return r;
	}
	*ret = &self->reader;
	return 0;
}

int ecli_poll_take(int map_fd, const void *key, void *value)
{
	int r = bpf_map_lookup_and_delete_elem(map_fd, key, value);

	if (r != -EINVAL && r != -EOPNOTSUPP && r != -KERNEL_ENOTSUPP)
		return r;
	r = bpf_map_lookup_elem(map_fd, key, value);
	return r < 0 ? r : bpf_map_delete_elem(map_fd, key);
}
