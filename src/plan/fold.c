/* SPDX-License-Identifier: MIT */
/*
 * Several values of one type into one: what a per-CPU map has of an entry, a value for each CPU, becomes what a person
 * asks for. Quantities are added, or the greatest is kept; what has no sum (text, enums, addresses, bit-fields) is taken
 * from the first value in which it is not all zero, for a CPU that has not written its value has nothing to say.
 *
 * And the growth of a value since it was looked at last: what counts is subtracted, the rest stays.
 *
 * Walks the ops as run.c does, without a visitor: it changes bytes. Sums wrap at the width of the member;
 * tables of maps have their numbers made wide enough before (widen.c).
 */
#include <errno.h>
#include <string.h>

#include "plan/ops.h"

enum { WIDEST = 8 };

/* What is done with a leaf of two records. */
struct pairing {
	const struct ecli_plan *plan;
	const bool *columns; /* NULL: of all */
	void (*leaf)(struct pairing *pairing, const struct plan_op *op, const struct ecli_field *field, uint8_t *into,
		     const uint8_t *from);
	enum ecli_fold how;
	bool is_less; /* a number has become less */
};

bool plan_is_quantity(const struct plan_op *op, const struct ecli_field *field)
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

static void fold_leaf(struct pairing *pairing, const struct plan_op *op, const struct ecli_field *field, uint8_t *into,
		      const uint8_t *from)
{
	if (plan_is_quantity(op, field))
		fold_number(op, field->is_signed, pairing->how, into, from);
	else if (op->code == OP_FLOAT32 || op->code == OP_FLOAT64)
		fold_real(op, pairing->how, into, from);
	else
		fold_rest(op, into, from);
}

/* Both records' values at each leaf from @from_offset on; @other begins there. */
static void pair_leaves(struct pairing *pairing, uint32_t from_offset, uint8_t *into, const uint8_t *other)
{
	const struct ecli_plan *plan = pairing->plan;
	uint32_t rounds_left[PLAN_MAX_NESTING];
	uint32_t loops = 0;
	size_t moved = 0; /* by the loops around */

	for (uint32_t i = 0; i < plan->n_ops; i++) {
		const struct plan_op *op = &plan->ops[i];

		if (plan_op_is_leaf(op)) {
			const struct ecli_field *field = &plan->fields[op->field];
			size_t at = op->offset + moved;

			if (at >= from_offset && (!pairing->columns || pairing->columns[field->column]))
				pairing->leaf(pairing, op, field, into + at, other + (at - from_offset));
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

int ecli_plan_fold(const struct ecli_plan *plan, enum ecli_fold how, uint32_t from_offset, void *into,
		   const void *value, size_t value_bytes)
{
	struct pairing pairing = { .plan = plan, .leaf = fold_leaf, .how = how };

	if (from_offset > plan->size_bytes || value_bytes < plan->size_bytes - from_offset)
		return -EBADMSG;
	pair_leaves(&pairing, from_offset, into, value);
	return 0;
}

/* ---- growth ---------------------------------------------------------------------------------------------------- */

static double load_real(const struct plan_op *op, const uint8_t *p)
{
	double real;
	float narrow;

	if (op->code == OP_FLOAT64) {
		memcpy(&real, p, sizeof(real));
		return real;
	}
	memcpy(&narrow, p, sizeof(narrow));
	return (double)narrow;
}

static bool is_real(const struct plan_op *op)
{
	return op->code == OP_FLOAT32 || op->code == OP_FLOAT64;
}

static void compare_leaf(struct pairing *pairing, const struct plan_op *op, const struct ecli_field *field,
			 uint8_t *into, const uint8_t *from)
{
	if (plan_is_quantity(op, field))
		pairing->is_less |= is_greater(load(from, op->size, field->is_signed),
					       load(into, op->size, field->is_signed), field->is_signed);
	else if (is_real(op))
		pairing->is_less |= load_real(op, from) > load_real(op, into);
}

static void subtract_leaf(struct pairing *pairing, const struct plan_op *op, const struct ecli_field *field,
			  uint8_t *into, const uint8_t *from)
{
	(void)pairing;
	if (plan_is_quantity(op, field)) {
		uint64_t growth = load(into, op->size, false) - load(from, op->size, false);

		memcpy(into, &growth, op->size);
	} else if (is_real(op)) {
		double growth = load_real(op, into) - load_real(op, from);
		float narrow = (float)growth;

		memcpy(into, op->code == OP_FLOAT64 ? (void *)&growth : (void *)&narrow, op->size);
	}
}

int ecli_plan_subtract(const struct ecli_plan *plan, const bool *columns, uint32_t from_offset, void *into,
		       const void *previous, size_t previous_bytes)
{
	struct pairing pairing = { .plan = plan, .columns = columns, .leaf = compare_leaf };

	if (from_offset > plan->size_bytes || previous_bytes < plan->size_bytes - from_offset)
		return -EBADMSG;
	pair_leaves(&pairing, from_offset, into, previous);
	if (pairing.is_less)
		return 0;
	pairing.leaf = subtract_leaf;
	pair_leaves(&pairing, from_offset, into, previous);
	return 0;
}

static void add_leaf(struct pairing *pairing, const struct plan_op *op, const struct ecli_field *field, uint8_t *into,
		     const uint8_t *from)
{
	if (plan_is_quantity(op, field) || is_real(op))
		fold_leaf(pairing, op, field, into, from);
}

int ecli_plan_add(const struct ecli_plan *plan, const bool *columns, uint32_t from_offset, void *into, const void *more,
		  size_t more_bytes)
{
	struct pairing pairing = { .plan = plan, .columns = columns, .leaf = add_leaf, .how = ECLI_FOLD_SUM };

	if (from_offset > plan->size_bytes || more_bytes < plan->size_bytes - from_offset)
		return -EBADMSG;
	pair_leaves(&pairing, from_offset, into, more);
	return 0;
}

bool ecli_plan_column_adds_up(const struct ecli_plan *plan, uint32_t index)
{
	uint32_t end = index + 1 < plan->n_columns ? plan->columns[index + 1] : plan->n_ops;

	if (index >= plan->n_columns)
		return false;
	for (uint32_t i = plan->columns[index]; i < end; i++)
		if (plan_op_is_leaf(&plan->ops[i]) &&
		    !plan_is_quantity(&plan->ops[i], &plan->fields[plan->ops[i].field]) && !is_real(&plan->ops[i]))
			return false;
	return true;
}
