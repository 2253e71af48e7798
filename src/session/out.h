/* SPDX-License-Identifier: MIT */
/*
 * Where rows go: a buffer in front of a file descriptor that is written without ever blocking on a reader who went away
 * for a while. One write(2) per batch.
 */
#ifndef ECLI_SESSION_OUT_H
#define ECLI_SESSION_OUT_H

#include <ecli/base.h>

struct out {
	struct ecli_buf buf;
	int fd;         /* as given, or our own non-blocking description of the same pipe or terminal */
	int signal_fd;  /* readable: give up waiting for the reader */
	uint64_t bytes; /* written so far */
	bool own_fd;
	bool closed; /* no more is written: the reader is gone, does not read although a signal came, or a write failed */
};

void out_init(struct out *out, int fd, int signal_fd);
void out_done(struct out *out);

/* Writes what is buffered. 0, or -errno of write(2); a reader that closed the pipe is not an error: `closed` tells. */
int out_flush(struct out *out);

#endif
