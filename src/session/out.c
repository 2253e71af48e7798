/* SPDX-License-Identifier: MIT */
/*
 * Rows to a file descriptor.
 *
 * `ecli run ... | less` stops reading while the person reads. SIGINT arrives through a signalfd, so a write(2) that
 * blocks in the full pipe could not be interrupted by Ctrl-C. The descriptor is therefore non-blocking: not the one we
 * were given (its flags are shared with the shell), but a second description of the same pipe or terminal, opened
 * through /proc/self/fd. Where that cannot be had (sockets, no /proc) writes block, and nothing else changes.
 */
#include "session/out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long a reader who does not read may delay the end after a signal. */
#define LAST_WAIT_MS 200

static int reopen_nonblocking(int fd)
{
	struct stat st;
	char path[64];

	if (fstat(fd, &st) < 0 || !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void out_init(struct out *out, int fd, int signal_fd)
{
	*out = (struct out){ .fd = fd, .signal_fd = signal_fd };

	int own = reopen_nonblocking(fd);
	if (own >= 0) {
		out->fd = own;
		out->own_fd = true;
	}
}

void out_done(struct out *out)
{
	ecli_buf_done(&out->buf);
	if (out->own_fd)
		close(out->fd);
}

/* Waits until the reader reads. A pending signal leaves the reader a last moment, then closes the output. */
static void wait_writable(struct out *out)
{
	struct pollfd fds[2] = { { .fd = out->fd, .events = POLLOUT }, { .fd = out->signal_fd, .events = POLLIN } };

	if (poll(fds, 2, -1) < 0 || fds[0].revents)
		return;
	if (fds[1].revents && poll(fds, 1, LAST_WAIT_MS) == 0)
		out->closed = true;
}

int out_flush(struct out *out)
{
	size_t done = 0;

	if (ecli_buf_failed(&out->buf)) {
		ecli_buf_clear(&out->buf);
		return -ENOMEM;
	}
	while (done < out->buf.len && !out->closed) {
		ssize_t n = write(out->fd, out->buf.data + done, out->buf.len - done);

		if (n >= 0) {
			done += (size_t)n;
			out->bytes += (uint64_t)n;
		} else if (errno == EAGAIN) {
			wait_writable(out);
		} else if (errno == EPIPE) {
			out->closed = true;
		} else if (errno != EINTR) {
			int r = -errno;

			ecli_buf_clear(&out->buf);
			out->closed = true;
			return r;
		}
	}
	ecli_buf_clear(&out->buf);
	return 0;
}
