/* SPDX-License-Identifier: MIT */
/*
 * Opening files whose path somebody else chose, in a file system that somebody else may have built: libraries, debug files and perf maps of
 * other processes, targets that a package names. There is no other way to open one (tests/lint checks).
 *
 * What is opened is a regular file that a file system stores. Not opened: FIFOs, sockets, devices and folders; files of proc, sysfs,
 * tracefs and their like, which are regular files by their mode but act or wait when they are read (/proc/kmsg); files that another process serves
 * (FUSE), nor files of an overlay that another user namespace has mounted, which may be such files (mounts.h). The look comes first (O_PATH), so
 * nothing is set off by opening.
 */
#ifndef ECLI_BASE_FOREIGN_H
#define ECLI_BASE_FOREIGN_H

#include <sys/stat.h>

#include <ecli/base.h>

/*
 * Opens @path for reading, as a process whose root is @root_fd sees it: no link leads out of there. @root_fd: a folder, or AT_FDCWD for
 * our own root, where @path must be absolute. @ret_stat may be NULL.
 * A descriptor, which is the caller's, or -ENOENT, -EACCES, ... of the look; -ENXIO: it is no regular file; -ENOTSUP: a regular file of a file system
 * that stores none; -ENODEV: /proc is not mounted; -ENOSYS: another root, and the kernel cannot stay inside of it (before 5.6).
 */
int ecli_foreign_open(int root_fd, const char *path, struct stat *ret_stat);

/* The root of the process whose folder in /proc is @folder_fd, O_PATH, for the first. -EXDEV: its mounts are those of another user namespace, and
 * some of them can make us wait for ever; -ENOENT, ... */
int ecli_foreign_root(int folder_fd);

/* The same checks for a name below @folder_fd, a folder /proc/PID, that the kernel made (map_files/..., exe). */
int ecli_foreign_open_proc(int folder_fd, const char *name, struct stat *ret_stat);

/* Device and inode of what such a name leads to, without asking its file system, which may not answer. */
bool ecli_foreign_identify(int folder_fd, const char *name, struct stat *ret);

/*
 * The other way round, for what must lie in one file system that the kernel makes: a cgroup (S_IFDIR, CGROUP2_SUPER_MAGIC), a namespace (S_IFREG,
 * NSFS_MAGIC). As we see @path; nothing else is opened. A descriptor for reading, or -ENOENT, ... of the look; -ENOTDIR: it is no folder;
 * -EMEDIUMTYPE: it is something else; -ENODEV.
 */
int ecli_foreign_open_of(const char *path, mode_t kind, uint32_t file_system);

/* A path that names the file of @fd to this process and to the kernel, for whoever takes only paths: it cannot become another file meanwhile. */
#define ECLI_FOREIGN_PATH 32
void ecli_foreign_path(int fd, char ret[ECLI_FOREIGN_PATH]);

/* The text of a file of proc, at most @max bytes of it, into @out, which is empty, ended by a NUL. False: it cannot be read. */
bool ecli_foreign_read_proc(int folder_fd, const char *name, size_t max, struct ecli_buf *out);

/* Why it could not be opened, for a sentence: "is not a regular file"; words of errno else. */
const char *ecli_foreign_words(int code);

#endif
