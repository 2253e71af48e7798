/* SPDX-License-Identifier: MIT */
/* Opening files whose path somebody else chose, in a file system that somebody else may have built. */
#ifndef ECLI_SYMBOLS_OPEN_H
#define ECLI_SYMBOLS_OPEN_H

#include <sys/stat.h>

#include <ecli/base.h>

/*
 * Opens @path for reading, as a process whose root is @root_fd sees it: no link leads out of there. Only a regular file, and never one
 * that another process serves (FUSE): reading could wait for ever. @root_fd: a folder, or AT_FDCWD for our own root. A descriptor, which is the
 * caller's, or -1.
 */
int ecli_open_in(int root_fd, const char *path, struct stat *ret_stat);

/* The same checks for a name below @folder_fd that the kernel made (/proc/PID/map_files/...). */
int ecli_open_proc(int folder_fd, const char *name, struct stat *ret_stat);

/* The text of such a file, at most @max bytes of it, into @out, which is empty, ended by a NUL. False: it cannot be read. */
bool ecli_read_proc(int folder_fd, const char *name, size_t max, struct ecli_buf *out);

#endif
