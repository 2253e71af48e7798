/* SPDX-License-Identifier: MIT */
/*
 * What one file tells: where its segments lie and its functions. The best table there is wins:
 *
 *     functions   .symtab of the file, else of its debug file, else all of .gnu_debugdata, .gopclntab and .dynsym
 *     lines       DWARF of the file, else of its debug file
 *
 * Before something is read others give up their memory for it. What does not fit even then is not read.
 */
#include "symbols/symfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbols/gopcln.h"
#include "symbols/separate.h"

#define DELETED " (deleted)"

enum {
	MAX_READS = 16,     /* of a file whose tables had to go */
	MAX_LINE_READS = 8, /* of its lines */
};

struct ecli_symfile *ecli_symfile_new(struct ecli_names *names, const char *path)
{
	struct ecli_symfile *file = calloc(1, sizeof(*file));
	size_t len = strlen(path);

	if (!file)
		return NULL;
	file->fd = file->debug_fd = -1;
	file->names = names;
	if (len > strlen(DELETED) && !strcmp(path + len - strlen(DELETED), DELETED))
		len -= strlen(DELETED);
	file->path = strndup(path, len);
	if (!file->path) {
		free(file);
		return NULL;
	}
	return file;
}

void ecli_symfile_free(struct ecli_symfile *file)
{
	if (!file)
		return;
	ecli_symfile_forget(file);
	if (file->fd >= 0)
		close(file->fd);
	free(file->path);
	free(file);
}

struct ecli_work ecli_symfile_work(const struct ecli_symfile *file)
{
	return (struct ecli_work){ .kind = ECLI_WORK_FILE,
				   .user = file->user,
				   .id = { (uint64_t)file->key.device_major << 32 | file->key.device_minor,
					   file->key.inode } };
}

static bool has_room(struct ecli_symfile *file, size_t bytes)
{
	return bytes != SIZE_MAX && (!file->owner || ecli_files_make_room(file->owner, file, bytes));
}

/* libelf keeps what it has read until the image is closed: a table has an image of its own. @fd: -1 for one in memory. */
static bool read_functions(struct ecli_symfile *file, const struct ecli_image *image, int fd, uint32_t type)
{
	size_t bytes = ecli_image_functions_cost(image, type);
	struct ecli_image own = { 0 };

	if (!bytes)
		return false;
	if (!has_room(file, bytes)) {
		file->no_functions = ECLI_LEFT_FUNCTIONS;
		return false;
	}
	if (fd < 0)
		return ecli_image_functions(image, type, &file->functions);
	bool any = ecli_image_open(fd, &own) && ecli_image_functions(&own, type, &file->functions);
	ecli_image_close(&own);
	return any;
}

static void read_go(struct ecli_symfile *file, const struct ecli_image *image, int fd)
{
	size_t bytes = ecli_gopcln_cost(image);
	struct ecli_image own = { 0 };

	if (bytes && fd >= 0 && has_room(file, bytes) && ecli_image_open(fd, &own))
		ecli_gopcln_functions(&own, &file->functions);
	ecli_image_close(&own);
}

/* Of @fd, which @image is of. */
static void open_lines(struct ecli_symfile *file, const struct ecli_image *image, int fd)
{
	enum ecli_left_out why = ECLI_LEFT_NOTHING;
	size_t bytes = ecli_lines_cost(image, &why);

	file->has_lost_lines = false;
	if (!file->with_lines)
		return;
	if (bytes != SIZE_MAX)
		why = ECLI_LEFT_LINES_ROOM;
	if (file->n_line_reads++ < MAX_LINE_READS && has_room(file, bytes))
		file->lines = ecli_lines_open(fd, file->names);
	/* A file without any does not excuse its debug file, nor the other way round. */
	if (why != ECLI_LEFT_NOTHING || file->lines)
		file->no_lines = file->lines ? ECLI_LEFT_NOTHING : why;
}

/* Functions and lines of the debug file; whether it has functions. */
static bool read_separate(struct ecli_symfile *file, const struct ecli_image *image, int root_fd)
{
	CLEANUP_FD int fd = ecli_separate_open(image, file->path, root_fd, file->user, ecli_files_checked(file->owner));
	struct ecli_image debug;

	if (fd < 0 || !ecli_image_open(fd, &debug))
		return false;
	bool any = !file->functions.count && read_functions(file, &debug, fd, SHT_SYMTAB);
	open_lines(file, &debug, fd);
	if (file->lines)
		file->debug_fd = TAKE_FD(fd);
	ecli_image_close(&debug);
	return any;
}

static void read_image(struct ecli_symfile *file, const struct ecli_image *image, int root_fd)
{
	memcpy(file->loads, image->loads, sizeof(file->loads));
	file->n_loads = image->n_loads;
	file->no_functions = file->no_lines = ECLI_LEFT_NOTHING;
	bool any = read_functions(file, image, file->fd, SHT_SYMTAB);

	if (file->fd >= 0)
		open_lines(file, image, file->fd);
	if (file->fd >= 0 && file->owner && (!any || (file->with_lines && !file->lines)))
		any |= read_separate(file, image, root_fd);
	if (!any) {
		ecli_separate_packed(image, &file->functions);
		read_go(file, image, file->fd);
		read_functions(file, image, file->fd, SHT_DYNSYM);
	}
	ecli_symtab_sort(&file->functions);
	if (file->functions.is_full)
		file->no_functions = ECLI_LEFT_FUNCTIONS;
}

static void read_lines_again(struct ecli_symfile *file)
{
	int fd = file->debug_fd >= 0 ? file->debug_fd : file->fd;
	struct ecli_image image;

	file->has_lost_lines = false;
	if (fd < 0 || !ecli_image_open(fd, &image))
		return;
	open_lines(file, &image, fd);
	ecli_image_close(&image);
}

bool ecli_symfile_is_ready(const struct ecli_symfile *file)
{
	return file->is_read && !file->has_lost_lines;
}

void ecli_symfile_read(struct ecli_symfile *file, int root_fd)
{
	struct ecli_image image;

	if (file->is_read && file->has_lost_lines)
		read_lines_again(file);
	if (file->is_read)
		return;
	file->is_read = true;
	if (file->fd < 0 || ++file->n_reads > MAX_READS || !ecli_image_open(file->fd, &image))
		return;
	read_image(file, &image, root_fd);
	ecli_image_close(&image);
}

void ecli_symfile_forget_lines(struct ecli_symfile *file)
{
	file->has_lost_lines = file->lines != NULL;
	ecli_lines_close(file->lines);
	file->lines = NULL;
}

/* For good, unless the file is read anew. */
static void drop_lines(struct ecli_symfile *file)
{
	ecli_symfile_forget_lines(file);
	file->has_lost_lines = false;
	if (file->debug_fd >= 0)
		close(file->debug_fd);
	file->debug_fd = -1;
}

void ecli_symfile_settle(struct ecli_symfile *file)
{
	ecli_symfile_read(file, -1);
	drop_lines(file);
	close(file->fd);
	file->fd = -1;
}

void ecli_symfile_forget(struct ecli_symfile *file)
{
	drop_lines(file);
	ecli_symtab_done(&file->functions);
	file->is_read = false;
}

size_t ecli_symfile_bytes(const struct ecli_symfile *file)
{
	return ecli_symtab_bytes(&file->functions) + (file->lines ? ecli_lines_bytes(file->lines) : 0);
}

/* How long the mapping at @start is, from our own maps. */
static uint64_t size_of_mapping(uint64_t start)
{
	CLEANUP_FILE FILE *maps = fopen("/proc/self/maps", "re");
	char line[256];
	unsigned long long from, to;

	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%llx-%llx", &from, &to) == 2 && from == start && to > from)
			return to - from;
	}
	return 0;
}

struct ecli_symfile *ecli_symfile_vdso(struct ecli_names *names, uint64_t *ret_size_bytes)
{
	uintptr_t start = getauxval(AT_SYSINFO_EHDR);
	uint64_t size = start ? size_of_mapping(start) : 0;
	CLEANUP_FREE void *copy = size ? malloc(size) : NULL;
	struct ecli_image image;

	if (!copy)
		return NULL;
	memcpy(copy, (const void *)start, size);
	if (!ecli_image_open_memory(copy, size, &image))
		return NULL;
	struct ecli_symfile *file = ecli_symfile_new(names, "[vdso]");
	if (file) {
		file->is_read = true;
		read_image(file, &image, -1);
		*ret_size_bytes = size;
	}
	ecli_image_close(&image);
	return file;
}
