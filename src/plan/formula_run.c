/* SPDX-License-Identifier: MIT */
/*
 * Formulas over rows: a stack machine over long double, which has all integers of 64 bits. What does not fit into a column stays at
 * the end of its range; a division by zero has no value (NaN), and so has all that follows from it.
 *
 * Percentages take two runs over the rows of a look: one adds up what they are of, the other divides.
 */
#include "plan/formula_ops.h"

#include <math.h>
#include <string.h>

static long double load(const struct formula_place *place, const uint8_t *record)
{
	uint64_t bits = 0;
	double real;
	float narrow;

	memcpy(&bits, record + place->offset, place->size);
	if (place->is_float && place->size == sizeof(real)) {
		memcpy(&real, &bits, sizeof(real));
		return (long double)real;
	}
	if (place->is_float) {
		memcpy(&narrow, record + place->offset, sizeof(narrow));
		return (long double)narrow;
	}
	if (!place->is_signed)
		return (long double)bits;
	uint32_t unused = 64 - 8 * place->size;
	return (long double)((int64_t)(bits << unused) >> unused);
}

/* @adds: percentages add to their sums. */
static long double evaluate(struct formulas *formulas, const struct formula *formula, const struct formula_row *row,
			    bool adds)
{
	long double stack[FORMULA_MAX_OPS], *top = stack; /* the last one pushed is top[-1] */

	for (uint32_t i = 0; i < formula->n_ops; i++) {
		const struct formula_op *op = &formula->ops[i];

		switch (op->code) {
		case LOAD:
			*top++ = load(&formulas->places[op->index], row->now);
			break;
		case LOAD_GROWTH:
			*top++ = load(&formulas->places[op->index], row->growth);
			break;
		case NUMBER:
			*top++ = op->number;
			break;
		case ADD:
			top--;
			top[-1] += *top;
			break;
		case SUBTRACT:
			top--;
			top[-1] -= *top;
			break;
		case MULTIPLY:
			top--;
			top[-1] *= *top;
			break;
		case DIVIDE:
			top--;
			top[-1] = *top != 0 ? top[-1] / *top : NAN;
			break;
		case NEGATE:
			top[-1] = -top[-1];
			break;
		case RATE:
			top[-1] = row->seconds > 0 ? top[-1] / (long double)row->seconds : NAN;
			break;
		case PERCENT:
			if (adds && isfinite(top[-1]))
				formulas->sums[op->index] += top[-1];
			top[-1] = formulas->sums[op->index] != 0 ? top[-1] * 100 / formulas->sums[op->index] : NAN;
			break;
		}
	}
	return top[-1];
}

void formulas_begin(struct formulas *formulas)
{
	for (uint32_t i = 0; i < formulas->n_sums; i++)
		formulas->sums[i] = 0;
}

void formulas_add(struct formulas *formulas, const struct formula_row *row)
{
	for (size_t i = 0; formulas->n_sums && i < formulas->count; i++)
		evaluate(formulas, &formulas->items[i], row, true);
}

static uint64_t held(long double value, enum ecli_value_kind kind)
{
	if (kind == ECLI_VALUE_UINT)
		return value >= 0x1p64L ? UINT64_MAX : value > 0 ? (uint64_t)value : 0;
	return (uint64_t)(value >= 0x1p63L ? INT64_MAX : value > -0x1p63L ? (int64_t)value : INT64_MIN);
}

void formulas_run(struct formulas *formulas, const struct formula_row *row, void *out)
{
	for (size_t i = 0; i < formulas->count; i++) {
		long double value = evaluate(formulas, &formulas->items[i], row, false);
		uint8_t *to = (uint8_t *)out + i * sizeof(uint64_t);

		if (formulas->computed[i].kind == ECLI_VALUE_FLOAT) {
			double real = isfinite((double)value) ? (double)value : (double)NAN;

			memcpy(to, &real, sizeof(real));
		} else {
			uint64_t bits = held(value, formulas->computed[i].kind);

			memcpy(to, &bits, sizeof(bits));
		}
	}
}
