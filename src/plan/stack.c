/* SPDX-License-Identifier: MIT */
/*
 * Columns that are stacks: a number with the format kernel_stack or user_stack is an id in a map of stacks, an array of 64-bit
 * numbers with it holds the addresses themselves.
 *
 *     __s32 kstack;               id 17, or -14: the kernel has none to give
 *     __u64 ustack[127];          7f0012, 7f0345, 0, ...        ends at the first 0
 *
 * Invariant: never more than ECLI_PLAN_STACK_MAX addresses, however long the array is. What an id or address means is asked of
 * the machine, not here.
 */
#include <errno.h>

#include "plan/ops.h"

static bool is_stack(const struct ecli_field *field)
{
	return field->format && (field->format->as == ECLI_AS_KERNEL_STACK || field->format->as == ECLI_AS_USER_STACK);
}

bool ecli_plan_column_is_stack(const struct ecli_plan *plan, uint32_t index)
{
	if (index >= plan->n_columns)
		return false;
	const struct plan_op *op = &plan->ops[plan->columns[index]];
	if (!is_stack(&plan->fields[op->field]))
		return false;
	if (plan_op_is_leaf(op))
		return true;
	/* One array of whole addresses: not of ids, and no array of arrays. */
	return op->code == OP_LOOP && plan_op_is_leaf(&op[1]) &&
	       plan->fields[op[1].field].size_bytes == sizeof(uint64_t);
}

struct taking {
	struct ecli_plan_stack *stack;
	bool is_over;
};

static void take_leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	struct taking *taking = ctx;
	struct ecli_plan_stack *stack = taking->stack;

	if (stack->is_id) {
		stack->id = field->size_bytes == sizeof(uint32_t) ? (int32_t)value->u : value->s;
		return;
	}
	taking->is_over |= !value->u || stack->count == ECLI_PLAN_STACK_MAX;
	if (!taking->is_over)
		stack->addresses[stack->count++] = value->u;
}

static void take_group(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	(void)ctx, (void)field, (void)group;
}

int ecli_plan_stack(const struct ecli_plan *plan, uint32_t index, const void *data, size_t size_bytes,
		    struct ecli_plan_stack *ret)
{
	static const struct ecli_visitor visitor = { .leaf = take_leaf, .open = take_group, .close = take_group };
	struct taking taking = { .stack = ret };

	if (!ecli_plan_column_is_stack(plan, index))
		return -ENOENT;
	ret->field = ecli_plan_column(plan, index);
	ret->is_id = !ecli_plan_column_is_group(plan, index);
	ret->id = 0;
	ret->count = 0;
	return ecli_plan_run_column(plan, index, data, size_bytes, &visitor, &taking);
}
