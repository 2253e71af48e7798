/* SPDX-License-Identifier: MIT */
/*
 * Columns that a run does not have, because nothing measures them: their ops leave the plan, so that no sink and no expression knows of them, and what
 * is left of them is the reason, for whoever asks for one by name.
 *
 *     ops      [comm] [loop v .. next] [time_us] [count]        drop v       [comm] [time_us] [count]
 *     columns     0        1               4        5          ────────>        0        1       2
 *
 * The record stays as it is: no offset changes. A last column that varies in length is only hidden, for it says how long a record must be, and the only
 * column that there is stays.
 */
#include <errno.h>
#include <string.h>

#include "plan/ops.h"

struct plan_dropped {
	const char *name, *raw_name; /* raw_name: NULL: none */
	char *why;
};

static uint32_t find_column(const struct ecli_plan *plan, const char *name)
{
	uint32_t i = 0;

	for (; i < plan->n_columns; i++) {
		const struct ecli_field *field = ecli_plan_column(plan, i);
		bool is_raw = field->format && field->format->raw_name && !strcmp(field->format->raw_name, name);

		if (is_raw || !strcmp(field->name, name))
			break;
	}
	return i;
}

static void take_out(struct ecli_plan *plan, uint32_t index)
{
	uint32_t first = plan->columns[index];
	uint32_t end = index + 1 < plan->n_columns ? plan->columns[index + 1] : plan->n_ops;
	uint32_t count = end - first;

	memmove(plan->ops + first, plan->ops + end, (plan->n_ops - end) * sizeof(*plan->ops));
	plan->n_ops -= count;
	for (uint32_t i = first; i < plan->n_ops; i++)
		if (!plan_op_is_leaf(&plan->ops[i]))
			plan->ops[i].partner -= count;
	memmove(plan->columns + index, plan->columns + index + 1,
		(plan->n_columns - index - 1) * sizeof(*plan->columns));
	plan->n_columns--;
	for (uint32_t i = index; i < plan->n_columns; i++)
		plan->columns[i] -= count;
	for (uint32_t i = first; i < plan->n_ops; i++) {
		struct ecli_field *field = &plan->fields[plan->ops[i].field];
		bool is_end = plan->ops[i].code == OP_CLOSE || plan->ops[i].code == OP_NEXT;

		field->column -= !is_end; /* both ends of a group have one field */
	}
	if (plan->has_tail && plan->tail >= end)
		plan->tail -= count;
}

int ecli_plan_drop(struct ecli_plan *plan, const char *name, const char *why)
{
	uint32_t index = find_column(plan, name);

	if (index == plan->n_columns)
		return 0;
	if (plan->n_columns == 1 || (plan->has_tail && plan->tail == plan->columns[index])) {
		ecli_plan_hide(plan, name);
		return 0;
	}
	struct plan_dropped *grown = reallocarray(plan->dropped, plan->n_dropped + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	plan->dropped = grown;
	const struct ecli_field *field = ecli_plan_column(plan, index);
	struct plan_dropped dropped = { .name = field->name,
					.raw_name = field->format ? field->format->raw_name : NULL,
					.why = strdup(why) };
	if (!dropped.why)
		return -ENOMEM;
	plan->dropped[plan->n_dropped++] = dropped;
	take_out(plan, index);
	return 0;
}

static bool is_called(const char *name, const char *word, size_t len)
{
	return name && strlen(name) == len && !memcmp(name, word, len);
}

const char *ecli_plan_dropped(const struct ecli_plan *plan, const char *word)
{
	size_t len = strcspn(word, ".[");

	for (uint32_t i = 0; i < plan->n_dropped; i++)
		if (is_called(plan->dropped[i].name, word, len) || is_called(plan->dropped[i].raw_name, word, len))
			return plan->dropped[i].why;
	return NULL;
}

void plan_free_dropped(struct ecli_plan *plan)
{
	for (uint32_t i = 0; i < plan->n_dropped; i++)
		free(plan->dropped[i].why);
	free(plan->dropped);
}
