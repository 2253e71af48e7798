/* SPDX-License-Identifier: MIT */
/*
 * Where installed packages live: FOLDER/NAME/package.json, for each folder of a short search path. A name is a plain
 * word: a slash or a leading dot never leaves the folders.
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

struct folders {
	char *paths[MAX_FOLDERS];
	size_t count;
};

static void add_folder(struct folders *folders, const char *format, const char *base)
{
	char path[PATH_MAX];

	if (folders->count < MAX_FOLDERS && snprintf(path, sizeof(path), format, base) < (int)sizeof(path)) {
		char *copy = strdup(path);

		if (copy)
			folders->paths[folders->count++] = copy;
	}
}

static void add_environment(struct folders *folders)
{
	const char *list = getenv("ECLI_PACKAGES");
	char *copy = list ? strdup(list) : NULL;
	char *rest = copy;

	for (char *word; copy && (word = strsep(&rest, ":"));)
		if (*word)
			add_folder(folders, "%s", word);
	free(copy);
}

static void find_folders(struct folders *folders)
{
	char exe[PATH_MAX];

	add_environment(folders);
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash = n > 0 ? (exe[n] = '\0', strrchr(exe, '/')) : NULL;
	if (slash) {
		*slash = '\0';
		add_folder(folders, "%s/tools", exe);
		add_folder(folders, "%s/../tools", exe);
		add_folder(folders, "%s/../share/ecli/packages", exe);
	}
	add_folder(folders, "%s", "/usr/local/share/ecli/packages");
	add_folder(folders, "%s", "/usr/share/ecli/packages");
}

static void free_folders(struct folders *folders)
{
	for (size_t i = 0; i < folders->count; i++)
		free(folders->paths[i]);
}

static char *package_path(const char *folder, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s/package.json", folder, name) >= (int)sizeof(path) || access(path, R_OK))
		return NULL;
	return strdup(path);
}

char *packages_find(const char *name)
{
	struct folders folders = { 0 };
	char *path = NULL;

	if (!*name || *name == '.' || strchr(name, '/'))
		return NULL;
	find_folders(&folders);
	for (size_t i = 0; i < folders.count && !path; i++)
		path = package_path(folders.paths[i], name);
	free_folders(&folders);
	return path;
}

/* A folder is no package: in a folder of tools, or beside an output folder, the name means the installed one. */
static bool is_there(const char *word)
{
	struct stat stat_buf;

	return !stat(word, &stat_buf) && !S_ISDIR(stat_buf.st_mode);
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

	if (!packages_each(offer_tool, &meant, err) && meant.name[0])
		return ecli_err_set(err, -ENOENT, "no file and no installed tool is called %s; did you mean %s?", word,
				    meant.name);
	return ecli_err_set(err, -ENOENT, "no file and no installed tool is called %s; ecli list shows the tools",
			    word);
}

int packages_read(const char *word, struct ecli_err *err, struct ecli_package **ret_package)
{
	char *installed = *word && strcmp(word, "-") && !is_there(word) ? packages_find(word) : NULL;

	if (!*word)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "the name of the package is empty");
	int r = ecli_package_read_file(installed ? installed : word, err, ret_package);

	if (r == -ENOENT && strstr(word, "://"))
		ecli_err_set(err, r, "ecli fetches nothing by itself; fetch it first, or: curl -fsSL %s | ecli run -",
			     word);
	else if (r == -ENOENT && !installed && !strchr(word, '/') && !strchr(word, '.'))
		no_such_tool(word, err);
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

static int add_found(struct found **found, size_t *count, const char *folder, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (!strcmp((*found)[i].name, name))
			return 0;

	char *path = package_path(folder, name);
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

static int scan_folder(const char *folder, struct found **found, size_t *count)
{
	DIR *dir = opendir(folder);
	int r = 0;

	if (!dir)
		return 0; /* a folder of the search path that does not exist is no error */
	for (struct dirent *entry; !r && (entry = readdir(dir));)
		if (entry->d_name[0] != '.')
			r = add_found(found, count, folder, entry->d_name);
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
		r = scan_folder(folders.paths[i], &found, &count);
	if (r)
		ecli_err_set(err, r, "out of memory");
	else
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
