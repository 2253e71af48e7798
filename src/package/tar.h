/* SPDX-License-Identifier: MIT */
/*
 * Tar archives in memory. Read entry by entry: POSIX "ustar" with extended ("pax") headers and GNU's long names, which is what tar(1) and
 * the tools that write packages make; compressed archives and sparse files are not read. Written: plain files in ustar, without owners and
 * times, so that the same files give the same bytes.
 */
#ifndef ECLI_PACKAGE_TAR_H
#define ECLI_PACKAGE_TAR_H

#include <ecli/base.h>

#define ECLI_TAR_PATH_BYTES 512

/* Zero-initialise but for the bytes, which stay the caller's. */
struct ecli_tar {
	const void *data;
	size_t size, at;
	size_t entries; /* seen so far */
};

struct ecli_tar_entry {
	char path[ECLI_TAR_PATH_BYTES]; /* without a leading "./" or "/" */
	const void *data;               /* within the archive */
	size_t size;
};

/* Whether the bytes begin as an archive does. */
bool ecli_tar_is(const void *data, size_t size);

/* Appends a plain file. -ENAMETOOLONG when ustar has no room for @path: 100 bytes behind a "/" and 155 before it. */
int ecli_tar_add(struct ecli_buf *tar, const char *path, const void *data, size_t size);
/* Appends the end of the archive. */
void ecli_tar_end(struct ecli_buf *tar);

/* The next plain file: 1 and @ret filled, 0 at the end of the archive, -EINVAL with a sentence when it is damaged. */
int ecli_tar_next(struct ecli_tar *tar, struct ecli_err *err, struct ecli_tar_entry *ret);

#endif
