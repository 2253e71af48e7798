/* SPDX-License-Identifier: MIT */
/* Debug information that lies in another file: found by build id or by debug link, or packed into the file itself. */
#ifndef ECLI_SYMBOLS_SEPARATE_H
#define ECLI_SYMBOLS_SEPARATE_H

#include <sys/types.h>
#include <time.h>

#include "symbols/image.h"

/* Checksums of files that debug links led to. Zeroed: none yet. */
struct ecli_checked {
	struct ecli_checked_file {
		dev_t device;
		ino_t inode;
		off_t size;
		struct timespec changed;
		uint32_t crc;
		bool is_used;
	} files[64]; /* the oldest makes room */
	size_t next;
	uint64_t bytes; /* read for it */
};

/*
 * The debug file that belongs to @image, whose own path is @path. @root_fd: the root of a process that maps it, looked at before our own; -1:
 * there is none. Only one with the same build id, or of the checksum the link names, is taken, of root's or of @user, whose the program is;
 * of at most 96 MiB then, and 256 MiB of them are read in all. @checked: what is known of that. A descriptor, the caller's; -1: none.
 */
int ecli_separate_open(const struct ecli_image *image, const char *path, int root_fd, uint32_t user,
		       struct ecli_checked *checked);

/* Adds the functions of the file's .gnu_debugdata (a small ELF file, packed with xz), unsorted; whether there are any. */
bool ecli_separate_packed(const struct ecli_image *image, struct ecli_symtab *symtab);

#endif
