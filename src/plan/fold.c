/* SPDX-License-Identifier: MIT */
/*
 * Several values of one type into one: what a per-CPU map has of an entry, a value for each CPU, becomes what a person
 * asks for. Quantities are added, or the greatest is kept; what has no sum (text, enums, addresses, bit-fields) is taken
 * from the first value in which it is not all zero, for a CPU that has not written its value has nothing to say.
 *
 * Walks the ops as run.c does, without a visitor: it changes bytes. Sums wrap at the width of the member, as the kernel's would.
 */
#include <errno.h>
#include <string.h>

#include "plan/ops.h"

enum { WIDEST = 8 };

/* Whether the field is a quantity: addresses, ids and error codes are numbers, too, and have no sum. */
static bool is_quantity(const struct plan_op *op, const struct ecli_field *field)
{
	if (op->code < OP_UINT8 || op->code > OP_SINT64)
		return false;
	if (field->kind != ECLI_VALUE_FORMATTED)
		return field->kind == ECLI_VALUE_UINT || field->kind == ECLI_VALUE_SINT;
	switch (field->format->as) {
	case ECLI_AS_DURATION:
	case ECLI_AS_DURATION_US:
	case ECLI_AS_DURATION_MS:
	case ECLI_AS_BYTES:
	case ECLI_AS_NS_IN_US:
	case ECLI_AS_NS_IN_MS:
	case ECLI_AS_US_IN_MS:
	case ECLI_AS_BYTES_IN_KIB:
		return true;
	default:
		return false;
	}
}

static uint64_t load(const uint8_t *p, uint32_t size, bool is_signed)
{
	uint64_t value = 0;

	memcpy(&value, p, size);
	if (is_signed && size < WIDEST && value >> (size * 8 - 1))
		value |= UINT64_MAX << (size * 8);
	return value;
}

static bool is_greater(uint64_t a, uint64_t b, bool is_signed)
{
	return is_signed ? (int64_t)a > (int64_t)b : a > b;
}

static void fold_number(const struct plan_op *op, bool is_signed, enum ecli_fold how, uint8_t *into,
			const uint8_t *from)
{
	uint64_t a = load(into, op->size, is_signed), b = load(from, op->size, is_signed);

	if (how == ECLI_FOLD_SUM)
		a += b;
	else if (is_greater(b, a, is_signed))
		a = b;
	memcpy(into, &a, op->size);
}

static void fold_real(const struct plan_op *op, enum ecli_fold how, uint8_t *into, const uint8_t *from)
{
	double a, b;
	float narrow_a, narrow_b;

	if (op->code == OP_FLOAT64) {
		memcpy(&a, into, sizeof(a));
		memcpy(&b, from, sizeof(b));
		a = how == ECLI_FOLD_SUM ? a + b : b > a ? b : a;
		memcpy(into, &a, sizeof(a));
		return;
	}
	memcpy(&narrow_a, into, sizeof(narrow_a));
	memcpy(&narrow_b, from, sizeof(narrow_b));
	narrow_a = how == ECLI_FOLD_SUM ? narrow_a + narrow_b : narrow_b > narrow_a ? narrow_b : narrow_a;
	memcpy(into, &narrow_a, sizeof(narrow_a));
}

static void fold_rest(const struct plan_op *op, uint8_t *into, const uint8_t *from)
{
	for (uint32_t i = 0; i < op->size; i++)
		if (into[i])
			return;
	memcpy(into, from, op->size);
}

static void fold_leaf(const struct plan_op *op, const struct ecli_field *field, enum ecli_fold how, uint8_t *into,
		      const uint8_t *from)
{
	if (is_quantity(op, field))
		fold_number(op, field->is_signed, how, into, from);
	else if (op->code == OP_FLOAT32 || op->code == OP_FLOAT64)
		fold_real(op, how, into, from);
	else
		fold_rest(op, into, from);
}

int ecli_plan_fold(const struct ecli_plan *plan, enum ecli_fold how, uint32_t from_offset, void *into,
		   const void *value, size_t value_bytes)
{
	uint32_t rounds_left[PLAN_MAX_NESTING];
	uint32_t loops = 0;
	size_t moved = 0; /* by the loops around */

	if (from_offset > plan->size_bytes || value_bytes < plan->size_bytes - from_offset)
		return -EBADMSG;
	for (uint32_t i = 0; i < plan->n_ops; i++) {
		const struct plan_op *op = &plan->ops[i];

		if (plan_op_is_leaf(op)) {
			size_t at = op->offset + moved;

			if (at >= from_offset)
				fold_leaf(op, &plan->fields[op->field], how, (uint8_t *)into + at,
					  (const uint8_t *)value + (at - from_offset));
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
	return 0;
}
