/* SPDX-License-Identifier: MIT */
/*
 * What the entries of a sampled map are: rows of key and value, or histograms.
 *
 *     @sample {"type": "log2_hist"}     value { slots[], comm }  ->  a histogram for each key, headed by the other members
 *                                       value u64[64]            ->  the same without other members
 *
 * The counters are the member called slots, else the only array of integers. A value that has no such array is shown as rows,
 * whatever the tag says: the numbers are what the person came for.
 */
#include "session/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "session/notes.h"

static bool is_counters(const struct ecli_types *types, uint32_t type_id)
{
	const struct ecli_type *type = ecli_types_resolve(types, type_id);

	if (type->kind != ECLI_TYPE_ARRAY || type->count < 2)
		return false;
	const struct ecli_type *element = ecli_types_resolve(types, type->target_id);
	return element->kind == ECLI_TYPE_INT && element->size_bytes <= 8;
}

/* The name of the column that holds the counters, or NULL. */
static const char *find_slots(const struct ecli_types *types, uint32_t value_id)
{
	const struct ecli_type *value = ecli_types_resolve(types, value_id);
	const char *found = NULL;
	size_t count = 0;

	if (value->kind == ECLI_TYPE_ARRAY)
		return is_counters(types, value_id) ? "value" : NULL;
	for (uint32_t i = 0; i < value->n_members && value->kind == ECLI_TYPE_STRUCT; i++) {
		const struct ecli_type_member *member = &value->members[i];

		if (!is_counters(types, member->type_id))
			continue;
		if (!strcmp(member->name, "slots"))
			return member->name;
		found = member->name;
		count++;
	}
	return count == 1 ? found : NULL;
}

/* The same plan with the counters hidden from rows of text; the drawing shows them. */
static int hide(struct notes *notes, const char *slots)
{
	struct ecli_plan_note *items = reallocarray(notes->items, notes->count + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	notes->items = items;
	items[notes->count++] = (struct ecli_plan_note){ .field = slots, .hidden = true };
	return 0;
}

int records_of_sample(const struct ecli_package *package, const struct ecli_types *types,
		      const struct ecli_type_map *map, struct ecli_err *err, struct records *ret)
{
	const struct ecli_package_map *tags = records_tags(package, map->name);
	bool is_hist =
		tags && (tags->sample.kind == ECLI_SAMPLE_LOG2_HIST || tags->sample.kind == ECLI_SAMPLE_LINEAR_HIST);
	CLEANUP(notes_done) struct notes notes = { 0 };
	struct ecli_plan *plan = NULL;

	if (records_are_left_out(package, map->name))
		return 0;
	if (!map->key_type_id || !map->value_type_id)
		return ecli_err_set(err, -EINVAL,
				    "map %s is sampled (@sample), but has no __type(key, ...) and __type(value, ...)",
				    map->name);
	const char *slots = is_hist ? find_slots(types, map->value_type_id) : NULL;
	if (is_hist && !slots)
		ecli_log(ECLI_LOG_INFO,
			 "%s: sampled as a histogram, but its value has no array of counters called slots; shown as "
			 "rows",
			 map->name);
	if (notes_find(package, NULL, &notes) || (slots && hide(&notes, slots)))
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = ecli_plan_build_pair(types, map->key_type_id, map->value_type_id, notes.items, notes.count, err, &plan);
	if (r)
		return ecli_err_wrap(err, r, "the entries of map %s cannot be shown", map->name);
	r = records_add(ret, plan, 0, err);
	if (r)
		return r;
	ret->items[ret->count - 1].pair[0] = map->key_type_id;
	ret->items[ret->count - 1].pair[1] = map->value_type_id;
	if (!slots)
		return 0;

	/* A key that has a member of that name gave the counters another one. */
	struct record *record = &ret->items[ret->count - 1];
	for (uint32_t i = 0; i < ecli_plan_columns(plan); i++) {
		const struct ecli_field *field = ecli_plan_column(plan, i);
		const char *name = field->name;

		if (field->hidden &&
		    (!strcmp(name, slots) || (!strncmp(name, "value_", 6) && !strcmp(name + 6, slots))))
			slots = name;
	}
	record->slots = strdup(slots);
	return record->slots ? 0 : ecli_err_set(err, -ENOMEM, "out of memory");
}
