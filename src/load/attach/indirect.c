/* SPDX-License-Identifier: MIT */
/*
 *     file      relocation IRELATIVE { resolver, slot }
 *     process   maps ─> where the file lies ─> /proc/PID/mem at the slot ─> an address ─> an offset in the file
 *
 * Nothing is run to find out. The processors' features decide, so what one process uses the others of this machine use as well, and one that tells is
 * enough. A process can put anything into its slots: only an address in the file's own code is believed. It can also make who reads its memory wait
 * (userfaultfd, FUSE): only pages that are there are read, and without a pid only processes of our own user are asked.
 */
#include "load/attach/indirect.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/foreign.h"

#define MAX_MAPS_BYTES (16u << 20)

/* What is asked of each process. */
struct question {
	const struct ecli_executable *executable;
	struct ecli_executable_slot *slots; /* owned; those of the resolvers first, in their order */
	size_t n_slots;
	const struct ecli_functions *functions;
	uint64_t *chosen; /* owned; by resolver: offset; UINT64_MAX: not known */
	struct stat file;
};

static void free_question(struct question *question)
{
	free(question->slots);
	free(question->chosen);
}

/* Whether a line of maps is of the file: by the number of its device, or, where maps has another one than stat(2) (btrfs), as the kernel sees it. */
static bool is_the_file(const struct question *question, int folder, uint64_t start, uint64_t end, const char *on)
{
	char name[64];
	struct statx st;

	snprintf(name, sizeof(name), "%02x:%02x", major(question->file.st_dev), minor(question->file.st_dev));
	if (!strcmp(name, on))
		return true;
	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, start, end);
	return !statx(folder, name, AT_STATX_DONT_SYNC, STATX_INO, &st) && st.stx_ino == question->file.st_ino &&
	       makedev(st.stx_dev_major, st.stx_dev_minor) == question->file.st_dev;
}

/* By how much the process has the file's addresses moved; false: it does not run the file's code. */
static bool find_shift(const struct question *question, int folder, const char *maps, uint64_t *ret)
{
	for (const char *line = maps; line && *line; line = strchr(line, '\n'), line += line != NULL) {
		uint64_t start, end, offset, inode, address;
		char rights[5], on[32], head[128]; /* alone: sscanf(3) looks for the end of all that it is given */

		/* "7f0c1000-7f0c3000 r-xp 00001000 08:01 1234   /usr/lib/x86_64-linux-gnu/libc.so.6" */
		snprintf(head, sizeof(head), "%.*s", (int)strnlen(line, sizeof(head) - 1), line);
		if (sscanf(head, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %31s %" SCNu64, &start, &end, rights, &offset,
			   on, &inode) != 6)
			continue;
		if (rights[2] != 'x' || inode != question->file.st_ino ||
		    !is_the_file(question, folder, start, end, on))
			continue;
		for (size_t i = 0; i < question->executable->n_loads; i++) {
			const struct ecli_executable_load *code = &question->executable->loads[i];
			uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

			if (!code->is_code || offset < code->offset - code->offset % page ||
			    offset >= code->offset + code->size)
				continue;
			address = code->address - code->offset + offset;
			*ret = start - address;
			return true;
		}
	}
	return false;
}

/* The page is there: reading it waits for nobody. */
static bool is_present(int folder, uint64_t address)
{
	CLEANUP_FD int fd = openat(folder, "pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), entry;

	return fd >= 0 && pread(fd, &entry, sizeof(entry), (off_t)(address / page * sizeof(entry))) == sizeof(entry) &&
	       (entry >> 63);
}

static bool read_slot(int folder, int memory, uint64_t address, uint64_t *ret)
{
	return is_present(folder, address) && pread(memory, ret, sizeof(*ret), (off_t)address) == sizeof(*ret);
}

/* Fills in what the process shows; whether all of it is known by now. */
static bool ask_process(struct question *question, const char *pid, bool is_named)
{
	const struct ecli_functions *functions = question->functions;
	CLEANUP_BUF struct ecli_buf maps = { 0 };
	struct stat owner;
	uint64_t shift;
	size_t known = 0;

	CLEANUP_FD int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP_FD int folder = proc < 0 ? -1 : openat(proc, pid, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || fstat(folder, &owner) || (!is_named && owner.st_uid != geteuid()))
		return false;
	if (!ecli_foreign_read_proc(folder, "maps", MAX_MAPS_BYTES, &maps) ||
	    !find_shift(question, folder, maps.data, &shift))
		return false;
	CLEANUP_FD int memory = openat(folder, "mem", O_RDONLY | O_CLOEXEC);
	for (size_t i = 0; i < functions->n_resolvers; i++) {
		for (size_t k = 0; memory >= 0 && question->chosen[i] == UINT64_MAX && k < question->n_slots; k++) {
			uint64_t value, offset;

			if (question->slots[k].resolver != functions->resolvers[i] ||
			    !read_slot(folder, memory, question->slots[k].slot + shift, &value))
				continue;
			if (ecli_executable_to_offset(question->executable, value - shift, true, &offset))
				question->chosen[i] = offset;
		}
		known += question->chosen[i] != UINT64_MAX;
	}
	if (known)
		ecli_log(ECLI_LOG_INFO, "process %s shows which of %zu functions it has chosen (IFUNC)", pid, known);
	return known == functions->n_resolvers;
}

static void ask_all(struct question *question)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	bool is_known = ask_process(question, "self", true);

	while (folder && !is_known && (entry = readdir(folder)))
		if (isdigit((unsigned char)entry->d_name[0]))
			is_known = ask_process(question, entry->d_name, false);
	if (folder)
		closedir(folder);
}

static int by_value(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static int add_chosen(const struct question *question, struct ecli_functions *functions, size_t *ret_unknown)
{
	uint64_t *offsets =
		reallocarray(functions->offsets, functions->count + functions->n_resolvers, sizeof(*offsets));
	size_t kept = 0;

	if (!offsets)
		return -ENOMEM;
	functions->offsets = offsets;
	*ret_unknown = 0;
	for (size_t i = 0; i < functions->n_resolvers; i++) {
		if (question->chosen[i] == UINT64_MAX)
			++*ret_unknown;
		else
			offsets[functions->count++] = question->chosen[i];
	}
	qsort(offsets, functions->count, sizeof(*offsets), by_value);
	for (size_t i = 0; i < functions->count; i++)
		if (!kept || offsets[kept - 1] != offsets[i])
			offsets[kept++] = offsets[i];
	functions->count = kept;
	return 0;
}

int ecli_indirect_find(const struct ecli_executable *executable, int pid, struct ecli_functions *functions,
		       size_t *ret_unknown)
{
	CLEANUP(free_question) struct question question = { .executable = executable, .functions = functions };
	char name[16];

	*ret_unknown = 0;
	if (!functions->n_resolvers)
		return 0;
	if (fstat(executable->fd, &question.file))
		return -errno;
	int r = ecli_executable_slots(executable, &question.slots, &question.n_slots);
	if (r)
		return r;
	question.chosen = malloc(functions->n_resolvers * sizeof(*question.chosen));
	if (!question.chosen)
		return -ENOMEM;
	memset(question.chosen, 0xff, functions->n_resolvers * sizeof(*question.chosen));
	snprintf(name, sizeof(name), "%d", pid);
	if (pid < 0)
		ask_all(&question);
	else
		ask_process(&question, name, true);
	return add_chosen(&question, functions, ret_unknown);
}
