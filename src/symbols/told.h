/* SPDX-License-Identifier: MIT */
/*
 * Which code processes had mapped, from what the kernel told while they lived: for those that are gone when somebody asks. At most
 * 65,536 processes, 64 mappings each, 4,096 files: the process that was told of first makes room; of a file without room nothing is kept.
 */
#ifndef ECLI_SYMBOLS_TOLD_H
#define ECLI_SYMBOLS_TOLD_H

#include <ecli/symbols.h>

#include "symbols/maps.h"

enum { ECLI_TOLD_MAPPINGS = 64 };

struct ecli_told;

/* NULL when out of memory. */
struct ecli_told *ecli_told_new(void);
void ecli_told_free(struct ecli_told *told);

/* @event is untrusted, and copied. */
void ecli_told_add(struct ecli_told *told, const struct ecli_symbols_event *event);

/*
 * The mappings of a process by address, none over another, into @ret: how many. Their paths belong to @told and change with the next event.
 * @ret_parent: the process that was there before anything was told and had more: itself, or whom it is a copy of; 0: these are all.
 */
size_t ecli_told_find(const struct ecli_told *told, uint32_t pid, struct ecli_map ret[ECLI_TOLD_MAPPINGS],
		      uint32_t *ret_parent);

#endif
