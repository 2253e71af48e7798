/* SPDX-License-Identifier: MIT */
/*
 * The files whose code processes run: programs, libraries, and the vdso, which is a file in memory. One object a file, not
 * a process: a thousand shells read libc once.
 *
 * A file is what lies on a device under an inode and was changed last then; while we hold it open its inode is not given
 * to another. At most 4,096 are known (1,024 for the processes of one user, and 1,024 are kept for root's) and 512 open, and their tables take at most 48 MiB: what was asked for longest ago goes first, and is
 * read again when it is asked for, but not again and again.
 */
#ifndef ECLI_SYMBOLS_FILES_H
#define ECLI_SYMBOLS_FILES_H

#include <sys/stat.h>

#include "symbols/names.h"
#include "symbols/work.h"

struct ecli_files;
struct ecli_symfile;

/* A file as /proc/PID/maps names it, which on some file systems is not what stat(2) says. */
struct ecli_file_key {
	uint32_t device_major, device_minor;
	uint64_t inode;
};

/* All borrowed; @avoid: what is not to be read, may be NULL. NULL when out of memory. */
struct ecli_files *ecli_files_new(struct ecli_names *names, bool with_lines, const struct ecli_avoid *avoid);
void ecli_files_free(struct ecli_files *files);

/* The known file of that key, if it did not change since it was opened. The caller has it until ecli_files_put(). */
struct ecli_symfile *ecli_files_get(struct ecli_files *files, const struct ecli_file_key *key);
/* A new one. @fd is taken over, in any case. @path: for finding debug files; copied. @holder: the user whose process maps it.
 * NULL: out of memory, or all are in use. */
struct ecli_symfile *ecli_files_add(struct ecli_files *files, const struct ecli_file_key *key, int fd,
				    const struct stat *st, const char *path, uint32_t holder);
/* Of our own process, which is everybody's of the same word size; @size_bytes as the process has it. NULL: there is none like it. */
struct ecli_symfile *ecli_files_vdso(struct ecli_files *files, uint64_t size_bytes);
/* One more who has it; NULL is fine. */
void ecli_files_keep(struct ecli_symfile *file);
void ecli_files_put(struct ecli_symfile *file);

/* Different for each file there ever was. */
uint32_t ecli_symfile_number(const struct ecli_symfile *file);

#endif
