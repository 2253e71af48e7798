/* SPDX-License-Identifier: MIT */
/*
 * Reading JSON values of a known type with errors that name their place: "meta.bpf_skel.maps[2].name must be a text,
 * but is a number". A value that is null counts as absent everywhere, because the tools that write packages treat it
 * so.
 */
#ifndef ECLI_PACKAGE_JSON_H
#define ECLI_PACKAGE_JSON_H

#include <jansson.h>

#include <ecli/package.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(json, json_t *, json_decref)
#define CLEANUP_JSON CLEANUP(cleanup_json)

/* Where a value is: a chain on the stack from the value up to the root (up NULL, nothing to print). */
struct place {
	const struct place *up;
	const char *key; /* NULL: an element of an array */
	size_t index;
};

/* A place with its sentence: -EINVAL and "meta.x[1] <format>". */
int ecli_json_wrong(const struct place *at, struct ecli_err *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int ecli_json_no_memory(struct ecli_err *err);
const char *ecli_json_type(const json_t *value); /* "a text", "a number", ... */

/* The value of @key when it is there and not null, else NULL. */
json_t *ecli_json_get(const json_t *object, const char *key);

/*
 * Each leaves @ret alone when the key is absent, and fails when the value has another type or is out of range. @at: the
 * place of @object. A text is a copy that replaces (and frees) what @ret had.
 */
int ecli_json_get_text(const json_t *object, const struct place *at, const char *key, char **ret, struct ecli_err *err);
int ecli_json_get_bool(const json_t *object, const struct place *at, const char *key, bool *ret, struct ecli_err *err);
int ecli_json_get_i64(const json_t *object, const struct place *at, const char *key, int64_t *ret,
		      struct ecli_err *err);
int ecli_json_get_u64(const json_t *object, const struct place *at, const char *key, uint64_t min, uint64_t max,
		      uint64_t *ret, struct ecli_err *err);
int ecli_json_get_u32(const json_t *object, const struct place *at, const char *key, uint32_t min, uint32_t max,
		      uint32_t *ret, struct ecli_err *err);
int ecli_json_get_array(const json_t *object, const struct place *at, const char *key, json_t **ret,
			struct ecli_err *err);
int ecli_json_get_object(const json_t *object, const struct place *at, const char *key, json_t **ret,
			 struct ecli_err *err);
/* Any value, as compact JSON text with sorted keys. */
int ecli_json_get_any(const json_t *object, const char *key, char **ret, struct ecli_err *err);

/* As get_text, but absent is an error too. */
int ecli_json_need_text(const json_t *object, const struct place *at, const char *key, char **ret,
			struct ecli_err *err);
/* Fails unless @value is an object. */
int ecli_json_need_object(const json_t *value, const struct place *at, struct ecli_err *err);

/* Compact text with sorted keys, malloc'ed; NULL when out of memory. */
char *ecli_json_text(const json_t *value);

/* Every key of @object that is not in @known (NULL-terminated) becomes an extra. */
int ecli_json_extras(const json_t *object, const struct place *at, const char *const *known,
		     struct ecli_package_extras *extras, struct ecli_err *err);

#endif
