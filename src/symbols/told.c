/* SPDX-License-Identifier: MIT */
/*
 * A table of images, by pid and the latest first, each with the list of what it mapped since it came to be.
 *
 *     mapped   over what lay there        forked   a new image: a copy of the parent's list, or the parent where it has none
 *     execed   a new image: an empty list
 *
 * Images stand in a ring in the order in which they were told of, so that making room
 * costs nothing; the lists of most are those of a program and its libraries, five mappings of four files.
 *
 * Of the names of threads checksums are kept. That an image had none of some name is only said when all of its names are known: it began with one thread under our eyes.
 */
#include "symbols/told.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum {
	PROCESSES = 1 << 16, /* and buckets */
	FILES = 4096,
	PATH_BYTES = 4096,
	THREADS = 6, /* names kept of an image's threads */
};

struct mapping {
	uint64_t start, end, offset;
	uint32_t file; /* in files */
};

struct image {
	uint32_t pid;    /* 0: the place is free */
	uint32_t number; /* of the image, not 0 */
	uint32_t next;   /* in its bucket: index + 1 */
	uint32_t parent, parent_image;
	uint64_t began_ns; /* 0: before anything was told */
	uint32_t count;
	struct mapping *mappings;
	uint32_t threads[THREADS];
	uint8_t n_threads;
	bool has_all_threads; /* no thread of it had another name */
};

struct file {
	uint32_t device_major, device_minor;
	uint64_t inode;
	char *path;
};

struct ecli_told {
	struct image ring[PROCESSES];
	uint32_t buckets[PROCESSES]; /* index + 1 */
	uint32_t turn;               /* who makes room next */
	uint32_t last_number;
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

/* ---- images ---------------------------------------------------------------------------------------------------- */

/* The one after @image, or the first one, of that pid. */
static struct image *next_of(const struct ecli_told *told, uint32_t pid, const struct image *image)
{
	for (uint32_t i = image ? image->next : told->buckets[pid % PROCESSES]; i; i = told->ring[i - 1].next)
		if (told->ring[i - 1].pid == pid)
			return (struct image *)&told->ring[i - 1];
	return NULL;
}

static struct image *find(const struct ecli_told *told, uint32_t pid)
{
	return next_of(told, pid, NULL);
}

static void forget(struct ecli_told *told, struct image *image)
{
	uint32_t *link = &told->buckets[image->pid % PROCESSES];

	while (&told->ring[*link - 1] != image)
		link = &told->ring[*link - 1].next;
	*link = image->next;
	free(image->mappings);
	*image = (struct image){ 0 };
}

static struct image *add(struct ecli_told *told, uint32_t pid, uint64_t began_ns)
{
	struct image *image = &told->ring[told->turn];

	if (image->pid)
		forget(told, image);
	uint32_t *bucket = &told->buckets[pid % PROCESSES];
	*image = (struct image){ .pid = pid, .next = *bucket, .number = ++told->last_number, .began_ns = began_ns };
	*bucket = ++told->turn;
	told->turn %= PROCESSES;
	return image;
}

/* ---- names of threads ------------------------------------------------------------------------------------------ */

/* FNV-1a. */
static uint32_t sum_of(const char *thread)
{
	uint32_t sum = 2166136261u;

	for (; *thread; thread++)
		sum = (sum ^ (unsigned char)*thread) * 16777619u;
	return sum;
}

static bool has_thread(const struct image *image, uint32_t sum)
{
	for (uint8_t i = 0; i < image->n_threads; i++)
		if (image->threads[i] == sum)
			return true;
	return false;
}

static void add_thread(struct image *image, const char *thread)
{
	uint32_t sum = thread ? sum_of(thread) : 0;

	if (thread && has_thread(image, sum))
		return;
	if (!thread || image->n_threads == THREADS)
		image->has_all_threads = false;
	else
		image->threads[image->n_threads++] = sum;
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
static bool put(struct image *image, const struct mapping *added)
{
	uint32_t kept = 0, place = 0;

	for (uint32_t i = 0; i < image->count; i++) {
		const struct mapping *its = &image->mappings[i];

		if (its->start < added->end && added->start < its->end)
			continue;
		if (its->start < added->start)
			place = kept + 1;
		image->mappings[kept++] = *its;
	}
	image->count = kept;
	if (kept == ECLI_TOLD_MAPPINGS)
		return false;
	struct mapping *more = reallocarray(image->mappings, kept + 1, sizeof(*more));
	if (!more)
		return false;
	image->mappings = more;
	memmove(more + place + 1, more + place, (kept - place) * sizeof(*more));
	more[place] = *added;
	image->count++;
	return true;
}

static void on_mapped(struct ecli_told *told, const struct ecli_symbols_event *event)
{
	struct mapping mapping = { event->start, event->start + event->size_bytes, event->offset, 0 };
	struct image *image = find(told, event->pid);

	if (mapping.end <= mapping.start || !find_file(told, event, &mapping.file))
		return;
	/* One that was there before, and nobody saw: the rest of it is read from /proc while it lives. */
	if (!image) {
		image = add(told, event->pid, 0);
		image->parent = event->pid;
		image->parent_image = image->number;
	}
	put(image, &mapping);
}

static void on_forked(struct ecli_told *told, const struct ecli_symbols_event *event)
{
	const struct image *found = find(told, event->parent);
	struct image parent = found ? *found : (struct image){ .parent = event->parent };

	if (event->pid == event->parent)
		return;
	CLEANUP_FREE struct mapping *copy = NULL;

	if (parent.count) {
		copy = reallocarray(NULL, parent.count, sizeof(*copy));
		if (!copy)
			return;
		memcpy(copy, parent.mappings, parent.count * sizeof(*copy));
	}
	struct image *image = add(told, event->pid, event->time_ns); /* may take the parent's place */
	image->parent = parent.parent;
	image->parent_image = parent.parent_image;
	image->count = parent.count;
	image->mappings = TAKE_PTR(copy);
	memcpy(image->threads, parent.threads, sizeof(parent.threads));
	image->n_threads = parent.n_threads;
	image->has_all_threads = parent.has_all_threads;
}

static void on_execed(struct ecli_told *told, const struct ecli_symbols_event *event)
{
	struct image *image = add(told, event->pid, event->time_ns);

	image->has_all_threads = true;
	add_thread(image, event->path);
}

static void on_named(struct ecli_told *told, const struct ecli_symbols_event *event)
{
	struct image *image = find(told, event->pid);

	if (image)
		add_thread(image, event->path);
}

void ecli_told_add(struct ecli_told *told, const struct ecli_symbols_event *event)
{
	static void (*const on[])(struct ecli_told * told, const struct ecli_symbols_event *event) = {
		[ECLI_SYMBOLS_MAPPED] = on_mapped,
		[ECLI_SYMBOLS_FORKED] = on_forked,
		[ECLI_SYMBOLS_EXECED] = on_execed,
		[ECLI_SYMBOLS_NAMED] = on_named,
	};

	if (event->pid && event->kind < ARRAY_SIZE(on) && on[event->kind])
		on[event->kind](told, event);
}

void ecli_told_add_old(struct ecli_told *told, uint32_t pid, const char *thread, bool is_single)
{
	struct image *image = pid && !find(told, pid) ? add(told, pid, 0) : NULL;

	if (!image)
		return;
	image->parent = pid;
	image->parent_image = image->number;
	image->has_all_threads = is_single;
	add_thread(image, thread);
}

/* ---- questions ------------------------------------------------------------------------------------------------- */

struct ecli_image_id ecli_told_last(const struct ecli_told *told, uint32_t pid)
{
	const struct image *image = pid ? find(told, pid) : NULL;

	return (struct ecli_image_id){ pid, image ? image->number : 0, true };
}

/* The id of an image of that pid; one that is not known any more ended long ago. */
static struct ecli_image_id id_of(const struct ecli_told *told, uint32_t pid, uint32_t number)
{
	struct ecli_image_id id = { pid, number, true, 0 };

	for (const struct image *image = find(told, pid); image && image->number != number;
	     image = next_of(told, pid, image)) {
		id.is_last = false;
		id.ended_ns = image->began_ns;
	}
	return id;
}

size_t ecli_told_images(const struct ecli_told *told, uint32_t pid, const char *thread,
			struct ecli_told_image ret[ECLI_TOLD_IMAGES])
{
	uint32_t sum = thread ? sum_of(thread) : 0;
	const struct image *last = pid ? find(told, pid) : NULL;
	size_t count = 0;

	for (const struct image *image = last; image; image = next_of(told, pid, image)) {
		bool has = thread && has_thread(image, sum);

		if (thread && !has && image->has_all_threads)
			continue;
		if (count == ECLI_TOLD_IMAGES)
			return count + 1;
		ret[count++] = (struct ecli_told_image){ .id = id_of(told, pid, image->number),
							 .parent = id_of(told, image->parent, image->parent_image),
							 .has_thread = has };
	}
	return count;
}

size_t ecli_told_maps(const struct ecli_told *told, const struct ecli_image_id *id,
		      struct ecli_map ret[ECLI_TOLD_MAPPINGS])
{
	const struct image *image = id->pid ? find(told, id->pid) : NULL;

	while (image && image->number != id->image)
		image = next_of(told, id->pid, image);
	for (uint32_t i = 0; image && i < image->count; i++) {
		const struct mapping *its = &image->mappings[i];
		const struct file *file = &told->files[its->file];

		ret[i] = (struct ecli_map){ .start = its->start,
					    .end = its->end,
					    .offset = its->offset,
					    .device_major = file->device_major,
					    .device_minor = file->device_minor,
					    .inode = file->inode,
					    .path = file->path,
					    .is_code = true };
	}
	return image ? image->count : 0;
}
