/* SPDX-License-Identifier: MIT */
/*
 * Namespaces are files of one file system, and the first PID namespace has a number that never changes (PROC_PID_INIT_INO, include/linux/proc_ns.h of Linux). A /proc shows
 * the processes of one namespace, and process 1 there is of that one. It may be another one than ours: a container that has the host's /proc.
 */
#include "base/pidns.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_INODE 0xEFFFFFFCu

enum { MAX_LOOKED_AT = 1024 }; /* entries of /proc */

/* The number of the namespace of a process, for those who may ask; 0: not known. */
static uint64_t namespace_of(const char *proc, const char *process)
{
	char path[4096];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/%s/ns/pid", proc, process) >= (int)sizeof(path) || stat(path, &st))
		return 0;
	return st.st_ino;
}

/* Whether a process is seen that lives in the first namespace: only the first one's /proc shows such. */
static bool shows_first(const char *path)
{
	DIR *proc = opendir(path);
	struct dirent *entry;
	bool is_seen = false;

	for (int i = 0; proc && !is_seen && i < MAX_LOOKED_AT && (entry = readdir(proc)); i++)
		is_seen = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
			  namespace_of(path, entry->d_name) == FIRST_INODE;
	if (proc)
		closedir(proc);
	return is_seen;
}

bool ecli_pidns_is_first(const char *proc)
{
	uint64_t number = namespace_of(proc, "1"), own;

	if (number)
		return number == FIRST_INODE;
	/* Process 1 is nobody's to look at. */
	own = namespace_of("/proc", "self");
	return !own || own == FIRST_INODE || shows_first(proc);
}

uint32_t ecli_pidns_own(void)
{
	char number[32] = { 0 };

	/* The link has our number in the namespace that /proc is of. */
	if (!ecli_pidns_is_first("/proc"))
		return 0;
	return readlink("/proc/self", number, sizeof(number) - 1) > 0 ? (uint32_t)strtoul(number, NULL, 10)
								      : (uint32_t)getpid();
}
