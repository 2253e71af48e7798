/* SPDX-License-Identifier: MIT */
/*
 * Programs that are at one hook of the kernel by different ways: tp_btf, raw_tp and tp of one tracepoint, fentry and kprobe, fexit and kretprobe of one function. With
 * both attached every event is seen twice, so they are alternatives unless their author says otherwise.
 */
#ifndef ECLI_PACKAGE_PAIRS_H
#define ECLI_PACKAGE_PAIRS_H

#include <ecli/package.h>

/* Whether programs @a and @b are such a pair. None is with a tag @both, @alternative, @optional or @target. */
bool ecli_package_is_pair(const struct ecli_package *package, size_t a, size_t b);

/* Sets @out[i] of each program that the object leaves to whoever asks for it (SEC("?...")): it is attached by no pair. */
void ecli_package_mark_unasked(const struct ecli_package *package, const char **out);

/* What stands for an @alternative of program @index, "tp_btf+raw_tp/tp_btf", malloc'ed in @ret_tag; NULL: it is one of no pair. @left_out, by program: why
 * it stays out, NULL: it does not; may be NULL itself. 0 or -ENOMEM. */
int ecli_package_pair_tag(const struct ecli_package *package, const char *const *left_out, size_t index,
			  char **ret_tag);

#endif
