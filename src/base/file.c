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

int ecli_file_write(const char *path, const void *data, size_t len, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf name = { 0 };
	mode_t mask = umask(0);
	umask(mask);

	ecli_buf_add_format(&name, "%s.XXXXXX", path);
	char *temporary = ecli_buf_failed(&name) ? NULL : (char *)ecli_buf_text(&name);
	if (!temporary)
		return ecli_err_set(err, -ENOMEM, "out of memory while writing %s", path);

	CLEANUP_FD int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return ecli_err_set(err, -errno, "cannot write %s: %s", path, strerror(errno));

	int r = ecli_file_write_all(fd, data, len);
	if (!r && fchmod(fd, 0666 & ~mask) < 0)
		r = -errno;
	if (!r && rename(temporary, path) < 0)
		r = -errno;
	if (r) {
		unlink(temporary);
		return ecli_err_set(err, r, "cannot write %s: %s", path, strerror(-r));
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
