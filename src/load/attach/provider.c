/* SPDX-License-Identifier: MIT */
/*
 * Which of several functions of one name a process calls is the dynamic linker's secret. Of allocators all are probed: one that is not called is
 * not hit, and one that calls the next is seen as both calls. What a program is linked with statically is found by its table of symbols, as long as
 * it has one.
 */
#include "load/attach/provider.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

/* Replaced together or not at all: malloc(3), "Replacing malloc" of the GNU C library's manual. */
static const char *const family[] = { "malloc",        "free",        "calloc", "realloc", "posix_memalign",
				      "aligned_alloc", "memalign",    "valloc", "pvalloc", "malloc_usable_size",
				      "cfree",         "reallocarray" };

static bool is_family(const char *function)
{
	for (size_t i = 0; i < ARRAY_SIZE(family); i++)
		if (!strcmp(family[i], function))
			return true;
	return false;
}

static bool is_c_library(const char *name)
{
	return !strcmp(name, "c") || !strcmp(name, "libc") || !strncmp(name, "libc.so", 7);
}

bool ecli_provider_is_family(const struct ecli_attach *job, const char *name, const struct ecli_place *place)
{
	return place->pid >= 0 && job->kind->target == ECLI_TARGET_UPROBE && is_c_library(name) &&
	       is_family(place->what);
}

/* The dynamic linker of older glibcs has a malloc of its own, for itself; that of musl is the C library. */
static bool is_linker(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	return (!strncmp(base, "ld-", 3) || !strncmp(base, "ld64", 4) || !strncmp(base, "ld.so", 5)) &&
	       strncmp(base, "ld-musl", 7) != 0;
}

/* What is looked for in each file. */
struct looking {
	const struct ecli_attach *job;
	const struct ecli_place *place;
	struct ecli_places *places;
	struct ecli_err *err;
	bool has_malloc;
};

static bool has(const struct ecli_executable *executable, const char *function)
{
	struct ecli_functions found = { 0 };
	int r = ecli_functions_find(executable, function, &found);

	ecli_functions_done(&found);
	return !r;
}

/* A file whose code is mapped in several pieces. */
static bool is_known(const struct ecli_places *places, const struct ecli_binary *binary)
{
	struct stat file, other;

	for (size_t i = 0; i < places->count; i++)
		if (!fstat(binary->fd, &file) && !fstat(places->items[i].binary.fd, &other) &&
		    file.st_ino == other.st_ino && file.st_dev == other.st_dev)
			return true;
	return false;
}

static int look(void *ctx, struct ecli_binary *binary)
{
	struct looking *looking = ctx;
	CLEANUP(ecli_executable_close) struct ecli_executable executable = { 0 };
	struct ecli_place place = { .binary = *binary, .what = looking->place->what, .pid = looking->place->pid };

	/* What cannot be read has no functions that anybody could name. */
	if (is_linker(binary->path) || is_known(looking->places, binary) ||
	    ecli_executable_open(binary->fd, &executable))
		return 0;
	looking->has_malloc |= has(&executable, family[0]);
	if (!has(&executable, place.what))
		return 0;
	int r = ecli_place_resolve(looking->job, &place, looking->err);
	if (!r && ecli_places_add(looking->places, &place))
		r = ecli_err_set(looking->err, -ENOMEM, "out of memory");
	if (r)
		ecli_functions_done(&place.functions);
	binary->fd = r ? binary->fd : -1;
	return r;
}

int ecli_provider_find(const struct ecli_attach *job, const struct ecli_place *place, const char *name,
		       struct ecli_places *places, struct ecli_err *err)
{
	struct looking looking = { .job = job, .place = place, .places = places, .err = err };
	const char *moved = ecli_provider_moved(name, place->what, place->pid);

	if (moved)
		return ecli_err_set(
			err, -ENOENT,
			"process %d has not mapped %.100s: since glibc 2.34 %.100s is in libc, so write %s:%.100s "
			"(program %s)",
			place->pid, name, place->what, moved, place->what, job->name);
	if (!is_c_library(name) || job->kind->target != ECLI_TARGET_UPROBE)
		return ecli_err_set(
			err, -ENOENT,
			"process %d has not mapped a file \"%.200s\" (program %s): give the path of one that it will "
			"map later",
			place->pid, name, job->name);
	int r = ecli_binary_each_mapped(place->pid, look, &looking);
	if (r)
		return r;
	for (size_t i = 0; i < places->count; i++)
		ecli_log(ECLI_LOG_INFO, "%s: process %d has %s in %s", job->name, place->pid, place->what,
			 places->items[i].binary.path);
	if (places->count)
		return 0;
	if (looking.has_malloc && is_family(place->what)) {
		ecli_log(ECLI_LOG_INFO, "%s: process %d has a malloc and no %s, so nothing is to be probed", job->name,
			 place->pid, place->what);
		return 0;
	}
	return ecli_err_set(
		err, -ENOENT,
		"process %d does not use the C library that would be probed (%.100s), and no file that it has mapped "
		"has a function %.100s by its name: it is linked statically and stripped, or has functions of "
		"its own: give --attach %s=FILE:FUNCTION",
		place->pid, name, place->what, job->name);
}

const char *ecli_provider_moved(const char *path, const char *function, int pid)
{
	static const char *const emptied[] = { "pthread", "dl", "rt", "util", "anl" };
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	bool is_emptied = false, is_there = false;

	base += strncmp(base, "lib", 3) ? 0 : 3;
	for (size_t i = 0; i < ARRAY_SIZE(emptied); i++) {
		size_t len = strlen(emptied[i]);

		is_emptied |= !strncmp(base, emptied[i], len) &&
			      (!base[len] || !strncmp(base + len, ".so", 3) || base[len] == '-');
	}
	if (!is_emptied)
		return NULL;
	for (int all = pid < 0; !is_there && all < 2; all++) {
		CLEANUP(ecli_binary_close) struct ecli_binary binary;
		CLEANUP(ecli_executable_close) struct ecli_executable executable = { 0 };

		is_there = !ecli_binary_open("libc.so.6", all ? -1 : pid, &binary) &&
			   !ecli_executable_open(binary.fd, &executable) && has(&executable, function);
	}
	return is_there ? "libc" : NULL;
}
