/* SPDX-License-Identifier: MIT */
/*
 * A profile: stacks with a weight each (samples, microseconds, bytes), gathered into a tree, and written in the forms people open:
 *
 *     folded   make;main;read_file;vfs_read_[k] 42       a line a stack, outermost first
 *     flame    one HTML file that needs nothing else: zoom, search, a table of what is under the pointer
 *     pprof    profile.proto, gzip
 *
 * Names come from untrusted processes and files; every writer escapes what its format needs.
 */
#ifndef ECLI_STACKS_H
#define ECLI_STACKS_H

#include <ecli/symbols.h>

struct ecli_stacks;

struct ecli_stacks_opts {
	const char *title; /* "profile: where CPU time goes"; untrusted text, read during the call only */
	const char *what;  /* what a weight is, as pprof has it: "samples", "cpu", "alloc_space" */
	const char *unit;  /* "count", "nanoseconds", "microseconds", "bytes" */
	uint64_t period;   /* pprof: units between two samples; 0: not known */
};

int ecli_stacks_new(const struct ecli_stacks_opts *opts, struct ecli_err *err, struct ecli_stacks **ret_stacks);
void ecli_stacks_free(struct ecli_stacks *stacks);

/* One stack of process @root (may be ""; not borrowed), user frames called the kernel frames; either may be empty. Strings of frames
 * are copied once each. -ENOMEM; -E2BIG when the profile has reached its bound (the caller counts it). */
int ecli_stacks_add(struct ecli_stacks *stacks, const char *root, const struct ecli_frames *user,
		    const struct ecli_frames *kernel, uint64_t weight);
/* Forgets everything that was added, for a new interval. */
void ecli_stacks_clear(struct ecli_stacks *stacks);
uint64_t ecli_stacks_total(const struct ecli_stacks *stacks);

/* Append to @out. Sorted, so that the same stacks give the same bytes. @wall_ns, @duration_ns: of the measurement, 0: not known. -ENOMEM. */
int ecli_stacks_folded(const struct ecli_stacks *stacks, struct ecli_buf *out);
int ecli_stacks_flame(const struct ecli_stacks *stacks, struct ecli_buf *out);
int ecli_stacks_pprof(const struct ecli_stacks *stacks, uint64_t wall_ns, uint64_t duration_ns, struct ecli_buf *out);

#endif
