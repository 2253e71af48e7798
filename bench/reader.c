/* SPDX-License-Identifier: MIT */
/*
 * A program that reads a storm, see reader.h.
 *
 * Its CPU time is its process clock, which is exact to the nanosecond and includes all its threads; /proc/PID/stat only
 * says which part of it was spent in the kernel. Messages go to a file, so nobody has to keep a pipe empty meanwhile.
 * The files have no name, and the reader ends with this process: a storm that is interrupted leaves nothing behind.
 */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_S   20
#define BACKLOG_S 20
#define REST_MS   150
#define REST_NS   5000000u /* CPU time in REST_MS that counts as none */
#define MAX_ARGS  64

_Noreturn void die(const char *what)
{
	fprintf(stderr, "storm: %s\n", what);
	exit(1);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts = { 0 };

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static void nap_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("this takes a machine with two CPUs");
}

/* A new string: @text with the placeholders filled in. */
static char *filled(const char *text, const struct reader *reader)
{
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	if (!f)
		die("out of memory");
	for (; *text; text++) {
		if (*text == '%' && text[1] == 'p')
			fprintf(f, "%d", getppid());
		else if (*text == '%' && text[1] == 'b')
			fprintf(f, "%u", reader->batch);
		else {
			fputc(*text, f);
			continue;
		}
		text++;
	}
	fclose(f);
	return out;
}

static _Noreturn void become(const struct reader *reader, char **argv, int rows, int messages)
{
	char *args[MAX_ARGS] = { 0 };

	for (int i = 0; argv[i] && i < MAX_ARGS - 1; i++)
		args[i] = filled(argv[i], reader);
	dup2(messages, STDERR_FILENO);
	dup2(rows, STDOUT_FILENO);
	pin(READER_CPU);
	prctl(PR_SET_PDEATHSIG, SIGINT);
	execvp(args[0], args);
	fprintf(stderr, "cannot run %s: %s\n", args[0], strerror(errno));
	_exit(127);
}

/* The beginning of a file as text. */
static const char *peek(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size - 1, 0);

	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

static void wait_until_ready(struct reader *reader)
{
	uint64_t give_up_ns = now_ns() + (uint64_t)READY_S * NS_PER_S;
	char text[8192];

	while (!strstr(peek(reader->messages_fd, text, sizeof(text)), reader->ready)) {
		if (now_ns() > give_up_ns || waitpid(reader->pid, NULL, WNOHANG)) {
			kill(reader->pid, SIGKILL);
			fprintf(stderr, "%s\n", text);
			die("the reader did not become ready");
		}
		nap_ms(5);
	}
	nap_ms(200); /* what it does after that line */
}

/* A file that nobody else sees. Written at its end, for the reader shares the position. */
static int make_file(const char *folder)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/storm.XXXXXX", folder);
	int fd = mkostemp(path, O_APPEND | O_CLOEXEC);
	if (fd < 0)
		die("cannot make a file in the folder for the rows");
	unlink(path);
	return fd;
}

void reader_start(struct reader *reader, char **argv)
{
	int fds[2] = { -1, -1 };

	reader->messages_fd = make_file(reader->folder);
	if (!reader->has_pipe)
		fds[0] = fds[1] = make_file(reader->folder);
	else if (pipe2(fds, O_CLOEXEC))
		die("cannot make a pipe");
	reader->rows_fd = fds[0];

	reader->pid = fork();
	if (reader->pid < 0)
		die("cannot start a process");
	if (reader->pid == 0)
		become(reader, argv, fds[1], reader->messages_fd);
	if (reader->has_pipe)
		close(fds[1]);
	wait_until_ready(reader);
}

static uint64_t voluntary_switches(pid_t pid)
{
	static const char name[] = "\nvoluntary_ctxt_switches:";
	unsigned long long count = 0;
	char path[64], text[8192];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *at = strstr(peek(fd, text, sizeof(text)), name);
	close(fd);
	if (at)
		sscanf(at + sizeof(name) - 1, "%llu", &count);
	return count;
}

void reader_measure(const struct reader *reader, struct reader_use *ret)
{
	char path[64], text[1024];
	unsigned long user = 0, system = 0;
	clockid_t clock;

	if (clock_getcpuclockid(reader->pid, &clock))
		die("the reader has ended");
	ret->cpu_ns = clock_ns(clock);
	snprintf(path, sizeof(path), "/proc/%d/stat", reader->pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *after = strrchr(peek(fd, text, sizeof(text)), ')');
	close(fd);
	if (after) /* proc_pid_stat(5): fields 14 and 15 */
		sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
	ret->switches = voluntary_switches(reader->pid);
	ret->user_ticks = (double)user;
	ret->system_ticks = (double)system;
}

void reader_rest(const struct reader *reader)
{
	uint64_t give_up_ns = now_ns() + (uint64_t)BACKLOG_S * NS_PER_S, before;
	struct reader_use use;

	reader_measure(reader, &use);
	do {
		before = use.cpu_ns;
		nap_ms(REST_MS);
		reader_measure(reader, &use);
	} while (use.cpu_ns - before > REST_NS && now_ns() < give_up_ns);
}

/* "ecli: N events in S s, N lost", or bpftrace's "Total lost event count: N". */
static bool find_told(const char *text, unsigned long long *ret)
{
	const char *summary = strstr(text, " events in "), *total = strstr(text, "lost event count: ");

	if (summary)
		return sscanf(summary, " events in %*f s, %llu lost", ret) == 1;
	return total && sscanf(total, "lost event count: %llu", ret) == 1;
}

void reader_stop(struct reader *reader, struct reader_end *ret)
{
	char text[65536];
	unsigned long long told = 0;
	int status = 0;

	kill(reader->pid, SIGINT);
	waitpid(reader->pid, &status, 0);
	ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	ret->is_told = find_told(peek(reader->messages_fd, text, sizeof(text)), &told);
	ret->told = told;
}
