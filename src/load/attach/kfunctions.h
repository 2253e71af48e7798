/* SPDX-License-Identifier: MIT */
/*
 * The functions that the kernel lets be traced, as tracefs lists them: those that fit a name or a pattern, with their addresses where the kernel says them
 * (6.5). A name may be there several times.
 */
#ifndef ECLI_LOAD_ATTACH_KFUNCTIONS_H
#define ECLI_LOAD_ATTACH_KFUNCTIONS_H

#include <stdio.h>

#include <ecli/base.h>

#include "load/attach/ktable.h"

/* Zero-initialise. */
struct ecli_kfunctions {
	char **names;        /* in order */
	uint64_t *addresses; /* of each; NULL: not known */
	size_t count;
};

/* Reads @tracefs's list. 0 also when none fits; -ENOENT: the kernel has no list, -ENOMEM. */
int ecli_kfunctions_find(const char *tracefs, const struct ecli_ktarget *want, struct ecli_kfunctions *ret);
/* The same from @file, whose lines begin with an address or do not. */
int ecli_kfunctions_read(FILE *file, bool has_addresses, const struct ecli_ktarget *want, struct ecli_kfunctions *ret);
/* Leaves one of each name, and forgets the addresses. */
void ecli_kfunctions_drop_doubles(struct ecli_kfunctions *functions);
void ecli_kfunctions_done(struct ecli_kfunctions *functions);

#endif
