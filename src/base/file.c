/* SPDX-License-Identifier: MIT */
/*
 * Files, read and written whole. A file that a reader can see is always complete: the bytes go to a temporary name
 * first.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

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

/* Whether something is there that is no regular file. */
static bool is_special(const char *path, bool *ret_is_folder)
{
	struct stat st;

	*ret_is_folder = false;
	if (stat(path, &st) < 0 || S_ISREG(st.st_mode))
		return false;
	*ret_is_folder = S_ISDIR(st.st_mode);
	return true;
}

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

int ecli_file_try_write(const char *path, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf name = { 0 };
	bool is_folder;

	if (is_special(path, &is_folder)) {
		if (is_folder)
			return cannot_write(path, -EISDIR, err);
		return access(path, W_OK) < 0 ? cannot_write(path, -errno, err) : 0;
	}
	CLEANUP_FD int fd = make_temporary(path, &name, err);
	if (fd < 0)
		return fd;
	unlink(ecli_buf_text(&name));
	return 0;
}

static int write_special(const char *path, const void *data, size_t len, struct ecli_err *err)
{
	CLEANUP_FD int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	int r = fd < 0 ? -errno : ecli_file_write_all(fd, data, len);

	return r ? cannot_write(path, r, err) : 0;
}

int ecli_file_write(const char *path, const void *data, size_t len, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf name = { 0 };
	mode_t mask = umask(0);
	bool is_folder;
	umask(mask);

	if (is_special(path, &is_folder) && !is_folder)
		return write_special(path, data, len, err);
	CLEANUP_FD int fd = make_temporary(path, &name, err);
	if (fd < 0)
		return fd;
	const char *temporary = ecli_buf_text(&name);

	int r = ecli_file_write_all(fd, data, len);
	if (!r && fchmod(fd, 0666 & ~mask) < 0)
		r = -errno;
	if (!r && rename(temporary, path) < 0)
		r = -errno;
	if (r) {
		unlink(temporary);
		return cannot_write(path, r, err);
	}
	return 0;
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
