/* SPDX-License-Identifier: MIT */
/*
 * What a target of a kprobe names, and what the kernel's table of symbols has of that name. The table is read only when a name does not work, for
 * it has 200,000 lines.
 */
#ifndef ECLI_LOAD_ATTACH_KTABLE_H
#define ECLI_LOAD_ATTACH_KTABLE_H

#include <stdio.h>

#include <ecli/base.h>

#define ECLI_KSYM_NAME 256 /* KSYM_NAME_LEN of kernels before 6.1 was less, and is 512 since */

/* "[MODULE:]FUNCTION[+OFFSET]", or a pattern in place of FUNCTION. */
struct ecli_ktarget {
	char module[64]; /* "": none is named */
	char name[ECLI_KSYM_NAME];
	uint64_t offset;
	bool is_pattern, has_offset;
};

/* -EINVAL: it is nothing of that form. */
int ecli_ktarget_read(const char *target, struct ecli_ktarget *ret);

#define ECLI_KTABLE_MAX 64

/* The functions of a name. */
struct ecli_ktable {
	size_t count;                        /* of all */
	uint64_t addresses[ECLI_KTABLE_MAX]; /* of the first of them; 0: the kernel does not show addresses to us */
	char variant[ECLI_KSYM_NAME];        /* "": none; "f.isra.0", what the compiler made of f */
	bool is_read;                        /* there was a table */
};

/* Looks for @want->name in @file, a table in the form of /proc/kallsyms. Apart for tests. */
void ecli_ktable_scan(FILE *file, const struct ecli_ktarget *want, struct ecli_ktable *ret);
/* The same in the running kernel's. */
void ecli_ktable_find(const struct ecli_ktarget *want, struct ecli_ktable *ret);

/* Whether a variant is the same function under another name (".llvm.NUMBER") and not one with other arguments or a part of it. */
bool ecli_ktable_is_same(const char *variant);

#endif
