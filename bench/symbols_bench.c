/* SPDX-License-Identifier: MIT */
/*
 * How long 10,000 distinct stacks of 20 addresses take to become functions, lines and inlined frames. Four processes of two C++ programs with
 * debug information and a library of that kind (bench/symbols/busy.cpp); each address is a random byte of the code they have mapped, their
 * libc and libstdc++ too. That is harder than life, where the same calls come again and again.
 *
 *     symbols_bench PROGRAM PROGRAM
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ecli/symbols.h>

enum { PROCESSES = 4, STACKS = 10000, DEPTH = 20, MAX_CODE = 16 };

struct process {
	pid_t pid;
	int to;
	struct code {
		uint64_t start, size;
	} code[MAX_CODE];
	size_t count;
};

static uint64_t stacks[STACKS][DEPTH];

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "symbols_bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void start(struct process *process, const char *path)
{
	int to[2], from[2];
	char line[64];

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		die("pipe");
	process->pid = fork();
	if (!process->pid) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		execl(path, path, (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	process->to = to[1];
	FILE *out = fdopen(from[0], "r");
	while (out && fgets(line, sizeof(line), out) && strcmp(line, "ready\n") != 0)
		;
	if (!out || fclose(out))
		die(path);
}

/* The code of its files. */
static void read_code(struct process *process)
{
	char path[64], line[512];
	unsigned long long from, to, inode;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)process->pid);
	FILE *maps = fopen(path, "re");
	if (!maps)
		die(path);
	while (fgets(line, sizeof(line), maps) && process->count < MAX_CODE) {
		if (sscanf(line, "%llx-%llx r-xp %*s %*s %llu", &from, &to, &inode) == 3 && inode)
			process->code[process->count++] = (struct code){ from, to - from };
	}
	fclose(maps);
	if (!process->count)
		die("a process without code");
}

static uint64_t random_number(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* CLOCK_PROCESS_CPUTIME_ID: of this process on the CPU, so that other loads of the machine do not count. */
static double now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* With that of the process that finds the names. */
static double cpu_of(const struct ecli_symbols *symbols)
{
	struct ecli_symbols_cost cost;

	ecli_symbols_cost(symbols, &cost);
	return now(CLOCK_PROCESS_CPUTIME_ID) + (double)cost.cpu_ns / 1e9;
}

static long peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

struct sum {
	size_t frames, functions, lines, inlined;
};

static void ask(struct ecli_symbols *symbols, const struct process *processes, struct sum *ret)
{
	struct ecli_frames frames = { 0 };

	*ret = (struct sum){ 0 };
	for (size_t i = 0; i < STACKS; i++) {
		frames.count = 0;
		if (ecli_symbols_user(symbols, (uint32_t)processes[i % PROCESSES].pid, NULL, stacks[i], DEPTH, &frames))
			die("asking");
		ret->frames += frames.count;
		for (size_t k = 0; k < frames.count; k++) {
			ret->functions += frames.items[k].function != NULL;
			ret->lines += frames.items[k].line != 0;
			ret->inlined += frames.items[k].is_inlined;
		}
	}
	ecli_frames_done(&frames);
}

int main(int argc, char **argv)
{
	struct process processes[PROCESSES] = { 0 };
	struct ecli_symbols *symbols;
	struct ecli_err err = { 0 };
	struct sum sum;

	if (argc != 3)
		return 2;
	for (size_t i = 0; i < PROCESSES; i++) {
		start(&processes[i], argv[1 + i % 2]);
		read_code(&processes[i]);
	}
	for (size_t i = 0; i < STACKS; i++) {
		const struct process *process = &processes[i % PROCESSES];

		for (size_t k = 0; k < DEPTH; k++) {
			const struct code *code = &process->code[random_number() % process->count];
			stacks[i][k] = code->start + random_number() % code->size;
		}
	}
	long before_kib = peak_kib();
	double begin = now(CLOCK_PROCESS_CPUTIME_ID), walls[3];
	if (ecli_symbols_new(NULL, &err, &symbols))
		die(err.text);
	for (size_t i = 0; i < PROCESSES; i++)
		ecli_symbols_note(symbols, (uint32_t)processes[i].pid);
	double noted = cpu_of(symbols);
	walls[0] = now(CLOCK_MONOTONIC);
	ask(symbols, processes, &sum);
	walls[1] = now(CLOCK_MONOTONIC);
	double first = cpu_of(symbols);
	ask(symbols, processes, &sum);
	walls[2] = now(CLOCK_MONOTONIC);
	double second = cpu_of(symbols);

	printf("%d stacks of %d addresses, %zu frames: %.0f ms of CPU time (%.2f us a frame), once more %.0f ms\n",
	       STACKS, DEPTH, sum.frames, (first - noted) * 1e3, (first - noted) * 1e6 / (double)sum.frames,
	       (second - first) * 1e3);
	printf("%d processes noted in %.2f ms; %.0f %% of the frames have a function, %.0f %% a line, %.0f %% are "
	       "inlined\n",
	       PROCESSES, (noted - begin) * 1e3, 100.0 * (double)sum.functions / (double)sum.frames,
	       100.0 * (double)sum.lines / (double)sum.frames, 100.0 * (double)sum.inlined / (double)sum.frames);
	printf("memory: %.1f MiB at most", (double)(peak_kib() - before_kib) / 1024);
	struct ecli_symbols_cost cost;
	ecli_symbols_cost(symbols, &cost);
	printf("; of the symbolizer %.1f MiB, and %.0f ms of CPU time", (double)cost.peak_bytes / 1048576,
	       (double)cost.cpu_ns / 1e6);
	printf("\nby the clock: %.0f ms, once more %.0f ms\n", (walls[1] - walls[0]) * 1e3,
	       (walls[2] - walls[1]) * 1e3);
	ecli_symbols_free(symbols);
	for (size_t i = 0; i < PROCESSES; i++) {
		close(processes[i].to);
		waitpid(processes[i].pid, NULL, 0);
	}
	return 0;
}
