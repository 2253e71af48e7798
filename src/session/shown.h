/* SPDX-License-Identifier: MIT */
/* Which columns the options that were given show: `@when` of struct members. */
#ifndef ECLI_SESSION_SHOWN_H
#define ECLI_SESSION_SHOWN_H

#include <ecli/options.h>

#include "session/records.h"

/* Whether a global variable was given a value that is not zero. @globals: NULL when nothing was given. */
bool shown_is_set(const struct ecli_globals *globals, const char *variable);

/* Hides what is not to be shown in the plans of @records. 0 or -ENOMEM. */
int shown_apply(const struct ecli_package *package, const struct ecli_types *types, const struct ecli_globals *globals,
		const struct records *records);

#endif
