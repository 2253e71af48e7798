/* SPDX-License-Identifier: MIT */
/*
 * The program that reads a storm: start it on its own CPU, know when it is attached, know what CPU time it has used,
 * see it come to rest, end it as Ctrl-C does and read what it says about losses.
 */
#ifndef BENCH_READER_H
#define BENCH_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define NS_PER_S   1000000000u
#define READER_CPU 1

/* Filled in by the caller: */
struct reader {
	const char *folder; /* where the files lie */
	const char *ready;  /* it is attached when this text is in its messages */
	unsigned int batch;
	bool has_pipe; /* rows go through a pipe instead of a file */

	pid_t pid;
	int rows_fd; /* the file, or the pipe's end to read from */
	int messages_fd;
};

struct reader_use {
	uint64_t cpu_ns;
	uint64_t switches;               /* times it went to sleep by itself */
	double user_ticks, system_ticks; /* as the kernel accounts them: coarse, only their ratio is of use */
};

struct reader_end {
	int status; /* as a shell gives it */
	bool is_told;
	uint64_t told; /* losses it told of */
};

_Noreturn void die(const char *what);
uint64_t now_ns(void);
void pin(int cpu);

/* In an argument, %p becomes the process id of the caller and %b the batch. */
void reader_start(struct reader *reader, char **argv);
void reader_measure(const struct reader *reader, struct reader_use *ret);
/* Waits until it uses next to no CPU: what was waiting for it is done. */
void reader_rest(const struct reader *reader);
void reader_stop(struct reader *reader, struct reader_end *ret);

#endif
