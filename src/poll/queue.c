/* SPDX-License-Identifier: MIT */
/*
 * Queues and stacks: values without keys. Clearing takes them out, first in first (queue) or last in first (stack), as many as
 * fit in the map: what programs add meanwhile may belong to the next look. Without it only the next value can be seen, for
 * the kernel has no call to list them; that is said once.
 */
#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "poll/looks.h"

#define PORTION_ENTRIES 256u

struct queue_reader {
	struct poll_reader reader;
	int map_fd;
	bool clear;
	uint32_t max_entries;
	uint32_t steps; /* of this look */
};

static void queue_begin(struct poll_reader *reader)
{
	((struct queue_reader *)reader)->steps = 0;
}

static int queue_fetch(struct poll_reader *reader, struct ecli_err *err)
{
	struct queue_reader *self = (struct queue_reader *)reader;
	uint32_t most = self->clear ? self->max_entries : 1;

	while (reader->have < reader->room) {
		void *value = reader->values + (size_t)reader->have * reader->value_bytes;
		int r = self->steps >= most ? -ENOENT
			: self->clear       ? bpf_map_lookup_and_delete_elem(self->map_fd, NULL, value)
					    : bpf_map_lookup_elem(self->map_fd, NULL, value);

		if (r == -ENOENT) {
			reader->at_end = true;
			return 0;
		}
		if (r < 0)
			return ecli_err_set(err, r, "cannot read the values of map %.16s: %s", reader->name,
					    strerror(-r));
		reader->have++;
		self->steps++;
	}
	return 0;
}

static void queue_free(struct poll_reader *reader)
{
	free(reader);
}

static const struct poll_reader_ops queue_ops = { .begin = queue_begin, .fetch = queue_fetch, .free = queue_free };

int poll_queue_reader_new(const struct poll_map *map, bool clear, struct ecli_err *err, struct poll_reader **ret)
{
	struct queue_reader *self = calloc(1, sizeof(*self));

	if (!self)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	self->reader = (struct poll_reader){ .ops = &queue_ops, .value_bytes = map->value_bytes };
	memcpy(self->reader.name, map->name, sizeof(map->name));
	self->map_fd = map->fd;
	self->clear = clear;
	self->max_entries = map->max_entries;
	if (poll_reader_make_room(&self->reader, PORTION_ENTRIES) < 0) {
		poll_reader_free(&self->reader);
		return ecli_err_set(err, -ENOMEM, "out of memory");
	}
	if (!clear)
		ecli_log(
			ECLI_LOG_WARN,
			"map %.16s is a queue or stack: only its next value can be seen, unless --clear takes them out",
			map->name);
	*ret = &self->reader;
	return 0;
}
