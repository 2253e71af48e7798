/* SPDX-License-Identifier: MIT */
/*
 * Looks at data that lies still in the kernel: a source that asks a reader for portions of entries. One reader a kind of
 * thing: maps with keys (map.c), queues and stacks (queue.c), variables (memory.c), storage of tasks and cgroups (storage.c).
 */
#ifndef ECLI_POLL_LOOKS_H
#define ECLI_POLL_LOOKS_H

#include <stdlib.h>

#include "poll/source.h"

struct poll_reader;

struct poll_reader_ops {
	/* A look begins. */
	void (*begin)(struct poll_reader *reader);
	/* Fills the portion: keys, values, have; sets at_end with the last one. 0, or negative errno with the sentence set. */
	int (*fetch)(struct poll_reader *reader, struct ecli_err *err);
	void (*free)(struct poll_reader *reader);
};

struct poll_reader {
	const struct poll_reader_ops *ops;
	char name[16];
	uint32_t key_bytes; /* 0: there are no keys */
	size_t value_bytes; /* of all CPUs together */
	uint8_t *keys, *values;
	uint32_t room, have; /* the portion: entries that fit, are there */
	bool at_end;
};

/* What the kernel says of a map. */
struct poll_map {
	int fd;
	uint32_t type, key_bytes, max_entries, flags;
	size_t value_bytes; /* of all CPUs together */
	uint32_t one_value_bytes;
	char name[16];
};

int poll_reader_make_room(struct poll_reader *reader, uint32_t room); /* 0 or -ENOMEM */
void poll_reader_free(struct poll_reader *reader);

/* Each makes a reader; @clear: what was read is gone. */
int poll_map_reader_new(const struct poll_map *map, bool clear, struct ecli_err *err, struct poll_reader **ret);
int poll_queue_reader_new(const struct poll_map *map, bool clear, struct ecli_err *err, struct poll_reader **ret);
int poll_storage_reader_new(const struct poll_map *map, bool clear, struct ecli_err *err, struct poll_reader **ret);
int poll_memory_reader_new(const struct poll_map *map, const struct ecli_poll_memory *memory, bool clear,
			   struct ecli_err *err, struct poll_reader **ret);

#endif
