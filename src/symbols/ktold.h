/* SPDX-License-Identifier: MIT */
/* BPF programs and the like that came to the kernel or went from it while somebody looked on (PERF_RECORD_KSYMBOL). 8,192 are kept. */
#ifndef ECLI_SYMBOLS_KTOLD_H
#define ECLI_SYMBOLS_KTOLD_H

#include "symbols/ksyms.h"

struct ecli_ktold;

/* NULL when out of memory. */
struct ecli_ktold *ecli_ktold_new(void);
void ecli_ktold_free(struct ecli_ktold *all);

/* @event, of kind ECLI_SYMBOLS_KERNEL, is copied. */
void ecli_ktold_add(struct ecli_ktold *all, const struct ecli_symbols_event *event);

/* What was told to lie at @address; *@ret_is_one false: several things, one after the other, and none of them for nearly all of the time. */
bool ecli_ktold_find(const struct ecli_ktold *all, uint64_t address, struct ecli_ksym *ret, bool *ret_is_one);

#endif
