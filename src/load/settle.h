/* SPDX-License-Identifier: MIT */
/*
 * The loop over tries (load.c), for a run and for a check: which choices work on this kernel.
 */
#ifndef ECLI_LOAD_SETTLE_H
#define ECLI_LOAD_SETTLE_H

#include "load/try.h"

/* Fills in what the tries share; @opts may be NULL. ecli_settle_done() also after a failure, and without this. */
int ecli_settle_init(struct ecli_try_input *input, const struct ecli_package *package,
		     const struct ecli_load_opts *opts, struct ecli_err *err);
void ecli_settle_done(struct ecli_try_input *input);

/* Tries until one works or nothing is left to try. */
int ecli_settle(struct ecli_try_input *input, struct ecli_err *err, struct ecli_try *ret_try);

#endif
