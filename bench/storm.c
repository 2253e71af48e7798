/* SPDX-License-Identifier: MIT */
/*
 * storm [OPTIONS] ECLI, or storm [OPTIONS] --ready TEXT -- COMMAND [ARG...]: how many records of a known number reach
 * a file as rows, what was lost, whether the loss was told, and what it cost.
 *
 *     CPU 0: this process renames itself, storm.bpf.c makes --batch records each time       CPU 1: the reader -> file
 *
 * The rate is kept by waiting between two renames. A producer that was held up does not catch up by more than LAG_NS,
 * so the rate asked for is also the highest there is. The reader's CPU time is its process clock from just before the
 * first record until it has come to rest. Then it is ended with SIGINT, and produced = delivered + lost is checked: rows
 * are counted in the file, losses in what the reader says.
 *
 * With --latency the rows go through a pipe and each carries the time its record was made: how late is a row visible?
 *
 * In COMMAND, %p stands for the producer's process id, %b for the batch, %o for the file the rows go to. A command that
 * leaves out %o has its standard output sent there.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rows.h"

#define NS_PER_S       1000000000u
#define LAG_NS         1000000u
#define READY_S        20
#define BACKLOG_S      20
#define PRODUCER_CPU   0
#define READER_CPU     1
#define MAX_ARGS       64
#define LATENCY_COUNT  4000000
#define SINGLE_UP_TO   1000000 /* records a second that are made one at a time unless --batch says otherwise */
#define DEFAULT_BATCH  50
#define ECLI_READY     "running and waiting"
#define DEFAULT_FOLDER "/dev/shm"

struct options {
	double rate; /* records a second; 0: as many as can be */
	double seconds;
	unsigned int batch;
	bool is_perf, is_latency, is_raw;
	const char *format;
	const char *folder;
	const char *ready;
	const char *name;
};

struct reader {
	pid_t pid;
	char rows_path[256], messages_path[256];
	int pipe_fd; /* the rows, with --latency */
	clockid_t clock;
};

struct result {
	uint64_t produced, delivered, odd, told;
	bool is_told;
	int status;
	double seconds, cpu_ns, user_share;
	double latency_ms[3]; /* median, 99th percentile, worst */
};

struct latency {
	struct rows rows;
	int fd;
	size_t count;
	uint64_t now_ns;
	float ms[LATENCY_COUNT];
};

static _Noreturn void die(const char *what)
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

static uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static void nap_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("this takes a machine with two CPUs");
}

/* ---- the reader ------------------------------------------------------------------------------------------------ */

/* A new string: @text with the placeholders filled in. */
static char *filled(const char *text, const struct options *options, const struct reader *reader, bool *has_file)
{
	size_t size = strlen(text) + 512, len = 0;
	char *out = malloc(size);

	if (!out)
		die("out of memory");
	for (; *text && len + 256 < size; text++) {
		if (*text == '%' && text[1] == 'p') {
			len += (size_t)sprintf(out + len, "%d", getppid());
		} else if (*text == '%' && text[1] == 'b') {
			len += (size_t)sprintf(out + len, "%u", options->batch);
		} else if (*text == '%' && text[1] == 'o') {
			len += (size_t)sprintf(out + len, "%s", reader->rows_path);
			*has_file = true;
		} else {
			out[len++] = *text;
			continue;
		}
		text++;
	}
	out[len] = '\0';
	return out;
}

static _Noreturn void become_reader(const struct options *options, struct reader *reader, char **argv, int out_fd)
{
	char *args[MAX_ARGS] = { 0 };
	bool has_file = false;

	for (int i = 0; argv[i] && i < MAX_ARGS - 1; i++)
		args[i] = filled(argv[i], options, reader, &has_file);
	int messages = open(reader->messages_path, O_WRONLY | O_APPEND | O_CLOEXEC);
	dup2(messages, STDERR_FILENO);
	dup2(has_file ? messages : out_fd, STDOUT_FILENO);
	pin(READER_CPU);
	execvp(args[0], args);
	_exit(127);
}

static bool file_has(const char *path, const char *text, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, size - 1);

	if (fd >= 0)
		close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return strstr(buf, text);
}

static void start_reader(const struct options *options, char **argv, struct reader *reader)
{
	char text[8192];
	int fds[2] = { -1, -1 };
	uint64_t give_up_ns = now_ns() + (uint64_t)READY_S * NS_PER_S;

	snprintf(reader->rows_path, sizeof(reader->rows_path), "%.200s/storm.%d.rows", options->folder, getpid());
	snprintf(reader->messages_path, sizeof(reader->messages_path), "%.200s/storm.%d.messages", options->folder,
		 getpid());
	int out = open(reader->rows_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int messages = open(reader->messages_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (out < 0 || messages < 0 || (options->is_latency && pipe2(fds, O_CLOEXEC)))
		die("cannot make the file for the rows");
	reader->pid = fork();
	if (reader->pid == 0)
		become_reader(options, reader, argv, options->is_latency ? fds[1] : out);
	close(out);
	close(messages);
	if (options->is_latency)
		close(fds[1]);
	reader->pipe_fd = fds[0];
	if (reader->pid < 0 || clock_getcpuclockid(reader->pid, &reader->clock))
		die("cannot start the reader");
	while (!file_has(reader->messages_path, options->ready, text, sizeof(text)) &&
	       !file_has(reader->rows_path, options->ready, text, sizeof(text))) {
		if (now_ns() > give_up_ns || waitpid(reader->pid, NULL, WNOHANG)) {
			file_has(reader->messages_path, "", text, sizeof(text));
			kill(reader->pid, SIGKILL);
			unlink(reader->rows_path);
			unlink(reader->messages_path);
			fprintf(stderr, "%s\n", text);
			die("the reader did not become ready");
		}
		nap_ms(5);
	}
	nap_ms(200); /* what it does after that line */
}

/* User and system time in ticks, as the kernel accounts them. */
static void cpu_ticks(pid_t pid, double *ret_user, double *ret_system)
{
	char path[64], text[1024] = "";
	unsigned long user = 0, system = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file_has(path, "", text, sizeof(text));
	const char *after = strrchr(text, ')');
	if (after)
		sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
	*ret_user = (double)user;
	*ret_system = (double)system;
}

/* Waits until it uses next to no CPU: the backlog is done. */
static void wait_for_rest(const struct reader *reader)
{
	uint64_t give_up_ns = now_ns() + (uint64_t)BACKLOG_S * NS_PER_S;
	uint64_t used = clock_ns(reader->clock), before;

	do {
		before = used;
		nap_ms(150);
		used = clock_ns(reader->clock);
	} while (used - before > 5000000 && now_ns() < give_up_ns);
}

static void end_reader(struct reader *reader, struct result *result)
{
	char text[65536];
	int status;

	kill(reader->pid, SIGINT);
	waitpid(reader->pid, &status, 0);
	result->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	file_has(reader->messages_path, "", text, sizeof(text));

	/* "ecli: N events in S s, N lost", or bpftrace's "Total lost event count: N" */
	const char *summary = strstr(text, " events in ");
	const char *total = strstr(text, "lost event count: ");
	unsigned long long told = 0;
	if (summary)
		result->is_told = sscanf(summary, " events in %*f s, %llu lost", &told) == 1;
	else if (total)
		result->is_told = sscanf(total, "lost event count: %llu", &told) == 1;
	result->told = told;
}

/* ---- latency --------------------------------------------------------------------------------------------------- */

static void on_row(void *ctx, uint64_t made_ns)
{
	struct latency *latency = ctx;

	if (latency->count < LATENCY_COUNT)
		latency->ms[latency->count++] = (float)((double)(latency->now_ns - made_ns) / 1e6);
}

static void *read_rows(void *arg)
{
	struct latency *latency = arg;
	static char chunk[65536];
	ssize_t n;

	pin(READER_CPU);
	while ((n = read(latency->fd, chunk, sizeof(chunk))) > 0) {
		latency->now_ns = now_ns();
		rows_add(&latency->rows, chunk, (size_t)n);
	}
	return NULL;
}

static int ascending(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

/* ---- the producer ---------------------------------------------------------------------------------------------- */

static uint64_t produce(const struct options *options)
{
	uint64_t start = now_ns(), end = start + (uint64_t)(options->seconds * NS_PER_S), now = start, produced = 0;
	double interval_ns = options->rate > 0 ? (double)options->batch * NS_PER_S / options->rate : 0;
	double next = 0; /* since the start */

	while (now < end) {
		prctl(PR_SET_NAME, "storm");
		produced += options->batch;
		next += interval_ns;
		do
			now = now_ns();
		while ((double)(now - start) < next && now < end);
		if (next + LAG_NS < (double)(now - start))
			next = (double)(now - start) - LAG_NS;
	}
	return produced;
}

static void run(const struct options *options, char **argv, struct result *ret)
{
	static struct latency latency;
	struct reader reader = { 0 };
	struct rows *rows = &latency.rows;
	double user[2], system[2];
	pthread_t thread;

	start_reader(options, argv, &reader);
	pin(PRODUCER_CPU);
	if (options->is_latency) {
		latency.fd = reader.pipe_fd;
		rows->on_row = on_row;
		rows->ctx = &latency;
		if (pthread_create(&thread, NULL, read_rows, &latency))
			die("cannot make a thread");
	}
	cpu_ticks(reader.pid, &user[0], &system[0]);
	uint64_t cpu = clock_ns(reader.clock), start = now_ns();

	ret->produced = produce(options);
	ret->seconds = (double)(now_ns() - start) / NS_PER_S;
	wait_for_rest(&reader);
	ret->cpu_ns = (double)(clock_ns(reader.clock) - cpu);
	cpu_ticks(reader.pid, &user[1], &system[1]);
	user[1] -= user[0];
	system[1] -= system[0];
	ret->user_share = user[1] + system[1] > 0 ? user[1] / (user[1] + system[1]) : 0;
	end_reader(&reader, ret);
	if (options->is_latency) {
		pthread_join(thread, NULL);
		qsort(latency.ms, latency.count, sizeof(latency.ms[0]), ascending);
		if (latency.count) {
			ret->latency_ms[0] = latency.ms[latency.count / 2];
			ret->latency_ms[1] = latency.ms[latency.count * 99 / 100];
			ret->latency_ms[2] = latency.ms[latency.count - 1];
		}
	} else if (rows_add_file(rows, reader.rows_path)) {
		die("cannot read the rows back");
	}
	ret->delivered = rows->count;
	ret->odd = rows->odd;
	unlink(reader.rows_path);
	unlink(reader.messages_path);
}

/* ---- telling --------------------------------------------------------------------------------------------------- */

static const char *verdict(const struct result *r)
{
	static char text[64];
	uint64_t lost = r->produced - r->delivered;

	if (r->delivered > r->produced || r->odd)
		snprintf(text, sizeof(text), "wrong: %llu odd lines", (unsigned long long)r->odd);
	else if (r->status)
		snprintf(text, sizeof(text), "wrong: status %d", r->status);
	else if (r->is_told && r->told == lost)
		return "exact";
	else if (!lost)
		return "none";
	else if (r->is_told)
		snprintf(text, sizeof(text), "wrong: told %llu", (unsigned long long)r->told);
	else
		return "untold";
	return text;
}

static void tell(const struct options *options, const struct result *r)
{
	double millions = (double)r->produced / 1e6 / r->seconds, share = (double)r->delivered / (double)r->produced;
	double each = r->delivered ? r->cpu_ns / (double)r->delivered : 0;

	if (options->is_raw) {
		printf("%s\t%s\t%.4f\t%llu\t%llu\t%llu\t%s\t%.1f\t%.1f\t%.2f\t%.3f\t%.3f\t%.3f\n", options->name,
		       options->rate > 0 ? "paced" : "unlimited", millions, (unsigned long long)r->produced,
		       (unsigned long long)r->delivered, (unsigned long long)(r->produced - r->delivered), verdict(r),
		       each * r->user_share, each * (1 - r->user_share), r->cpu_ns / r->seconds / 1e7, r->latency_ms[0],
		       r->latency_ms[1], r->latency_ms[2]);
		return;
	}
	printf("%-14s offered %.3f M/s, produced %llu, delivered %llu (%.2f %%), lost %llu (%s)\n", options->name,
	       millions, (unsigned long long)r->produced, (unsigned long long)r->delivered, share * 100,
	       (unsigned long long)(r->produced - r->delivered), verdict(r));
	printf("%-14s delivered %.3f M/s; CPU %.1f %% of one, %.0f ns a row: %.0f user, %.0f kernel\n", "",
	       millions * share, r->cpu_ns / r->seconds / 1e7, each, each * r->user_share, each * (1 - r->user_share));
	if (options->is_latency)
		printf("%-14s visible after: median %.2f ms, 99 %% %.2f ms, worst %.2f ms\n", "", r->latency_ms[0],
		       r->latency_ms[1], r->latency_ms[2]);
}

static double number(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	value *= *end == 'M' ? 1e6 : *end == 'k' ? 1e3 : 1;
	if (end == text || value < 0 || (*end && (end[1] || !strchr("Mk", *end))))
		die("a number looks like 3M, 100k or 2.5");
	return value;
}

static _Noreturn void usage(void)
{
	fprintf(stderr,
		"usage: storm [--rate N[k|M]] [--seconds N] [--batch N] [--map ring|perf] [--folder DIR] [--latency]\n"
		"             [--name TEXT] [--raw] [--format table|plain|json] ECLI [OPTION...]\n"
		"         or  ... --ready TEXT -- COMMAND [ARG...]     %%p: producer, %%b: batch, %%o: file for rows\n"
		"--rate 0 (the default) is as fast as can be; rows go to a file below --folder (" DEFAULT_FOLDER ")\n");
	exit(2);
}

enum { RATE = 256, SECONDS, BATCH, MAP, FOLDER, LATENCY, NAME, RAW, FORMAT, READY };
static const struct option long_options[] = {
	{ "rate", required_argument, NULL, RATE },
	{ "seconds", required_argument, NULL, SECONDS },
	{ "batch", required_argument, NULL, BATCH },
	{ "map", required_argument, NULL, MAP },
	{ "folder", required_argument, NULL, FOLDER },
	{ "latency", no_argument, NULL, LATENCY },
	{ "name", required_argument, NULL, NAME },
	{ "raw", no_argument, NULL, RAW },
	{ "format", required_argument, NULL, FORMAT },
	{ "ready", required_argument, NULL, READY },
	{ 0 },
};

static void parse(int argc, char **argv, struct options *o)
{
	for (int c; (c = getopt_long(argc, argv, "+", long_options, NULL)) != -1;) {
		switch (c) {
		case RATE:
			o->rate = number(optarg);
			break;
		case SECONDS:
			o->seconds = number(optarg);
			break;
		case BATCH:
			o->batch = (unsigned int)number(optarg);
			break;
		case MAP:
			o->is_perf = !strcmp(optarg, "perf");
			break;
		case FOLDER:
			o->folder = optarg;
			break;
		case LATENCY:
			o->is_latency = true;
			break;
		case NAME:
			o->name = optarg;
			break;
		case RAW:
			o->is_raw = true;
			break;
		case FORMAT:
			o->format = optarg;
			break;
		case READY:
			o->ready = optarg;
			break;
		default:
			usage();
		}
	}
	if (optind >= argc || o->seconds <= 0 || (!o->format && !o->ready))
		usage();
	if (!o->batch)
		o->batch = o->rate > 0 && o->rate <= SINGLE_UP_TO ? 1 : DEFAULT_BATCH;
	if (!o->name)
		o->name = o->format ? o->format : argv[optind];
}

int main(int argc, char **argv)
{
	struct options options = { .seconds = 2, .folder = DEFAULT_FOLDER };
	struct result result = { 0 };
	char *args[MAX_ARGS] = { 0 };
	char package[4096];
	int n = 0;

	parse(argc, argv, &options);
	if (options.format) {
		/* The packages lie beside this program. */
		ssize_t len = readlink("/proc/self/exe", package, sizeof(package) - 64);
		if (len < 0)
			die("cannot find the packages");
		package[len] = '\0';
		strcpy(strrchr(package, '/'),
		       options.is_perf ? "/records/perf/package.json" : "/records/ring/package.json");
		const char *const front[] = { argv[optind], "run", "--stats", "-o", options.format };
		const char *const tool[] = { package, "--producer", "%p", "--batch", "%b" };
		for (size_t i = 0; i < sizeof(front) / sizeof(front[0]); i++)
			args[n++] = (char *)front[i];
		for (int i = optind + 1; i < argc && n < MAX_ARGS - 10; i++)
			args[n++] = argv[i];
		for (size_t i = 0; i < sizeof(tool) / sizeof(tool[0]); i++)
			args[n++] = (char *)tool[i];
		if (options.is_latency)
			args[n++] = "--stamp";
		options.ready = ECLI_READY;
	}
	run(&options, n ? args : argv + optind, &result);
	tell(&options, &result);
	return !strncmp(verdict(&result), "wrong", 5);
}
