/* SPDX-License-Identifier: MIT */
/*
 * tracefs/instances/ecli-PID: a trace buffer of our own, with the clock of bpf_ktime_get_ns() and only the event of
 * bpf_printk() in it, so that the machine's shared trace_pipe, which gives each line to one reader only, is left alone.
 *
 * The kernel keeps an instance for ever; who dies without removing it leaves it, with its memory. So everyone who makes
 * one first removes those whose process is gone. The name does not say which process namespace the number is from, but
 * an instance whose pipe is open cannot be removed, so a wrong guess does no harm.
 *
 * It deliberately does not mount anything: the caller says where tracefs is.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"
#include "poll/trace_instance.h"

#define NAME_PREFIX "ecli-"
#define NAME_TRIES  16     /* several poll objects in one process, or equal numbers in process namespaces */
#define BUFFER_KB   "1024" /* per CPU: some ten thousand lines */

static void cleanup_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* "ecli-123" or "ecli-123-1": the number. 0: not one of ours. */
static pid_t owner_of(const char *name)
{
	uint64_t pid;
	char digits[16];

	if (strncmp(name, NAME_PREFIX, strlen(NAME_PREFIX)))
		return 0;
	name += strlen(NAME_PREFIX);
	size_t n = strspn(name, "0123456789");
	if (!n || n >= sizeof(digits) || (name[n] && name[n] != '-'))
		return 0;
	memcpy(digits, name, n);
	digits[n] = '\0';
	if (ecli_num_parse_u64(digits, &pid) < 0 || pid > INT32_MAX)
		return 0;
	return (pid_t)pid;
}

void trace_instance_each(int instances_fd, bool remove, ecli_poll_instance_fn fn, void *ctx)
{
	CLEANUP_FD int fd = openat(instances_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(cleanup_dir) DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (!dir)
		return;
	fd = -1; /* the DIR has it now */
	for (const struct dirent *entry; (entry = readdir(dir));) {
		struct ecli_poll_instance instance = { .name = entry->d_name };
		pid_t pid = owner_of(entry->d_name);

		if (!pid)
			continue;
		instance.pid = (uint32_t)pid;
		instance.is_alive = !kill(pid, 0) || errno != ESRCH;
		if (!instance.is_alive && remove && unlinkat(instances_fd, entry->d_name, AT_REMOVEDIR)) {
			/* Somebody else was faster; or it is in use, by a process of another process namespace. */
			if (errno == ENOENT)
				continue;
			instance.is_alive = errno == EBUSY;
			instance.error = instance.is_alive ? 0 : -errno;
		}
		fn(ctx, &instance);
	}
}

static void count_removed(void *ctx, const struct ecli_poll_instance *instance)
{
	*(unsigned *)ctx += !instance->is_alive && !instance->error;
}

unsigned trace_instance_clean(int instances_fd)
{
	unsigned removed = 0;

	trace_instance_each(instances_fd, true, count_removed, &removed);
	return removed;
}

int ecli_poll_each_instance(const char *tracefs, bool remove, ecli_poll_instance_fn fn, void *ctx, struct ecli_err *err)
{
	CLEANUP_FD int root = open(tracefs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP_FD int fd = root < 0 ? -1 : openat(root, "instances", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT
			       ? 0
			       : ecli_err_set(err, -errno, "cannot read %s/instances: %s", tracefs, strerror(errno));
	trace_instance_each(fd, remove, fn, ctx);
	return 0;
}

static int put(int dir_fd, const char *instance, const char *file, const char *text)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/%s", instance, file);
	CLEANUP_FD int fd = openat(dir_fd, path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : ecli_file_write_all(fd, text, strlen(text));
}

static int make(struct trace_instance *instance)
{
	for (int i = 0; i < NAME_TRIES; i++) {
		if (i == 0)
			snprintf(instance->name, sizeof(instance->name), NAME_PREFIX "%d", (int)getpid());
		else
			snprintf(instance->name, sizeof(instance->name), NAME_PREFIX "%d-%d", (int)getpid(), i);
		if (!mkdirat(instance->instances_fd, instance->name, 0700))
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

static int configure(const struct trace_instance *instance, int *ret_pipe_fd)
{
	char path[192];
	int r = put(instance->instances_fd, instance->name, "trace_clock", "mono");

	if (r < 0)
		return r;
	put(instance->instances_fd, instance->name, "buffer_size_kb", BUFFER_KB); /* the default serves as well */
	r = put(instance->instances_fd, instance->name, "events/bpf_trace/bpf_trace_printk/enable", "1");
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/trace_pipe", instance->name);
	int fd = openat(instance->instances_fd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_pipe_fd = fd;
	return 0;
}

static bool is_missing(int r)
{
	return r == -ENOENT || r == -EOPNOTSUPP || r == -ENOSYS || r == -EINVAL;
}

int trace_instance_open(struct trace_instance *instance, const char *tracefs, struct ecli_err *err, int *ret_pipe_fd)
{
	CLEANUP_FD int root = open(tracefs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	instance->instances_fd = -1;
	if (root < 0) {
		r = -errno;
		/* Not the same as a kernel without instances: here the caller is wrong. */
		return ecli_err_set(err, r == -ENOENT ? -ENOTDIR : r, "cannot open the tracing folder %s: %s", tracefs,
				    strerror(-r));
	}
	instance->instances_fd = openat(root, "instances", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (instance->instances_fd < 0) {
		r = -errno;
	} else {
		trace_instance_clean(instance->instances_fd);
		r = make(instance);
		if (!r) {
			r = configure(instance, ret_pipe_fd);
			if (!r)
				return 0;
			unlinkat(instance->instances_fd, instance->name, AT_REMOVEDIR);
		}
		close(TAKE_FD(instance->instances_fd));
	}
	if (is_missing(r))
		return -ENOENT;
	return ecli_err_set(err, r, "cannot make a trace buffer under %s/instances: %s", tracefs, strerror(-r));
}

void trace_instance_close(struct trace_instance *instance)
{
	if (instance->instances_fd < 0)
		return;
	put(instance->instances_fd, instance->name, "events/bpf_trace/bpf_trace_printk/enable", "0");
	unlinkat(instance->instances_fd, instance->name, AT_REMOVEDIR);
	close(TAKE_FD(instance->instances_fd));
}
