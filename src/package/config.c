/* SPDX-License-Identifier: MIT */
/*
 * The two keys of a map that say how its records are to be read and shown. Both are a text or an object with one key:
 *
 *     "export_config": "no_export" | "default" | {"btf_type_id": 3} | {"custom_members": [{name, offset, btf_type_id}, ...]}
 *     "intepreter":    "default_struct" | {"stack_trace": {"field_map": {"pid": "tgid", ...}, "with_symbols": true}}
 *
 * They stay extras of the map, so that what was read is what is written back; here they are understood, when the package
 * is read (to tell defects with their place) and when the map is used.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "package/model.h"

static const char export_key[] = "export_config", stack_key[] = "intepreter";

/* In the order of enum ecli_package_stack_role. */
static const char *const stack_roles[] = { "pid", "cpu_id", "comm", "kstack_sz", "ustack_sz", "kstack", "ustack" };
static_assert(ARRAY_SIZE(stack_roles) == ECLI_STACK_ROLES, "a name for each role");

/* The value of an extra; NULL when it is absent, null, or memory ran out (which the next step meets again). */
static json_t *extra_value(const struct ecli_package_extras *extras, const char *key)
{
	const char *text = ecli_package_extra(extras, key);

	return text && strcmp(text, "null") ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
}

/* ---- export_config --------------------------------------------------------------------------------------------- */

static int read_member(struct ecli_package_export_config *config, const json_t *item, const struct place *at,
		       struct ecli_err *err)
{
	struct ecli_package_custom_member *member = ECLI_PACKAGE_GROW(config->members, config->n_members);

	if (!member)
		return ecli_json_no_memory(err);
	int r = ecli_json_need_object(item, at, err);
	if (!r)
		r = ecli_json_need_text(item, at, "name", &member->name, err);
	if (!r && (!ecli_json_get(item, "offset") || !ecli_json_get(item, "btf_type_id")))
		r = ecli_json_wrong(at, err, "needs a name, an offset and a btf_type_id");
	if (!r)
		r = ecli_json_get_u32(item, at, "offset", 0, UINT32_MAX, &member->offset_bytes, err);
	if (!r)
		r = ecli_json_get_u32(item, at, "btf_type_id", 1, UINT32_MAX, &member->type_id, err);
	return r;
}

static int read_members(struct ecli_package_export_config *config, const json_t *object, const struct place *at,
			struct ecli_err *err)
{
	struct place list_at = { .up = at, .key = "custom_members" };
	json_t *list = NULL;
	int r = ecli_json_get_array(object, at, "custom_members", &list, err);

	if (!r && !json_array_size(list))
		r = ecli_json_wrong(&list_at, err, "must have at least one member");
	for (size_t i = 0; !r && i < json_array_size(list); i++) {
		struct place here = { .up = &list_at, .index = i };

		r = read_member(config, json_array_get(list, i), &here, err);
	}
	return r;
}

static int read_export(struct ecli_package_export_config *config, const json_t *value, const struct place *at,
		       struct ecli_err *err)
{
	static const char forms[] =
		"must be \"no_export\", \"default\", {\"btf_type_id\":N} or {\"custom_members\":[...]}";

	if (json_is_string(value)) {
		bool is_default = !strcmp(json_string_value(value), "default");

		if (!is_default && strcmp(json_string_value(value), "no_export") != 0)
			return ecli_json_wrong(at, err, "%s", forms);
		config->kind = is_default ? ECLI_RECORDS_DEFAULT : ECLI_RECORDS_NONE;
		return 0;
	}
	if (json_is_object(value) && ecli_json_get(value, "btf_type_id")) {
		config->kind = ECLI_RECORDS_TYPE;
		return ecli_json_get_u32(value, at, "btf_type_id", 1, UINT32_MAX, &config->type_id, err);
	}
	if (json_is_object(value) && ecli_json_get(value, "custom_members")) {
		config->kind = ECLI_RECORDS_MEMBERS;
		return read_members(config, value, at, err);
	}
	return ecli_json_wrong(at, err, "%s", forms);
}

static int export_config_at(const struct ecli_package_extras *extras, const struct place *up, struct ecli_err *err,
			    struct ecli_package_export_config *ret)
{
	struct ecli_package_export_config config = { .kind = ECLI_RECORDS_UNSET };
	struct place at = { .up = up, .key = export_key };
	CLEANUP_JSON json_t *value = extra_value(extras, export_key);
	int r = value ? read_export(&config, value, &at, err) : 0;

	if (r) {
		ecli_package_export_config_done(&config);
		return r;
	}
	*ret = config;
	return 0;
}

int ecli_package_export_config_read(const struct ecli_package_extras *extras, struct ecli_err *err,
				    struct ecli_package_export_config *ret)
{
	return export_config_at(extras, NULL, err, ret);
}

void ecli_package_export_config_done(struct ecli_package_export_config *config)
{
	for (size_t i = 0; i < config->n_members; i++)
		free(config->members[i].name);
	free(config->members);
	*config = (struct ecli_package_export_config){ .kind = ECLI_RECORDS_UNSET };
}

/* ---- intepreter ------------------------------------------------------------------------------------------------ */

static int read_stack(struct ecli_package_stack *stack, const json_t *value, const struct place *up,
		      struct ecli_err *err)
{
	struct place at = { .up = up, .key = "stack_trace" }, map_at = { .up = &at, .key = "field_map" };
	json_t *object = NULL, *map = NULL;
	int r = ecli_json_get_object(value, up, "stack_trace", &object, err);

	if (!r && !object)
		return ecli_json_wrong(up, err, "must be \"default_struct\" or {\"stack_trace\":{...}}");
	if (!r)
		r = ecli_json_get_bool(object, &at, "with_symbols", &stack->with_symbols, err);
	if (!r)
		r = ecli_json_get_object(object, &at, "field_map", &map, err);
	for (size_t i = 0; !r && i < ARRAY_SIZE(stack_roles); i++) {
		if (map)
			r = ecli_json_get_text(map, &map_at, stack_roles[i], &stack->fields[i], err);
		if (!r && !stack->fields[i] && !(stack->fields[i] = strdup(stack_roles[i])))
			r = ecli_json_no_memory(err);
	}
	return r;
}

static int stack_at(const struct ecli_package_extras *extras, const struct place *up, struct ecli_err *err,
		    struct ecli_package_stack *ret)
{
	struct ecli_package_stack stack = { .with_symbols = true };
	struct place at = { .up = up, .key = stack_key };
	CLEANUP_JSON json_t *value = extra_value(extras, stack_key);
	int r = 0;

	if (json_is_string(value) && strcmp(json_string_value(value), "default_struct") != 0) {
		r = ecli_json_wrong(&at, err, "must be \"default_struct\" or {\"stack_trace\":{...}}, but is \"%.60s\"",
				    json_string_value(value));
	} else if (value && !json_is_string(value)) {
		stack.is_stack = true;
		r = ecli_json_need_object(value, &at, err);
		r = r ? r : read_stack(&stack, value, &at, err);
	}
	if (r) {
		ecli_package_stack_done(&stack);
		return r;
	}
	*ret = stack;
	return 0;
}

int ecli_package_stack_read(const struct ecli_package_extras *extras, struct ecli_err *err,
			    struct ecli_package_stack *ret)
{
	return stack_at(extras, NULL, err, ret);
}

void ecli_package_stack_done(struct ecli_package_stack *stack)
{
	for (size_t i = 0; i < ECLI_STACK_ROLES; i++)
		free(stack->fields[i]);
	*stack = (struct ecli_package_stack){ .is_stack = false };
}

int ecli_package_check_config(const struct ecli_package_extras *extras, const struct place *at, struct ecli_err *err)
{
	struct ecli_package_export_config config;
	struct ecli_package_stack stack;

	int r = export_config_at(extras, at, err, &config);
	if (r)
		return r;
	ecli_package_export_config_done(&config);
	r = stack_at(extras, at, err, &stack);
	if (!r)
		ecli_package_stack_done(&stack);
	return r;
}
