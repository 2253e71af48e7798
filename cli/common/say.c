/* SPDX-License-Identifier: MIT */
/*
 * Standard error, whose reader may sleep: a supervisor that looks at it only in the end, a terminal after Ctrl-S.
 *
 *     before and after a run   a message waits, as in any program: signals have their usual action meanwhile
 *     in a run                 message ─> queue (64 KiB) ─> write what fits ─┬─ all: "12 messages were left out" when there were such
 *                                 └─ no place: left out, counted             └─ rest: with the next message
 *
 * As for rows (src/session/out.c) the descriptor is not made non-blocking, for its flags are shared with the shell and all that it starts: a second
 * description of the same pipe or terminal is opened through /proc/self/fd, and a socket is written with MSG_DONTWAIT. Where it cannot be
 * opened (a terminal of another user, no /proc) poll(2) says whether there is room, and no more is written at once than then fits a pipe. Kernels
 * have RWF_NOWAIT for pipes only from 6.4 on, and not for terminals.
 *
 * The queue is file-scope state, as the log hook is: there is one standard error. It is never written through stdio, which would wait at exit.
 */
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <ecli/base.h>

#define QUEUE_BYTES (64u * 1024)
#define LONGEST     1024

/* A descriptor that is written without waiting. */
struct way {
	int fd;         /* our own description, or the one that was given */
	bool is_own;    /* non-blocking */
	bool is_socket; /* else asked by poll(2) first */
};

static struct {
	bool never_waits;
	struct way way;
	struct ecli_buf queue;
	unsigned long long left_out;
} said;

static struct way open_way(int fd)
{
	struct way way = { .fd = fd };
	int flags = fcntl(fd, F_GETFL);
	struct stat st = { 0 };
	char path[64];

	if (flags < 0 || fstat(fd, &st))
		return way;
	way.is_socket = S_ISSOCK(st.st_mode);
	/* What could not be written through @fd is not made writable. */
	if ((!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode)) || (flags & O_ACCMODE) == O_RDONLY)
		return way;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own >= 0) {
		way.fd = own;
		way.is_own = true;
	}
	return way;
}

static void close_way(struct way *way)
{
	if (way->is_own)
		close(way->fd);
	*way = (struct way){ .fd = -1 };
}

/* As write(2) of a non-blocking descriptor. */
static ssize_t write_some(const struct way *way, const char *text, size_t len)
{
	struct pollfd out = { .fd = way->fd, .events = POLLOUT };

	if (way->is_socket)
		return send(way->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (way->is_own)
		return write(way->fd, text, len);
	if (poll(&out, 1, 0) != 1) {
		errno = EAGAIN;
		return -1;
	}
	return write(way->fd, text, len < PIPE_BUF ? len : PIPE_BUF);
}

/* How much of it was taken. What cannot be written at all counts as taken: nobody will ever read it. */
static size_t write_most(const struct way *way, const char *text, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write_some(way, text + done, len - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			return done;
		else if (errno != EINTR)
			return len;
	}
	return done;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The same, with some time for the reader, -1: as long as it takes. */
static size_t write_within(const struct way *way, const char *text, size_t len, int most_ms)
{
	struct pollfd out = { .fd = way->fd, .events = POLLOUT };
	long long end_ms = now_ms() + most_ms, left_ms = most_ms;
	size_t done = write_most(way, text, len);

	for (; done < len && left_ms; left_ms = most_ms < 0 || end_ms > now_ms() ? end_ms - now_ms() : 0) {
		poll(&out, 1, most_ms < 0 ? -1 : (int)left_ms);
		done += write_most(way, text + done, len - done);
	}
	return done;
}

void say_to(int fd, const char *text, size_t len, int most_ms)
{
	struct way way = open_way(fd);

	write_within(&way, text, len, most_ms);
	close_way(&way);
}

/* ---- the queue ------------------------------------------------------------------------------------------------- */

static void drop_front(struct ecli_buf *buf, size_t len)
{
	memmove(buf->data, buf->data + len, buf->len - len);
	buf->len -= len;
}

static void tell_left_out(void)
{
	if (said.left_out)
		ecli_buf_add_format(&said.queue, "%s: %llu message%s left out because standard error was not read\n",
				    program_invocation_short_name, said.left_out,
				    said.left_out == 1 ? " was" : "s were");
	said.left_out = 0;
}

static void flush_queue(int most_ms)
{
	if (said.queue.len)
		drop_front(&said.queue, write_within(&said.way, said.queue.data, said.queue.len, most_ms));
	if (said.queue.len || !said.left_out)
		return;
	tell_left_out();
	drop_front(&said.queue, write_within(&said.way, said.queue.data, said.queue.len, most_ms));
}

static void enqueue(const char *text, size_t len)
{
	if (said.queue.len + len > QUEUE_BYTES)
		flush_queue(0);
	/* A message that is larger than the queue has place in an empty one. */
	if (said.queue.len && said.queue.len + len > QUEUE_BYTES) {
		said.left_out++;
		return;
	}
	ecli_buf_add(&said.queue, text, len);
	if (ecli_buf_failed(&said.queue)) {
		ecli_buf_done(&said.queue);
		said.left_out++;
	}
	flush_queue(0);
}

void say_without_waiting(void)
{
	if (said.never_waits)
		return;
	said.never_waits = true;
	said.way = open_way(STDERR_FILENO);
}

void say_wait_again(int most_ms)
{
	if (!said.never_waits)
		return;
	said.never_waits = false;
	flush_queue(most_ms);
	ecli_buf_done(&said.queue);
	said.left_out = 0;
	close_way(&said.way);
}

/* ---- saying ---------------------------------------------------------------------------------------------------- */

/* Waits as long as it takes. Somebody else may have made the shared description a non-blocking one. */
static void write_all(const char *text, size_t len)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };

	while (len) {
		ssize_t n = write(STDERR_FILENO, text, len);

		if (n >= 0) {
			text += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			poll(&out, 1, -1);
		} else if (errno != EINTR) {
			return;
		}
	}
}

void say(const char *text, size_t len)
{
	if (said.never_waits)
		enqueue(text, len);
	else
		write_all(text, len);
}

void say_format(const char *format, ...)
{
	char text[LONGEST];
	va_list args;

	va_start(args, format);
	int len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len > 0)
		say(text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1);
}
