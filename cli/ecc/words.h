/* SPDX-License-Identifier: MIT */
/* A text with several words in it, as people put them in quotes: -a "-Iinclude -DNAME='a b'". */
#ifndef ECLI_CLI_ECC_WORDS_H
#define ECLI_CLI_ECC_WORDS_H

#include <stddef.h>

struct ecc_words {
	char **items; /* NULL-terminated once something was added */
	size_t count;
};

/* Adds the words of @text. 0; -EINVAL: a quote is never closed; -ENOMEM. */
int ecc_words_add(struct ecc_words *words, const char *text);
void ecc_words_done(struct ecc_words *words);

#endif
