/* SPDX-License-Identifier: MIT */
/*
 * The keys a package has beyond those the model names: kept as canonical JSON text (compact, keys sorted), in the order
 * of their names, so that two packages with the same content are the same model whatever order their files had.
 */
#include <errno.h>
#include <string.h>

#include "package/json.h"

/* Index of @key, or where it belongs. */
static size_t find(const struct ecli_package_extras *extras, const char *key, bool *ret_found)
{
	size_t low = 0, high = extras->count;

	*ret_found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(extras->items[middle].key, key);

		if (!order) {
			*ret_found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int insert(struct ecli_package_extras *extras, size_t index, const char *key, char *json)
{
	CLEANUP_FREE char *copy = strdup(key);
	struct ecli_package_extra *items = copy ? realloc(extras->items, (extras->count + 1) * sizeof(*items)) : NULL;

	if (!items)
		return -ENOMEM;
	extras->items = items;
	memmove(&items[index + 1], &items[index], (extras->count - index) * sizeof(*items));
	items[index] = (struct ecli_package_extra){ .key = TAKE_PTR(copy), .json = json };
	extras->count++;
	return 0;
}

const char *ecli_package_extra(const struct ecli_package_extras *extras, const char *key)
{
	bool found;
	size_t index = find(extras, key, &found);

	return found ? extras->items[index].json : NULL;
}

char *ecli_package_json_text(const char *json)
{
	if (*json != '"')
		return strdup(json);
	CLEANUP_JSON json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
	return value ? strdup(json_string_value(value)) : NULL;
}

char *ecli_package_extra_text(const struct ecli_package_extras *extras, const char *key)
{
	const char *json = ecli_package_extra(extras, key);

	return json ? ecli_package_json_text(json) : NULL;
}

bool ecli_package_extra_true(const struct ecli_package_extras *extras, const char *key)
{
	const char *json = ecli_package_extra(extras, key);

	return json && strcmp(json, "false") && strcmp(json, "null");
}

static int set_value(struct ecli_package_extras *extras, const char *key, const json_t *value)
{
	CLEANUP_FREE char *text = ecli_json_text(value);
	bool found;
	size_t index = find(extras, key, &found);

	if (!text)
		return -ENOMEM;
	if (found) {
		free(extras->items[index].json);
		extras->items[index].json = TAKE_PTR(text);
		return 0;
	}
	int r = insert(extras, index, key, text);
	if (!r)
		(void)TAKE_PTR(text);
	return r;
}

int ecli_package_extra_set(struct ecli_package_extras *extras, const char *key, const char *json)
{
	CLEANUP_JSON json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);

	return value ? set_value(extras, key, value) : -EINVAL;
}

int ecli_package_extra_set_text(struct ecli_package_extras *extras, const char *key, const char *text)
{
	CLEANUP_JSON json_t *value = json_string(text);

	return value ? set_value(extras, key, value) : -EINVAL;
}
