/* SPDX-License-Identifier: MIT */
/*
 * Variables of .bss and .data: one value, or the elements of an array, read from the section's map where it lies in our memory.
 *
 *     section  |....| element 0 | element 1 | ... |....|         record: index | element
 *
 * Programs write while we read: a word of 8 aligned bytes is whole, a struct may be half of two updates. Clearing exchanges
 * word by word with 0, so that an atomic addition is in exactly one look.
 *
 * Kernels before 5.5 cannot map a section: it is then copied whole, and cannot be cleared.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "poll/looks.h"

#define PORTION_ENTRIES 256u

struct memory_reader {
	struct poll_reader reader;
	struct ecli_poll_memory memory;
	int map_fd;
	bool clear;
	uint8_t *section;                   /* mapped, or a copy of our own */
	size_t section_bytes, mapped_bytes; /* mapped: 0: it is a copy */
	uint32_t next;
};

static void memory_begin(struct poll_reader *reader)
{
	((struct memory_reader *)reader)->next = 0;
}

/* The bytes, and zeros in their place. Words of 8 where they lie so, single bytes at the ends. */
static void exchange(uint8_t *from, uint8_t *to, size_t size)
{
	while (size) {
		if (!((uintptr_t)from % sizeof(uint64_t)) && size >= sizeof(uint64_t)) {
			uint64_t word = __atomic_exchange_n((uint64_t *)(void *)from, 0, __ATOMIC_SEQ_CST);

			memcpy(to, &word, sizeof(word));
			from += sizeof(word), to += sizeof(word), size -= sizeof(word);
		} else if (!((uintptr_t)from % sizeof(uint32_t)) && size >= sizeof(uint32_t)) {
			uint32_t word = __atomic_exchange_n((uint32_t *)(void *)from, 0, __ATOMIC_SEQ_CST);

			memcpy(to, &word, sizeof(word));
			from += sizeof(word), to += sizeof(word), size -= sizeof(word);
		} else {
			*to++ = __atomic_exchange_n(from++, 0, __ATOMIC_SEQ_CST);
			size--;
		}
	}
}

static int memory_fetch(struct poll_reader *reader, struct ecli_err *err)
{
	struct memory_reader *self = (struct memory_reader *)reader;
	const struct ecli_poll_memory *memory = &self->memory;
	uint32_t key = 0;

	if (!self->mapped_bytes && !self->next && bpf_map_lookup_elem(self->map_fd, &key, self->section) < 0)
		return ecli_err_set(err, -errno, "cannot read the variables of %.16s: %s", reader->name,
				    strerror(errno));
	for (; self->next < memory->elements && reader->have < reader->room; self->next++, reader->have++) {
		uint8_t *from = self->section + memory->offset_bytes + (size_t)self->next * memory->element_bytes;
		uint8_t *to = reader->values + (size_t)reader->have * reader->value_bytes;

		if (reader->key_bytes)
			memcpy(reader->keys + (size_t)reader->have * reader->key_bytes, &self->next,
			       sizeof(self->next));
		if (self->clear)
			exchange(from, to, memory->element_bytes);
		else
			memcpy(to, from, memory->element_bytes);
	}
	reader->at_end = self->next == memory->elements;
	return 0;
}

static void memory_free(struct poll_reader *reader)
{
	struct memory_reader *self = (struct memory_reader *)reader;

	if (self->mapped_bytes)
		munmap(self->section, self->mapped_bytes);
	else
		free(self->section);
	free(self);
}

static const struct poll_reader_ops memory_ops = { .begin = memory_begin, .fetch = memory_fetch, .free = memory_free };

static int open_section(struct memory_reader *self, uint32_t flags, struct ecli_err *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (self->section_bytes + page - 1) / page * page;

	if (flags & BPF_F_MMAPABLE) {
		void *at = mmap(NULL, size, PROT_READ | (self->clear ? PROT_WRITE : 0), MAP_SHARED, self->map_fd, 0);

		if (at == MAP_FAILED)
			return ecli_err_set(err, -errno, "cannot map the variables of %.16s: %s", self->reader.name,
					    strerror(errno));
		self->section = at;
		self->mapped_bytes = size;
		return 0;
	}
	if (self->clear)
		return ecli_err_set_fail(err, ECLI_FAIL_KERNEL, -EOPNOTSUPP,
					 "variables of %.16s can be cleared from Linux 5.5 on", self->reader.name);
	self->section = calloc(1, size);
	return self->section ? 0 : ecli_err_set(err, -ENOMEM, "out of memory");
}

int poll_memory_reader_new(const struct poll_map *map, const struct ecli_poll_memory *memory, bool clear,
			   struct ecli_err *err, struct poll_reader **ret)
{
	uint64_t bytes = (uint64_t)memory->element_bytes * memory->elements;

	if (!bytes || map->type != BPF_MAP_TYPE_ARRAY ||
	    !ecli_num_within(memory->offset_bytes, bytes, map->one_value_bytes))
		return ecli_err_set(err, -EINVAL, "the variable lies outside of its section %.16s", map->name);
	struct memory_reader *self = calloc(1, sizeof(*self));
	if (!self)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	self->reader = (struct poll_reader){ .ops = &memory_ops,
					     .key_bytes = memory->has_index ? sizeof(uint32_t) : 0,
					     .value_bytes = memory->element_bytes };
	memcpy(self->reader.name, map->name, sizeof(map->name));
	self->memory = *memory;
	self->map_fd = map->fd;
	self->clear = clear;
	self->section_bytes = map->one_value_bytes;
	int r = open_section(self, map->flags, err);
	if (!r && poll_reader_make_room(&self->reader,
					memory->elements < PORTION_ENTRIES ? memory->elements : PORTION_ENTRIES))
		r = ecli_err_set(err, -ENOMEM, "out of memory");
	if (r) {
		poll_reader_free(&self->reader);
		return r;
	}
	*ret = &self->reader;
	return 0;
}
