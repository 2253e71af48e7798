/* SPDX-License-Identifier: MIT */
/*
 * The parts of perf_event.c that need no kernel, apart for tests.
 */
#ifndef ECLI_LOAD_ATTACH_PERF_EVENT_H
#define ECLI_LOAD_ATTACH_PERF_EVENT_H

#include <linux/perf_event.h>

#include <ecli/package.h>

/*
 * Fills @ret_attr from the program's "event", "freq" and "period"; @extras may be NULL. -EINVAL with a sentence for a
 * name that is not known, a number out of range, or both freq and period. @prog: for sentences.
 */
int ecli_perf_event_spec(const struct ecli_package_extras *extras, const char *prog, struct ecli_err *err,
			 struct perf_event_attr *ret_attr);

/* Reads "0-3,5" and calls @fn for each CPU; stops at its first non-zero result and returns it. -EBADMSG: not such a
 * list. */
int ecli_perf_event_each_cpu(const char *list, int (*fn)(void *ctx, int cpu), void *ctx);

#endif
