/* SPDX-License-Identifier: MIT */
/*
 * What the tables of render_bench share: the clock that counts, medians, and where rows go.
 */
#ifndef ECLI_BENCH_MEASURE_H
#define ECLI_BENCH_MEASURE_H

#include <ecli/base.h>

#define MEASURE_BATCH      512 /* rows between two writes: what a drain hands on */
#define MEASURE_ROUNDS_MAX 101

_Noreturn void measure_die(const char *what);
uint64_t measure_cpu_ns(void);                    /* of this thread */
uint64_t measure_wall_ns(uint64_t row);           /* one row a microsecond */
double measure_median(double *values, int count); /* sorts them */
/* Writes all of @out to /dev/null, as ecli writes a batch, and clears it. */
void measure_write(struct ecli_buf *out);

/* other_events.c: prints a table of rows of other shapes. */
void other_events(int rounds, uint64_t rows);

#endif
