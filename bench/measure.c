/* SPDX-License-Identifier: MIT */
/* See measure.h. */
#include "measure.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define WALL_NS 1795341600000000000u

_Noreturn void measure_die(const char *what)
{
	fprintf(stderr, "render_bench: %s\n", what);
	exit(1);
}

uint64_t measure_cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t measure_wall_ns(uint64_t row)
{
	return WALL_NS + row * 1000;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double measure_median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), by_value);
	return values[count / 2];
}

void measure_write(struct ecli_buf *out)
{
	static int null = -1;

	if (null < 0)
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (out->len && write(null, out->data, out->len) != (ssize_t)out->len)
		measure_die("/dev/null cannot be written");
	ecli_buf_clear(out);
}
