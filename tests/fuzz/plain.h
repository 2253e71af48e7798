/* SPDX-License-Identifier: MIT */
/*
 * A fuzz target is LLVMFuzzerTestOneInput() and nothing else. With libFuzzer (meson -Dfuzz=true) that library has the
 * main(); otherwise plain.c has one, which runs files and a fixed number of mutations of each:
 *
 *     options_fuzz MUTATIONS FILE|FOLDER...
 *
 * The same numbers give the same inputs, so that a failure comes again.
 */
#ifndef ECLI_TESTS_FUZZ_PLAIN_H
#define ECLI_TESTS_FUZZ_PLAIN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must be true of every input. */
#define CHECK(what)                                                                                                    \
	do {                                                                                                           \
		if (!(what)) {                                                                                         \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #what);                           \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* How many inputs: what @arg says, ten times as many with ECLI_TEST_FULL=1. Never a time: the same inputs on every machine. */
static inline unsigned long fuzz_runs(const char *arg)
{
	const char *full = getenv("ECLI_TEST_FULL");

	return strtoul(arg, NULL, 10) * (full && *full == '1' ? 10 : 1);
}

#endif
