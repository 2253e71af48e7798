/* SPDX-License-Identifier: MIT */
/*
 * A container's /tmp may be a link to /dev or to /etc of this machine: /proc/PID/root leads into its file system, but an
 * absolute link there would be followed from our root. openat2(2) with RESOLVE_IN_ROOT (Linux 5.6) keeps every step inside; where
 * the kernel has no such call, files of other roots stay closed.
 */
#include "symbols/open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/file.h"

#ifndef FUSE_SUPER_MAGIC
#define FUSE_SUPER_MAGIC 0x65735546
#endif

/* Looks before it opens: a FIFO would wait, and opening a device can already do something. */
static int check(int path_fd, struct stat *ret_stat)
{
	CLEANUP_FD int found = path_fd;
	char name[sizeof("/proc/self/fd/") + 12];
	struct stat st;
	struct statfs fs;

	if (found < 0 || fstat(found, &st) || !S_ISREG(st.st_mode) || fstatfs(found, &fs) ||
	    fs.f_type == FUSE_SUPER_MAGIC)
		return -1;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", found);
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		*ret_stat = st;
	return fd;
}

int ecli_open_in(int root_fd, const char *path, struct stat *ret_stat)
{
	if (root_fd == AT_FDCWD)
		return path[0] == '/' ? check(open(path, O_PATH | O_CLOEXEC), ret_stat) : -1;

	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	return check((int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how)), ret_stat);
}

int ecli_open_proc(int folder_fd, const char *name, struct stat *ret_stat)
{
	return check(openat(folder_fd, name, O_PATH | O_CLOEXEC), ret_stat);
}

bool ecli_read_proc(int folder_fd, const char *name, size_t max, struct ecli_buf *out)
{
	CLEANUP_FD int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	int r = ecli_file_read_fd(fd, name, max, out, NULL);
	ecli_buf_add_char(out, '\0');
	return (!r || r == -EFBIG) && !ecli_buf_failed(out);
}
