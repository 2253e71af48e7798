/* SPDX-License-Identifier: MIT */
/*
 * Words as a shell splits them: blanks end a word, quotes of both kinds keep blanks, a backslash outside single quotes keeps the
 * character after it. Nothing is expanded and nothing is run.
 */
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add(struct ecc_words *words, char *word)
{
	char **items = realloc(words->items, (words->count + 2) * sizeof(*items));

	if (!items) {
		free(word);
		return -ENOMEM;
	}
	words->items = items;
	items[words->count++] = word;
	items[words->count] = NULL;
	return 0;
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* The word at *@at into @to, without its quotes. False when one of them is never closed. */
static int take_word(const char **at, char *to)
{
	const char *p = *at;
	char quote = 0;

	for (; *p && (quote || !is_blank(*p)); p++) {
		if (*p == '\\' && quote != '\'' && p[1])
			*to++ = *++p;
		else if (quote ? *p == quote : *p == '\'' || *p == '"')
			quote = quote ? 0 : *p;
		else
			*to++ = *p;
	}
	*to = '\0';
	*at = p;
	return !quote;
}

int ecc_words_add(struct ecc_words *words, const char *text)
{
	while (is_blank(*text))
		text++;
	while (*text) {
		char *word = malloc(strlen(text) + 1);

		if (!word)
			return -ENOMEM;
		if (!take_word(&text, word)) {
			free(word);
			return -EINVAL;
		}
		int r = add(words, word);
		if (r)
			return r;
		while (is_blank(*text))
			text++;
	}
	return 0;
}

void ecc_words_done(struct ecc_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
	*words = (struct ecc_words){ 0 };
}
