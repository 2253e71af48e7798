/* SPDX-License-Identifier: MIT */
/*
 * Programs that a person chose to leave out: `@target none`, and `@when VARIABLE`, which ties a program to an option.
 */
#ifndef ECLI_LOAD_WHEN_H
#define ECLI_LOAD_WHEN_H

#include <bpf/libbpf.h>

#include <ecli/load.h>

/*
 * Whether @prog is wanted. `@when VARIABLE`: when the variable's value, as it will be loaded, is anything but zero; `@when !VARIABLE`:
 * when it is zero. Call it when the person's values are written into the object. @ret_why, when it is not wanted: why, a short
 * text to be freed. -EINVAL: a tag that names no variable; -ENOMEM.
 */
int ecli_when_wanted(struct bpf_object *object, const struct ecli_package_prog *prog, struct ecli_err *err,
		     bool *ret_wanted, char **ret_why);

#endif
