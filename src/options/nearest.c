/* SPDX-License-Identifier: MIT */
/*
 * "Did you mean": the candidate with the fewest single typing errors (a letter more, less, other, or two swapped),
 * counted as Damerau and Levenshtein do, case not counted. A word that a candidate begins with is near too. Long words
 * are left alone.
 */
#include <ctype.h>
#include <string.h>

#include <ecli/options.h>

enum { MAX_LEN = 48 };

static unsigned int smallest(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

static char fold(char c)
{
	return c == '-' ? '_' : (char)tolower((unsigned char)c);
}

/* Both at most MAX_LEN long. */
static unsigned int distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned int rows[3][MAX_LEN + 1]; /* two rows back, one row back, this one */
	unsigned int *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t k = 0; k <= b_len; k++)
		last[k] = before[k] = (unsigned int)k;
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = (unsigned int)i;
		for (size_t k = 1; k <= b_len; k++) {
			char x = fold(a[i - 1]), y = fold(b[k - 1]);

			row[k] = smallest(last[k] + 1, row[k - 1] + 1, last[k - 1] + (x != y));
			if (i > 1 && k > 1 && x == fold(b[k - 2]) && y == fold(a[i - 2]) && before[k - 2] + 1 < row[k])
				row[k] = before[k - 2] + 1;
		}
		unsigned int *oldest = before;
		before = last;
		last = row;
		row = oldest;
	}
	return last[b_len];
}

static bool begins_with(const char *word, size_t len, const char *candidate)
{
	for (size_t i = 0; i < len; i++)
		if (!candidate[i] || fold(candidate[i]) != fold(word[i]))
			return false;
	return true;
}

void ecli_nearest_offer(struct ecli_nearest *nearest, const char *candidate)
{
	size_t len = strlen(candidate);

	if (!nearest->len || nearest->len > MAX_LEN || len > MAX_LEN)
		return;
	unsigned int found = distance(nearest->word, nearest->len, candidate, len);
	unsigned int accepted = nearest->len <= 3 ? 1 : nearest->len <= 7 ? 2 : 3;

	if (nearest->len >= 3 && begins_with(nearest->word, nearest->len, candidate))
		found = 1;
	if (found <= accepted && (!nearest->best || found < nearest->distance)) {
		nearest->best = candidate;
		nearest->distance = found;
	}
}
