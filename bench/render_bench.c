/* SPDX-License-Identifier: MIT */
/*
 * How many rows a second: our renderer against stdio writing the same bytes, and against memcpy of the same bytes.
 *
 * The row is runqslower's. What it is measured against is an ordinary stdio implementation of the same row: the same bytes,
 * the same time column made from the event's time, one fprintf a row, and in JSON the texts in between character by
 * character, because they must be escaped. Of two kinds: `stdio` keeps the time text while the second lasts, which few tools
 * do but which is easy, so the promise is held against that one; `tools` asks localtime and strftime for every row, as the
 * tools of the field do. Their stream has a buffer of 64 KiB and goes to /dev/null; ours is written there too, a batch at a
 * time, as ecli does. Before anything is timed, all sides must give the same bytes. Rounds are interleaved so that a change
 * of the machine's mood hits all sides; CPU time of this thread is what counts; medians are printed.
 *
 * The second table (bench/other_events.c) is ours alone: rows of other shapes, to see that none falls off a cliff.
 *
 *     render_bench [ROUNDS [ROWS]]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ecli/render.h>

#include "base/cleanup.h"
#include "measure.h"
#include "support/spec.h"

#define RECORDS 4096

struct event {
	char task[16], prev_task[16];
	uint64_t delta_us;
	int32_t pid, prev_pid;
};

struct bench {
	struct event events[RECORDS];
	struct ecli_plan *plan;
	struct ecli_render *render;
	enum ecli_format format;
	struct ecli_buf out;
	FILE *sink;
	char *copy; /* RECORDS rows of the format */
	size_t copy_len;
	uint64_t rows;
};

/* ---- the stdio side -------------------------------------------------------------------------------------------- */

/* @is_cached: only when the second or the format changed. */
static const char *second_text(uint64_t ns, const char *format, bool is_cached)
{
	static char text[64];
	static time_t cached = -1;
	static const char *cached_format;
	time_t second = (time_t)(ns / 1000000000);

	if (!is_cached || second != cached || format != cached_format) {
		struct tm tm;

		strftime(text, sizeof(text), format, localtime_r(&second, &tm));
		cached = second;
		cached_format = format;
	}
	return text;
}

static void put_json_text(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(f, "\\%c", *text);
		else if ((unsigned char)*text < ' ')
			fprintf(f, "\\u%04x", *text);
		else
			fputc(*text, f);
	}
	fputc('"', f);
}

static void stdio_row(FILE *f, enum ecli_format format, uint64_t ns, const struct event *e, bool is_cached)
{
	if (format == ECLI_FORMAT_TABLE) {
		fprintf(f, "%s %-15s %-15s %12llu %7d %8d\n", second_text(ns, "%H:%M:%S", is_cached), e->task,
			e->prev_task, (unsigned long long)e->delta_us, e->pid, e->prev_pid);
	} else if (format == ECLI_FORMAT_PLAIN) {
		fprintf(f, "%s %s %s %llu %d %d\n", second_text(ns, "%H:%M:%S", is_cached), e->task, e->prev_task,
			(unsigned long long)e->delta_us, e->pid, e->prev_pid);
	} else {
		fprintf(f, "{\"time\":\"%s.%06u+00:00\",\"task\":", second_text(ns, "%Y-%m-%dT%H:%M:%S", is_cached),
			(unsigned int)(ns / 1000 % 1000000));
		put_json_text(f, e->task);
		fputs(",\"prev_task\":", f);
		put_json_text(f, e->prev_task);
		fprintf(f, ",\"delta_us\":%llu,\"pid\":%d,\"prev_pid\":%d}\n", (unsigned long long)e->delta_us, e->pid,
			e->prev_pid);
	}
}

/* ---- sides ----------------------------------------------------------------------------------------------------- */

static void run_ours(struct bench *b)
{
	for (uint64_t i = 0; i < b->rows; i++) {
		if (i % MEASURE_BATCH == 0)
			measure_write(&b->out);
		ecli_render_row(b->render, measure_wall_ns(i), &b->events[i % RECORDS], sizeof(struct event), &b->out);
	}
	measure_write(&b->out);
}

static void run_stdio(struct bench *b)
{
	for (uint64_t i = 0; i < b->rows; i++)
		stdio_row(b->sink, b->format, measure_wall_ns(i), &b->events[i % RECORDS], true);
	fflush(b->sink);
}

static void run_tools(struct bench *b)
{
	for (uint64_t i = 0; i < b->rows; i++)
		stdio_row(b->sink, b->format, measure_wall_ns(i), &b->events[i % RECORDS], false);
	fflush(b->sink);
}

static void run_memcpy(struct bench *b)
{
	size_t row = b->copy_len / RECORDS;

	for (uint64_t i = 0; i < b->rows; i++) {
		if (i % MEASURE_BATCH == 0)
			ecli_buf_clear(&b->out);
		ecli_buf_add(&b->out, b->copy + i % RECORDS * row, row);
	}
}

typedef void (*side_fn)(struct bench *b);
enum side { SIDE_OURS, SIDE_STDIO, SIDE_TOOLS, SIDE_MEMCPY, SIDES };
static const side_fn sides[SIDES] = { run_ours, run_stdio, run_tools, run_memcpy };

/* ---- preparation ----------------------------------------------------------------------------------------------- */

static void fill(struct event *events)
{
	static const char *const tasks[] = {
		"cc1",      "make",    "swapper/0",   "kworker/u8:3-ev", "systemd-journal", "nginx",
		"postgres", "node",    "rcu_preempt", "ksoftirqd/1",     "containerd",      "sshd",
		"bash",     "python3", "java",        "migration/1"
	};
	uint32_t state = 1;

	for (size_t i = 0; i < RECORDS; i++) {
		struct event *e = &events[i];
		uint32_t random[5];

		for (size_t j = 0; j < ARRAY_SIZE(random); j++)
			random[j] = (state = state * 1664525 + 1013904223) >> 8;
		memset(e, 0, sizeof(*e));
		snprintf(e->task, sizeof(e->task), "%s", tasks[random[0] % ARRAY_SIZE(tasks)]);
		snprintf(e->prev_task, sizeof(e->prev_task), "%s", tasks[random[1] % ARRAY_SIZE(tasks)]);
		e->delta_us = random[2] >> (random[3] % 20); /* most are short, a few are seconds */
		e->pid = (int32_t)(random[3] % 4194304 >> random[4] % 12);
		e->prev_pid = (int32_t)(random[4] % 32768);
	}
}

/* Keeps our bytes for memcpy, and checks that the stdio side writes them too. */
static void prepare(struct bench *b, enum ecli_format format)
{
	CLEANUP_FREE char *theirs = NULL;
	size_t their_len = 0;
	FILE *f = open_memstream(&theirs, &their_len);
	struct ecli_err err = { 0 };

	b->format = format;
	if (!f || ecli_render_new(b->plan, format, NULL, &err, &b->render))
		measure_die("out of memory");
	ecli_buf_clear(&b->out);
	for (uint64_t i = 0; i < RECORDS; i++) {
		ecli_render_row(b->render, measure_wall_ns(i), &b->events[i], sizeof(struct event), &b->out);
		stdio_row(f, format, measure_wall_ns(i), &b->events[i], true);
	}
	fclose(f);
	if (b->out.len != their_len || memcmp(b->out.data, theirs, their_len))
		measure_die("the sides do not write the same bytes");
	b->copy_len = b->out.len;
	b->copy = ecli_buf_take(&b->out);
	if (!b->copy)
		measure_die("out of memory");
}

static void measure(struct bench *b, enum ecli_format format, int rounds)
{
	double rates[SIDES][MEASURE_ROUNDS_MAX], ratios[SIDES][MEASURE_ROUNDS_MAX];

	prepare(b, format);
	for (int round = 0; round < rounds; round++) {
		for (int side = 0; side < SIDES; side++) {
			uint64_t start = measure_cpu_ns();

			sides[side](b);
			rates[side][round] = (double)b->rows * 1e3 / (double)(measure_cpu_ns() - start);
			ratios[side][round] = rates[SIDE_OURS][round] / rates[side][round];
		}
	}
	printf("%-6s %9zu", ecli_format_names[format], b->copy_len / RECORDS);
	for (int side = 0; side < SIDES; side++)
		printf(" %8.2f", measure_median(rates[side], rounds));
	printf(" %12.2f %12.2f %12.2f\n", measure_median(ratios[SIDE_STDIO], rounds),
	       measure_median(ratios[SIDE_TOOLS], rounds), measure_median(ratios[SIDE_MEMCPY], rounds));
	fflush(stdout);
	ecli_render_free(b->render);
	free(b->copy);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 11;
	static struct bench bench;
	struct ecli_err err = { 0 };
	struct spec *spec = spec_new();
	uint32_t id =
		spec_define(spec, "struct event char[16]:task char[16]:prev_task u64:delta_us s32:pid s32:prev_pid");
	struct ecli_types *types = spec_types(spec);

	bench.rows = argc > 2 ? strtoull(argv[2], NULL, 10) : 500000;
	if (rounds < 1 || rounds > MEASURE_ROUNDS_MAX || !bench.rows)
		measure_die("usage: render_bench [ROUNDS [ROWS]], at most 101 rounds");
	setenv("TZ", "UTC0", 1);
	tzset();
	fill(bench.events);
	bench.sink = fopen("/dev/null", "w");
	if (!bench.sink || ecli_plan_build(types, id, NULL, 0, &err, &bench.plan))
		measure_die(err.text);
	setvbuf(bench.sink, NULL, _IOFBF, 64 * 1024);

	printf("runqslower rows, medians of %d interleaved rounds of %llu rows, millions of rows a second of CPU "
	       "time\n",
	       rounds, (unsigned long long)bench.rows);
	printf("%-6s %9s %8s %8s %8s %8s %12s %12s %12s\n", "format", "bytes/row", "ecli", "stdio", "tools", "memcpy",
	       "ecli/stdio", "ecli/tools", "ecli/memcpy");
	for (int format = 0; ecli_format_names[format]; format++)
		measure(&bench, (enum ecli_format)format, rounds);
	other_events(rounds, bench.rows);

	fclose(bench.sink);
	ecli_buf_done(&bench.out);
	ecli_plan_free(bench.plan);
	ecli_types_free(types);
	spec_free(spec);
	return 0;
}
