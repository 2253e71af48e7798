/* SPDX-License-Identifier: MIT */
/*
 * A container's /tmp may be a link to /dev or to /etc of this machine: /proc/PID/root leads into its file system, but an
 * absolute link there would be followed from our root. openat2(2) with RESOLVE_IN_ROOT (Linux 5.6) keeps every step inside; where
 * the kernel has no such call, files of other roots stay closed.
 *
 * The table names what an unprivileged user can mount or reach and what acts when it is read. Numbers are those of <linux/magic.h>, and of the
 * file systems' own sources where that header has none.
 */
#include "base/foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mounts.h"

static const uint32_t stores_nothing[] = {
	PROC_SUPER_MAGIC,     SYSFS_MAGIC,         TRACEFS_MAGIC,      DEBUGFS_MAGIC,      SECURITYFS_MAGIC,
	SELINUX_MAGIC,        SMACK_MAGIC,         AAFS_MAGIC,         CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC,
	RDTGROUP_SUPER_MAGIC, BPF_FS_MAGIC,        BINFMTFS_MAGIC,     NSFS_MAGIC,         PIPEFS_MAGIC,
	SOCKFS_MAGIC,         ANON_INODE_FS_MAGIC, DEVPTS_SUPER_MAGIC, AUTOFS_SUPER_MAGIC, USBDEVICE_SUPER_MAGIC,
	EFIVARFS_MAGIC,       PSTOREFS_MAGIC,      0x62656570, /* configfs */
	0x65735543,                                            /* fusectl */
	0x65735546,                                            /* fuse */
	0x73757245,                                            /* coda: served by a process, too */
	0x20030528,                                            /* orangefs: the same */
	0x19800202,                                            /* mqueue */
	0xabababab,                                            /* functionfs */
	0x6c6f6f70,                                            /* binder */
	0x6e667364,                                            /* nfsd */
	0x67596969,                                            /* rpc_pipefs */
	0xabba1974,                                            /* xenfs */
};

static bool is_stored(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(stores_nothing); i++)
		if ((uint32_t)fs.f_type == stores_nothing[i])
			return false;
	return true;
}

void ecli_foreign_path(int fd, char ret[ECLI_FOREIGN_PATH])
{
	snprintf(ret, ECLI_FOREIGN_PATH, "/proc/self/fd/%d", fd);
}

/* The very file that was looked at, for reading. */
static int open_again(int path_fd, int flags)
{
	char name[ECLI_FOREIGN_PATH];

	ecli_foreign_path(path_fd, name);
	int fd = open(name, flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0)
		return fd;
	return errno == ENOENT || errno == ENOTDIR ? -ENODEV : -errno;
}

/* Looks before it opens: a FIFO would wait, and opening a device can already do something. */
static int check(int path_fd, struct stat *ret_stat)
{
	CLEANUP_FD int found = path_fd;
	struct stat st;

	if (found < 0 || fstat(found, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENXIO;
	if (!is_stored(found))
		return -ENOTSUP;
	int fd = open_again(found, 0);
	if (fd >= 0 && ret_stat)
		*ret_stat = st;
	return fd;
}

int ecli_foreign_open(int root_fd, const char *path, struct stat *ret_stat)
{
	if (root_fd == AT_FDCWD)
		return path[0] == '/' ? check(open(path, O_PATH | O_CLOEXEC), ret_stat) : -EINVAL;

	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	return check((int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how)), ret_stat);
}

int ecli_foreign_open_proc(int folder_fd, const char *name, struct stat *ret_stat)
{
	CLEANUP_FD int found = openat(folder_fd, name, O_PATH | O_CLOEXEC);
	struct statx st;

	if (found < 0 || statx(found, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &st))
		return -errno;
	if (!S_ISREG(st.stx_mode))
		return -ENXIO;
	return ecli_mounts_may_look(found, folder_fd) ? check(TAKE_FD(found), ret_stat) : -ENOTSUP;
}

bool ecli_foreign_identify(int folder_fd, const char *name, struct stat *ret)
{
	struct statx st;

	if (statx(folder_fd, name, AT_STATX_DONT_SYNC, STATX_INO, &st))
		return false;
	*ret = (struct stat){ .st_ino = st.stx_ino, .st_dev = makedev(st.stx_dev_major, st.stx_dev_minor) };
	return true;
}

int ecli_foreign_root(int folder_fd)
{
	CLEANUP_FD int fd = openat(folder_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return ecli_mounts_may_follow(folder_fd) ? TAKE_FD(fd) : -EXDEV;
}

int ecli_foreign_open_of(const char *path, mode_t kind, uint32_t file_system)
{
	CLEANUP_FD int found = open(path, O_PATH | O_CLOEXEC);
	struct statfs fs;
	struct stat st;

	if (found < 0 || fstat(found, &st))
		return -errno;
	if ((st.st_mode & S_IFMT) != kind)
		return kind == S_IFDIR ? -ENOTDIR : -EMEDIUMTYPE;
	if (fstatfs(found, &fs))
		return -errno;
	if ((uint32_t)fs.f_type != file_system)
		return -EMEDIUMTYPE;
	return open_again(found, kind == S_IFDIR ? O_DIRECTORY : 0);
}

bool ecli_foreign_read_proc(int folder_fd, const char *name, size_t max, struct ecli_buf *out)
{
	CLEANUP_FD int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	int r = ecli_file_read_fd(fd, name, max, out, NULL);
	ecli_buf_add_char(out, '\0');
	return (!r || r == -EFBIG) && !ecli_buf_failed(out);
}

const char *ecli_foreign_words(int code)
{
	if (code == -ENXIO)
		return "it is not a regular file";
	if (code == -ENOTSUP)
		return "it is a file that the kernel or another process makes up, not a stored one";
	if (code == -EXDEV)
		return "its path leads through mounts of another user namespace, which could make ecli wait for ever";
	if (code == -ENODEV)
		return "/proc, through which it would be opened, is not mounted";
	if (code == -ENOSYS)
		return "the process has another root, and this kernel cannot open files there safely (Linux 5.6 can)";
	return strerror(-code);
}
