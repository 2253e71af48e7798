/* SPDX-License-Identifier: MIT */
/*
 * Namespaces are files of one file system, and the first PID namespace has a number that never changes (PROC_PID_INIT_INO, include/linux/proc_ns.h of Linux). A /proc shows
 * the processes of one namespace, and process 1 there is of that one. It may be another one than ours: a container that has the host's /proc.
 */
#include "base/pidns.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_INODE 0xEFFFFFFCu

/* The number of the namespace of a process, for those who may ask; 0: not known. */
static uint64_t namespace_of(const char *proc, const char *process)
{
	char path[4096];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/%s/ns/pid", proc, process) >= (int)sizeof(path) || stat(path, &st))
		return 0;
	return st.st_ino;
}

bool ecli_pidns_is_first(const char *proc)
{
	uint64_t number = namespace_of(proc, "1");

	if (!number)
		number = namespace_of("/proc", "self");
	return !number || number == FIRST_INODE;
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
