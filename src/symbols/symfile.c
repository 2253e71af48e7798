/* SPDX-License-Identifier: MIT */
/*
 * What one file tells: where its segments lie and its functions. The best table there is wins:
 *
 *     functions   .symtab of the file, else of its debug file, else .gnu_debugdata with .dynsym, else .dynsym
 *     lines       DWARF of the file, else of its debug file
 */
#include "symbols/symfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbols/separate.h"

#define DELETED " (deleted)"

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
	const char *slash = strrchr(file->path, '/');
	file->module = ecli_names_add(names, slash ? slash + 1 : file->path);
	if (!file->module)
		file->module = "";
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

/* Functions and lines of the debug file; whether it has functions. */
static bool read_separate(struct ecli_symfile *file, const struct ecli_image *image, int root_fd)
{
	CLEANUP_FD int fd = ecli_separate_open(image, file->path, root_fd);
	struct ecli_image debug;

	if (fd < 0 || !ecli_image_open(fd, &debug))
		return false;
	bool any = !file->functions.count && ecli_image_functions(&debug, SHT_SYMTAB, &file->functions);
	ecli_image_close(&debug);
	if (file->with_lines && (file->lines = ecli_lines_open(fd, file->names)))
		file->debug_fd = TAKE_FD(fd);
	return any;
}

static void read_image(struct ecli_symfile *file, const struct ecli_image *image, int root_fd)
{
	memcpy(file->loads, image->loads, sizeof(file->loads));
	file->n_loads = image->n_loads;
	bool any = ecli_image_functions(image, SHT_SYMTAB, &file->functions);

	if (file->fd >= 0 && file->with_lines)
		file->lines = ecli_lines_open(file->fd, file->names);
	if (file->fd >= 0 && (!any || (file->with_lines && !file->lines)))
		any |= read_separate(file, image, root_fd);
	if (!any) {
		ecli_separate_packed(image, &file->functions);
		ecli_image_functions(image, SHT_DYNSYM, &file->functions);
	}
	ecli_symtab_sort(&file->functions);
}

void ecli_symfile_read(struct ecli_symfile *file, int root_fd)
{
	struct ecli_image image;

	if (file->is_read)
		return;
	file->is_read = true;
	if (file->fd < 0 || !ecli_image_open(file->fd, &image))
		return;
	read_image(file, &image, root_fd);
	ecli_image_close(&image);
}

static void forget_lines(struct ecli_symfile *file)
{
	ecli_lines_close(file->lines);
	file->lines = NULL;
	if (file->debug_fd >= 0)
		close(file->debug_fd);
	file->debug_fd = -1;
}

void ecli_symfile_settle(struct ecli_symfile *file)
{
	ecli_symfile_read(file, -1);
	forget_lines(file);
	close(file->fd);
	file->fd = -1;
}

void ecli_symfile_forget(struct ecli_symfile *file)
{
	forget_lines(file);
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
