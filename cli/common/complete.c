/* SPDX-License-Identifier: MIT */
/*
 * Files by the beginning of their names. The shells could do this themselves, but not the same way in each: here it is one
 * piece, and it knows which files are meant. Names that would not stay one line are left out.
 */
#include "complete.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_ENTRIES 20000

static bool has_suffix(const char *name, const char *const *suffixes)
{
	size_t len = strlen(name);

	for (; *suffixes; suffixes++) {
		size_t n = strlen(*suffixes);

		if (len > n && !strcmp(name + len - n, *suffixes))
			return true;
	}
	return false;
}

static bool is_one_line(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name < 0x20 || *name == 0x7f)
			return false;
	return true;
}

/* The folder as the system knows it: the shell hands "~/" over as it was typed. */
static bool folder_path(const char *typed, size_t len, char *path, size_t size)
{
	const char *home = getenv("HOME");
	int n;

	if (!len)
		n = snprintf(path, size, ".");
	else if (len >= 2 && !strncmp(typed, "~/", 2) && home)
		n = snprintf(path, size, "%s%.*s", home, (int)len - 1, typed + 1);
	else
		n = snprintf(path, size, "%.*s", (int)len, typed);
	return n > 0 && (size_t)n < size;
}

static bool is_folder(int folder_fd, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
		return entry->d_type == DT_DIR;
	return !fstatat(folder_fd, entry->d_name, &st, 0) && S_ISDIR(st.st_mode);
}

void cli_complete_files(const char *word, size_t start, const char *const *suffixes, struct ecli_buf *out)
{
	const char *typed = word + start, *slash = strrchr(typed, '/'), *name = slash ? slash + 1 : typed;
	size_t name_len = strlen(name);
	char path[PATH_MAX];

	if (!folder_path(typed, (size_t)(name - typed), path, sizeof(path)))
		return;
	DIR *dir = opendir(path);
	if (!dir)
		return;
	for (int i = 0; i < MAX_ENTRIES; i++) {
		const struct dirent *entry = readdir(dir);

		if (!entry)
			break;
		if (strncmp(entry->d_name, name, name_len) != 0 || (*entry->d_name == '.' && *name != '.') ||
		    !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") || !is_one_line(entry->d_name))
			continue;
		bool folder = is_folder(dirfd(dir), entry);
		if (!folder && suffixes && !has_suffix(entry->d_name, suffixes))
			continue;
		ecli_buf_add(out, word, (size_t)(name - word));
		ecli_buf_add_format(out, "%s%s\n", entry->d_name, folder ? "/" : "");
	}
	closedir(dir);
}
