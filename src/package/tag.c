/* SPDX-License-Identifier: MIT */
/*
 * Tags of doc comments into the model: ecc's way in. A tag's value is text that is taken as JSON when it is JSON, so a
 * tag and the key of the same name in package.json always mean the same, and the same readers check both.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "package/model.h"

/* A value as a person wrote it: nothing means true. NULL when out of memory or not UTF-8. */
static json_t *parse_value(const char *value)
{
	if (!*value)
		return json_true();
	json_t *json = json_loads(value, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	return json ? json : json_string(value);
}

/* {name: value}: what package.json would have there. */
static int wrap(const char *name, const char *value, struct ecli_err *err, json_t **ret_object)
{
	CLEANUP_JSON json_t *object = json_object();

	if (!object || json_object_set_new(object, name, parse_value(value)))
		return ecli_json_no_memory(err);
	*ret_object = TAKE_PTR(object);
	return 0;
}

static bool is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name))
		names++;
	return *names;
}

static int set_extra(struct ecli_package_extras *extras, const char *const *fixed, const char *name, const char *value,
		     struct ecli_err *err)
{
	if (is_one_of(name, fixed))
		return ecli_err_set(err, -EINVAL, "%s comes from the declaration and cannot be set by a tag", name);

	int r = *value ? ecli_package_extra_set(extras, name, value) : ecli_package_extra_set(extras, name, "true");
	if (r == -EINVAL)
		r = ecli_package_extra_set_text(extras, name, value);
	return r ? ecli_json_no_memory(err) : 0;
}

/* Prose: the quotes that some authors put around it fall away. */
static int set_text(char **text, const char *value, struct ecli_err *err)
{
	CLEANUP_JSON json_t *json = parse_value(value);
	char *copy = strdup(json_is_string(json) ? json_string_value(json) : value);

	if (!copy)
		return ecli_json_no_memory(err);
	free(*text);
	*text = copy;
	return 0;
}

/* All of it or nothing; what a later tag leaves out keeps what an earlier one said. */
static int set_cmdarg(struct ecli_package_var *var, const json_t *object, struct ecli_err *err)
{
	struct ecli_package_var read = { 0 };
	int r = ecli_package_read_cmdarg(&read, object, NULL, err);
	char **from[] = { &read.arg_long, &read.arg_short, &read.arg_help, &read.arg_default_json };
	char **to[] = { &var->arg_long, &var->arg_short, &var->arg_help, &var->arg_default_json };

	for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
		if (r) {
			free(*from[i]);
		} else if (*from[i]) {
			free(*to[i]);
			*to[i] = *from[i];
		}
	}
	var->has_cmdarg |= !r;
	return r;
}

/* A tag alone: the usual interval and kind. What cannot be read leaves nothing. */
static int set_sample(struct ecli_package_sample *sample, const char *value, struct ecli_err *err)
{
	struct ecli_package_sample read = { 0 };
	CLEANUP_JSON json_t *object = NULL;
	int r = wrap("sample", *value ? value : "{}", err, &object);

	if (!r)
		r = ecli_package_read_sample(&read, object, NULL, err);
	if (r) {
		ecli_package_sample_done(&read);
		return r;
	}
	ecli_package_sample_done(sample);
	*sample = read;
	return 0;
}

int ecli_package_var_tag(struct ecli_package_var *var, const char *name, const char *value, struct ecli_err *err)
{
	static const char *const fixed[] = { "name", "type", NULL };
	CLEANUP_JSON json_t *object = NULL;

	if (!strcmp(name, "description"))
		return set_text(&var->description, value, err);
	if (!strcmp(name, "sample"))
		return set_sample(&var->sample, value, err);
	if (strcmp(name, "cmdarg") != 0 && strcmp(name, "value") != 0)
		return set_extra(&var->extras, fixed, name, value, err);
	int r = wrap(name, value, err, &object);
	if (r)
		return r;
	return *name == 'c' ? set_cmdarg(var, object, err) : ecli_json_get_any(object, name, &var->value_json, err);
}

int ecli_package_map_tag(struct ecli_package_map *map, const char *name, const char *value, struct ecli_err *err)
{
	static const char *const fixed[] = { "name", "ident", "mmaped", NULL };

	if (!strcmp(name, "sample"))
		return set_sample(&map->sample, value, err);
	return set_extra(&map->extras, fixed, name, value, err);
}

int ecli_package_prog_tag(struct ecli_package_prog *prog, const char *name, const char *value, struct ecli_err *err)
{
	static const char *const fixed[] = { "name", "attach", "link", NULL };

	return set_extra(&prog->extras, fixed, name, value, err);
}

int ecli_package_member_tag(struct ecli_package_member *member, const char *name, const char *value,
			    struct ecli_err *err)
{
	static const char *const fixed[] = { "name", "type", NULL };

	return set_extra(&member->extras, fixed, name, value, err);
}
