/* SPDX-License-Identifier: MIT */
/*
 * Programs that a person chose to leave out: `@target none`, and `@when VARIABLE`, which ties a program to an option.
 */
#ifndef ECLI_LOAD_WHEN_H
#define ECLI_LOAD_WHEN_H

#include "load/try.h"

/*
 * Fills @input->left_out, before the first try. `@when VARIABLE`: a program is wanted when the variable's value, as it will be loaded, is
 * anything but zero; `@when !VARIABLE`: when it is zero. Logs each program that is left out (ECLI_LOG_INFO). -EINVAL: a tag that
 * names no variable; -ENOMEM.
 */
int ecli_when_read(struct ecli_try_input *input, struct ecli_err *err);
void ecli_when_done(struct ecli_try_input *input);

#endif
