/* SPDX-License-Identifier: MIT */
/*
 * A second opinion on a finished plan. It trusts nothing build.c computed but the record's size, and shows what run.c
 * relies on: every byte an op looks at lies in the record, in the last round of every loop too; loops and groups nest
 * and close; the stack of loops is deep enough; widths are ones the loader can load.
 */
#include <assert.h>
#include <errno.h>

#include "base/num.h"
#include "plan/ops.h"

/* How many bytes an op of that code must look at; 0: not fixed. */
static const uint8_t fixed_sizes[OP_COUNT] = {
	[OP_UINT8] = 1,  [OP_UINT16] = 2, [OP_UINT32] = 4, [OP_UINT64] = 8,  [OP_SINT8] = 1,   [OP_SINT16] = 2,
	[OP_SINT32] = 4, [OP_SINT64] = 8, [OP_BOOL8] = 1,  [OP_FLOAT32] = 4, [OP_FLOAT64] = 8,
};

static bool is_leaf_sound(const struct plan_op *op)
{
	uint32_t max_bits = op->code == OP_WIDE ? PLAN_MAX_BITS : 64;

	if (fixed_sizes[op->code])
		return op->size == fixed_sizes[op->code];
	if (op->code != OP_BITS && op->code != OP_WIDE)
		return op->size > 0;
	return op->bits > 0 && op->bits <= max_bits && op->shift < 8 && op->size == (op->shift + op->bits + 7u) / 8;
}

/* Whether the @i-th op closes the one that @open_index opened. */
static bool is_pair(const struct ecli_plan *plan, uint32_t open_index, uint32_t i)
{
	const struct plan_op *open = &plan->ops[open_index], *close = &plan->ops[i];

	return open->code == (close->code == OP_NEXT ? OP_LOOP : OP_OPEN) && open->partner == i &&
	       close->partner == open_index && open->field == close->field && open->count == close->count &&
	       open->size == close->size;
}

/* The last column, at the top: what comes before lies in front of it, and nothing comes behind. */
static bool is_tail_sound(const struct ecli_plan *plan)
{
	if (!plan->has_tail)
		return !plan->is_tail_open;
	if (plan->tail >= plan->n_ops || !plan->n_columns || plan->columns[plan->n_columns - 1] != plan->tail)
		return false;
	const struct plan_op *op = &plan->ops[plan->tail];
	uint32_t last = op->code == OP_LOOP ? op->partner : plan->tail;
	return (op->code == OP_LOOP || op->code == OP_STRING || op->code == OP_WORDS) && op->size &&
	       op->offset == plan->tail_offset && op->offset <= plan->size_bytes && last == plan->n_ops - 1;
}

int plan_verify(const struct ecli_plan *plan)
{
	uint32_t open[PLAN_MAX_NESTING];
	uint32_t depth = 0;
	uint64_t size = plan_reach(plan);
	uint64_t reach = 0; /* how far the last rounds of the loops around move an op on */

	if (plan->n_ops > PLAN_MAX_OPS || plan->size_bytes > UINT32_MAX || !is_tail_sound(plan))
		return -EINVAL;
	if (plan->has_time && !ecli_num_within(plan->time_offset, sizeof(uint64_t), plan_least(plan)))
		return -EINVAL;
	for (uint32_t i = 0; i < plan->n_ops; i++) {
		const struct plan_op *op = &plan->ops[i];

		if (op->code >= OP_COUNT || op->field >= plan->n_fields)
			return -EINVAL;
		if (plan_op_is_leaf(op)) {
			if (!is_leaf_sound(op) || !ecli_num_within(op->offset + reach, op->size,
								   i < plan_tail(plan) ? plan_least(plan) : size))
				return -EINVAL;
		} else if (op->code == OP_OPEN || op->code == OP_LOOP) {
			if (depth == PLAN_MAX_NESTING || (op->code == OP_LOOP && !op->count))
				return -EINVAL;
			open[depth++] = i;
			if (op->code == OP_LOOP)
				reach += (uint64_t)op->size * (op->count - 1);
		} else {
			if (!depth || !is_pair(plan, open[--depth], i))
				return -EINVAL;
			if (op->code == OP_NEXT)
				reach -= (uint64_t)op->size * (op->count - 1);
		}
		if (reach > size)
			return -EINVAL;
	}
	return depth ? -EINVAL : 0;
}
