/* SPDX-License-Identifier: MIT */
/*
 * Reads the rows of the storm back, in any of the forms they are printed in: text with the record's number as the
 * fourth word, or JSON with the key "delta_us". A row counts when its number is above the one before it, so that no row
 * is counted twice; everything else that is not a header or a message of ecli's is told as odd.
 */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include <stddef.h>
#include <stdint.h>

struct rows {
	uint64_t count, odd;
	uint64_t last; /* number of the last row */
	/* Called for each row that counts; may be NULL. */
	void (*on_row)(void *ctx, uint64_t number);
	void *ctx;
	/* the beginning of a line whose end has not come */
	char part[4096];
	size_t part_len;
};

/* Reads the next @len bytes of the output. */
void rows_add(struct rows *rows, const char *data, size_t len);

/* Reads a whole file from its beginning. 0 or -errno. */
int rows_add_file(struct rows *rows, int fd);

#endif
