/* SPDX-License-Identifier: MIT */
/*
 * Return probes that would end the program they are put on. A return probe changes the return address on the stack, and there are programs and kernels that
 * do not stand that.
 */
#ifndef ECLI_LOAD_ATTACH_RETURNS_H
#define ECLI_LOAD_ATTACH_RETURNS_H

#include "load/attach/place.h"

/* Whether a program of the job runs when a function returns. */
bool ecli_returns_is(const struct ecli_attach *job);

/* 0, or the sentence when the place's functions are of Go: it moves stacks, and finds the address of the probe on them. */
int ecli_returns_check_go(const struct ecli_attach *job, const struct ecli_place *place,
			  const struct ecli_executable *executable, struct ecli_err *err);

/*
 * 0, or the sentence when the process has a filter of system calls that ends it, on kernels that return from such a probe by a system call of their own (6.11
 * on x86-64) which filters see (to 6.12.13 and 6.13.2). Without a process a warning.
 */
int ecli_returns_check_filter(const struct ecli_attach *job, int pid, struct ecli_err *err);

/* Whether a kernel that calls itself so ("6.12.9-amd64") shows that system call to filters. For tests. */
bool ecli_returns_is_filtered(const char *release);

#endif
