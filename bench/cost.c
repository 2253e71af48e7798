/* SPDX-License-Identifier: MIT */
/*
 * cost ROUNDS SECONDS -- COMMAND [ARG...] [-- OTHER [ARG...]]: what the kernel pays for a scheduler tool, in ns each time
 * one of its programs runs.
 *
 * The kernel counts runs and their time for every program while somebody holds a BPF_ENABLE_STATS descriptor. Each round
 * starts a command, waits for its programs, makes processes sleep and wake each other for SECONDS, and takes the
 * difference of the counts; programs are told apart by "switch" and "wakeup" in their names. Two commands alternate, so
 * that both meet the same weather; printed are medians and the median of the ratios of neighbours.
 *
 * The count includes reading the clock twice, about 20 to 40 ns a run, on both sides alike.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#define MAX_ROUNDS 99
#define MAX_PROGS  64
#define READY_MS   10000
#define PAIRS      2

enum kind { SWITCH, WAKEUP, KINDS };
static const char *const kind_words[KINDS] = { "switch", "wakeup" };

struct counts {
	double ns[KINDS], runs[KINDS];
};

struct subject {
	char **argv;
	double each[KINDS + 1][MAX_ROUNDS]; /* the last: one switch and one wake-up */
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "cost: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void nap_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

/* ---- programs -------------------------------------------------------------------------------------------------- */

static __u32 last_id(void)
{
	__u32 id = 0;

	while (!bpf_prog_get_next_id(id, &id))
		;
	return id;
}

/* Sums the counts of the programs that are younger than @after. 0: there is no such program of each kind. */
static bool read_counts(__u32 after, struct counts *ret)
{
	__u32 id = after;

	*ret = (struct counts){ 0 };
	while (!bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd < 0)
			continue; /* gone meanwhile */
		if (!bpf_obj_get_info_by_fd(fd, &info, &len)) {
			for (int kind = 0; kind < KINDS; kind++) {
				if (!strstr(info.name, kind_words[kind]))
					continue;
				ret->ns[kind] += (double)info.run_time_ns;
				ret->runs[kind] += (double)info.run_cnt;
			}
		}
		close(fd);
	}
	return ret->runs[SWITCH] > 0 && ret->runs[WAKEUP] > 0;
}

/* ---- work for the scheduler ------------------------------------------------------------------------------------ */

static _Noreturn void play(int in, int out)
{
	char ball;

	for (;;) {
		if (read(in, &ball, 1) != 1 || write(out, &ball, 1) != 1)
			_exit(0);
	}
}

static pid_t player(int cpu, int in, int out, const int *fds)
{
	pid_t pid = fork();
	cpu_set_t set;

	if (pid)
		return pid;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set); /* without a second CPU they share one */
	for (int i = 0; i < 4; i++)
		if (fds[i] != in && fds[i] != out)
			close(fds[i]);
	play(in, out);
}

/* Two that throw a byte to and fro on one CPU, and two that do so from CPU to CPU. */
static void start_players(pid_t *ret_pids)
{
	for (int pair = 0; pair < PAIRS; pair++) {
		int fds[4];

		if (pipe(fds) || pipe(fds + 2))
			die("cannot make a pipe");
		ret_pids[2 * pair] = player(0, fds[0], fds[3], fds);
		ret_pids[2 * pair + 1] = player(pair, fds[2], fds[1], fds);
		if (write(fds[1], "o", 1) != 1)
			die("cannot write to a pipe");
		for (int i = 0; i < 4; i++)
			close(fds[i]);
	}
}

static void stop_players(const pid_t *pids)
{
	for (int i = 0; i < 2 * PAIRS; i++)
		kill(pids[i], SIGKILL);
	for (int i = 0; i < 2 * PAIRS; i++)
		waitpid(pids[i], NULL, 0);
}

/* ---- rounds ---------------------------------------------------------------------------------------------------- */

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	return pid;
}

static void one_round(struct subject *subject, int round, double seconds)
{
	struct counts before, after, at_work;
	pid_t players[2 * PAIRS];
	__u32 youngest = last_id();
	pid_t pid = start(subject->argv);

	for (int ms = 0; !read_counts(youngest, &before); ms += 20) {
		if (ms > READY_MS || waitpid(pid, NULL, WNOHANG)) {
			fprintf(stderr, "cost: %s loaded no programs for switches and wake-ups\n", subject->argv[0]);
			exit(1);
		}
		nap_ms(20);
	}
	start_players(players);
	nap_ms(200);
	read_counts(youngest, &at_work);
	nap_ms((long)(seconds * 1000));
	read_counts(youngest, &after);
	stop_players(players);
	kill(pid, SIGINT);
	waitpid(pid, NULL, 0);

	subject->each[KINDS][round] = 0;
	for (int kind = 0; kind < KINDS; kind++) {
		double each = (after.ns[kind] - at_work.ns[kind]) / (after.runs[kind] - at_work.runs[kind]);

		subject->each[kind][round] = each;
		subject->each[KINDS][round] += each;
	}
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *values, int count)
{
	double sorted[MAX_ROUNDS];

	memcpy(sorted, values, (size_t)count * sizeof(*values));
	qsort(sorted, (size_t)count, sizeof(*sorted), ascending);
	return sorted[count / 2];
}

int main(int argc, char **argv)
{
	static struct subject subjects[2];
	int rounds = argc > 3 ? (int)strtol(argv[1], NULL, 10) : 0, count = 0;
	double seconds = rounds > 0 ? strtod(argv[2], NULL) : 0;
	double ratios[KINDS + 1][MAX_ROUNDS];

	for (int i = 3; i < argc && seconds > 0; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		argv[i] = NULL;
		if (i + 1 < argc && count < 2)
			subjects[count++].argv = argv + i + 1;
	}
	if (!count || rounds > MAX_ROUNDS) {
		fprintf(stderr, "usage: cost ROUNDS SECONDS -- COMMAND [ARG...] [-- OTHER [ARG...]]\n");
		return 2;
	}
	if (bpf_enable_stats(BPF_STATS_RUN_TIME) < 0)
		die("cannot switch on the kernel's statistics");

	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < count; i++)
			one_round(&subjects[i], round, seconds);
	for (int i = 0; i < count; i++)
		printf("%.1f\t%.1f\t%.1f\t%s\n", median(subjects[i].each[SWITCH], rounds),
		       median(subjects[i].each[WAKEUP], rounds), median(subjects[i].each[KINDS], rounds),
		       subjects[i].argv[0]);
	for (int kind = 0; count > 1 && kind <= KINDS; kind++) {
		for (int round = 0; round < rounds; round++)
			ratios[kind][round] = subjects[0].each[kind][round] / subjects[1].each[kind][round];
		printf("%.3f%s", median(ratios[kind], rounds), kind < KINDS ? "\t" : "\tratio\n");
	}
	return 0;
}
