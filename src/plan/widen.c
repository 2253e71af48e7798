/* SPDX-License-Identifier: MIT */
/*
 * Room for sums: the numbers of 1 to 4 bytes of a table's values get 8 in its rows, because sums over CPUs and over rows do not fit into what one
 * CPU or one row can have.
 *
 *     value    u32 count | u32 bytes | char comm[16]             as the map has it
 *     row      count .   . | bytes .   . | comm ..  (unused)     every place twice as far from the value's begin: 8 bytes for each number of 4
 *
 * One factor for all places, 8 divided by the size of the smallest number, keeps loops and strides what they are. Values with unions or bit-fields, whose
 * places overlap, stay as they are.
 */
#include <string.h>

#include "plan/build.h"

enum { WIDE = 8 };

static bool is_narrow(const struct plan_op *op, const struct ecli_field *field)
{
	bool is_number =
		(op->code >= OP_UINT8 && op->code <= OP_UINT32) || (op->code >= OP_SINT8 && op->code <= OP_SINT32);

	return is_number && plan_is_quantity(op, field);
}

/* Whether every place of the type has bytes of its own, all of them whole. */
static bool is_apart(const struct ecli_types *types, uint32_t type_id, unsigned int nesting)
{
	const struct ecli_type *type = ecli_types_resolve(types, type_id);

	if (nesting > PLAN_MAX_NESTING || type->kind == ECLI_TYPE_UNION)
		return false;
	if (type->kind == ECLI_TYPE_ARRAY)
		return is_apart(types, type->target_id, nesting + 1);
	if (type->kind == ECLI_TYPE_INT)
		return type->int_bits == 8 * type->size_bytes;
	for (uint32_t i = 0; type->kind == ECLI_TYPE_STRUCT && i < type->n_members; i++)
		if (type->members[i].bits || !is_apart(types, type->members[i].type_id, nesting + 1))
			return false;
	return true;
}

/* 1: there is nothing to widen. */
static uint32_t factor(const struct ecli_plan *plan, uint32_t first)
{
	uint32_t smallest = WIDE;

	for (uint32_t i = first; i < plan->n_ops; i++)
		if (plan_op_is_leaf(&plan->ops[i]) && is_narrow(&plan->ops[i], &plan->fields[plan->ops[i].field]) &&
		    plan->ops[i].size < smallest)
			smallest = plan->ops[i].size;
	return WIDE / smallest;
}

void plan_widen(struct builder *builder, uint32_t value_id, uint32_t first, uint32_t value_offset)
{
	struct ecli_plan *plan = builder->plan;
	uint32_t times = is_apart(builder->types, value_id, 0) ? factor(plan, first) : 1;
	uint64_t size_bytes = value_offset + (plan->size_bytes - value_offset) * times;

	plan->value_offset = value_offset;
	plan->times = times;
	if (times == 1 || size_bytes > UINT32_MAX) {
		plan->times = 1;
		return;
	}
	for (uint32_t i = first; i < plan->n_ops; i++) {
		struct plan_op *op = &plan->ops[i];
		struct ecli_field *field = &plan->fields[op->field];

		op->offset = op->code == OP_CLOSE || op->code == OP_OPEN
				     ? op->offset
				     : value_offset + (op->offset - value_offset) * times;
		if (!plan_op_is_leaf(op)) {
			op->size *= times; /* of loops: the stride */
			continue;
		}
		if (!is_narrow(op, field))
			continue;
		op->narrow_bytes = field->map_bytes = (uint8_t)op->size;
		op->code = field->is_signed ? OP_SINT64 : OP_UINT64;
		op->size = field->size_bytes = WIDE;
	}
	plan->size_bytes = size_bytes;
}

/* One leaf, from where the map has it to where the row has it. */
static void take_leaf(const struct ecli_plan *plan, const struct plan_op *op, size_t at, uint8_t *row,
		      const uint8_t *value)
{
	const uint8_t *from = value + (at - plan->value_offset) / plan->times;
	uint32_t size = op->narrow_bytes ? op->narrow_bytes : op->size;
	uint64_t number = 0;

	if (!op->narrow_bytes) {
		memcpy(row + at, from, size);
		return;
	}
	memcpy(&number, from, size);
	if (op->code == OP_SINT64) {
		uint32_t unused = 64 - 8 * size;

		number = (uint64_t)((int64_t)(number << unused) >> unused);
	}
	memcpy(row + at, &number, sizeof(number));
}

uint32_t ecli_plan_value_bytes(const struct ecli_plan *plan, uint32_t map_bytes)
{
	return map_bytes * (plan->times ? plan->times : 1);
}

void ecli_plan_take_value(const struct ecli_plan *plan, void *row, const void *value, size_t value_bytes)
{
	uint32_t rounds_left[PLAN_MAX_NESTING];
	uint32_t loops = 0;
	size_t moved = 0;

	/* Leaf by leaf, what is the kernel's own stays 0: an entry without anything else is empty. */
	if (plan->times <= 1 && !plan->has_gaps) {
		memcpy((uint8_t *)row + plan->value_offset, value, value_bytes);
		return;
	}
	for (uint32_t i = 0; i < plan->n_ops; i++) {
		const struct plan_op *op = &plan->ops[i];
		size_t at = op->offset + moved;

		if (plan_op_is_leaf(op)) {
			/* Not the key, nor what stands behind the value. */
			if (at >= plan->value_offset && (at - plan->value_offset) / plan->times < value_bytes)
				take_leaf(plan, op, at, row, value);
		} else if (op->code == OP_LOOP) {
			rounds_left[loops++] = op->count;
		} else if (op->code == OP_NEXT && --rounds_left[loops - 1]) {
			moved += op->size;
			i = op->partner;
		} else if (op->code == OP_NEXT) {
			moved -= (size_t)op->size * (op->count - 1);
			loops--;
		}
	}
}
