/* SPDX-License-Identifier: MIT */
/*
 * A formula's text into ops for a stack machine:
 *
 *     sum     = product { ("+" | "-") product }
 *     product = factor { ("*" | "/") factor }
 *     factor  = NUMBER | COLUMN | "(" sum ")" | "-" factor | rate(sum) | percent(sum)
 *
 * Within rate() columns are read from the record of growth. A name stands for a column of the record, else for a formula before
 * this one, whose text is read once more in its place.
 *
 * Bounds: nesting and ops; texts come from packages.
 */
#include "plan/formula_ops.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum { MAX_NESTING = 24 };

static bool is_name(const char *name, const char *other, size_t len)
{
	return other && strlen(other) == len && !memcmp(other, name, len);
}

bool formula_find_column(const struct formulas *formulas, const char *name, size_t len, uint32_t *ret)
{
	for (size_t i = 0; i < formulas->n_shown; i++)
		if (is_name(name, formulas->shown[i].title, len)) {
			name = formulas->shown[i].column;
			len = strlen(name);
			break;
		}
	for (uint32_t i = 0; i < ecli_plan_columns(formulas->base); i++)
		if (is_name(name, ecli_plan_column(formulas->base, i)->name, len)) {
			*ret = i;
			return true;
		}
	return false;
}

/* ---- parsing --------------------------------------------------------------------------------------------------- */

struct parser {
	struct formulas *formulas;
	struct formula *formula;
	const char *text, *at;
	size_t n_known; /* formulas that may be named */
	bool in_rate, in_percent;
	bool is_real, is_signed; /* what the result is */
	uint32_t nesting;
	struct ecli_err *err;
};

static int parse_sum(struct parser *parser);

static int wrong(const struct parser *parser, const char *what)
{
	return ecli_err_set(parser->err, -EINVAL, "\"%.*s\": %s", FORMULA_MAX_NAME, parser->text, what);
}

static void skip_spaces(struct parser *parser)
{
	while (*parser->at == ' ' || *parser->at == '\t')
		parser->at++;
}

static bool eat(struct parser *parser, char c)
{
	skip_spaces(parser);
	if (*parser->at != c)
		return false;
	parser->at++;
	return true;
}

static int add_op(struct parser *parser, struct formula_op op)
{
	struct formula *formula = parser->formula;

	if (formula->n_ops == FORMULA_MAX_OPS)
		return ecli_err_set(parser->err, -E2BIG, "\"%.*s\": the formula is too long", FORMULA_MAX_NAME,
				    parser->text);
	formula->ops[formula->n_ops++] = op;
	return 0;
}

size_t formula_name_length(const char *p)
{
	size_t len = 0;

	if (isalpha((unsigned char)*p) || *p == '_')
		while (isalnum((unsigned char)p[len]) || p[len] == '_')
			len++;
	return len;
}

static int parse_number(struct parser *parser)
{
	char *end;
	long double number = strtold(parser->at, &end);
	const char *p = parser->at;

	/* Digits and a point only: strtold knows hexadecimal numbers and exponents, too. */
	while (isdigit((unsigned char)*p) || *p == '.')
		p++;
	if (end != p || !isfinite(number) || formula_name_length(p))
		return wrong(parser, "a number there cannot be read");
	parser->at = end;
	parser->is_real |= truncl(number) != number;
	return add_op(parser, (struct formula_op){ .code = NUMBER, .number = number });
}

/* rate(...) and percent(...), behind the "(". */
static int parse_call(struct parser *parser, bool is_rate)
{
	struct formulas *formulas = parser->formulas;
	struct formula_op op = { .code = is_rate ? RATE : PERCENT };

	if (is_rate ? parser->in_rate : parser->in_rate || parser->in_percent)
		return wrong(parser, is_rate ? "rate() cannot stand within rate()"
					     : "percent() cannot stand within rate() or percent()");
	*(is_rate ? &parser->in_rate : &parser->in_percent) = true;
	int r = parse_sum(parser);
	*(is_rate ? &parser->in_rate : &parser->in_percent) = false;
	if (r)
		return r;
	if (!eat(parser, ')'))
		return wrong(parser, "a \")\" is missing");
	parser->is_real = true;
	if (!is_rate) {
		long double *sums = reallocarray(formulas->sums, formulas->n_sums + 1, sizeof(*sums));

		if (!sums)
			return ecli_err_set(parser->err, -ENOMEM, "out of memory");
		formulas->sums = sums;
		op.index = formulas->n_sums++;
	}
	return add_op(parser, op);
}

static int load_column(struct parser *parser, uint32_t index)
{
	struct formulas *formulas = parser->formulas;
	const struct formula_place *place = &formulas->places[index];

	if (!place->is_number)
		return ecli_err_set(parser->err, -EINVAL, "\"%.*s\": the column %.*s is no number", FORMULA_MAX_NAME,
				    parser->text, FORMULA_MAX_NAME, ecli_plan_column(formulas->base, index)->name);
	parser->is_real |= place->is_float;
	parser->is_signed |= place->is_signed;
	if (parser->in_rate)
		formulas->growth[index] = formulas->needs_growth = true;
	return add_op(parser, (struct formula_op){ .code = parser->in_rate ? LOAD_GROWTH : LOAD, .index = index });
}

int formula_no_column(const struct formulas *formulas, const char *text, const char *name, size_t len,
		      struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf list = { 0 };

	for (uint32_t i = 0; i < ecli_plan_columns(formulas->base); i++)
		ecli_buf_add_format(&list, "%s%s", i ? ", " : "", ecli_plan_column(formulas->base, i)->name);
	return ecli_err_set(err, -EINVAL, "\"%.*s\": there is no column %.*s; there are %s", FORMULA_MAX_NAME, text,
			    (int)(len < FORMULA_MAX_NAME ? len : FORMULA_MAX_NAME), name, ecli_buf_text(&list));
}

/* The text of a formula that was named, in place of its name. */
static int parse_known(struct parser *parser, const struct formula *known)
{
	const char *at = parser->at;

	if (++parser->nesting > MAX_NESTING)
		return wrong(parser, "it is nested too deep");
	parser->at = known->text;
	int r = parse_sum(parser);
	parser->at = at;
	parser->nesting--;
	return r;
}

static int parse_name(struct parser *parser, size_t len)
{
	const struct formulas *formulas = parser->formulas;
	const char *name = parser->at;
	bool is_rate = len == 4 && !memcmp(name, "rate", len), is_percent = len == 7 && !memcmp(name, "percent", len);
	uint32_t index;

	parser->at += len;
	if ((is_rate || is_percent) && eat(parser, '('))
		return parse_call(parser, is_rate);
	if (formula_find_column(formulas, name, len, &index))
		return load_column(parser, index);
	for (size_t i = 0; i < parser->n_known; i++)
		if (is_name(name, formulas->computed[i].name, len))
			return parse_known(parser, &formulas->items[i]);
	return formula_no_column(formulas, parser->text, name, len, parser->err);
}

static int parse_factor(struct parser *parser)
{
	int r;

	if (++parser->nesting > MAX_NESTING)
		return wrong(parser, "it is nested too deep");
	skip_spaces(parser);
	size_t len = formula_name_length(parser->at);
	if (len) {
		r = parse_name(parser, len);
	} else if (isdigit((unsigned char)*parser->at)) {
		r = parse_number(parser);
	} else if (eat(parser, '(')) {
		r = parse_sum(parser);
		if (!r && !eat(parser, ')'))
			r = wrong(parser, "a \")\" is missing");
	} else if (eat(parser, '-')) {
		parser->is_signed = true;
		r = parse_factor(parser);
		r = r ? r : add_op(parser, (struct formula_op){ .code = NEGATE });
	} else {
		r = wrong(parser, *parser->at ? "a column or a number is expected there"
					      : "it ends where a column or a number is expected");
	}
	parser->nesting--;
	return r;
}

static int parse_product(struct parser *parser)
{
	int r = parse_factor(parser);

	while (!r) {
		bool divides = eat(parser, '/');

		if (!divides && !eat(parser, '*'))
			break;
		parser->is_real |= divides;
		r = parse_factor(parser);
		r = r ? r : add_op(parser, (struct formula_op){ .code = divides ? DIVIDE : MULTIPLY });
	}
	return r;
}

static int parse_sum(struct parser *parser)
{
	int r = parse_product(parser);

	while (!r) {
		bool subtracts = eat(parser, '-');

		if (!subtracts && !eat(parser, '+'))
			break;
		parser->is_signed |= subtracts;
		r = parse_product(parser);
		r = r ? r : add_op(parser, (struct formula_op){ .code = subtracts ? SUBTRACT : ADD });
	}
	return r;
}

int formula_parse(struct formulas *formulas, struct formula *formula, struct ecli_err *err, struct formula_result *ret)
{
	struct parser parser = { .formulas = formulas,
				 .formula = formula,
				 .text = formula->text,
				 .at = formula->text,
				 .n_known = formulas->count,
				 .err = err };
	int r = parse_sum(&parser);

	skip_spaces(&parser);
	if (!r && *parser.at)
		r = wrong(&parser, "what follows the formula cannot be read");
	*ret = (struct formula_result){ .is_real = parser.is_real, .is_signed = parser.is_signed };
	return r;
}
