/* SPDX-License-Identifier: MIT */
/*
 * What the files of options/ share: names that are the same, a typed word and its value.
 */
#ifndef ECLI_OPTIONS_VALUE_H
#define ECLI_OPTIONS_VALUE_H

#include <ecli/options.h>

/* Whether @a (of @len bytes) and @b name the same option: '-' and '_' are one. */
bool ecli_option_same_name(const char *a, size_t len, const char *b);

/* The row of that long name, of @len bytes; NULL. */
const struct ecli_option *ecli_option_find(const struct ecli_option *options, size_t count, const char *name,
					   size_t len);
/* The option whose value is the word after @word ("--name", "-x", "-vx"); NULL when @word asks for none. */
const struct ecli_option *ecli_option_waiting(const struct ecli_option *options, size_t count, const char *word);

/* Whether @text is one of true, false, 1, 0, yes, no, on, off. */
bool ecli_option_read_bool(const char *text, bool *ret);

/*
 * The value that @text stands for, by the option's kind and range. -EINVAL, ECLI_FAIL_USAGE: `--min_us takes a whole
 * number from 0 to 255, not "10x"`.
 */
int ecli_option_read_value(const struct ecli_option *option, const char *text, struct ecli_option_value *ret,
			   struct ecli_err *err);

/* The same without a sentence: 0, -EINVAL, -ERANGE, -EDOM (no whole number of the unit), -E2BIG (elements). */
int ecli_option_read_text(const struct ecli_option *option, const char *text, struct ecli_option_value *ret);

/* Appends what the option takes: "a whole number from 0 to 255", "one of table, json, plain". */
void ecli_option_expects(const struct ecli_option *option, struct ecli_buf *buf);

#endif
