/* SPDX-License-Identifier: MIT */
/*
 * Trace pipe source: the lines of bpf_printk(), from an instance of our own or, on kernels without the bpf_trace_printk
 * event (before 5.9), from the machine's global pipe, where other tracers' lines are left out.
 *
 * The time of a line is the kernel's when the buffer runs on the monotonic clock, which a private one always does; else
 * it is the time of reading. The pipe shows bpf_printk() of all programs of the machine: the kernel does not say whose
 * a line is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "poll/source.h"
#include "poll/trace_instance.h"
#include "poll/trace_text.h"

#define FIRST_PID_NAMESPACE 0xeffffffcu /* PROC_PID_INIT_INO, include/linux/proc_ns.h */
#define LAST_NS             1000000000u /* the final drain of a pipe whose clock is another: no longer than this */

#define NAME_BYTES 16u /* TASK_COMM_LEN */
#define NAMES      64u

/* What the kernel called a process, and its name. */
struct known_name {
	uint32_t pid, kernel_len, len;
	char kernel[NAME_BYTES], text[NAME_BYTES];
};

struct pipe_source {
	struct poll_source source; /* fd: the pipe */
	struct trace_instance instance;
	ecli_poll_print_fn on_line;
	void *ctx;
	bool is_mono;
	bool sees_all_pids; /* in the first process namespace, whose numbers the kernel prints */
	uint64_t now_ns;    /* of the last read */
	uint64_t mark_ns;   /* the end of the final drain; 0 before */
	bool past_mark;     /* a line from after it was seen */
	uint64_t told_lost; /* already logged */
	struct trace_text text;
	struct known_name names[NAMES]; /* by pid % NAMES */
};

/*
 * The kernel learns a task's name when the task leaves its CPU, keeps only some ("<...>" stands for the others), and does not forget it when the
 * number goes to another task. So whenever it says something new of a process, the process itself is asked, if it lives.
 */
static void name_task(struct pipe_source *self, struct ecli_poll_print *print, struct ecli_buf *name)
{
	struct known_name *known = &self->names[print->pid % NAMES];
	uint32_t kernel_len = print->task_len < NAME_BYTES ? (uint32_t)print->task_len : NAME_BYTES;
	char path[32];

	if (known->pid != print->pid || known->kernel_len != kernel_len ||
	    memcmp(known->kernel, print->task, kernel_len) != 0) {
		const char *text = print->task;
		size_t len = kernel_len;

		snprintf(path, sizeof(path), "/proc/%u/comm", print->pid);
		if (self->sees_all_pids && ecli_file_read(path, 64, name, NULL) == 0 && name->len > 1) {
			text = name->data;
			len = name->len - (name->data[name->len - 1] == '\n');
		} else if (known->pid == print->pid && kernel_len == 5 && !memcmp(print->task, "<...>", 5)) {
			text = known->text;
			len = known->len;
		}
		known->pid = print->pid;
		known->kernel_len = kernel_len;
		memcpy(known->kernel, print->task, kernel_len);
		known->len = len < NAME_BYTES ? (uint32_t)len : NAME_BYTES;
		memmove(known->text, text, known->len);
	}
	print->task = known->text;
	print->task_len = known->len;
}

static int on_text_line(void *ctx, const struct ecli_poll_print *line)
{
	CLEANUP_BUF struct ecli_buf name = { 0 };
	struct pipe_source *self = ctx;
	struct ecli_poll_print print = *line;

	if (!self->is_mono)
		print.mono_ns = self->now_ns;
	if (self->mark_ns && print.mono_ns > self->mark_ns) {
		self->past_mark = true;
		return 0;
	}
	name_task(self, &print, &name);
	return self->on_line(self->ctx, &print);
}

static void tell_lost(struct pipe_source *self)
{
	if (self->text.lost == self->told_lost)
		return;
	ecli_log(ECLI_LOG_WARN, "%llu lines of the trace pipe were overwritten before they could be read",
		 (unsigned long long)(self->text.lost - self->told_lost));
	self->told_lost = self->text.lost;
}

/* One read. 1 in @ret_more: there may be more. */
static int read_some(struct pipe_source *self, bool *ret_more, struct ecli_err *err)
{
	size_t room;
	char *place = trace_text_room(&self->text, &room);
	ssize_t n = read(self->source.fd, place, room);

	self->now_ns = poll_now_ns();
	*ret_more = n > 0 || (n < 0 && errno == EINTR);
	if (n > 0)
		return trace_text_take(&self->text, (size_t)n);
	if (n == 0 || errno == EAGAIN)
		return trace_text_flush(&self->text);
	if (errno == EINTR)
		return 0;
	int r = -errno;
	return ecli_err_set(err, r, "cannot read the trace pipe: %s", strerror(-r));
}

static int pipe_drain(struct poll_source *source, const struct poll_budget *budget, struct poll_round *round,
		      struct ecli_err *err)
{
	struct pipe_source *self = (struct pipe_source *)source;
	uint64_t before = self->text.count, deadline_ns = budget->deadline_ns;
	bool more = true;
	int r = 0;

	if (budget->last)
		deadline_ns = self->mark_ns + LAST_NS;
	while (!r && more && !(budget->last && self->past_mark)) {
		r = read_some(self, &more, err);
		if (more && (self->text.count - before >= budget->records || self->now_ns >= deadline_ns)) {
			round->more = !budget->last;
			break;
		}
	}
	if (!r && budget->last) {
		r = trace_text_flush(&self->text);
		self->mark_ns = 0;
	}
	round->records = self->text.count - before;
	tell_lost(self);
	return r < 0 ? poll_callback_failed(err, r) : r;
}

static void pipe_mark(struct poll_source *source)
{
	struct pipe_source *self = (struct pipe_source *)source;

	self->mark_ns = poll_now_ns();
	self->past_mark = false;
}

static void pipe_free(struct poll_source *source)
{
	struct pipe_source *self = (struct pipe_source *)source;

	if (source->fd >= 0)
		close(source->fd);
	trace_instance_close(&self->instance);
	free(self);
}

static const struct poll_source_ops pipe_ops = { .drain = pipe_drain, .mark = pipe_mark, .free = pipe_free };

/* "local [mono] boot": the one in brackets. */
static bool has_mono_clock(const char *tracefs)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	char path[4096];

	snprintf(path, sizeof(path), "%s/trace_clock", tracefs);
	return ecli_file_read(path, 4096, &text, NULL) == 0 && strstr(ecli_buf_text(&text), "[mono]");
}

static bool is_first_pid_namespace(void)
{
	struct stat namespace;

	return stat("/proc/self/ns/pid", &namespace) == 0 && namespace.st_ino == FIRST_PID_NAMESPACE;
}

static int open_global(struct pipe_source *self, const char *tracefs, struct ecli_err *err)
{
	char path[4096];

	if ((size_t)snprintf(path, sizeof(path), "%s/trace_pipe", tracefs) >= sizeof(path))
		return ecli_err_set(err, -ENAMETOOLONG, "the tracing folder's path is too long");
	self->source.fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (self->source.fd < 0) {
		int r = -errno;

		return ecli_err_set(err, r, "cannot open %s: %s", path, strerror(-r));
	}
	self->is_mono = has_mono_clock(tracefs);
	ecli_log(ECLI_LOG_INFO, "printed lines are read from %s, which is shared with other tools", path);
	return 0;
}

int ecli_poll_add_trace_pipe(struct ecli_poll *poll, const char *tracefs, ecli_poll_print_fn on_line, void *ctx,
			     struct ecli_err *err)
{
	struct pipe_source *self = calloc(1, sizeof(*self));

	if (!self)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	self->source =
		(struct poll_source){ .ops = &pipe_ops, .fd = -1, .epoll_in = EPOLLIN | EPOLLET, .is_buffer = true };
	self->on_line = on_line;
	self->ctx = ctx;
	self->is_mono = true;
	self->sees_all_pids = is_first_pid_namespace();
	self->text.on_line = on_text_line;
	self->text.ctx = self;

	int r = trace_instance_open(&self->instance, tracefs, err, &self->source.fd);
	if (r == -ENOENT)
		r = open_global(self, tracefs, err);
	if (r < 0) {
		pipe_free(&self->source);
		return r;
	}
	return poll_add_source(poll, &self->source, err);
}
