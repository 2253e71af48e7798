/* SPDX-License-Identifier: MIT */
/*
 * What a plan tells about itself: size, columns, time. Columns are the top-level fields in the order in which a run
 * visits them; the @time field is none of them.
 */
#include <string.h>

#include "plan/ops.h"

void ecli_plan_free(struct ecli_plan *plan)
{
	if (!plan)
		return;
	for (uint32_t i = 0; i < plan->n_enums; i++)
		free(plan->enums[i]);
	for (uint32_t i = 0; i < plan->n_renamed; i++)
		free(plan->renamed[i]);
	for (uint32_t i = 0; i < plan->n_formats; i++)
		free(plan->formats[i]);
	plan_free_dropped(plan);
	free(plan->formats);
	free(plan->enums);
	free(plan->renamed);
	free(plan->columns);
	free(plan->fields);
	free(plan->ops);
	free(plan);
}

uint64_t ecli_plan_size(const struct ecli_plan *plan)
{
	return plan->size_bytes;
}

uint64_t ecli_plan_least(const struct ecli_plan *plan)
{
	return plan_least(plan);
}

uint64_t ecli_plan_most(const struct ecli_plan *plan)
{
	return plan->has_tail && plan->is_tail_open ? UINT64_MAX : plan->size_bytes;
}

uint32_t ecli_plan_columns(const struct ecli_plan *plan)
{
	return plan->n_columns;
}

const struct ecli_field *ecli_plan_column(const struct ecli_plan *plan, uint32_t index)
{
	return index < plan->n_columns ? &plan->fields[plan->ops[plan->columns[index]].field] : NULL;
}

bool ecli_plan_column_is_group(const struct ecli_plan *plan, uint32_t index)
{
	return index < plan->n_columns && !plan_op_is_leaf(&plan->ops[plan->columns[index]]);
}

bool ecli_plan_column_offset(const struct ecli_plan *plan, uint32_t index, uint32_t *ret_offset)
{
	const struct plan_op *op = index < plan->n_columns ? &plan->ops[plan->columns[index]] : NULL;

	if (!op || !plan_op_is_leaf(op) || op->code == OP_BITS || op->code == OP_WIDE)
		return false;
	if (plan->is_tail_open && plan->columns[index] == plan->tail)
		return false;
	*ret_offset = op->offset;
	return true;
}

void ecli_plan_hide(struct ecli_plan *plan, const char *name)
{
	for (uint32_t i = 0; i < plan->n_fields; i++) {
		struct ecli_field *field = &plan->fields[i];
		bool is_raw = field->format && field->format->raw_name && !strcmp(field->format->raw_name, name);

		if (!field->depth && (is_raw || !strcmp(field->name, name)))
			field->hidden = true;
	}
}

uint32_t ecli_plan_fields(const struct ecli_plan *plan)
{
	return plan->n_fields;
}

const struct ecli_field *ecli_plan_field(const struct ecli_plan *plan, uint32_t index)
{
	return index < plan->n_fields ? &plan->fields[index] : NULL;
}

const char *ecli_field_name_at(const struct ecli_field *field, uint32_t index, uint64_t *ret_value)
{
	const struct plan_enum *names = field->format ? field->format->names : NULL;

	if (!names || index >= names->count)
		return NULL;
	*ret_value = (uint64_t)names->values[index].value;
	return names->values[index].name;
}

bool ecli_plan_has_time(const struct ecli_plan *plan)
{
	return plan->has_time;
}
