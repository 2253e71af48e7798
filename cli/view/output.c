/* SPDX-License-Identifier: MIT */
/*
 * A terminal takes nothing while it is stopped (Ctrl-S), or while nobody reads the other end of a pseudo terminal. curses would wait for it in
 * write(2), where no signal ends a run any more; and with a non-blocking descriptor it asks again and again for ever. So it never writes to the
 * terminal:
 *
 *     curses ── descriptor K ─┬─ between begin and end: a file in memory ──> queue ──> our own non-blocking description of the terminal
 *                             └─ else: the terminal, for its modes and keys
 *
 * A picture that the terminal has not taken whole is finished before another one is drawn: that is done when the terminal takes something again
 * (terminal.c waits for it), with what the state is by then.
 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../common/say.h"

bool output_open(struct output *output)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

	*output = (struct output){ .memory_fd = memfd_create("screen", MFD_CLOEXEC), .own_fd = -1 };
	output->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!output->file || output->memory_fd < 0) {
		if (!output->file && fd >= 0)
			close(fd);
		output_close(output);
		return false;
	}
	output->own_fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return true;
}

void output_close(struct output *output)
{
	if (output->file)
		fclose(output->file);
	if (output->memory_fd >= 0)
		close(output->memory_fd);
	if (output->own_fd >= 0)
		close(output->own_fd);
	ecli_buf_done(&output->queue);
	*output = (struct output){ .memory_fd = -1, .own_fd = -1 };
}

void output_begin(struct output *output)
{
	dup3(output->memory_fd, fileno(output->file), O_CLOEXEC);
}

/* One terminal of another user cannot be opened again: then it is asked first, and gets a little at once. */
static ssize_t write_some(const struct output *output, const char *bytes, size_t len)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (output->own_fd >= 0)
		return write(output->own_fd, bytes, len);
	if (poll(&out, 1, 0) != 1) {
		errno = EAGAIN;
		return -1;
	}
	return write(STDOUT_FILENO, bytes, len < 256 ? len : 256);
}

bool output_is_through(struct output *output)
{
	struct ecli_buf *queue = &output->queue;
	size_t done = 0;

	while (done < queue->len) {
		ssize_t n = write_some(output, queue->data + done, queue->len - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			done = queue->len; /* it is gone: nobody will see it */
	}
	if (done)
		memmove(queue->data, queue->data + done, queue->len - done);
	queue->len -= done;
	return !queue->len;
}

void output_end(struct output *output)
{
	off_t size = lseek(output->memory_fd, 0, SEEK_CUR);

	dup3(STDOUT_FILENO, fileno(output->file), O_CLOEXEC);
	if (size > 0 && ecli_buf_reserve(&output->queue, (size_t)size)) {
		ssize_t n = pread(output->memory_fd, output->queue.data + output->queue.len, (size_t)size, 0);

		output->queue.len += n > 0 ? (size_t)n : 0;
	}
	if (lseek(output->memory_fd, 0, SEEK_SET) < 0 || ftruncate(output->memory_fd, 0) < 0)
		return; /* cannot be: it is memory */
	output_is_through(output);
}

void output_finish(struct output *output, int most_ms)
{
	if (!output_is_through(output))
		say_to(STDOUT_FILENO, output->queue.data, output->queue.len, most_ms);
	ecli_buf_clear(&output->queue);
}
