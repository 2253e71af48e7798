/* SPDX-License-Identifier: MIT */
/*
 * Patterns as a shell has them for file names, over bytes that need no NUL at the end; fnmatch(3) wants one, and asks the locale.
 *
 *     *  any bytes   ?  one byte   [a-z_]  one of these   [!0-9] [^0-9]  none of these   \*  the * itself
 *
 * A [ without its ] is itself. Only the last * is ever tried again, so the work is at most pattern times text.
 */
#include <string.h>

#include "where/where.h"

struct glob {
	const char *at, *end;
};

/* A byte of a class, of which a backslash makes any an ordinary one. */
static unsigned char class_byte(struct glob *pattern)
{
	if (*pattern->at == '\\' && pattern->end - pattern->at > 1)
		pattern->at++;
	return (unsigned char)*pattern->at++;
}

/* Behind the [: whether the class has the byte. False when there is no ]. */
static bool match_class(struct glob *pattern, unsigned char c, bool *ret_has)
{
	struct glob at = *pattern;
	bool is_negated = at.at < at.end && (*at.at == '!' || *at.at == '^');
	bool has = false;

	at.at += is_negated;
	for (bool is_first = true; at.at < at.end && (is_first || *at.at != ']'); is_first = false) {
		unsigned char low = class_byte(&at), high = low;

		if (at.end - at.at > 1 && at.at[0] == '-' && at.at[1] != ']') {
			at.at++;
			high = class_byte(&at);
		}
		has |= low <= c && c <= high;
	}
	if (at.at >= at.end)
		return false;
	pattern->at = at.at + 1;
	*ret_has = has != is_negated;
	return true;
}

/* One element of the pattern that is no *, against one byte. Goes on behind it when it matches. */
static bool match_one(struct glob *pattern, unsigned char c)
{
	struct glob at = { pattern->at + 1, pattern->end };
	char first = *pattern->at;
	bool matches = first == '?';

	if (first == '[' && match_class(&at, c, &matches)) {
		/* at is behind the class */
	} else if (first == '\\' && at.at < at.end) {
		matches = (unsigned char)*at.at++ == c;
	} else if (first != '?') {
		matches = (unsigned char)first == c;
	}
	if (matches)
		*pattern = at;
	return matches;
}

bool where_glob(const char *pattern, size_t pattern_len, const char *text, size_t len)
{
	struct glob at = { pattern, pattern + pattern_len }, star = { NULL, at.end };
	size_t i = 0, star_i = 0;

	while (i < len) {
		if (at.at < at.end && *at.at == '*') {
			at.at++;
			star = at;
			star_i = i;
		} else if (at.at < at.end && match_one(&at, (unsigned char)text[i])) {
			i++;
		} else if (star.at) {
			at = star;
			i = ++star_i;
		} else {
			return false;
		}
	}
	while (at.at < at.end && *at.at == '*')
		at.at++;
	return at.at == at.end;
}
