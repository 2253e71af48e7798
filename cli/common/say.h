/* SPDX-License-Identifier: MIT */
/* Standard error. See say.c. */
#ifndef ECLI_CLI_COMMON_SAY_H
#define ECLI_CLI_COMMON_SAY_H

#include <stdbool.h>
#include <stddef.h>

/* Whole lines, or pieces of one line, as they are: text of others was made safe before. */
void say(const char *text, size_t len);
void say_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * From now on nobody is waited for: what cannot be written stands in a queue, and what has no place there is left out and counted. With false the
 * queue is given a moment, then what is left of it is forgotten, and messages wait for their reader again.
 */
void say_without_waiting(bool never_waits);

/* Writes to any descriptor what its reader takes within @most_ms; for a terminal that may have been stopped. */
void say_to(int fd, const char *text, size_t len, int most_ms);

#endif
