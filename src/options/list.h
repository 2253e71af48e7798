/* SPDX-License-Identifier: MIT */
/*
 * Arrays as one word: "80,443". Also the two functions that a list shares with single values.
 */
#ifndef ECLI_OPTIONS_LIST_H
#define ECLI_OPTIONS_LIST_H

#include <ecli/options.h>

/* The option that an element of a list would be. */
struct ecli_option ecli_list_item(const struct ecli_option *list);

/* Called for each element, in order; its text is gone after the call. */
typedef void (*ecli_list_fn)(void *ctx, const struct ecli_option *item, const struct ecli_option_value *value);

/* Reads the elements. No text is no element. -E2BIG: more than max_count; otherwise as the element's reader. @fn may be NULL. */
int ecli_list_read(const struct ecli_option *list, const char *text, ecli_list_fn fn, void *ctx, uint32_t *ret_count);

#endif
