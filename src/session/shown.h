/* SPDX-License-Identifier: MIT */
/* Which maps and columns the options show: `@when`, `@measured`. */
#ifndef ECLI_SESSION_SHOWN_H
#define ECLI_SESSION_SHOWN_H

#include <ecli/options.h>

#include "session/records.h"

/* Whether a map with these tags (NULL: none) is a source. @globals: NULL shows every map. -EINVAL when there is no such variable. */
int shown_map(const struct ecli_package_map *tags, const struct ecli_globals *globals, struct ecli_err *err,
	      bool *ret_is_shown);

/* Hides members of events that are not to be shown from the plans of @records, and takes out those that are not measured (@measured). The same @globals and errors. */
int shown_columns(const struct ecli_package *package, const struct ecli_types *types,
		  const struct ecli_globals *globals, const struct records *records, struct ecli_err *err);

#endif
