/* SPDX-License-Identifier: MIT */
/*
 * Where a library lies is asked of what answers for the process: its mappings when there is one, else the dynamic linker's cache
 * (/etc/ld.so.cache), which is read directly: running ldconfig would mean running a program of somebody's PATH.
 *
 *     ld.so.cache   [old cache, ignored] "glibc-ld.so.cache1.1" count, size of strings, ... entries {flags, key, value, ...} strings
 *
 * Source of that format: sysdeps/generic/dl-cache.h of glibc 2.36. Offsets of key and value count from the magic.
 */
#include "load/attach/binary.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"

#define CACHE           "/etc/ld.so.cache"
#define CACHE_MAGIC     "glibc-ld.so.cache1.1"
#define CACHE_HEADER    48
#define CACHE_ENTRY     24
#define MAX_CACHE_BYTES (16u << 20)

/* ---- names of libraries ---------------------------------------------------------------------------------------- */

/* Whether the file called @file is what is meant by @name: itself, "libc" or "c" for libc.so.6. */
static bool is_library(const char *file, const char *name)
{
	size_t len = strlen(name);

	if (!strcmp(file, name))
		return true;
	if (strstr(name, ".so"))
		return false;
	if (!strncmp(file, name, len) && !strncmp(file + len, ".so", 3))
		return true;
	return !strncmp(file, "lib", 3) && !strncmp(file + 3, name, len) && !strncmp(file + 3 + len, ".so", 3);
}

static uint32_t u32_at(const char *data, size_t offset)
{
	uint32_t value;

	memcpy(&value, data + offset, sizeof(value));
	return value;
}

/* The text at @offset, NULL when it does not end within the cache. */
static const char *text_at(const char *data, size_t size, uint32_t offset)
{
	return offset < size && memchr(data + offset, '\0', size - offset) ? data + offset : NULL;
}

/* Whether a file is for this machine: the cache has libraries of other widths as well. */
static bool is_native(const char *path)
{
	unsigned char ident[EI_NIDENT];
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	return fd >= 0 && read(fd, ident, sizeof(ident)) == sizeof(ident) && !memcmp(ident, ELFMAG, SELFMAG) &&
	       ident[EI_CLASS] == ELFCLASS64;
}

static bool find_in_cache(const char *name, char ret[PATH_MAX])
{
	CLEANUP_BUF struct ecli_buf buf = { 0 };
	struct ecli_err err;

	if (ecli_file_read(CACHE, MAX_CACHE_BYTES, &buf, &err))
		return false;
	const char *data = memmem(buf.data, buf.len, CACHE_MAGIC, strlen(CACHE_MAGIC));
	size_t size = data ? buf.len - (size_t)(data - buf.data) : 0;
	if (size < CACHE_HEADER)
		return false;
	uint64_t count = u32_at(data, strlen(CACHE_MAGIC));
	for (uint64_t i = 0; i < count && (i + 1) * CACHE_ENTRY <= size - CACHE_HEADER; i++) {
		size_t entry = CACHE_HEADER + i * CACHE_ENTRY;
		const char *key = text_at(data, size, u32_at(data, entry + 4));
		const char *value = text_at(data, size, u32_at(data, entry + 8));

		if (!key || !value || strlen(value) >= PATH_MAX || !is_library(key, name) || !is_native(value))
			continue;
		snprintf(ret, PATH_MAX, "%s", value);
		return true;
	}
	return false;
}

/* ---- names of programs ----------------------------------------------------------------------------------------- */

static bool find_in_path(const char *name, char ret[PATH_MAX])
{
	const char *path = getenv("PATH");

	for (path = path ? path : "/usr/bin:/bin:/usr/sbin:/sbin"; *path; path += *path == ':') {
		size_t len = strcspn(path, ":");
		int n = snprintf(ret, PATH_MAX, "%.*s/%s", (int)len, path, name);

		if (len && n < PATH_MAX && !access(ret, X_OK))
			return true;
		path += len;
	}
	return false;
}

/* ---- as a process sees it -------------------------------------------------------------------------------------- */

/* Through the process's root; the file itself when that cannot be asked. */
static bool through_root(int pid, const char *path, char ret[PATH_MAX])
{
	return snprintf(ret, PATH_MAX, "/proc/%d/root%s", pid, path) < PATH_MAX && !access(ret, R_OK);
}

static bool find_in_maps(const char *name, int pid, char ret[PATH_MAX])
{
	CLEANUP_FREE char *line = NULL;
	char path[32];
	size_t size = 0;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	CLEANUP_FILE FILE *file = fopen(path, "re");
	while (file && getline(&line, &size, file) > 0) {
		char *mapped = strchr(line, '/'), *base = mapped ? strrchr(mapped, '/') + 1 : NULL;

		if (!base)
			continue;
		base[strcspn(base, "\n")] = '\0';
		if (is_library(base, name) && through_root(pid, mapped, ret))
			return true;
	}
	return false;
}

bool ecli_binary_find(const char *name, int pid, char ret[PATH_MAX])
{
	char found[PATH_MAX];

	if (strchr(name, '/')) {
		if (pid >= 0 && *name == '/' && strncmp(name, "/proc/", 6) != 0 && through_root(pid, name, ret))
			return true;
		return snprintf(ret, PATH_MAX, "%s", name) < PATH_MAX && !access(ret, F_OK);
	}
	if (*name && strlen(name) < NAME_MAX) {
		if (pid >= 0 && find_in_maps(name, pid, ret))
			return true;
		/* A program before a library, except where the name says what it is: "bash" is no libbash. */
		if ((!strstr(name, ".so") && find_in_path(name, found)) || find_in_cache(name, found)) {
			if (pid < 0 || !through_root(pid, found, ret))
				snprintf(ret, PATH_MAX, "%s", found);
			return true;
		}
	}
	snprintf(ret, PATH_MAX, "%s", name);
	return false;
}

/* ---- functions of a file --------------------------------------------------------------------------------------- */

struct file {
	const unsigned char *data;
	size_t size;
};

static void close_file(struct file *file)
{
	if (file->data)
		munmap((void *)file->data, file->size);
}

static int open_file(const char *path, struct file *file)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(Elf64_Ehdr))
		return -ENOEXEC;
	void *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return -errno;
	*file = (struct file){ data, (size_t)st.st_size };
	return 0;
}

/* The @count things of @each bytes at @offset, copied out one at a time by the caller: they need not be aligned. */
static bool has_table(const struct file *file, uint64_t offset, uint64_t count, size_t each)
{
	return count <= file->size / each && ecli_num_within(offset, count * each, file->size);
}

/* Where the byte at a virtual address lies in the file: through the executable segment that has it. */
static bool to_offset(const struct file *file, const Elf64_Ehdr *head, uint64_t address, uint64_t *ret)
{
	for (unsigned int i = 0; i < head->e_phnum; i++) {
		Elf64_Phdr segment;

		memcpy(&segment, file->data + head->e_phoff + i * sizeof(segment), sizeof(segment));
		if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X) || address < segment.p_vaddr ||
		    address - segment.p_vaddr >= segment.p_filesz)
			continue;
		*ret = address - segment.p_vaddr + segment.p_offset;
		return *ret < file->size;
	}
	return false;
}

struct offsets {
	uint64_t *items;
	size_t count;
};

static int add_offset(struct offsets *offsets, uint64_t offset)
{
	if (!(offsets->count & (offsets->count - 1))) {
		uint64_t *items = reallocarray(offsets->items, offsets->count ? offsets->count * 2 : 1, sizeof(*items));

		if (!items)
			return -ENOMEM;
		offsets->items = items;
	}
	offsets->items[offsets->count++] = offset;
	return 0;
}

static int scan_table(const struct file *file, const Elf64_Ehdr *head, const Elf64_Shdr *table, const char *pattern,
		      struct offsets *offsets)
{
	uint64_t count = table->sh_size / sizeof(Elf64_Sym), offset;
	Elf64_Shdr names;
	int r = 0;

	if (table->sh_link >= head->e_shnum || !has_table(file, table->sh_offset, count, sizeof(Elf64_Sym)))
		return 0;
	memcpy(&names, file->data + head->e_shoff + table->sh_link * sizeof(names), sizeof(names));
	if (!ecli_num_within(names.sh_offset, names.sh_size, file->size))
		return 0;
	const char *text = (const char *)file->data + names.sh_offset;
	for (uint64_t i = 0; !r && i < count; i++) {
		Elf64_Sym symbol;

		memcpy(&symbol, file->data + table->sh_offset + i * sizeof(symbol), sizeof(symbol));
		if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF ||
		    symbol.st_name >= names.sh_size ||
		    !memchr(text + symbol.st_name, '\0', names.sh_size - symbol.st_name))
			continue;
		if (!fnmatch(pattern, text + symbol.st_name, 0) && to_offset(file, head, symbol.st_value, &offset))
			r = add_offset(offsets, offset);
	}
	return r;
}

static int by_value(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

int ecli_binary_functions(const char *path, const char *pattern, uint64_t **ret_offsets, size_t *ret_count)
{
	CLEANUP(close_file) struct file file = { 0 };
	struct offsets offsets = { 0 };
	Elf64_Ehdr head;
	size_t kept = 0;

	int r = open_file(path, &file);
	if (r)
		return r;
	memcpy(&head, file.data, sizeof(head));
	if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64 ||
	    !has_table(&file, head.e_shoff, head.e_shnum, sizeof(Elf64_Shdr)) ||
	    !has_table(&file, head.e_phoff, head.e_phnum, sizeof(Elf64_Phdr)))
		return -ENOEXEC;
	for (unsigned int i = 0; !r && i < head.e_shnum; i++) {
		Elf64_Shdr section;

		memcpy(&section, file.data + head.e_shoff + i * sizeof(section), sizeof(section));
		if (section.sh_type == SHT_SYMTAB || section.sh_type == SHT_DYNSYM)
			r = scan_table(&file, &head, &section, pattern, &offsets);
	}
	if (r) {
		free(offsets.items);
		return r;
	}
	if (offsets.count)
		qsort(offsets.items, offsets.count, sizeof(*offsets.items), by_value);
	for (size_t i = 0; i < offsets.count; i++)
		if (!kept || offsets.items[kept - 1] != offsets.items[i])
			offsets.items[kept++] = offsets.items[i];
	*ret_offsets = offsets.items;
	*ret_count = kept;
	return 0;
}
