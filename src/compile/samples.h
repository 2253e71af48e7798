/* SPDX-License-Identifier: MIT */
/* Whether what @sample says of a table can be shown: ecc's early word about what a run would refuse. */
#ifndef ECLI_COMPILE_SAMPLES_H
#define ECLI_COMPILE_SAMPLES_H

#include <ecli/package.h>
#include <ecli/types.h>

/* 0, or a negative errno with the sentence: a formula that cannot be read, a column that is not there, a variable that is no table. What only the
 * runner can judge (whether the value can be shown at all) is no error here. */
int samples_check_map(const struct ecli_types *types, const struct ecli_package_map *map, struct ecli_err *err);
int samples_check_var(const struct ecli_types *types, const struct ecli_package_var *var, struct ecli_err *err);

#endif
