/* SPDX-License-Identifier: MIT */
/*
 * A package's JSON with its object left out: one text of base64, two thirds of the whole, in front of everything else.
 */
#ifndef ECLI_PACKAGE_SPLIT_H
#define ECLI_PACKAGE_SPLIT_H

#include <jansson.h>
#include <stdbool.h>

struct ecli_split {
	json_t *root;       /* owned by the caller; the object in it is "" */
	const char *object; /* in the text that was given, not terminated */
	size_t object_len;
};

/*
 * Reads a package that begins with @key and its base64. False when it does not, and when anything in it is unusual (an error, a key twice): then it is to be
 * read as a whole, which also knows what to say. @text must outlive @ret.
 */
bool ecli_split_read(const char *key, const char *text, size_t size, struct ecli_split *ret);

#endif
