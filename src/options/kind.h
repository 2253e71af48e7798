/* SPDX-License-Identifier: MIT */
/*
 * Types as kinds of options.
 */
#ifndef ECLI_OPTIONS_KIND_H
#define ECLI_OPTIONS_KIND_H

#include <ecli/options.h>

/* Fills in what the type says of how a value is read: kind, sizes, elements. False when no option can express it. */
bool ecli_option_set_type(struct ecli_option *option, const struct ecli_types *types, uint32_t type_id,
			  enum ecli_notation notation);

#endif
