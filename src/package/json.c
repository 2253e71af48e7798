/* SPDX-License-Identifier: MIT */
/*
 * Typed access to JSON values. A value of the wrong type is answered with one sentence that names the key, what was expected
 * and what is there, so that the readers above it are lists of keys and no checks.
 *
 * Nothing here knows what a package is.
 */
#include "package/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Extras are kept sorted by insertion and lists are searched from the front: that is for tens of items, not for
 * millions. */
enum { MAX_KEYS = 1000, MAX_ITEMS = 10000 };

static void add_place(const struct place *at, struct ecli_buf *buf)
{
	if (!at)
		return;
	add_place(at->up, buf);
	if (!at->key)
		ecli_buf_add_format(buf, "[%zu]", at->index);
	else
		ecli_buf_add_format(buf, "%s%s", buf->len ? "." : "", at->key);
}

int ecli_json_wrong(const struct place *at, struct ecli_err *err, const char *format, ...)
{
	CLEANUP_BUF struct ecli_buf where = { 0 };
	char what[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	add_place(at, &where);
	return ecli_err_set(err, -EINVAL, "%s %s", where.len ? ecli_buf_text(&where) : "the package", what);
}

int ecli_json_no_memory(struct ecli_err *err)
{
	return ecli_err_set(err, -ENOMEM, "out of memory");
}

const char *ecli_json_type(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "a text";
	case JSON_INTEGER:
		return "a number";
	case JSON_REAL:
		return "a number with a fraction";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	case JSON_NULL:
		break;
	}
	return "null";
}

json_t *ecli_json_get(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return value && !json_is_null(value) ? value : NULL;
}

static int wrong_type(const json_t *value, const struct place *at, const char *key, const char *expected,
		      struct ecli_err *err)
{
	struct place here = { .up = at, .key = key };

	return ecli_json_wrong(&here, err, "must be %s, but is %s", expected, ecli_json_type(value));
}

int ecli_json_get_text(const json_t *object, const struct place *at, const char *key, char **ret, struct ecli_err *err)
{
	const json_t *value = ecli_json_get(object, key);

	if (!value)
		return 0;
	if (!json_is_string(value))
		return wrong_type(value, at, key, "a text", err);
	char *text = strdup(json_string_value(value));
	if (!text)
		return ecli_json_no_memory(err);
	free(*ret);
	*ret = text;
	return 0;
}

int ecli_json_need_text(const json_t *object, const struct place *at, const char *key, char **ret, struct ecli_err *err)
{
	if (!ecli_json_get(object, key))
		return ecli_json_wrong(at, err, "has no %s", key);
	return ecli_json_get_text(object, at, key, ret, err);
}

int ecli_json_need_object(const json_t *value, const struct place *at, struct ecli_err *err)
{
	if (!json_is_object(value))
		return ecli_json_wrong(at, err, "must be an object, but is %s", ecli_json_type(value));
	return 0;
}

int ecli_json_get_bool(const json_t *object, const struct place *at, const char *key, bool *ret, struct ecli_err *err)
{
	const json_t *value = ecli_json_get(object, key);

	if (!value)
		return 0;
	if (!json_is_boolean(value))
		return wrong_type(value, at, key, "true or false", err);
	*ret = json_is_true(value);
	return 0;
}

int ecli_json_get_u64(const json_t *object, const struct place *at, const char *key, uint64_t min, uint64_t max,
		      uint64_t *ret, struct ecli_err *err)
{
	const json_t *value = ecli_json_get(object, key);
	struct place here = { .up = at, .key = key };

	if (!value)
		return 0;
	if (!json_is_integer(value))
		return wrong_type(value, at, key, "a whole number", err);
	json_int_t number = json_integer_value(value);
	if (number < 0 || (uint64_t)number < min || (uint64_t)number > max)
		return ecli_json_wrong(&here, err, "must be from %llu to %llu, but is %lld", (unsigned long long)min,
				       (unsigned long long)max, (long long)number);
	*ret = (uint64_t)number;
	return 0;
}

int ecli_json_get_i64(const json_t *object, const struct place *at, const char *key, int64_t *ret, struct ecli_err *err)
{
	const json_t *value = ecli_json_get(object, key);

	if (!value)
		return 0;
	if (!json_is_integer(value))
		return wrong_type(value, at, key, "a whole number", err);
	*ret = json_integer_value(value);
	return 0;
}

int ecli_json_get_u32(const json_t *object, const struct place *at, const char *key, uint32_t min, uint32_t max,
		      uint32_t *ret, struct ecli_err *err)
{
	uint64_t number = *ret;
	int r = ecli_json_get_u64(object, at, key, min, max, &number, err);

	if (!r)
		*ret = (uint32_t)number;
	return r;
}

int ecli_json_get_array(const json_t *object, const struct place *at, const char *key, json_t **ret,
			struct ecli_err *err)
{
	json_t *value = ecli_json_get(object, key);

	if (!value)
		return 0;
	if (!json_is_array(value))
		return wrong_type(value, at, key, "a list", err);
	if (json_array_size(value) > MAX_ITEMS) {
		struct place here = { .up = at, .key = key };

		return ecli_json_wrong(&here, err, "has %zu entries; more than %d are not accepted",
				       json_array_size(value), MAX_ITEMS);
	}
	*ret = value;
	return 0;
}

int ecli_json_get_object(const json_t *object, const struct place *at, const char *key, json_t **ret,
			 struct ecli_err *err)
{
	json_t *value = ecli_json_get(object, key);

	if (!value)
		return 0;
	if (!json_is_object(value))
		return wrong_type(value, at, key, "an object", err);
	*ret = value;
	return 0;
}

int ecli_json_get_any(const json_t *object, const char *key, char **ret, struct ecli_err *err)
{
	const json_t *value = ecli_json_get(object, key);

	if (!value)
		return 0;
	char *text = ecli_json_text(value);
	if (!text)
		return ecli_json_no_memory(err);
	free(*ret);
	*ret = text;
	return 0;
}

char *ecli_json_text(const json_t *value)
{
	return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
}

int ecli_json_extras(const json_t *object, const struct place *at, const char *const *known,
		     struct ecli_package_extras *extras, struct ecli_err *err)
{
	const char *key;
	json_t *value;

	if (json_object_size(object) > MAX_KEYS)
		return ecli_json_wrong(at, err, "has %zu keys; more than %d are not accepted", json_object_size(object),
				       MAX_KEYS);
	json_object_foreach((json_t *)object, key, value)
	{
		const char *const *name = known;

		while (*name && strcmp(*name, key))
			name++;
		if (*name)
			continue;
		CLEANUP_FREE char *text = ecli_json_text(value);
		if (!text || ecli_package_extra_set(extras, key, text))
			return ecli_json_no_memory(err);
	}
	return 0;
}
