/* SPDX-License-Identifier: MIT */
/*
 * What a process has mapped, for probes: the very files, whatever lies under their paths by now. Its folder and root are held as descriptors, so that
 * nobody else can become "the process" between two steps.
 */
#ifndef ECLI_LOAD_ATTACH_MAPPED_H
#define ECLI_LOAD_ATTACH_MAPPED_H

#include "load/attach/binary.h"

/* The process, as open folders; both -1 without one. */
struct ecli_mapped {
	int folder, root;
	struct ecli_buf maps; /* /proc/PID/maps, as it was */
};
#define ECLI_MAPPED_NONE                                                                                               \
	{                                                                                                              \
		.folder = -1, .root = -1                                                                               \
	}

/* @pid: -1: none, and nothing is mapped. 0; -ESRCH: it has ended; -EREMOTE: its files cannot be looked at. The caller closes @ret, whatever comes back. */
int ecli_mapped_open(int pid, struct ecli_mapped *ret);
void ecli_mapped_close(struct ecli_mapped *process);

/* One file. */
struct ecli_mapped_file {
	const char *line; /* of maps */
	char path[PATH_MAX];
	const char *base; /* of @path, behind its last '/' */
	bool is_deleted;  /* or replaced by another */
	bool is_code;     /* mapped to be run */
	uint64_t inode;
	char device[16];
};
/* The file of the line at *@at, which moves on; false: there are no more. A file has a line for each mapping. */
bool ecli_mapped_next(const struct ecli_mapped *process, const char **at, struct ecli_mapped_file *ret);

/* Opens it: the very file for those who may follow map_files, else what lies under its path; -EPERM where that is another file. As ecli_foreign_open(). */
int ecli_mapped_open_file(const struct ecli_mapped *process, const struct ecli_mapped_file *file,
			  struct ecli_binary *ret);

/* Whether the process has mapped the file of @ret, which was opened by its path (@is_open), or by now lies deleted. The deleted one then becomes @ret. 0:
 * @ret->is_mapped says it; else why the deleted one cannot be opened. */
int ecli_mapped_settle(const struct ecli_mapped *process, const char *path, bool is_open, struct ecli_binary *ret);

#endif
