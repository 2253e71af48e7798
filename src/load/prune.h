/* SPDX-License-Identifier: MIT */
/*
 * An object without some of its programs. libbpf's generator of loader programs loads everything an object has, so what
 * is to stay out has to go before libbpf sees it.
 */
#ifndef ECLI_LOAD_PRUNE_H
#define ECLI_LOAD_PRUNE_H

#include <ecli/base.h>

/* Whether the program @name in section @section stays. */
typedef bool (*ecli_prune_fn)(void *ctx, const char *name, const char *section);

/*
 * Takes the programs that @keep does not want out of the object in @data, in place and without moving anything. Functions
 * of .text are not asked about: they are called by programs. Returns how many went, -EINVAL when @data is no BPF object,
 * with a sentence.
 */
int ecli_prune(unsigned char *data, size_t size, ecli_prune_fn keep, void *ctx, struct ecli_err *err);

#endif
