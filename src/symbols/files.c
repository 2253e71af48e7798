/* SPDX-License-Identifier: MIT */
/*
 * The table of files, and which of them stay open and read. What is read from a file, and when, is symfile.c's; here is only
 * how many there may be.
 *
 *     process ─ refs ─> file { key, fd, loads, functions, lines }        a file nobody maps stays until room is needed
 */
#include "symbols/files.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbols/separate.h"
#include "symbols/symfile.h"

enum {
	MAX_FILES = 4096,
	MAX_OF_USER = 1024,
	MAX_OF_USERS = MAX_FILES - 1024, /* the rest is for root's processes */
	MAX_OPEN = 512,
	MAX_BYTES = 48 << 20,   /* at rest, */
	MAX_READING = 56 << 20, /* and while one more is read */
};

struct ecli_files {
	struct ecli_names *names;
	bool with_lines;
	const struct ecli_avoid *avoid;
	struct ecli_checked checked;
	struct ecli_symfile *items[MAX_FILES];
	size_t count;
	uint32_t next_number;
	struct ecli_symfile *vdso; /* one reference is ours */
	bool vdso_was_tried;
	uint64_t vdso_size;
};

struct ecli_files *ecli_files_new(struct ecli_names *names, bool with_lines, const struct ecli_avoid *avoid)
{
	struct ecli_files *files = calloc(1, sizeof(*files));

	if (files) {
		files->names = names;
		files->with_lines = with_lines;
		files->avoid = avoid;
	}
	return files;
}

void ecli_files_free(struct ecli_files *files)
{
	if (!files)
		return;
	for (size_t i = 0; i < files->count; i++)
		ecli_symfile_free(files->items[i]);
	ecli_symfile_free(files->vdso);
	free(files);
}

/* An inode may be written anew in place: then it is another file. */
static bool is_same(const struct ecli_symfile *file)
{
	struct stat st;

	return file->fd < 0 || (!fstat(file->fd, &st) && st.st_mtim.tv_sec == file->changed.tv_sec &&
				st.st_mtim.tv_nsec == file->changed.tv_nsec && (uint64_t)st.st_size == file->size);
}

struct ecli_symfile *ecli_files_get(struct ecli_files *files, const struct ecli_file_key *key)
{
	for (size_t i = 0; i < files->count; i++) {
		struct ecli_symfile *file = files->items[i];

		if (file->key.inode != key->inode || file->key.device_major != key->device_major ||
		    file->key.device_minor != key->device_minor || file->is_old)
			continue;
		if (is_same(file)) {
			file->refs++;
			return file;
		}
		file->is_old = true;
	}
	return NULL;
}

/* The one that was asked for longest ago, of those that @may go. */
static size_t oldest(const struct ecli_files *files, bool (*may)(const struct ecli_symfile *file))
{
	size_t best = files->count;

	for (size_t i = 0; i < files->count; i++) {
		if (may(files->items[i]) && (best == files->count || files->items[i]->used < files->items[best]->used))
			best = i;
	}
	return best;
}

static bool is_open(const struct ecli_symfile *file)
{
	return file->fd >= 0;
}

static bool has_lines(const struct ecli_symfile *file)
{
	return file->lines;
}

static bool has_tables(const struct ecli_symfile *file)
{
	return ecli_symfile_bytes(file);
}

static size_t count_of(const struct ecli_files *files, bool (*is)(const struct ecli_symfile *file))
{
	size_t count = 0;

	for (size_t i = 0; i < files->count; i++)
		count += is(files->items[i]);
	return count;
}

static bool drop_unused(struct ecli_files *files, const uint32_t *holder)
{
	size_t best = files->count;

	for (size_t i = 0; i < files->count; i++) {
		const struct ecli_symfile *file = files->items[i];

		if (!file->refs && (!holder || file->holder == *holder) &&
		    (best == files->count || file->used < files->items[best]->used))
			best = i;
	}
	if (best == files->count)
		return false;
	ecli_symfile_free(files->items[best]);
	files->items[best] = files->items[--files->count];
	return true;
}

/* Makes room for one more file and one more descriptor. A process can map any number of files: what it holds is in nobody else's way. */
static bool make_room(struct ecli_files *files, uint32_t holder)
{
	size_t of_holder = 0, of_users = 0;

	for (size_t i = 0; i < files->count; i++) {
		of_holder += files->items[i]->holder == holder;
		of_users += files->items[i]->holder != 0;
	}
	if (holder && of_holder >= MAX_OF_USER && !drop_unused(files, &holder))
		return false;
	if ((files->count == MAX_FILES || (holder && of_users >= MAX_OF_USERS)) && !drop_unused(files, NULL))
		return false;
	if (count_of(files, is_open) >= MAX_OPEN)
		ecli_symfile_settle(files->items[oldest(files, is_open)]);
	return true;
}

struct ecli_symfile *ecli_files_add(struct ecli_files *files, const struct ecli_file_key *key, int fd,
				    const struct stat *st, const char *path, uint32_t holder)
{
	CLEANUP_FD int owned = fd;
	struct ecli_symfile *file;

	if (!make_room(files, holder) || !(file = ecli_symfile_new(files->names, path)))
		return NULL;
	file->key = *key;
	file->fd = TAKE_FD(owned);
	file->changed = st->st_mtim;
	file->size = (uint64_t)st->st_size;
	file->owner = files;
	file->user = st->st_uid;
	file->holder = holder;
	struct ecli_work work = ecli_symfile_work(file);
	unsigned died = ecli_avoid_times(files->avoid, &work);
	file->with_lines = files->with_lines && !died;
	file->is_read = died > 1;
	file->number = ++files->next_number;
	file->refs = 1;
	files->items[files->count++] = file;
	return file;
}

struct ecli_symfile *ecli_files_vdso(struct ecli_files *files, uint64_t size_bytes)
{
	if (!files->vdso_was_tried) {
		files->vdso_was_tried = true;
		files->vdso = ecli_symfile_vdso(files->names, &files->vdso_size);
		if (files->vdso) {
			files->vdso->number = ++files->next_number;
			files->vdso->refs = 1;
		}
	}
	if (!files->vdso || files->vdso_size != size_bytes)
		return NULL;
	files->vdso->refs++;
	return files->vdso;
}

void ecli_files_keep(struct ecli_symfile *file)
{
	if (file)
		file->refs++;
}

void ecli_files_put(struct ecli_symfile *file)
{
	if (file)
		file->refs--;
}

/* Makes others give up their lines, then their functions, the oldest first, until no more than @most bytes are left of all; whether they are. */
static bool shrink(struct ecli_files *files, const struct ecli_symfile *file, size_t most)
{
	size_t bytes = 0;

	for (size_t i = 0; i < files->count; i++)
		bytes += ecli_symfile_bytes(files->items[i]);
	for (size_t i; bytes > most && (i = oldest(files, has_lines)) < files->count && files->items[i] != file;) {
		bytes -= ecli_symfile_bytes(files->items[i]);
		ecli_symfile_forget_lines(files->items[i]);
		bytes += ecli_symfile_bytes(files->items[i]);
	}
	for (size_t i; bytes > most && (i = oldest(files, has_tables)) < files->count && files->items[i] != file;) {
		bytes -= ecli_symfile_bytes(files->items[i]);
		ecli_symfile_forget(files->items[i]);
	}
	return bytes <= most;
}

void ecli_files_used(struct ecli_files *files, struct ecli_symfile *file)
{
	shrink(files, file, MAX_BYTES);
}

bool ecli_files_make_room(struct ecli_files *files, const struct ecli_symfile *file, size_t bytes)
{
	return bytes <= MAX_READING && shrink(files, file, MAX_READING - bytes);
}

struct ecli_checked *ecli_files_checked(struct ecli_files *files)
{
	return &files->checked;
}

uint32_t ecli_symfile_number(const struct ecli_symfile *file)
{
	return file->number;
}
