/* SPDX-License-Identifier: MIT */
/*
 * Values of options to and from the little-endian bytes of a variable.
 */
#ifndef ECLI_OPTIONS_BYTES_H
#define ECLI_OPTIONS_BYTES_H

#include <ecli/options.h>

/* Writes the value, which was read by @option, into the variable's @size bytes; a text is cut to fit and padded with zeros,
 * as is a list. */
void ecli_bytes_store(const struct ecli_option_value *value, const struct ecli_option *option, unsigned char *bytes,
		      uint32_t size);

/* The bytes of a variable as a person would type them, malloc'ed; NULL when there is nothing to show (an empty text) or
 * memory ran out. @bytes: size_bytes of the option, max_len + 1 for a string, max_count elements for a
 * list, of which @count are shown. */
char *ecli_bytes_show(const struct ecli_option *option, const unsigned char *bytes, uint32_t count);

/* The elements of a list up to the last one that is not zero. */
uint32_t ecli_bytes_count(const struct ecli_option *option, const unsigned char *bytes);

#endif
