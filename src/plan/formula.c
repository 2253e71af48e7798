/* SPDX-License-Identifier: MIT */
/*
 * Columns that are computed, from their text to eight bytes a row.
 *
 *     "avg_us = total_us / count"   parse, once     load total_us, load count, divide
 *                                   run, each row   stack machine over long double
 *
 *     sum     = product { ("+" | "-") product }
 *     product = factor { ("*" | "/") factor }
 *     factor  = NUMBER | COLUMN | "(" sum ")" | "-" factor | rate(sum) | percent(sum)
 *
 * long double has all integers of 64 bits, so sums and differences of counters are exact, and what does not fit stays at
 * the end of its range. A division by zero has no value (NaN); so has all that follows from it. Within rate() columns are read
 * from the record of growth. A name stands for a column of the record, else for a formula before this one, whose text is read
 * once more in its place.
 *
 * Bounds: a text, its nesting and its ops; texts come from packages.
 */
#include "plan/formula.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum { MAX_TEXT = 512, MAX_NESTING = 24, MAX_OPS = 128, MAX_NAME = 64, PLACES = 2 };

enum code { LOAD, LOAD_GROWTH, NUMBER, ADD, SUBTRACT, MULTIPLY, DIVIDE, NEGATE, RATE, PERCENT };

struct op {
	enum code code;
	uint32_t index; /* LOAD: column of the base; PERCENT: of sums */
	long double number;
};

struct formula {
	const char *text; /* after the "=" */
	struct op *ops;
	uint32_t n_ops;
};

/* Where a column lies in a record of the base. */
struct place {
	uint32_t offset, size;
	bool is_number, is_signed, is_float;
};

struct formulas {
	const struct ecli_plan *base;
	struct place *places; /* a column each */
	char **texts;         /* owned; names and titles point into them */
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

/* ---- columns of the base --------------------------------------------------------------------------------------- */

static struct place place_of(const struct ecli_plan *plan, uint32_t index)
{
	const struct ecli_field *field = ecli_plan_column(plan, index);
	enum ecli_value_kind kind = field->kind == ECLI_VALUE_FORMATTED ? field->format->raw_kind : field->kind;
	struct place place = { .size = field->size_bytes, .is_signed = field->is_signed };

	place.is_float = kind == ECLI_VALUE_FLOAT;
	place.is_number = ecli_plan_column_offset(plan, index, &place.offset) &&
			  (kind == ECLI_VALUE_UINT || kind == ECLI_VALUE_SINT || kind == ECLI_VALUE_BOOL ||
			   place.is_float) &&
			  place.size <= sizeof(uint64_t);
	return place;
}

static bool find_column(const struct formulas *formulas, const char *name, size_t len, uint32_t *ret)
{
	for (uint32_t i = 0; i < ecli_plan_columns(formulas->base); i++) {
		const char *column = ecli_plan_column(formulas->base, i)->name;

		if (strlen(column) == len && !memcmp(column, name, len)) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static long double load(const struct place *place, const uint8_t *record)
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
	return ecli_err_set(parser->err, -EINVAL, "\"%.*s\": %s", MAX_NAME, parser->text, what);
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

static int add_op(struct parser *parser, struct op op)
{
	struct formula *formula = parser->formula;

	if (formula->n_ops == MAX_OPS)
		return ecli_err_set(parser->err, -E2BIG, "\"%.*s\": the formula is too long", MAX_NAME, parser->text);
	formula->ops[formula->n_ops++] = op;
	return 0;
}

static size_t name_length(const char *p)
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
	if (end != p || !isfinite(number) || name_length(p))
		return wrong(parser, "a number there cannot be read");
	parser->at = end;
	parser->is_real |= truncl(number) != number;
	return add_op(parser, (struct op){ .code = NUMBER, .number = number });
}

/* rate(...) and percent(...), behind the "(". */
static int parse_call(struct parser *parser, bool is_rate)
{
	struct formulas *formulas = parser->formulas;
	struct op op = { .code = is_rate ? RATE : PERCENT };

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
	const struct place *place = &formulas->places[index];

	if (!place->is_number)
		return ecli_err_set(parser->err, -EINVAL, "\"%.*s\": the column %.*s is no number", MAX_NAME,
				    parser->text, MAX_NAME, ecli_plan_column(formulas->base, index)->name);
	parser->is_real |= place->is_float;
	parser->is_signed |= place->is_signed;
	if (parser->in_rate)
		formulas->growth[index] = formulas->needs_growth = true;
	return add_op(parser, (struct op){ .code = parser->in_rate ? LOAD_GROWTH : LOAD, .index = index });
}

static int list_columns(struct parser *parser, const char *name, size_t len)
{
	CLEANUP_BUF struct ecli_buf list = { 0 };
	const struct formulas *formulas = parser->formulas;

	for (uint32_t i = 0; i < ecli_plan_columns(formulas->base); i++)
		ecli_buf_add_format(&list, "%s%s", i ? ", " : "", ecli_plan_column(formulas->base, i)->name);
	return ecli_err_set(parser->err, -EINVAL, "\"%.*s\": there is no column %.*s; there are %s", MAX_NAME,
			    parser->text, (int)(len < MAX_NAME ? len : MAX_NAME), name, ecli_buf_text(&list));
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
	if (find_column(formulas, name, len, &index))
		return load_column(parser, index);
	for (size_t i = 0; i < parser->n_known; i++)
		if (strlen(formulas->computed[i].name) == len && !memcmp(formulas->computed[i].name, name, len))
			return parse_known(parser, &formulas->items[i]);
	return list_columns(parser, name, len);
}

static int parse_factor(struct parser *parser)
{
	int r;

	if (++parser->nesting > MAX_NESTING)
		return wrong(parser, "it is nested too deep");
	skip_spaces(parser);
	size_t len = name_length(parser->at);
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
		r = r ? r : add_op(parser, (struct op){ .code = NEGATE });
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
		r = r ? r : add_op(parser, (struct op){ .code = divides ? DIVIDE : MULTIPLY });
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
		r = r ? r : add_op(parser, (struct op){ .code = subtracts ? SUBTRACT : ADD });
	}
	return r;
}

/* ---- lists ----------------------------------------------------------------------------------------------------- */

/* Ends the name at its end and returns what follows the "="; NULL: there is none. */
static char *split(char *text)
{
	char *equals = strchr(text, '=');

	if (!equals)
		return NULL;
	for (char *end = equals; end > text && (end[-1] == ' ' || end[-1] == '\t'); end--)
		end[-1] = '\0';
	*equals = '\0';
	return equals + 1;
}

static char *trim(char *text)
{
	size_t len;

	while (*text == ' ' || *text == '\t')
		text++;
	for (len = strlen(text); len && (text[len - 1] == ' ' || text[len - 1] == '\t'); len--)
		text[len - 1] = '\0';
	return text;
}

static void show(struct formulas *formulas, const char *column, const char *title)
{
	formulas->shown[formulas->n_shown++] = (struct ecli_plan_shown){ .column = column, .title = title };
}

static int add_formula(struct formulas *formulas, const char *name, const char *text, struct ecli_err *err)
{
	struct formula *formula = &formulas->items[formulas->count];
	struct parser parser = { .formulas = formulas,
				 .formula = formula,
				 .text = text,
				 .at = text,
				 .n_known = formulas->count,
				 .err = err };

	formula->text = text;
	formula->ops = calloc(MAX_OPS, sizeof(*formula->ops));
	if (!formula->ops)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = parse_sum(&parser);
	skip_spaces(&parser);
	if (!r && *parser.at)
		r = wrong(&parser, "what follows the formula cannot be read");
	enum ecli_value_kind kind = parser.is_real     ? ECLI_VALUE_FLOAT
				    : parser.is_signed ? ECLI_VALUE_SINT
						       : ECLI_VALUE_UINT;
	formulas->computed[formulas->count] = (struct ecli_plan_computed){
		.name = name, .kind = kind, .places = kind == ECLI_VALUE_FLOAT ? PLACES : 0
	};
	formulas->count++; /* its ops are to be freed in any case */
	if (!r)
		show(formulas, name, NULL);
	return r;
}

/* A column of its own name, of another, or a formula. */
static int add_text(struct formulas *formulas, char *text, struct ecli_err *err)
{
	char *formula = split(text);
	char *name = trim(text);
	uint32_t index;

	if (!*name || name_length(name) != strlen(name) || strlen(name) > MAX_NAME)
		return ecli_err_set(err, -EINVAL, "\"%.*s\" cannot be the name of a column", MAX_NAME, name);
	if (formula)
		formula = trim(formula);
	const char *column = formula ? formula : name;
	if (find_column(formulas, column, strlen(column), &index)) {
		show(formulas, ecli_plan_column(formulas->base, index)->name, formula ? name : NULL);
		return 0;
	}
	struct parser parser = { .formulas = formulas, .text = name, .err = err };
	return formula ? add_formula(formulas, name, formula, err) : list_columns(&parser, name, strlen(name));
}

static bool is_shown(const struct formulas *formulas, const char *column)
{
	for (size_t i = 0; i < formulas->n_shown; i++)
		if (!strcmp(formulas->shown[i].column, column))
			return true;
	return false;
}

/* "*": the columns that no other text has, at the place @at. What is hidden stays so. */
static void show_rest(struct formulas *formulas, size_t at)
{
	size_t before = formulas->n_shown;

	for (uint32_t i = 0; i < ecli_plan_columns(formulas->base); i++) {
		const struct ecli_field *field = ecli_plan_column(formulas->base, i);

		if (!field->hidden && !is_shown(formulas, field->name))
			show(formulas, field->name, NULL);
	}
	size_t count = formulas->n_shown - before, moved = before - at;
	struct ecli_plan_shown *shown = formulas->shown;
	CLEANUP_FREE struct ecli_plan_shown *rest = calloc(count + 1, sizeof(*rest));
	if (!rest)
		return; /* they come last then */
	memcpy(rest, shown + before, count * sizeof(*rest));
	memmove(shown + at + count, shown + at, moved * sizeof(*rest));
	memcpy(shown + at, rest, count * sizeof(*rest));
}

static int add_all(struct formulas *formulas, const char *const *texts, size_t count, struct ecli_err *err)
{
	size_t rest = SIZE_MAX;
	int r = 0;

	for (size_t i = 0; !r && i < count; i++) {
		if (strlen(texts[i]) > MAX_TEXT)
			return ecli_err_set(err, -E2BIG, "\"%.*s...\" is longer than %d bytes", MAX_NAME, texts[i],
					    MAX_TEXT);
		if (!strcmp(texts[i], "*")) {
			rest = formulas->n_shown;
			continue;
		}
		formulas->texts[i] = strdup(texts[i]);
		r = formulas->texts[i] ? add_text(formulas, formulas->texts[i], err)
				       : ecli_err_set(err, -ENOMEM, "out of memory");
	}
	if (!r && rest != SIZE_MAX)
		show_rest(formulas, rest);
	return r;
}

int formulas_parse(const struct ecli_plan *base, const char *const *texts, size_t count, struct ecli_err *err,
		   struct formulas **ret)
{
	struct formulas *formulas = calloc(1, sizeof(*formulas));
	uint32_t n_columns = ecli_plan_columns(base);

	if (!formulas)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	formulas->base = base;
	formulas->n_texts = count;
	formulas->texts = calloc(count + 1, sizeof(*formulas->texts));
	formulas->items = calloc(count + 1, sizeof(*formulas->items));
	formulas->computed = calloc(count + 1, sizeof(*formulas->computed));
	formulas->shown = calloc(count + n_columns + 1, sizeof(*formulas->shown));
	formulas->places = calloc(n_columns + 1, sizeof(*formulas->places));
	formulas->growth = calloc(n_columns + 1, sizeof(*formulas->growth));
	int r = formulas->texts && formulas->items && formulas->computed && formulas->shown && formulas->places &&
				formulas->growth
			? 0
			: ecli_err_set(err, -ENOMEM, "out of memory");
	for (uint32_t i = 0; !r && i < n_columns; i++)
		formulas->places[i] = place_of(base, i);
	if (!r)
		r = add_all(formulas, texts, count, err);
	if (r) {
		formulas_free(formulas);
		return r;
	}
	*ret = formulas;
	return 0;
}

void formulas_free(struct formulas *formulas)
{
	if (!formulas)
		return;
	for (size_t i = 0; formulas->texts && i < formulas->n_texts; i++)
		free(formulas->texts[i]);
	for (size_t i = 0; formulas->items && i < formulas->count; i++)
		free(formulas->items[i].ops);
	free(formulas->texts);
	free(formulas->items);
	free(formulas->computed);
	free(formulas->shown);
	free(formulas->places);
	free(formulas->growth);
	free(formulas->sums);
	free(formulas);
}

const struct ecli_plan_computed *formulas_computed(const struct formulas *formulas, size_t *ret_count)
{
	*ret_count = formulas->count;
	return formulas->computed;
}

const struct ecli_plan_shown *formulas_shown(const struct formulas *formulas, size_t *ret_count)
{
	*ret_count = formulas->n_shown;
	return formulas->shown;
}

const bool *formulas_growth(const struct formulas *formulas)
{
	return formulas->needs_growth ? formulas->growth : NULL;
}

/* ---- running --------------------------------------------------------------------------------------------------- */

/* @adds: percentages add to their sums. */
static long double evaluate(struct formulas *formulas, const struct formula *formula, const struct formula_row *row,
			    bool adds)
{
	long double stack[MAX_OPS], *top = stack; /* the last one pushed is top[-1] */

	for (uint32_t i = 0; i < formula->n_ops; i++) {
		const struct op *op = &formula->ops[i];

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
