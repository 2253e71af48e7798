/* SPDX-License-Identifier: MIT */
/*
 * A fork tree with known ends, for exitsnoop.
 *
 *     truth_exit_load DIR       DIR: where a core file may be written
 *
 * Prints one line for each process that ended, in the order in which they were collected:
 *
 *     CASE PID PPID EXIT_CODE SIGNAL CORE MIN_NS MAX_NS FROM_US TO_US COMM
 *
 * MIN_NS and MAX_NS bound the life of the process (what it slept; from before fork() to after wait()), FROM_US and
 * TO_US the wall clock time of its end. The scripted end is compared with what wait() returned: both must agree, or the
 * workload itself fails.
 */
#include "workload.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PARALLEL     50
#define RACERS       8
#define SELF_EXE     "/proc/self/exe"
#define HOSTILE_NAME "q\"b\\n\n\t\x1b[1m" /* quote, backslash, newline, tab, terminal escape: fits in 15 bytes */

struct end {
	const char *name;  /* of the case */
	void (*body)(int); /* runs in the child, must not return */
	int arg;
	int exit_code; /* as the tool must show it */
	int signal;
	int lives_ms; /* at least */
	const char *comm;
};

static const char *self; /* path of this program, for exec */

static void end_by_exit(int code)
{
	exit(code);
}

static void end_by_signal(int number)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	signal(number, SIG_DFL);
	raise(number);
	pause();
	exit(98);
}

static void end_by_fault(int unused)
{
	struct rlimit none = { 0, 0 };

	(void)unused;
	setrlimit(RLIMIT_CORE, &none);
	signal(SIGSEGV, SIG_DFL); /* a sanitizer may have taken it */
	*(volatile int *)8 = 1;
	exit(98);
}

/* Where the hard limit is 0 (a login may set it, and not every root may lift it) no core comes: the parent sees which. */
static void end_with_core(int number)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit))
		die("cannot ask for the limit of core files");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_CORE, &limit))
		die("cannot allow core files");
	raise(number);
	exit(98);
}

static void start_thread(void *(*body)(void *), void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, arg))
		die("cannot start a thread");
	pthread_detach(thread);
}

static void *exit_later(void *arg)
{
	prctl(PR_SET_NAME, "worker");
	sleep_ms(200);
	exit((int)(intptr_t)arg);
}

static void *leave_later(void *arg)
{
	sleep_ms(50);
	syscall(SYS_exit, (int)(intptr_t)arg); /* ends this thread only */
	return NULL;
}

static void *spin(void *arg)
{
	for (volatile long i = 0;; i++)
		;
	return arg;
}

/* The first thread leaves; another one ends the process 200 ms later. */
static void leader_leaves_first(int code)
{
	start_thread(exit_later, (void *)(intptr_t)code);
	pthread_exit(NULL);
}

/* No thread calls exit(): each leaves for itself. Since Linux 5.19 the parent gets the status of the last one. */
static void all_leave(int code)
{
	start_thread(leave_later, (void *)(intptr_t)code);
	syscall(SYS_exit, code + 1);
}

static void all_leave_by_pthread_exit(int unused)
{
	(void)unused;
	start_thread(leave_later, (void *)0);
	pthread_exit(NULL);
}

/* Many threads end in the same instant, on all CPUs. */
static void race_to_exit(int code)
{
	for (int i = 0; i < RACERS; i++)
		start_thread(spin, NULL);
	sleep_ms(20);
	exit(code);
}

static void race_to_be_killed(int number)
{
	for (int i = 0; i < RACERS; i++)
		start_thread(spin, NULL);
	sleep_ms(20);
	kill(getpid(), number);
	pause();
}

static void *exec_from_thread(void *arg)
{
	char code[12];

	snprintf(code, sizeof(code), "%d", (int)(intptr_t)arg);
	sleep_ms(30);
	execl(self, "truth", "--exit", code, (char *)NULL);
	exit(97);
}

/* A thread that is not the first one calls exec: the process lives on under its id, and ends once. */
static void exec_by_other_thread(int code)
{
	start_thread(exec_from_thread, (void *)(intptr_t)code);
	pause();
}

static const struct end ends[] = {
	{ "exit-0", end_by_exit, 0, 0, 0, 0, NULL },
	{ "exit-1", end_by_exit, 1, 1, 0, 0, NULL },
	{ "exit-2", end_by_exit, 2, 2, 0, 0, NULL },
	{ "exit-42", end_by_exit, 42, 42, 0, 0, NULL },
	{ "exit-127", end_by_exit, 127, 127, 0, 0, NULL },
	{ "exit-128", end_by_exit, 128, 128, 0, 0, NULL },
	{ "exit-137", end_by_exit, 137, 137, 0, 0, NULL }, /* looks like a SIGKILL in $?, but signal is 0 */
	{ "exit-255", end_by_exit, 255, 255, 0, 0, NULL },
	{ "exit-259", end_by_exit, 259, 3, 0, 0, NULL }, /* only 8 bits arrive */
	{ "sighup", end_by_signal, SIGHUP, 128 + SIGHUP, SIGHUP, 0, NULL },
	{ "sigkill", end_by_signal, SIGKILL, 137, SIGKILL, 0, NULL },
	{ "sigterm", end_by_signal, SIGTERM, 143, SIGTERM, 0, NULL },
	{ "sigsegv", end_by_fault, 0, 139, SIGSEGV, 0, NULL },
	{ "signal-40", end_by_signal, 40, 168, 40, 0, NULL },
	{ "abort-core", end_with_core, SIGABRT, 134, SIGABRT, 0, NULL },
	{ "hostile-name", end_by_exit, 4, 4, 0, 0, HOSTILE_NAME },
	{ "leader-first", leader_leaves_first, 7, 7, 0, 200, "leader" },
	{ "all-leave", all_leave, 9, 9, 0, 50, NULL },
	{ "pthread-exits", all_leave_by_pthread_exit, 0, 0, 0, 50, NULL },
	{ "race-exit", race_to_exit, 11, 11, 0, 20, NULL },
	{ "race-kill", race_to_be_killed, SIGKILL, 137, SIGKILL, 20, NULL },
	{ "exec-thread", exec_by_other_thread, 13, 13, 0, 30, NULL },
};

struct child {
	const struct end *end;
	pid_t pid;
	int64_t born_ns;
	char comm[16];
};

static void start(const struct end *end, struct child *child)
{
	char name[16];

	snprintf(name, sizeof(name), "%s", end->comm ? end->comm : end->name);
	child->end = end;
	memcpy(child->comm, name, sizeof(name));
	child->born_ns = clock_ns(CLOCK_MONOTONIC);
	child->pid = fork();
	if (child->pid < 0)
		die("cannot fork");
	if (child->pid == 0) {
		prctl(PR_SET_NAME, name);
		end->body(end->arg);
		_exit(96);
	}
}

static void print_end(const struct child *child, pid_t parent, int status, int64_t from_us)
{
	const struct end *end = child->end;
	int64_t lived_ns = clock_ns(CLOCK_MONOTONIC) - child->born_ns;
	int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	/* Before Linux 6.0 a process whose threads all leave one by one ends with the status of the first. */
	int older_code = end->body == all_leave ? end->arg + 1 : end->exit_code;

	if ((code != end->exit_code && code != older_code) || number != end->signal)
		die("%s: ended with %d (signal %d)", end->name, code, number);
	if (end->body == end_by_fault && WCOREDUMP(status))
		die("%s: a core file in spite of the limit", end->name);
	printf("%s %d %d %d %d %s %lld %lld %lld %lld ", end->name, child->pid, parent, code, number,
	       WIFSIGNALED(status) && WCOREDUMP(status) ? "true" : "false", (long long)(end->lives_ms * NS_PER_MS),
	       (long long)lived_ns, (long long)from_us, (long long)clock_ns(CLOCK_REALTIME) / 1000);
	print_encoded(child->comm);
	putchar('\n');
}

static void collect(const struct child *child, int64_t from_us)
{
	int status;

	if (waitpid(child->pid, &status, 0) != child->pid)
		die("%s: cannot wait", child->end->name);
	print_end(child, getpid(), status, from_us);
}

/* exec gives the process the name of the file. */
static void name_after_exec(struct child *child)
{
	const char *slash = strrchr(self, '/');

	memset(child->comm, 0, sizeof(child->comm));
	memcpy(child->comm, slash + 1, strnlen(slash + 1, sizeof(child->comm) - 1));
}

static void run_parallel(void)
{
	static const struct end shorts = { "parallel", end_by_exit, 5, 5, 0, 0, NULL };
	struct child children[PARALLEL];
	int64_t from_us = clock_ns(CLOCK_REALTIME) / 1000;

	for (int i = 0; i < PARALLEL; i++)
		start(&shorts, &children[i]);
	for (int i = 0; i < PARALLEL; i++)
		collect(&children[i], from_us);
}

/* A child whose parent has gone belongs to the nearest "subreaper", here this process: that is the parent to show. */
static void run_orphan(void)
{
	static const struct end orphan = { "orphan", end_by_exit, 6, 6, 0, 60, NULL };
	static const struct end middle = { "middle", end_by_exit, 0, 0, 0, 0, NULL };
	struct child child = { .end = &middle, .comm = "middle" }, grand = { .end = &orphan, .comm = "orphan" };
	int64_t from_us = clock_ns(CLOCK_REALTIME) / 1000;
	int pipe_fds[2];

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) || pipe(pipe_fds))
		die("cannot become a subreaper");
	child.born_ns = grand.born_ns = clock_ns(CLOCK_MONOTONIC);
	child.pid = fork();
	if (child.pid == 0) {
		prctl(PR_SET_NAME, "middle");
		grand.pid = fork();
		if (grand.pid == 0) {
			prctl(PR_SET_NAME, "orphan");
			sleep_ms(orphan.lives_ms);
			_exit(orphan.exit_code);
		}
		if (write(pipe_fds[1], &grand.pid, sizeof(grand.pid)) != sizeof(grand.pid))
			_exit(95);
		_exit(0);
	}
	if (child.pid < 0 || read(pipe_fds[0], &grand.pid, sizeof(grand.pid)) != sizeof(grand.pid))
		die("cannot make an orphan");
	collect(&child, from_us);
	collect(&grand, from_us);
}

int main(int argc, char **argv)
{
	static char path[4096];
	struct child child;
	int64_t from_us;
	ssize_t len;

	setvbuf(stdout, NULL, _IONBF, 0); /* or each child would print the buffer again */
	if (argc == 3 && !strcmp(argv[1], "--exit"))
		return atoi(argv[2]);
	if (argc != 2 || chdir(argv[1]))
		die("usage: truth_exit_load DIR");
	len = readlink(SELF_EXE, path, sizeof(path) - 1);
	if (len <= 0)
		die("cannot find this program");
	self = path;

	printf("self %d\n", getpid());
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		from_us = clock_ns(CLOCK_REALTIME) / 1000;
		start(&ends[i], &child);
		if (ends[i].body == exec_by_other_thread)
			name_after_exec(&child);
		collect(&child, from_us);
	}
	run_parallel();
	run_orphan();
	return 0;
}
