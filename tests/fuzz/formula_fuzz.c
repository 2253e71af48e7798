/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for plan/formula: lists of columns that a package brings, and rows for them.
 *
 *     input = bytes of a record, then lines: "avg = a / b", "x = percent(rate(c))", "*"
 *
 * Whatever the text, reading ends in a sentence or in columns whose names are there; running them writes their columns and nothing
 * else, and the same row gives the same bytes.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "plain.h"
#include "plan/formula.h"
#include "support/spec.h"

enum { MAX_TEXTS = 64 };

static struct ecli_types *types; /* of the plan: both stay to the end */
static struct ecli_plan *plan;

static void tear_down(void)
{
	ecli_plan_free(plan);
	ecli_types_free(types);
}

static void set_up(void)
{
	struct spec *spec = spec_new();
	uint32_t id =
		spec_define(spec, "struct row u64:a u64:b s32:c f64:d f32:g u8:e s16/5:bits char[4]:comm u32[2]:list "
				  "bool:flag u128:wide");

	types = spec_types(spec);
	CHECK(!ecli_plan_build(types, id, NULL, 0, NULL, &plan));
	atexit(tear_down);
	spec_free(spec);
}

static void run(struct formulas *formulas, const uint8_t *record)
{
	const struct formula_row row = { .now = record, .growth = record, .seconds = 0.25 };
	size_t count, n_shown;
	const struct ecli_plan_computed *computed = formulas_computed(formulas, &count);
	const struct ecli_plan_shown *shown = formulas_shown(formulas, &n_shown);
	CLEANUP_FREE uint64_t *first = calloc(count + 1, sizeof(*first)), *second = calloc(count + 1, sizeof(*second));

	for (size_t i = 0; i < count; i++)
		CHECK(*computed[i].name);
	for (size_t i = 0; i < n_shown; i++)
		CHECK(*shown[i].column);
	CHECK(first && second);
	first[count] = second[count] = 0x1122334455667788;
	formulas_begin(formulas);
	formulas_add(formulas, &row);
	formulas_run(formulas, &row, first);
	formulas_run(formulas, &row, second);
	CHECK(!memcmp(first, second, (count + 1) * sizeof(*first)) && first[count] == 0x1122334455667788);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *texts[MAX_TEXTS];
	struct formulas *formulas = NULL;
	struct ecli_err err = { 0 };
	size_t count = 0;

	if (!plan)
		set_up();
	size_t record_size = ecli_plan_size(plan);
	if (size < record_size)
		return 0;
	CLEANUP_FREE uint8_t *record = malloc(record_size);
	CLEANUP_FREE char *text = strndup((const char *)data + record_size, size - record_size);
	CHECK(record && text);
	memcpy(record, data, record_size);
	for (char *rest = text, *line; count < MAX_TEXTS && (line = strsep(&rest, "\n"));)
		texts[count++] = line;
	int r = formulas_parse(plan, texts, count, &err, &formulas);
	CHECK(!r || ((r == -EINVAL || r == -E2BIG) && *err.text && !formulas));
	if (!r)
		run(formulas, record);
	formulas_free(formulas);
	return 0;
}
