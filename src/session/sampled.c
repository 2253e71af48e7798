/* SPDX-License-Identifier: MIT */
/*
 * What the entries of a sampled map or variable are: rows of key and value, or histograms; one table or several.
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

DEFINE_CLEANUP(formulas, struct formulas *, formulas_free)

static bool is_counters(const struct ecli_types *types, uint32_t type_id)
{
	const struct ecli_type *type = ecli_types_resolve(types, type_id);

	if (type->kind != ECLI_TYPE_ARRAY || type->count < 2)
		return false;
	const struct ecli_type *element = ecli_types_resolve(types, type->target_id);
	return element->kind == ECLI_TYPE_INT && element->size_bytes <= 8;
}

const char *records_slots(const struct ecli_types *types, uint32_t value_id)
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

static bool is_hist(const struct ecli_package_sample *sample)
{
	return sample->kind == ECLI_SAMPLE_LOG2_HIST || sample->kind == ECLI_SAMPLE_LINEAR_HIST;
}

/* What the plan calls the column of counters: a key that has a member of that name gave it another one. NULL: there is none. */
static const char *plan_slots(const struct ecli_plan *plan, const char *slots)
{
	const char *found = NULL;

	for (uint32_t i = 0; i < ecli_plan_columns(plan); i++) {
		const char *name = ecli_plan_column(plan, i)->name;

		if (!ecli_plan_column_is_group(plan, i))
			continue;
		if (!strcmp(name, slots) || (!strncmp(name, "value_", 6) && !strcmp(name + 6, slots)))
			found = name;
	}
	return found;
}

struct making {
	const struct ecli_types *types;
	const struct sampled *what;
	const struct notes *notes; /* formats */
	struct sampler *sampler;
	struct ecli_err *err;
};

/* The plan of a table, computed columns and their order with it. */
static int plan_table(const struct making *making, const struct ecli_package_sample *sample, const char *slots,
		      struct formulas **ret_formulas, struct ecli_plan **ret_plan)
{
	CLEANUP(cleanup_formulas) struct formulas *formulas = NULL;
	struct notes notes = { 0 };
	struct ecli_plan_table table = { .key_id = making->what->key_id,
					 .key_name = making->what->key_name,
					 .value_id = making->what->value_id,
					 .has_cpu = making->sampler->cpu_offset,
					 .widens = true };
	int r = 0;

	if (sample->columns.count)
		r = formulas_parse(making->sampler->plan, (const char *const *)sample->columns.items,
				   sample->columns.count, making->err, &formulas);
	if (r)
		return ecli_err_wrap(making->err, r, "map %s: column", making->what->name);
	if (formulas) {
		table.computed = formulas_computed(formulas, &table.n_computed);
		table.shown = formulas_shown(formulas, &table.n_shown);
	}
	notes.items = calloc(making->notes->count + 1, sizeof(*notes.items));
	if (!notes.items)
		return ecli_err_set(making->err, -ENOMEM, "out of memory");
	memcpy(notes.items, making->notes->items, making->notes->count * sizeof(*notes.items));
	notes.count = making->notes->count;
	if (slots && hide(&notes, slots))
		r = ecli_err_set(making->err, -ENOMEM, "out of memory");
	if (!r)
		r = ecli_plan_build_table(making->types, &table, notes.items, notes.count, making->err, ret_plan);
	free(notes.items);
	if (r)
		return ecli_err_wrap(making->err, r, "the entries of map %s cannot be shown", making->what->name);
	*ret_formulas = TAKE_PTR(formulas);
	return 0;
}

static int add_table(const struct making *making, const struct ecli_package_sample *sample, struct records *records)
{
	CLEANUP(cleanup_formulas) struct formulas *formulas = NULL;
	const char *slots = is_hist(sample) ? records_slots(making->types, making->what->value_id) : NULL;
	struct ecli_plan *plan = NULL;

	if (is_hist(sample) && !slots)
		ecli_log(ECLI_LOG_INFO,
			 "%s: sampled as a histogram, but its value has no array of counters called slots; shown as "
			 "rows",
			 making->what->name);
	int r = plan_table(making, sample, slots, &formulas, &plan);
	if (!r)
		r = records_add(records, plan, 0, making->err);
	if (r)
		return r;
	struct record *record = &records->items[records->count - 1];
	record->sample = sample;
	record->pair[0] = making->what->key_id;
	record->pair[1] = making->what->value_id;
	record->formulas = TAKE_PTR(formulas);
	if (record->formulas && sampler_add_growth(making->sampler, formulas_growth(record->formulas)))
		return ecli_err_set(making->err, -ENOMEM, "out of memory");
	slots = slots ? plan_slots(plan, slots) : NULL;
	if (slots && !(record->slots = strdup(slots)))
		return ecli_err_set(making->err, -ENOMEM, "out of memory");
	return 0;
}

/* The counters of the first table that is a histogram, as the sampler's plan calls them. */
static const char *first_slots(const struct making *making, const struct ecli_package_sample *sample)
{
	const char *slots = NULL;

	for (; sample && !slots; sample = sample->next)
		slots = is_hist(sample) ? records_slots(making->types, making->what->value_id) : NULL;
	return slots ? plan_slots(making->sampler->plan, slots) : NULL;
}

int records_of_sample(const struct ecli_package *package, const struct ecli_types *types, const struct sampled *what,
		      const struct ecli_package_sample *sample, struct ecli_err *err, struct sampler *ret_sampler,
		      struct records *ret)
{
	CLEANUP(notes_done) struct notes notes = { 0 };
	struct making making = { .types = types, .what = what, .notes = &notes, .sampler = ret_sampler, .err = err };

	if (notes_find(package, NULL, &notes))
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = sampler_init(ret_sampler, types, what, sample, notes.items, notes.count, err);
	if (!r)
		r = sampler_find_counters(ret_sampler, types, what, sample, first_slots(&making, sample), err);
	for (const struct ecli_package_sample *one = sample; !r && one; one = one->next)
		r = add_table(&making, one, ret);
	return r;
}
