/* SPDX-License-Identifier: MIT */
/* The columns of a table as a package lists them: "comm", "pid = key", "avg_us = total_us / count", "*" (docs/formats/annotations.md). */
#ifndef ECLI_PLAN_FORMULA_H
#define ECLI_PLAN_FORMULA_H

#include <ecli/plan.h>

struct formulas;

/*
 * Reads @texts for the rows that @base describes (borrowed; it must outlive the result). -EINVAL with a sentence: what is no formula, a column that is not
 * there or is no number; -E2BIG: too long; -ENOMEM.
 */
int formulas_parse(const struct ecli_plan *base, const char *const *texts, size_t count, struct ecli_err *err,
		   struct formulas **ret);
void formulas_free(struct formulas *formulas); /* NULL is fine */

/* For ecli_plan_build_table(); valid as long as @formulas. */
const struct ecli_plan_computed *formulas_computed(const struct formulas *formulas, size_t *ret_count);
const struct ecli_plan_shown *formulas_shown(const struct formulas *formulas, size_t *ret_count);
/* The columns of @base whose growth is asked for, a flag each; NULL: none. */
const bool *formulas_growth(const struct formulas *formulas);

/* One row: a record of @base, and the same with the growth since the last look in the columns of formulas_growth(), @seconds ago. */
struct formula_row {
	const uint8_t *now, *growth; /* growth: may be now */
	double seconds;
};
/* Forgets the sums that percentages are of. */
void formulas_begin(struct formulas *formulas);
/* Adds a row to these sums. */
void formulas_add(struct formulas *formulas, const struct formula_row *row);
/* Writes the computed columns, 8 bytes each, in their order. */
void formulas_run(struct formulas *formulas, const struct formula_row *row, void *out);

#endif
