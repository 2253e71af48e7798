/* SPDX-License-Identifier: MIT */
/*
 * Columns that are computed, from their text to eight bytes a row.
 *
 *     "avg_us = total_us / count"   parse, once     load total_us, load count, divide
 *                                   run, each row   stack machine over long double
 *
 * long double has all integers of 64 bits, so sums and differences of counters are exact, and what does not fit stays at
 * the end of its range. A division by zero has no value (NaN); so has all that follows from it.
 *
 * This file has the list: which columns are shown, under which name, and which of them are computed.
 */
#include "plan/formula_ops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum { PLACES = 2 };

/* ---- columns of the base --------------------------------------------------------------------------------------- */

static struct formula_place place_of(const struct ecli_plan *plan, uint32_t index)
{
	const struct ecli_field *field = ecli_plan_column(plan, index);
	enum ecli_value_kind kind = field->kind == ECLI_VALUE_FORMATTED ? field->format->raw_kind : field->kind;
	struct formula_place place = { .size = field->size_bytes, .is_signed = field->is_signed };

	place.is_float = kind == ECLI_VALUE_FLOAT;
	place.is_number =
		ecli_plan_column_offset(plan, index, &place.offset) &&
		(kind == ECLI_VALUE_UINT || kind == ECLI_VALUE_SINT || kind == ECLI_VALUE_BOOL || place.is_float) &&
		place.size <= sizeof(uint64_t);
	return place;
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
	struct formula_result result;

	formula->text = text;
	formula->ops = calloc(FORMULA_MAX_OPS, sizeof(*formula->ops));
	if (!formula->ops)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = formula_parse(formulas, formula, err, &result);
	enum ecli_value_kind kind = result.is_real     ? ECLI_VALUE_FLOAT
				    : result.is_signed ? ECLI_VALUE_SINT
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

	if (!*name || formula_name_length(name) != strlen(name) || strlen(name) > FORMULA_MAX_NAME)
		return ecli_err_set(err, -EINVAL, "\"%.*s\" cannot be the name of a column", FORMULA_MAX_NAME, name);
	if (formula)
		formula = trim(formula);
	const char *column = formula ? formula : name;
	if (formula_find_column(formulas, column, strlen(column), &index)) {
		show(formulas, ecli_plan_column(formulas->base, index)->name, formula ? name : NULL);
		return 0;
	}
	return formula ? add_formula(formulas, name, formula, err)
		       : formula_no_column(formulas, name, name, strlen(name), err);
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
		if (strlen(texts[i]) > FORMULA_MAX_TEXT)
			return ecli_err_set(err, -E2BIG, "\"%.*s...\" is longer than %d bytes", FORMULA_MAX_NAME,
					    texts[i], FORMULA_MAX_TEXT);
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
