/* SPDX-License-Identifier: MIT */
/*
 * @sample checked while its author is there to correct it: formulas are read and columns looked for with the very functions
 * of a run (plan/formula.c), over the types of the object. Tables themselves are made by session/, which ecc does not have.
 */
#include "compile/samples.h"

#include <errno.h>
#include <string.h>

#include <ecli/plan.h>

#include "base/cleanup.h"
#include "plan/formula.h"

DEFINE_CLEANUP(formulas, struct formulas *, formulas_free)
DEFINE_CLEANUP(plan, struct ecli_plan *, ecli_plan_free)

static bool has_column(const struct ecli_plan *plan, const char *name)
{
	for (uint32_t i = 0; i < ecli_plan_columns(plan); i++)
		if (!strcmp(ecli_plan_column(plan, i)->name, name))
			return true;
	return false;
}

static int check_table(const struct ecli_types *types, struct ecli_plan_table table,
		       const struct ecli_package_sample *sample, struct ecli_err *err)
{
	CLEANUP(cleanup_formulas) struct formulas *formulas = NULL;
	CLEANUP(cleanup_plan) struct ecli_plan *base = NULL;
	CLEANUP(cleanup_plan) struct ecli_plan *plan = NULL;
	int r = ecli_plan_build_table(types, &table, NULL, 0, err, &base);

	if (r)
		return r;
	for (size_t i = 0; i < sample->counters.count; i++)
		if (!has_column(base, sample->counters.items[i]))
			return ecli_err_set(err, -EINVAL, "counters: there is no column %.64s",
					    sample->counters.items[i]);
	if (sample->columns.count) {
		r = formulas_parse(base, (const char *const *)sample->columns.items, sample->columns.count, err,
				   &formulas);
		if (r)
			return r;
		table.computed = formulas_computed(formulas, &table.n_computed);
		table.shown = formulas_shown(formulas, &table.n_shown);
	}
	r = ecli_plan_build_table(types, &table, NULL, 0, err, &plan);
	const char *sort = sample->sort;
	if (!r && sort && !has_column(plan, sort + (*sort == '+' || *sort == '-')))
		return ecli_err_set(err, -EINVAL, "sort: there is no column %.64s", sort);
	return r;
}

static int check_tables(const struct ecli_types *types, const struct ecli_plan_table *table,
			const struct ecli_package_sample *sample, struct ecli_err *err)
{
	struct ecli_plan_table first = *table;
	int r = 0;

	first.has_cpu |= sample->per_cpu == ECLI_PER_CPU_EACH;
	for (; !r && sample; sample = sample->next)
		r = check_table(types, first, sample, err);
	return r;
}

int samples_check_map(const struct ecli_types *types, const struct ecli_package_map *map, struct ecli_err *err)
{
	struct ecli_type_map one;

	struct ecli_plan_table table;

	for (uint32_t i = 0; ecli_types_map(types, i, &one); i++)
		if (!strcmp(one.name, map->ident))
			return ecli_plan_map_table(types, &one, err, &table)
				       ?: check_tables(types, &table, &map->sample, err);
	return 0;
}

int samples_check_var(const struct ecli_types *types, const struct ecli_package_var *var, struct ecli_err *err)
{
	const struct ecli_type *section = ecli_types_find(types, ECLI_TYPE_SECTION, var->section);

	if (strcmp(var->section, ".bss") != 0 && strcmp(var->section, ".data") != 0)
		return ecli_err_set(err, -EINVAL,
				    "variable %s is in %s; only what programs write (.bss, .data) can be "
				    "shown",
				    var->name, var->section);
	for (uint32_t i = 0; section && i < section->n_members; i++) {
		const struct ecli_type_member *member = &section->members[i];
		struct ecli_plan_table table;
		uint32_t elements;

		if (!strcmp(member->name, var->name))
			return ecli_plan_variable_table(types, member->type_id,
							var->sample.kind != ECLI_SAMPLE_KEY_VALUE, err, &table,
							&elements)
				       ?: check_tables(types, &table, &var->sample, err);
	}
	return 0;
}
