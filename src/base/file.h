/* SPDX-License-Identifier: MIT */
/*
 * Whole files in and out. Reading is bounded; writing is all or nothing: a temporary file in the same folder, then rename(2).
 */
#ifndef ECLI_BASE_FILE_H
#define ECLI_BASE_FILE_H

#include <ecli/base.h>

/*
 * Appends the file's bytes to @buf. @path "-" is standard input. @max_bytes: more is -EFBIG. The sentence names the path and
 * the reason ("cannot read x.json: No such file or directory").
 */
int ecli_file_read(const char *path, size_t max_bytes, struct ecli_buf *buf, struct ecli_err *err);
/* The same from an open descriptor; @name for sentences. */
int ecli_file_read_fd(int fd, const char *name, size_t max_bytes, struct ecli_buf *buf, struct ecli_err *err);

/* Whether ecli_file_write() would work, as far as can be known now: 0, or its error. Nothing changes. */
int ecli_file_try_write(const char *path, struct ecli_err *err);

/* Writes or replaces @path whole, mode 0666 less the umask. Nothing is left behind on failure, nor when a signal ends the process. What is there
 * and is no regular file (a pipe, /dev/null) is not replaced but written to: -ENXIO: nobody reads the pipe; -EACCES: it is one that another user
 * has put into a folder of all users. */
int ecli_file_write(const char *path, const void *data, size_t len, struct ecli_err *err);
/* The same, and a reader who does not read is waited for only until @wait says that it is over: -ETIMEDOUT. NULL: for ever. */
struct ecli_file_wait {
	bool (*is_over)(void *ctx); /* asked every 50 ms */
	void *ctx;
};
int ecli_file_write_waiting(const char *path, const void *data, size_t len, const struct ecli_file_wait *wait,
			    struct ecli_err *err);

/* Writes all of it to a descriptor, through EINTR and short writes. 0 or -errno. */
int ecli_file_write_all(int fd, const void *data, size_t len);

/* mkdir -p. */
int ecli_file_make_dirs(const char *path, struct ecli_err *err);

#endif
