/* SPDX-License-Identifier: MIT */
/*
 * A table of processes, by pid, each with the list of what it mapped since it came to be or began another program.
 *
 *     mapped   over what lay there        forked   a copy of the parent's list, or the parent's number where it has none
 *     execed   an empty list
 *
 * A process that is told of anew is another one of the same pid. Processes stand in a ring in the order in which they were told of, so that making room
 * costs nothing; the lists of most are those of a program and its libraries, five mappings of four files.
 */
#include "symbols/told.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum {
	PROCESSES = 1 << 16, /* and buckets */
	FILES = 4096,
	PATH_BYTES = 4096,
};

struct mapping {
	uint64_t start, end, offset;
	uint32_t file; /* in files */
};

struct process {
	uint32_t pid;  /* 0: the place is free */
	uint32_t next; /* in its bucket: index + 1 */
	uint32_t parent;
	uint32_t count;
	struct mapping *mappings;
};

struct file {
	uint32_t device_major, device_minor;
	uint64_t inode;
	char *path;
};

struct ecli_told {
	struct process ring[PROCESSES];
	uint32_t buckets[PROCESSES]; /* index + 1 */
	uint32_t turn;               /* who makes room next */
	struct file files[FILES];
	uint32_t n_files;
};

struct ecli_told *ecli_told_new(void)
{
	return calloc(1, sizeof(struct ecli_told));
}

void ecli_told_free(struct ecli_told *told)
{
	if (!told)
		return;
	for (uint32_t i = 0; i < PROCESSES; i++)
		free(told->ring[i].mappings);
	for (uint32_t i = 0; i < told->n_files; i++)
		free(told->files[i].path);
	free(told);
}

/* ---- processes ------------------------------------------------------------------------------------------------- */

static struct process *find(const struct ecli_told *told, uint32_t pid)
{
	for (uint32_t i = told->buckets[pid % PROCESSES]; i; i = told->ring[i - 1].next)
		if (told->ring[i - 1].pid == pid)
			return (struct process *)&told->ring[i - 1];
	return NULL;
}

static void forget(struct ecli_told *told, struct process *process)
{
	uint32_t *link = &told->buckets[process->pid % PROCESSES];

	while (&told->ring[*link - 1] != process)
		link = &told->ring[*link - 1].next;
	*link = process->next;
	free(process->mappings);
	*process = (struct process){ 0 };
}

static struct process *add(struct ecli_told *told, uint32_t pid)
{
	struct process *process = find(told, pid);

	if (process)
		forget(told, process);
	process = &told->ring[told->turn];
	if (process->pid)
		forget(told, process);
	uint32_t *bucket = &told->buckets[pid % PROCESSES];
	*process = (struct process){ .pid = pid, .next = *bucket };
	*bucket = ++told->turn;
	told->turn %= PROCESSES;
	return process;
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

/* The last ones are asked first: programs come in groups. */
static bool find_file(struct ecli_told *told, const struct ecli_symbols_event *event, uint32_t *ret)
{
	for (uint32_t i = told->n_files; i--;) {
		const struct file *file = &told->files[i];

		if (file->inode != event->inode || file->device_major != event->device_major ||
		    file->device_minor != event->device_minor || strcmp(file->path, event->path) != 0)
			continue;
		*ret = i;
		return true;
	}
	if (told->n_files == FILES || strnlen(event->path, PATH_BYTES) == PATH_BYTES)
		return false;
	char *path = strdup(event->path);
	if (!path)
		return false;
	told->files[told->n_files] = (struct file){ .device_major = event->device_major,
						    .device_minor = event->device_minor,
						    .inode = event->inode,
						    .path = path };
	*ret = told->n_files++;
	return true;
}

/* ---- mappings -------------------------------------------------------------------------------------------------- */

/* Takes away what lies where @added will lie, and keeps the order of addresses. What is cut in two is taken away whole: nobody does that with code. */
static bool put(struct process *process, const struct mapping *added)
{
	uint32_t kept = 0, place = 0;

	for (uint32_t i = 0; i < process->count; i++) {
		const struct mapping *its = &process->mappings[i];

		if (its->start < added->end && added->start < its->end)
			continue;
		if (its->start < added->start)
			place = kept + 1;
		process->mappings[kept++] = *its;
	}
	process->count = kept;
	if (kept == ECLI_TOLD_MAPPINGS)
		return false;
	struct mapping *more = reallocarray(process->mappings, kept + 1, sizeof(*more));
	if (!more)
		return false;
	process->mappings = more;
	memmove(more + place + 1, more + place, (kept - place) * sizeof(*more));
	more[place] = *added;
	process->count++;
	return true;
}

static void on_mapped(struct ecli_told *told, const struct ecli_symbols_event *event)
{
	struct mapping mapping = { event->start, event->start + event->size_bytes, event->offset, 0 };
	struct process *process = find(told, event->pid);

	if (mapping.end <= mapping.start || !find_file(told, event, &mapping.file))
		return;
	/* One that was there before: the rest of it is read from /proc while it lives. */
	if (!process) {
		process = add(told, event->pid);
		process->parent = event->pid;
	}
	put(process, &mapping);
}

static void on_forked(struct ecli_told *told, const struct ecli_symbols_event *event)
{
	const struct process *parent = find(told, event->parent);
	CLEANUP_FREE struct mapping *copy = NULL;
	uint32_t count = parent ? parent->count : 0, grandparent = parent ? parent->parent : event->parent;

	if (count) {
		copy = reallocarray(NULL, count, sizeof(*copy));
		if (!copy)
			return;
		memcpy(copy, parent->mappings, count * sizeof(*copy));
	}
	struct process *process = add(told, event->pid); /* may take the parent's place */
	process->parent = grandparent;
	process->count = count;
	process->mappings = TAKE_PTR(copy);
}

void ecli_told_add(struct ecli_told *told, const struct ecli_symbols_event *event)
{
	if (!event->pid)
		return;
	switch (event->kind) {
	case ECLI_SYMBOLS_MAPPED:
		on_mapped(told, event);
		break;
	case ECLI_SYMBOLS_FORKED:
		on_forked(told, event);
		break;
	case ECLI_SYMBOLS_EXECED:
		add(told, event->pid);
		break;
	}
}

size_t ecli_told_find(const struct ecli_told *told, uint32_t pid, struct ecli_map ret[ECLI_TOLD_MAPPINGS],
		      uint32_t *ret_parent)
{
	const struct process *process = pid ? find(told, pid) : NULL;

	*ret_parent = process ? process->parent : 0;
	for (uint32_t i = 0; process && i < process->count; i++) {
		const struct mapping *its = &process->mappings[i];
		const struct file *file = &told->files[its->file];

		ret[i] = (struct ecli_map){ .start = its->start,
					    .end = its->end,
					    .offset = its->offset,
					    .device_major = file->device_major,
					    .device_minor = file->device_minor,
					    .inode = file->inode,
					    .path = file->path };
	}
	return process ? process->count : 0;
}
