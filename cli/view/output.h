/* SPDX-License-Identifier: MIT */
/* What curses draws, on its way to a terminal that may have been stopped. See output.c. */
#ifndef ECLI_CLI_VIEW_OUTPUT_H
#define ECLI_CLI_VIEW_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <ecli/base.h>

struct output {
	FILE *file;            /* for curses; NULL: not opened */
	int memory_fd, own_fd; /* what it draws into; our own non-blocking description of the terminal, -1: none */
	struct ecli_buf queue; /* drawn, and not taken by the terminal yet */
};

/* For the terminal at standard output. False: it cannot be. */
bool output_open(struct output *output);
void output_close(struct output *output);

/* What curses writes in between is kept. */
void output_begin(struct output *output);
/* And handed on: what the terminal takes at once. The rest waits for the next call. */
void output_end(struct output *output);
/* Whether the terminal has taken everything, now that it was asked once more. */
bool output_is_through(struct output *output);
/* What waits has that many milliseconds, then it is forgotten. */
void output_finish(struct output *output, int most_ms);

#endif
