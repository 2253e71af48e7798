/* SPDX-License-Identifier: MIT */
/*
 * Where installed packages live: FOLDER/NAME/package.json, for each folder of a short search path.
 *
 * What is run as root must not be chosen by whoever can write where root happens to stand. So a word is a tool's name, unless it has a slash or
 * an ending (a dot), and a name is never looked for in the current folder. A folder beside ecli counts only when nobody can write there
 * but root, who runs ecli and who owns the ecli that runs; build/tools counts only beside an ecli that was built there.
 */
#include "ecli.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecli/package.h>

#define MAX_FOLDERS 16

struct folder {
	char *path;
	bool is_beside; /* ecli: who could have written there is asked */
};

struct folders {
	struct folder items[MAX_FOLDERS];
	size_t count;
	uid_t owner; /* of the ecli that runs, who is trusted with it */
};

static void add_folder(struct folders *folders, const char *format, const char *base, bool is_beside)
{
	char path[PATH_MAX];

	if (folders->count < MAX_FOLDERS && snprintf(path, sizeof(path), format, base) < (int)sizeof(path)) {
		char *copy = strdup(path);

		if (copy)
			folders->items[folders->count++] = (struct folder){ copy, is_beside };
	}
}

static void add_environment(struct folders *folders)
{
	const char *list = getenv("ECLI_PACKAGES");
	char *copy = list ? strdup(list) : NULL;
	char *rest = copy;

	/* A relative one would be another folder wherever one stands. */
	for (char *word; copy && (word = strsep(&rest, ":"));)
		if (*word == '/')
			add_folder(folders, "%s", word, false);
	free(copy);
}

/* Whether nobody else can write the file at @path, or put another one in its place. */
static bool is_safe(const char *path, uid_t owner)
{
	char real[PATH_MAX];
	struct stat st;

	if (!realpath(path, real))
		return false;
	for (char *end = real + strlen(real);; end = strrchr(real, '/')) {
		*end = '\0';
		if (stat(*real ? real : "/", &st) || (st.st_uid && st.st_uid != geteuid() && st.st_uid != owner))
			return false;
		bool others_write = st.st_mode & (S_IWGRP | S_IWOTH);
		bool is_own_group = !(st.st_mode & S_IWOTH) && st.st_gid == st.st_uid; /* a group for each user */

		if (others_write && !is_own_group && !(S_ISDIR(st.st_mode) && st.st_mode & S_ISVTX))
			return false;
		if (!*real)
			return true;
	}
}

static void find_folders(struct folders *folders)
{
	char exe[PATH_MAX], mark[PATH_MAX];
	struct stat st;

	add_environment(folders);
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash = n > 0 && !stat("/proc/self/exe", &st) ? (exe[n] = '\0', strrchr(exe, '/')) : NULL;
	if (slash) {
		*slash = '\0';
		/* Meson leaves this in the folder it builds in. */
		if (snprintf(mark, sizeof(mark), "%s/meson-private", exe) < (int)sizeof(mark) && !access(mark, F_OK))
			add_folder(folders, "%s/tools", exe, true);
		add_folder(folders, "%s/../share/ecli/packages", exe, true);
		folders->owner = st.st_uid;
	}
	add_folder(folders, "%s", "/usr/local/share/ecli/packages", false);
	add_folder(folders, "%s", "/usr/share/ecli/packages", false);
}

static void free_folders(struct folders *folders)
{
	for (size_t i = 0; i < folders->count; i++)
		free(folders->items[i].path);
}

bool packages_is_file(const char *word)
{
	return strpbrk(word, "/.") || !strcmp(word, "-");
}

static char *package_path(const struct folders *folders, size_t index, const char *name)
{
	const struct folder *folder = &folders->items[index];
	char path[PATH_MAX];
	struct stat st;

	/* Nobody named this file: a pipe in its place would be waited for. */
	if (snprintf(path, sizeof(path), "%s/%s/package.json", folder->path, name) >= (int)sizeof(path) ||
	    stat(path, &st) || !S_ISREG(st.st_mode) || access(path, R_OK) ||
	    (folder->is_beside && !is_safe(path, folders->owner)))
		return NULL;
	return strdup(path);
}

char *packages_find(const char *name)
{
	struct folders folders = { 0 };
	char *path = NULL;

	if (!*name || packages_is_file(name))
		return NULL;
	find_folders(&folders);
	for (size_t i = 0; i < folders.count && !path; i++)
		path = package_path(&folders, i, name);
	free_folders(&folders);
	return path;
}

struct meant {
	struct ecli_nearest nearest;
	char name[64];
};

static void offer_tool(void *ctx, const char *name, const char *path)
{
	struct meant *meant = ctx;

	(void)path;
	ecli_nearest_offer(&meant->nearest, name);
	if (meant->nearest.best == name) {
		snprintf(meant->name, sizeof(meant->name), "%s", name);
		meant->nearest.best = meant->name;
	}
}

static int no_such_tool(const char *word, struct ecli_err *err)
{
	struct meant meant = { .nearest = { .word = word, .len = strlen(word) } };

	bool is_close = !packages_each(offer_tool, &meant, err) && meant.name[0];

	if (!access(word, F_OK))
		return ecli_err_set(err, -ENOENT,
				    "no installed tool is called %.200s; to run the file of that name: ./%.200s", word,
				    word);
	if (is_close)
		return ecli_err_set(err, -ENOENT, "no installed tool is called %.200s; did you mean %s?", word,
				    meant.name);
	return ecli_err_set(err, -ENOENT, "no installed tool is called %.200s; ecli list shows the tools", word);
}

int packages_read(const char *word, struct ecli_err *err, struct ecli_package **ret_package)
{
	bool is_file = packages_is_file(word);

	if (!*word)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "the name of the package is empty");
	char *installed = is_file ? NULL : packages_find(word);
	if (!is_file && !installed)
		return no_such_tool(word, err);
	int r = ecli_package_read_file(installed ? installed : word, err, ret_package);
	if (r == -ENOENT && strstr(word, "://"))
		ecli_err_set(err, r, "ecli fetches nothing by itself; fetch it first, or: curl -fsSL %s | ecli run -",
			     word);
	free(installed);
	return r;
}

struct found {
	char *name, *path;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct found *)a)->name, ((const struct found *)b)->name);
}

static int add_found(struct found **found, size_t *count, const struct folders *folders, size_t index, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (!strcmp((*found)[i].name, name))
			return 0;

	char *path = package_path(folders, index, name);
	if (!path)
		return 0;
	struct found *more = reallocarray(*found, *count + 1, sizeof(*more));
	char *copy = strdup(name);
	if (more)
		*found = more;
	if (!more || !copy) {
		free(path);
		free(copy);
		return -ENOMEM;
	}
	more[(*count)++] = (struct found){ .name = copy, .path = path };
	return 0;
}

static int scan_folder(const struct folders *folders, size_t index, struct found **found, size_t *count)
{
	DIR *dir = opendir(folders->items[index].path);
	int r = 0;

	if (!dir)
		return 0; /* a folder of the search path that does not exist is no error */
	for (struct dirent *entry; !r && (entry = readdir(dir));)
		if (!packages_is_file(entry->d_name))
			r = add_found(found, count, folders, index, entry->d_name);
	closedir(dir);
	return r;
}

int packages_each(packages_fn fn, void *ctx, struct ecli_err *err)
{
	struct folders folders = { 0 };
	struct found *found = NULL;
	size_t count = 0;
	int r = 0;

	find_folders(&folders);
	for (size_t i = 0; i < folders.count && !r; i++)
		r = scan_folder(&folders, i, &found, &count);
	if (r)
		ecli_err_set(err, r, "out of memory");
	else if (count)
		qsort(found, count, sizeof(*found), by_name);
	for (size_t i = 0; i < count; i++) {
		if (!r)
			fn(ctx, found[i].name, found[i].path);
		free(found[i].name);
		free(found[i].path);
	}
	free(found);
	free_folders(&folders);
	return r;
}
