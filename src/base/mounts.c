/* SPDX-License-Identifier: MIT */
/*
 * A file system that a process serves (FUSE) can make whoever asks it wait for ever, also against SIGKILL. To a user who has not mounted it the
 * kernel refuses to ask. But an overlay asks in the name of whoever mounted the overlay, and anybody can mount one in a user namespace of their own. No
 * call tells what lies below an overlay without asking it. So files of overlays are looked at only where it took a right of our own user
 * namespace to mount them, as container engines that run as root do:
 *
 *     fd ── fdinfo: mnt_id ── in our mountinfo, or that of our root ────────────────> yes
 *                          ├─ in the process's, of a namespace that is ours ─────────> yes
 *                          ├─ in the process's, of another one ── overlay ──> no, else yes
 *                          ├─ the kernel's own (memfd, shared memory) ───────────────> yes
 *                          ├─ of the root of a process in another namespace of ours ─> yes
 *                          └─ nowhere (detached, handed over by another process) ────> no
 *
 * A root that is no mount point (chroot) is in no mountinfo. Within our own mount namespace anybody can have changed their root to such a place (in a user
 * namespace of their own), so there only our own root counts.
 */
#include "base/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

#define MAX_MOUNTINFO (4u << 20) /* some 20,000 mounts */

/* File systems that read others for the one who mounted them. */
static const char *const stacked[] = { "overlay", "overlayfs", "ecryptfs", "aufs", "unionfs" };

static bool read_at(int folder_fd, const char *name, struct ecli_buf *out)
{
	CLEANUP_FD int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC);
	int r = fd < 0 ? -errno : ecli_file_read_fd(fd, name, MAX_MOUNTINFO, out, NULL);

	ecli_buf_add_char(out, '\0');
	return !r && !ecli_buf_failed(out);
}

/* "mnt_id:\t29"; -1: not told. */
static int mount_of(int fd)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	char name[48];

	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	if (!read_at(AT_FDCWD, name, &text))
		return -1;
	const char *id = strstr(text.data, "mnt_id:");
	return id ? (int)strtol(id + strlen("mnt_id:"), NULL, 10) : -1;
}

/* "29 1 0:26 / /proc rw,nosuid shared:5 - proc proc rw": paths have their blanks escaped, so the separator is alone of its kind. */
bool ecli_mounts_find(const char *mountinfo, int id, char ret_type[32])
{
	for (const char *line = mountinfo; *line;) {
		const char *end = line + strcspn(line, "\n");

		if (strtol(line, NULL, 10) == id) {
			const char *type = memmem(line, (size_t)(end - line), " - ", 3);
			size_t len = type ? strcspn(type + 3, " \n") : 0;

			if (!len || len >= 32)
				return false;
			memcpy(ret_type, type + 3, len);
			ret_type[len] = '\0';
			return true;
		}
		line = end + (*end == '\n');
	}
	return false;
}

static bool find(int folder_fd, const char *name, int id, char ret_type[32])
{
	CLEANUP_BUF struct ecli_buf text = { 0 };

	return read_at(folder_fd, name, &text) && ecli_mounts_find(text.data, id, ret_type);
}

static bool waits(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(stacked); i++)
		if (!strcmp(type, stacked[i]))
			return true;
	return !strncmp(type, "fuse", 4);
}

bool ecli_mounts_wait(const char *mountinfo)
{
	for (const char *line = mountinfo; *line;) {
		const char *end = line + strcspn(line, "\n");
		char type[32];

		if (!ecli_mounts_find(line, (int)strtol(line, NULL, 10), type) || waits(type))
			return true;
		line = end + (*end == '\n');
	}
	return false;
}

bool ecli_mounts_may_follow(int folder_fd)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };

	return ecli_mounts_are_ours(folder_fd) ||
	       (read_at(folder_fd, "mountinfo", &text) && !ecli_mounts_wait(text.data));
}

/* The mount that memory with a name lies on. */
static bool is_memory(int id)
{
	CLEANUP_FD int fd = memfd_create("ecli", MFD_CLOEXEC);

	return fd >= 0 && mount_of(fd) == id;
}

bool ecli_mounts_are_ours(int folder_fd)
{
	CLEANUP_FD int mounts = openat(folder_fd, "ns/mnt", O_RDONLY | O_CLOEXEC);
	CLEANUP_FD int users = mounts < 0 ? -1 : ioctl(mounts, NS_GET_USERNS);
	struct stat owner, own;

	return users >= 0 && !fstat(users, &owner) && !stat("/proc/self/ns/user", &own) && owner.st_dev == own.st_dev &&
	       owner.st_ino == own.st_ino;
}

static bool is_our_namespace(int folder_fd)
{
	struct stat its, own;

	return !fstatat(folder_fd, "ns/mnt", &its, 0) && !stat("/proc/self/ns/mnt", &own) && its.st_dev == own.st_dev &&
	       its.st_ino == own.st_ino;
}

/* Whether the root of a process (our own: AT_FDCWD, "/") lies on that mount. */
static bool is_of_root(int folder_fd, const char *root, int id)
{
	CLEANUP_FD int fd = openat(folder_fd, root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && mount_of(fd) == id;
}

bool ecli_mounts_may_look(int fd, int folder_fd)
{
	char type[32];
	int id = mount_of(fd);

	if (id < 0 || find(AT_FDCWD, "/proc/self/mountinfo", id, type) || is_of_root(AT_FDCWD, "/", id))
		return id >= 0;
	bool is_listed = find(folder_fd, "mountinfo", id, type), is_ours = ecli_mounts_are_ours(folder_fd);
	if (is_listed)
		return is_ours || !waits(type);
	return is_memory(id) || (is_ours && !is_our_namespace(folder_fd) && is_of_root(folder_fd, "root", id));
}
