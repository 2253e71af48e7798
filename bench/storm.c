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
 * In COMMAND, %p stands for the producer's process id and %b for the batch. Its rows go to its standard output.
 */
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "reader.h"
#include "rows.h"

#define LAG_NS         1000000u
#define PRODUCER_CPU   0
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
	const char *packages; /* the folder they lie in; NULL: beside this program */
};

struct result {
	uint64_t produced, delivered, odd;
	struct reader_end end;
	double seconds, cpu_ns, user_share, switches; /* the last: of the reader, a second of the storm */
	double latency_ms[3];                         /* median, 99th percentile, worst */
};

struct latency {
	struct rows rows;
	int fd;
	size_t count;
	uint64_t now_ns;
	float ms[LATENCY_COUNT];
};

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

static void sort_latency(struct latency *latency, struct result *ret)
{
	size_t n = latency->count;

	if (!n)
		return;
	qsort(latency->ms, n, sizeof(latency->ms[0]), ascending);
	ret->latency_ms[0] = latency->ms[n / 2];
	ret->latency_ms[1] = latency->ms[n * 99 / 100];
	ret->latency_ms[2] = latency->ms[n - 1];
}

static void run(const struct options *options, char **argv, struct result *ret)
{
	static struct latency latency;
	struct reader reader = { .folder = options->folder,
				 .ready = options->ready,
				 .batch = options->batch,
				 .has_pipe = options->is_latency };
	struct reader_use before, end, after;
	pthread_t thread;

	reader_start(&reader, argv);
	if (options->is_latency) {
		pin(READER_CPU); /* where the thread begins, too */
		latency.fd = reader.rows_fd;
		latency.rows.on_row = on_row;
		latency.rows.ctx = &latency;
		if (pthread_create(&thread, NULL, read_rows, &latency))
			die("cannot make a thread");
	}
	pin(PRODUCER_CPU);
	reader_measure(&reader, &before);
	uint64_t start = now_ns();
	ret->produced = produce(options);
	ret->seconds = (double)(now_ns() - start) / NS_PER_S;
	reader_measure(&reader, &end);
	reader_rest(&reader);
	reader_measure(&reader, &after);
	reader_stop(&reader, &ret->end);

	double user = after.user_ticks - before.user_ticks, system = after.system_ticks - before.system_ticks;
	ret->switches = (double)(end.switches - before.switches) / ret->seconds;
	ret->cpu_ns = (double)(after.cpu_ns - before.cpu_ns);
	ret->user_share = user + system > 0 ? user / (user + system) : 0;
	if (options->is_latency) {
		pthread_join(thread, NULL);
		sort_latency(&latency, ret);
	} else if (rows_add_file(&latency.rows, reader.rows_fd)) {
		die("cannot read the rows back");
	}
	ret->delivered = latency.rows.count;
	ret->odd = latency.rows.odd;
}

/* ---- telling --------------------------------------------------------------------------------------------------- */

static const char *verdict(const struct result *r)
{
	static char text[64];
	uint64_t lost = r->produced - r->delivered;

	if (r->delivered > r->produced || r->odd)
		snprintf(text, sizeof(text), "wrong: %llu odd lines", (unsigned long long)r->odd);
	else if (r->end.status)
		snprintf(text, sizeof(text), "wrong: status %d", r->end.status);
	else if (r->end.is_told && r->end.told == lost)
		return "exact";
	else if (!lost)
		return "none";
	else if (r->end.is_told)
		snprintf(text, sizeof(text), "wrong: told %llu", (unsigned long long)r->end.told);
	else
		return "untold";
	return text;
}

static void tell(const struct options *options, const struct result *r)
{
	double millions = (double)r->produced / 1e6 / r->seconds, share = (double)r->delivered / (double)r->produced;
	double each = r->delivered ? r->cpu_ns / (double)r->delivered : 0;

	if (options->is_raw) {
		printf("%s\t%s\t%.4f\t%llu\t%llu\t%llu\t%s\t%.1f\t%.1f\t%.2f\t%.3f\t%.3f\t%.3f\t%.1f\n", options->name,
		       options->rate > 0 ? "paced" : "unlimited", millions, (unsigned long long)r->produced,
		       (unsigned long long)r->delivered, (unsigned long long)(r->produced - r->delivered), verdict(r),
		       each * r->user_share, each * (1 - r->user_share), r->cpu_ns / r->seconds / 1e7, r->latency_ms[0],
		       r->latency_ms[1], r->latency_ms[2], r->switches);
		return;
	}
	printf("%-14s offered %.3f M/s, produced %llu, delivered %llu (%.2f %%), lost %llu (%s)\n", options->name,
	       millions, (unsigned long long)r->produced, (unsigned long long)r->delivered, share * 100,
	       (unsigned long long)(r->produced - r->delivered), verdict(r));
	printf("%-14s delivered %.3f M/s; CPU %.1f %% of one, %.0f ns a row: %.0f user, %.0f kernel; it slept %.0f "
	       "times a second\n",
	       "", millions * share, r->cpu_ns / r->seconds / 1e7, each, each * r->user_share,
	       each * (1 - r->user_share), r->switches);
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
		"             [--packages DIR] [--name TEXT] [--raw] [--format table|plain|json] ECLI [OPTION...]\n"
		"         or  ... --ready TEXT -- COMMAND [ARG...]     %%p: producer, %%b: batch\n"
		"--rate 0 (the default) is as fast as can be; rows go to a file below --folder (" DEFAULT_FOLDER ")\n");
	exit(2);
}

enum { RATE = 256, SECONDS, BATCH, MAP, FOLDER, LATENCY, NAME, RAW, FORMAT, READY, PACKAGES };
static const struct option long_options[] = {
	{ "rate", required_argument, NULL, RATE },         { "seconds", required_argument, NULL, SECONDS },
	{ "batch", required_argument, NULL, BATCH },       { "map", required_argument, NULL, MAP },
	{ "folder", required_argument, NULL, FOLDER },     { "latency", no_argument, NULL, LATENCY },
	{ "name", required_argument, NULL, NAME },         { "raw", no_argument, NULL, RAW },
	{ "format", required_argument, NULL, FORMAT },     { "ready", required_argument, NULL, READY },
	{ "packages", required_argument, NULL, PACKAGES }, { 0 },
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
			if (!o->is_perf && strcmp(optarg, "ring"))
				usage();
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
		case PACKAGES:
			o->packages = optarg;
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

static void find_package(const struct options *options, char *ret, size_t size)
{
	char folder[2048] = { 0 };

	if (options->packages) {
		snprintf(folder, sizeof(folder), "%s", options->packages);
	} else {
		if (readlink("/proc/self/exe", folder, sizeof(folder) - 64) < 0)
			die("cannot find the packages");
		strcpy(strrchr(folder, '/'), "/records");
	}
	snprintf(ret, size, "%s/%s/package.json", folder, options->is_perf ? "perf" : "ring");
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
		find_package(&options, package, sizeof(package));
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
	/* Who asks for --raw judges by the word. */
	return !options.is_raw && !strncmp(verdict(&result), "wrong", 5);
}
