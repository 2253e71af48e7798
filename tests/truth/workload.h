/* SPDX-License-Identifier: MIT */
/*
 * What the workloads of the truth tests share: clocks, and a way to end when the machine does not do what the script
 * says. A workload that cannot do its part fails loudly: then the test says nothing about the tool.
 */
#ifndef TRUTH_WORKLOAD_H
#define TRUTH_WORKLOAD_H

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#define NS_PER_MS 1000000LL

__attribute__((noreturn, format(printf, 1, 2))) static inline void die(const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	fputs("workload: ", stderr);
	vfprintf(stderr, format, args);
	fprintf(stderr, error ? " (%s)\n" : "\n", strerror(error));
	va_end(args);
	exit(99);
}

static inline int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

static inline void sleep_ms(int64_t ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * NS_PER_MS };

	while (nanosleep(&left, &left))
		;
}

/*
 * Waits until a thread of this process sleeps and has left its CPU: its state says so a moment before. What the kernel gives of a
 * thread's system call it gives only then, else "running".
 */
static inline void wait_asleep(pid_t tid)
{
	char path[64], text[16] = "";
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	for (;;) {
		stream = fopen(path, "re");
		if (!stream || !fgets(text, sizeof(text), stream))
			die("this kernel has no %s", path);
		fclose(stream);
		if (strncmp(text, "running", 7) != 0)
			return;
		sleep_ms(1);
	}
}

/* Says @what on a line of its own and waits for a line on standard input: the script says when to go on. */
static inline void wait_for(const char *what)
{
	char line[16];

	printf("%s\n", what);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		die("%s, but nobody said go", what);
}

/* Prints @text the way truth_rows does. */
static inline void print_encoded(const char *text)
{
	for (const char *at = text; *at; at++) {
		unsigned char c = (unsigned char)*at;

		if (c <= ' ' || c >= 0x7f || c == '%')
			printf("%%%02X", c);
		else
			putchar(c);
	}
	if (!*text)
		putchar('%');
}

#endif
