/* SPDX-License-Identifier: MIT */
/*
 * Inside of formulas: formula.c has the list of columns, formula_parse.c turns a text into ops, formula_run.c runs them.
 */
#ifndef ECLI_PLAN_FORMULA_OPS_H
#define ECLI_PLAN_FORMULA_OPS_H

#include "plan/formula.h"

enum { FORMULA_MAX_TEXT = 512, FORMULA_MAX_OPS = 128, FORMULA_MAX_NAME = 64 };

enum formula_code { LOAD, LOAD_GROWTH, NUMBER, ADD, SUBTRACT, MULTIPLY, DIVIDE, NEGATE, RATE, PERCENT };

struct formula_op {
	enum formula_code code;
	uint32_t index; /* LOAD: column of the base; PERCENT: of sums */
	long double number;
};

struct formula {
	const char *text; /* after the "=" */
	struct formula_op *ops;
	uint32_t n_ops;
};

/* Where a column lies in a record of the base. */
struct formula_place {
	uint32_t offset, size;
	bool is_number, is_signed, is_float;
};

struct formulas {
	const struct ecli_plan *base;
	struct formula_place *places; /* a column each */
	char **texts;                 /* owned; names and titles point into them */
	size_t n_texts;
	struct formula *items; /* as computed */
	struct ecli_plan_computed *computed;
	size_t count;
	struct ecli_plan_shown *shown;
	size_t n_shown;
	bool *growth, needs_growth;
	long double *sums;
	uint32_t n_sums;
};

/* What is being read, and what is known of the result. */
struct formula_result {
	bool is_real, is_signed;
};

/* formula_parse.c: reads @formula->text; names of formulas before it are known. */
int formula_parse(struct formulas *formulas, struct formula *formula, struct ecli_err *err, struct formula_result *ret);
/* formula_parse.c: bytes of a name at @p; 0: there is none. */
size_t formula_name_length(const char *p);
/* formula_parse.c: the column of the base. */
bool formula_find_column(const struct formulas *formulas, const char *name, size_t len, uint32_t *ret);
/* formula_parse.c: -EINVAL and which columns there are. */
int formula_no_column(const struct formulas *formulas, const char *text, const char *name, size_t len,
		      struct ecli_err *err);

#endif
