/* SPDX-License-Identifier: MIT */
/*
 * Files, read and written whole. A file that a reader can see is always complete: the bytes go to a file without a name first, which is
 * gone when its writer dies, or to a temporary name where there are no such files.
 *
 *     open(O_TMPFILE) ── bytes ── linkat(PATH.PID) ── rename(PATH)
 *
 * Nothing is opened in a way that waits for somebody else: a pipe without a reader is an error.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define LOOK_MS 50 /* how often is asked whether to wait on */

int ecli_file_read_fd(int fd, const char *name, size_t max_bytes, struct ecli_buf *buf, struct ecli_err *err)
{
	size_t total = 0;

	for (;;) {
		size_t chunk = 64 * 1024;

		if (!ecli_buf_reserve(buf, chunk))
			return ecli_err_set(err, -ENOMEM, "out of memory while reading %s", name);
		ssize_t n = read(fd, buf->data + buf->len, chunk);
		if (n == 0)
			return 0;
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return ecli_err_set(err, -errno, "cannot read %s: %s", name, strerror(errno));
		}
		buf->len += (size_t)n;
		total += (size_t)n;
		if (total > max_bytes)
			return ecli_err_set(err, -EFBIG, "%s is larger than %zu bytes", name, max_bytes);
	}
}

int ecli_file_read(const char *path, size_t max_bytes, struct ecli_buf *buf, struct ecli_err *err)
{
	if (!strcmp(path, "-"))
		return ecli_file_read_fd(STDIN_FILENO, "standard input", max_bytes, buf, err);

	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ecli_err_set(err, -errno, "cannot read %s: %s", path, strerror(errno));
	return ecli_file_read_fd(fd, path, max_bytes, buf, err);
}

int ecli_file_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int cannot_write(const char *path, int r, struct ecli_err *err)
{
	return ecli_err_set(err, r, "cannot write %s: %s", path, strerror(-r));
}

/* ---- what is no regular file: a pipe, a terminal, /dev/null ----------------------------------------------------------------- */

/* Whether something is there that is no regular file. */
static bool is_special(const char *path, struct stat *ret)
{
	return !stat(path, ret) && !S_ISREG(ret->st_mode);
}

/* In a folder where everybody may make files, somebody may have made a pipe where the result is to be. The kernel looks at that
 * (fs.protected_fifos) only for those who make files. */
static bool is_trap(const char *path, const struct stat *st)
{
	CLEANUP_FREE char *copy = strdup(path);
	struct stat folder;

	if (!S_ISFIFO(st->st_mode) || st->st_uid == geteuid() || !copy)
		return false;
	char *slash = strrchr(copy, '/');
	if (slash)
		slash[slash == copy] = '\0';
	if (lstat(slash ? copy : ".", &folder))
		return false;
	return (folder.st_mode & S_ISVTX) && (folder.st_mode & S_IWOTH) && st->st_uid != folder.st_uid;
}

static int check_special(const char *path, const struct stat *st, struct ecli_err *err)
{
	if (S_ISDIR(st->st_mode))
		return cannot_write(path, -EISDIR, err);
	if (is_trap(path, st))
		return ecli_err_set(err, -EACCES, "cannot write %s: it is a pipe that another user has put there",
				    path);
	return access(path, W_OK) < 0 ? cannot_write(path, -errno, err) : 0;
}

static int open_special(const char *path, struct ecli_err *err)
{
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && errno == ENXIO)
		return ecli_err_set(err, -ENXIO, "cannot write %s: nobody reads this pipe; start its reader first",
				    path);
	return fd < 0 ? cannot_write(path, -errno, err) : fd;
}

static int write_special(const char *path, const void *data, size_t len, const struct ecli_file_wait *wait,
			 struct ecli_err *err)
{
	CLEANUP_FD int fd = open_special(path, err);
	struct pollfd out = { .fd = fd, .events = POLLOUT };
	const char *p = data;

	if (fd < 0)
		return fd;
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n >= 0) {
			p += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			if (wait && wait->is_over(wait->ctx))
				return ecli_err_set(err, -ETIMEDOUT, "cannot write %s: its reader does not read", path);
			poll(&out, 1, wait ? LOOK_MS : -1);
		} else if (errno != EINTR) {
			return cannot_write(path, -errno, err);
		}
	}
	return 0;
}

/* ---- regular files ---------------------------------------------------------------------------------------------------------- */

/* A file beside @path, @name its name. The descriptor, or -errno with the sentence set. */
static int make_temporary(const char *path, struct ecli_buf *name, struct ecli_err *err)
{
	ecli_buf_add_format(name, "%s.XXXXXX", path);
	char *temporary = ecli_buf_failed(name) ? NULL : (char *)ecli_buf_text(name);
	if (!temporary)
		return ecli_err_set(err, -ENOMEM, "out of memory while writing %s", path);
	int fd = mkostemp(temporary, O_CLOEXEC);
	return fd < 0 ? cannot_write(path, -errno, err) : fd;
}

/* A file without a name in the folder of @path, which goes with its descriptor. -1: not here (a file system, or a kernel, without such files). */
static int make_nameless(const char *path)
{
	CLEANUP_FREE char *copy = strdup(path);
	char *slash = copy ? strrchr(copy, '/') : NULL;

	if (slash)
		slash[slash == copy] = '\0';
	return copy ? open(slash ? copy : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600) : -1;
}

/*
 * Gives a nameless file the name: under another one first, because linking replaces nothing. Signals wait for these two calls, so that
 * nobody who is ended by one leaves the other name.
 */
static int name_it(int fd, const char *path)
{
	CLEANUP_BUF struct ecli_buf name = { 0 };
	char own[64];
	sigset_t all, before;
	int r = 0;

	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	ecli_buf_add_format(&name, "%s.%d", path, (int)getpid());
	if (ecli_buf_failed(&name))
		return -ENOMEM;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	if (linkat(AT_FDCWD, own, AT_FDCWD, ecli_buf_text(&name), AT_SYMLINK_FOLLOW) < 0) {
		r = -errno;
	} else if (rename(ecli_buf_text(&name), path) < 0) {
		r = -errno;
		unlink(ecli_buf_text(&name));
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

static int fill(int fd, const void *data, size_t len)
{
	mode_t mask = umask(0);
	umask(mask);

	int r = ecli_file_write_all(fd, data, len);
	return !r && fchmod(fd, 0666 & ~mask) < 0 ? -errno : r;
}

int ecli_file_try_write(const char *path, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf name = { 0 };
	struct stat st;

	if (is_special(path, &st))
		return check_special(path, &st, err);
	CLEANUP_FD int nameless = make_nameless(path);
	if (nameless >= 0)
		return 0;
	CLEANUP_FD int fd = make_temporary(path, &name, err);
	if (fd < 0)
		return fd;
	unlink(ecli_buf_text(&name));
	return 0;
}

/* Where a file must have a name, or cannot be given one: without /proc. */
static int write_named(const char *path, const void *data, size_t len, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf name = { 0 };
	CLEANUP_FD int fd = make_temporary(path, &name, err);

	if (fd < 0)
		return fd;
	int r = fill(fd, data, len);
	if (!r && rename(ecli_buf_text(&name), path) < 0)
		r = -errno;
	if (!r)
		return 0;
	unlink(ecli_buf_text(&name));
	return cannot_write(path, r, err);
}

int ecli_file_write_waiting(const char *path, const void *data, size_t len, const struct ecli_file_wait *wait,
			    struct ecli_err *err)
{
	struct stat st;

	if (is_special(path, &st)) {
		int r = check_special(path, &st, err);

		return r ? r : write_special(path, data, len, wait, err);
	}
	CLEANUP_FD int fd = make_nameless(path);
	if (fd < 0)
		return write_named(path, data, len, err);
	int r = fill(fd, data, len);
	if (r)
		return cannot_write(path, r, err);
	return name_it(fd, path) ? write_named(path, data, len, err) : 0;
}

int ecli_file_write(const char *path, const void *data, size_t len, struct ecli_err *err)
{
	return ecli_file_write_waiting(path, data, len, NULL, err);
}

int ecli_file_make_dirs(const char *path, struct ecli_err *err)
{
	CLEANUP_FREE char *copy = strdup(path);
	if (!copy)
		return ecli_err_set(err, -ENOMEM, "out of memory");

	for (char *p = copy + 1;; p++) {
		char c = *p;

		if (c && c != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0777) < 0 && errno != EEXIST)
			return ecli_err_set(err, -errno, "cannot make the folder %s: %s", copy, strerror(errno));
		*p = c;
		if (!c)
			return 0;
	}
}
