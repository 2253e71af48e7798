/* SPDX-License-Identifier: MIT */
/*
 * Rows to a file descriptor.
 *
 *     rows -> buf: [written: done][waiting .......] -> write(2), one a batch
 *
 * `ecli run ... | less` stops reading while the person reads. If a write waited for that, nobody would empty the kernel's
 * buffers meanwhile; so the descriptor is non-blocking, rows queue up in memory, and the loop calls again when the reader
 * reads. It is not the descriptor we were given (its flags are shared with the shell) but a second description of the
 * same pipe or terminal, opened through /proc/self/fd. A socket is written with MSG_DONTWAIT. A file blocks for as long as its disk
 * takes: the kernel's buffers bridge that.
 *
 * Invariant: bytes leave in order and once. The queue is bounded by whoever asks out_is_full() before making a row.
 */
#include "session/out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How long a reader who does not read may delay the end after a signal. */
#define LAST_WAIT_MS 50
/* More than this is given back when the queue is empty again. */
#define KEEP_BYTES (4u * OUT_BATCH_BYTES)

static int reopen_nonblocking(int fd, const struct stat *st)
{
	char path[64];
	int flags = fcntl(fd, F_GETFL);

	/* What could not be written through @fd is not made writable. */
	if ((!S_ISFIFO(st->st_mode) && !S_ISCHR(st->st_mode)) || flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void out_init(struct out *out, int fd, struct ends *ends)
{
	struct stat st = { 0 };

	*out = (struct out){ .fd = fd, .ends = ends, .last_wait_ms = LAST_WAIT_MS };
	fstat(fd, &st);
	out->is_socket = S_ISSOCK(st.st_mode);
	out->is_terminal = isatty(fd);

	int own = reopen_nonblocking(fd, &st);
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

static void empty(struct out *out)
{
	if (out->buf.cap > KEEP_BYTES)
		ecli_buf_done(&out->buf);
	else
		ecli_buf_clear(&out->buf);
	out->done = out->tried = 0;
}

static int fail(struct out *out, int code)
{
	empty(out);
	out->closed = true;
	return code;
}

/* Moves what waits to the front once at least as much lies before it: each byte is moved at most once on average. */
static void compact(struct out *out)
{
	size_t waiting = out_waiting(out);

	if (out->done >= waiting) {
		memmove(out->buf.data, out->buf.data + out->done, waiting);
		out->buf.len = waiting;
		out->done = 0;
	}
	out->tried = out->buf.len;
}

static ssize_t write_some(const struct out *out, const char *data, size_t size)
{
	return out->is_socket ? send(out->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL) : write(out->fd, data, size);
}

int out_flush(struct out *out)
{
	if (ecli_buf_failed(&out->buf))
		return fail(out, -ENOMEM);
	while (out_waiting(out) && !out->closed) {
		ssize_t n = write_some(out, out->buf.data + out->done, out_waiting(out));

		if (n >= 0) {
			out->done += (size_t)n;
			out->bytes += (uint64_t)n;
			out->writes++;
		} else if (errno == EAGAIN) {
			compact(out);
			return 0;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			out->closed = true;
		} else if (errno != EINTR) {
			return fail(out, -errno);
		}
	}
	empty(out);
	return 0;
}

/* Waits until the reader reads, a signal comes or @timeout_ms are over. True: a signal. */
static bool wait_writable(const struct out *out, int timeout_ms)
{
	struct pollfd fds[2] = { { .fd = out->fd, .events = POLLOUT }, { .fd = out->ends->fd, .events = POLLIN } };

	return poll(fds, 2, timeout_ms) > 0 && fds[1].revents;
}

int out_relieve(struct out *out, size_t most)
{
	int r = out_flush(out);

	while (!r && !out->closed && !out->ends->signals && out_waiting(out) > most) {
		if (wait_writable(out, -1)) /* left unread: the loop ends by it */
			return 0;
		r = out_flush(out);
	}
	return r;
}

/* Rows in the queue, the one that was written in part among them; JSON records that are not rows are not counted. */
static uint64_t count_lines(const struct out *out)
{
	static const char other[] = "{\"ecli\":";
	const char *line = out->buf.data + out->done, *end = out->buf.data + out->buf.len, *stop;
	uint64_t count = 0;

	for (; (stop = memchr(line, '\n', (size_t)(end - line))); line = stop + 1)
		count += stop > line &&
			 ((size_t)(stop - line) < sizeof(other) || memcmp(line, other, sizeof(other) - 1));
	return count;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int out_finish(struct out *out)
{
	int64_t give_up_ms = ends_look(out->ends) ? now_ms() + out->last_wait_ms : 0; /* 0: no signal yet */
	int r = out_flush(out);

	while (!r && !out->closed && out_waiting(out)) {
		int64_t left_ms = give_up_ms - now_ms();
		uint64_t bytes = out->bytes;

		wait_writable(out, give_up_ms ? (int)(left_ms > 0 ? left_ms : 0) : -1);
		bool is_over = ends_is_past(out->ends, ENDS_WRITE_MS);
		r = out_flush(out);
		if (out->ends->signals && !give_up_ms && !is_over) {
			give_up_ms = now_ms() + out->last_wait_ms;
		} else if (out_waiting(out) && (is_over || (give_up_ms && now_ms() >= give_up_ms))) {
			out->left_lines = count_lines(out);
			out->closed = true;
		} else if (give_up_ms && out->bytes != bytes && !out->is_terminal) {
			/* Whoever reads on gets all of it. On a terminal nobody wants to watch the rest go by. */
			give_up_ms = now_ms() + out->last_wait_ms;
		}
	}
	return r;
}
