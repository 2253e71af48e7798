/* SPDX-License-Identifier: MIT */
/*
 * A list is its text: it is read once to check it and once more to store it, so that no list of values of every kind has to
 * live in between. Elements are separated by commas, with blanks around them or not; numbers and names also by blanks alone, as `pidof` writes them.
 */
#include "options/list.h"

#include <errno.h>
#include <string.h>

#include "options/value.h"

enum { MAX_ITEM_BYTES = 256 };

#define BLANKS " \t\n"

struct ecli_option ecli_list_item(const struct ecli_option *list)
{
	struct ecli_option item = *list;

	item.kind = list->item_kind;
	item.max_count = 0;
	return item;
}

int ecli_list_read(const struct ecli_option *list, const char *text, ecli_list_fn fn, void *ctx, uint32_t *ret_count)
{
	struct ecli_option item = ecli_list_item(list);
	uint32_t count = 0;

	const char *const ends = list->item_kind == ECLI_OPTION_STRING ? "," : "," BLANKS;

	text += strspn(text, BLANKS);
	while (*text) {
		struct ecli_option_value value;
		char word[MAX_ITEM_BYTES];
		size_t len = strcspn(text, ends);

		if (!len || len >= sizeof(word))
			return -EINVAL;
		memcpy(word, text, len);
		word[len] = '\0';
		text += len + strspn(text + len, BLANKS);
		if (*text == ',') {
			text++;
			text += strspn(text, BLANKS);
			if (!*text)
				return -EINVAL;
		}
		int r = ecli_option_read_text(&item, word, &value);
		if (!r && count == list->max_count)
			r = -E2BIG;
		if (r)
			return r;
		if (fn)
			fn(ctx, &item, &value);
		count++;
	}
	*ret_count = count;
	return 0;
}
