/* SPDX-License-Identifier: MIT */
/* Standard error. See say.c. */
#ifndef ECLI_CLI_COMMON_SAY_H
#define ECLI_CLI_COMMON_SAY_H

#include <stdbool.h>
#include <stddef.h>

/* Whole lines, or pieces of one line, as they are: text of others was made safe before. */
void say(const char *text, size_t len);
void say_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on nobody is waited for: what cannot be written stands in a queue, and what has no place there is left out and counted. */
void say_without_waiting(void);
/* Messages wait for their reader again. What is in the queue is given @most_ms, -1: as long as it takes; then it is forgotten. */
void say_wait_again(int most_ms);

/* Writes to any descriptor what its reader takes within @most_ms; for a terminal that may have been stopped. */
void say_to(int fd, const char *text, size_t len, int most_ms);

#endif
