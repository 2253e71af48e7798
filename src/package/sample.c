/* SPDX-License-Identifier: MIT */
/*
 * "sample" of a map or variable: how it is read every now and then, and what its table looks like. One object is a table;
 * a list of objects is several tables of the same data:
 *
 *     {"interval":1000,"columns":["comm","reads_s = rate(reads)"],"sort":"reads_s","top":20}
 *     [{"interval":1000,"type":"log2_hist"}, {"name":"totals","columns":["key","total"]}]
 *
 * Read and written here and nowhere else. What formulas mean, and whether columns exist, is session/'s to say: this file
 * knows JSON, not types.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "package/model.h"

/* In the order of enum ecli_package_sample_kind. */
static const char *const kind_names[] = { NULL, "default_kv", "log2_hist", "linear_hist", "stacks" };
static_assert(ARRAY_SIZE(kind_names) == ECLI_SAMPLE_STACKS + 1, "a name for each kind of sampling");
static const char *const per_cpu_names[] = { "sum", "max", "each" };
static_assert(ARRAY_SIZE(per_cpu_names) == ECLI_PER_CPU_EACH + 1, "a name for each way to fold");

enum { MAX_INTERVAL_MS = 24 * 60 * 60 * 1000, DEFAULT_INTERVAL_MS = 1000, MAX_TABLES = 16, MAX_TEXTS = 256 };

static void free_texts(struct ecli_package_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->items[i]);
	free(texts->items);
}

static void free_one(struct ecli_package_sample *sample)
{
	for (size_t i = 0; i < sample->n_units; i++) {
		free(sample->units[i].variable);
		free(sample->units[i].unit);
	}
	free(sample->units);
	free(sample->unit);
	free(sample->name);
	free(sample->value);
	free(sample->sort);
	free_texts(&sample->columns);
	free_texts(&sample->counters);
}

void ecli_package_sample_done(struct ecli_package_sample *sample)
{
	struct ecli_package_sample *next = sample->next;

	free_one(sample);
	*sample = (struct ecli_package_sample){ 0 };
	while (next) {
		struct ecli_package_sample *after = next->next;

		free_one(next);
		free(next);
		next = after;
	}
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

/* One of @names, into its index; nothing when it is not given. */
static int read_choice(const json_t *object, const struct place *at, const char *key, const char *const *names,
		       size_t first, size_t count, unsigned int *ret, struct ecli_err *err)
{
	CLEANUP_FREE char *text = NULL;
	CLEANUP_BUF struct ecli_buf list = { 0 };
	struct place here = { .up = at, .key = key };
	int r = ecli_json_get_text(object, at, key, &text, err);

	if (r || !text)
		return r;
	for (size_t i = first; i < count; i++) {
		if (!strcmp(text, names[i])) {
			*ret = (unsigned int)i;
			return 0;
		}
		ecli_buf_add_format(&list, "%s%s", !list.len ? "" : i + 1 < count ? ", " : " or ", names[i]);
	}
	return ecli_json_wrong(&here, err, "must be %s, but is \"%s\"", ecli_buf_text(&list), text);
}

static int read_units(struct ecli_package_sample *sample, const json_t *object, const struct place *up,
		      struct ecli_err *err)
{
	struct place at = { .up = up, .key = "unit_if" };
	json_t *units = NULL, *value;
	const char *key;
	int r = ecli_json_get_object(object, up, "unit_if", &units, err);

	if (r || !units)
		return r;
	json_object_foreach(units, key, value)
	{
		struct ecli_package_unit *unit = ECLI_PACKAGE_GROW(sample->units, sample->n_units);

		if (!unit || !(unit->variable = strdup(key)))
			return ecli_json_no_memory(err);
		r = ecli_json_need_text(units, &at, key, &unit->unit, err);
		if (r)
			return r;
	}
	return 0;
}

static int read_texts(const json_t *object, const struct place *up, const char *key, struct ecli_package_texts *ret,
		      struct ecli_err *err)
{
	struct place at = { .up = up, .key = key };
	json_t *list = NULL;
	int r = ecli_json_get_array(object, up, key, &list, err);

	if (r || !list)
		return r;
	if (json_array_size(list) > MAX_TEXTS)
		return ecli_json_wrong(&at, err, "has more than %d entries", MAX_TEXTS);
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct place here = { .up = &at, .index = i };
		const json_t *item = json_array_get(list, i);

		if (!json_is_string(item))
			return ecli_json_wrong(&here, err, "must be a text, but is %s", ecli_json_type(item));
		char **text = ECLI_PACKAGE_GROW(ret->items, ret->count);
		if (!text || !(*text = strdup(json_string_value(item))))
			return ecli_json_no_memory(err);
	}
	return 0;
}

/* A list of members, or true for all of them. */
static int read_counters(struct ecli_package_sample *sample, const json_t *object, const struct place *at,
			 struct ecli_err *err)
{
	if (!json_is_boolean(ecli_json_get(object, "counters")))
		return read_texts(object, at, "counters", &sample->counters, err);
	return ecli_json_get_bool(object, at, "counters", &sample->all_counters, err);
}

static int read_numbers(struct ecli_package_sample *sample, const json_t *object, const struct place *at,
			struct ecli_err *err)
{
	int r = ecli_json_get_u32(object, at, "interval", 0, MAX_INTERVAL_MS, &sample->interval_ms, err);

	if (!r)
		r = ecli_json_get_bool(object, at, "clear_map", &sample->clear, err);
	if (!r)
		r = ecli_json_get_bool(object, at, "total", &sample->total, err);
	if (!r)
		r = ecli_json_get_u32(object, at, "top", 1, UINT32_MAX, &sample->top, err);
	if (!r)
		r = ecli_json_get_i64(object, at, "base", &sample->base, err);
	if (!r)
		r = ecli_json_get_u32(object, at, "step", 1, UINT32_MAX, &sample->step, err);
	return r;
}

static int read_one(struct ecli_package_sample *sample, const json_t *object, const struct place *at,
		    struct ecli_err *err)
{
	unsigned int kind = ECLI_SAMPLE_KEY_VALUE, per_cpu = ECLI_PER_CPU_SUM;
	int r = read_choice(object, at, "type", kind_names, 1, ARRAY_SIZE(kind_names), &kind, err);

	/* A profile is looked at when it is complete. */
	sample->interval_ms = kind == ECLI_SAMPLE_STACKS ? 0 : DEFAULT_INTERVAL_MS;
	if (!r)
		r = read_choice(object, at, "percpu", per_cpu_names, 0, ARRAY_SIZE(per_cpu_names), &per_cpu, err);
	sample->kind = (enum ecli_package_sample_kind)kind;
	sample->per_cpu = (enum ecli_package_per_cpu)per_cpu;
	if (!r)
		r = read_numbers(sample, object, at, err);
	if (!r)
		r = ecli_json_get_text(object, at, "name", &sample->name, err);
	if (!r)
		r = ecli_json_get_text(object, at, "unit", &sample->unit, err);
	if (!r)
		r = read_units(sample, object, at, err);
	if (!r)
		r = ecli_json_get_text(object, at, "value", &sample->value, err);
	if (!r)
		r = ecli_json_get_text(object, at, "sort", &sample->sort, err);
	if (!r)
		r = read_texts(object, at, "columns", &sample->columns, err);
	if (!r)
		r = read_counters(sample, object, at, err);
	return r;
}

static int read_list(struct ecli_package_sample *sample, const json_t *list, const struct place *at,
		     struct ecli_err *err)
{
	struct ecli_package_sample *last = sample;

	if (!json_array_size(list) || json_array_size(list) > MAX_TABLES)
		return ecli_json_wrong(at, err, "must have 1 to %d tables", MAX_TABLES);
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct place here = { .up = at, .index = i };
		const json_t *item = json_array_get(list, i);
		int r = ecli_json_need_object(item, &here, err);

		if (r)
			return r;
		if (i) {
			last->next = calloc(1, sizeof(*last));
			if (!last->next)
				return ecli_json_no_memory(err);
			last = last->next;
		}
		r = read_one(last, item, &here, err);
		if (r)
			return r;
	}
	return 0;
}

int ecli_package_read_sample(struct ecli_package_sample *sample, const json_t *object, const struct place *up,
			     struct ecli_err *err)
{
	struct place at = { .up = up, .key = "sample" };
	json_t *value = ecli_json_get(object, "sample");
	int r;

	if (!value)
		return 0;
	if (json_is_array(value))
		return read_list(sample, value, &at, err);
	r = ecli_json_get_object(object, up, "sample", &value, err);
	return r ? r : read_one(sample, value, &at, err);
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static int put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value);
}

static int put_text(json_t *object, const char *key, const char *text)
{
	return text ? put(object, key, json_string(text)) : 0;
}

static int put_texts(json_t *object, const char *key, const struct ecli_package_texts *texts)
{
	json_t *list = json_array();
	int r = 0;

	for (size_t i = 0; i < texts->count; i++)
		r |= json_array_append_new(list, json_string(texts->items[i]));
	return put(object, key, list) | r;
}

static int put_units(json_t *object, const struct ecli_package_sample *sample)
{
	json_t *units = json_object();
	int r = 0;

	for (size_t i = 0; i < sample->n_units; i++)
		r |= put_text(units, sample->units[i].variable, sample->units[i].unit);
	return put(object, "unit_if", units) | r;
}

static json_t *make_one(const struct ecli_package_sample *sample)
{
	CLEANUP_JSON json_t *object = json_object();
	int r = put(object, "interval", json_integer(sample->interval_ms));

	r |= put_text(object, "type", kind_names[sample->kind]);
	r |= put_text(object, "name", sample->name);
	r |= put_text(object, "unit", sample->unit);
	r |= sample->n_units ? put_units(object, sample) : 0;
	r |= sample->clear ? put(object, "clear_map", json_true()) : 0;
	r |= put_text(object, "value", sample->value);
	r |= put_text(object, "sort", sample->sort);
	r |= sample->top ? put(object, "top", json_integer(sample->top)) : 0;
	r |= sample->per_cpu ? put_text(object, "percpu", per_cpu_names[sample->per_cpu]) : 0;
	r |= sample->base ? put(object, "base", json_integer(sample->base)) : 0;
	r |= sample->step ? put(object, "step", json_integer(sample->step)) : 0;
	r |= sample->columns.count ? put_texts(object, "columns", &sample->columns) : 0;
	r |= sample->counters.count ? put_texts(object, "counters", &sample->counters) : 0;
	r |= sample->all_counters ? put(object, "counters", json_true()) : 0;
	r |= sample->total ? put(object, "total", json_true()) : 0;
	return r ? NULL : TAKE_PTR(object);
}

json_t *ecli_package_make_sample(const struct ecli_package_sample *sample)
{
	if (!sample->next)
		return make_one(sample);

	CLEANUP_JSON json_t *list = json_array();
	for (; sample; sample = sample->next)
		if (json_array_append_new(list, make_one(sample)))
			return NULL;
	return TAKE_PTR(list);
}
