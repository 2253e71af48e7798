/* SPDX-License-Identifier: MIT */
/*
 * Values of options to and from the little-endian bytes of a variable.
 */
#ifndef ECLI_OPTIONS_BYTES_H
#define ECLI_OPTIONS_BYTES_H

#include <ecli/options.h>

/* Writes the value into the variable's @size bytes; a text is cut to fit and padded with zeros. */
void ecli_bytes_store(const struct ecli_option_value *value, enum ecli_option_kind kind, unsigned char *bytes,
		      uint32_t size);

/* The bytes of a variable as a person would type them, malloc'ed; NULL when there is nothing to show (an empty text) or
 * memory ran out. @bytes: size_bytes of the option, max_len + 1 for a string. */
char *ecli_bytes_show(const struct ecli_option *option, const unsigned char *bytes);

#endif
