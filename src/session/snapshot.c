/* SPDX-License-Identifier: MIT */
/*
 * A look at a map before it is shown.
 *
 *     entry ─ add ─> row: key | value | (room for what is computed)      growth beside it when rate() asks for it
 *     end of the look: percent sums ─ compute ─ wanted? ─ sort ─ cut ─> rows ─> total
 *
 * Sorting looks at one column, found by name once; each row's value of it is taken out once. Numbers
 * come with the greatest first, text from A on; a sign before the name (+count, -comm) says otherwise. What has no value (a division by
 * zero) comes last. Rows that are equal there stand in the order of their bytes, so that the same map gives the same
 * table; without a column they stand as they came.
 *
 * Percentages are of all rows, the total of those that are wanted, shown or cut. Computed columns of the total are
 * computed from sums, not added up: an average of averages would be wrong.
 */
#include "session/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* ---- order ----------------------------------------------------------------------------------------------------- */

struct entry {
	const uint8_t *row;
	struct ecli_value value;
};

struct order {
	const struct ecli_field *field;
	size_t row_bytes;
	bool is_descending, is_over;
	const struct snapshot_calls *calls;
};

static bool is_over(const struct snapshot_calls *calls)
{
	return calls->is_over && calls->is_over(calls->ctx);
}

/* A sort cannot be left: when there is no time for it any more, all are equal, and it is through at once. */
static int compare(const void *a, const void *b, void *ctx)
{
	struct order *order = ctx;
	const struct entry *x = a, *y = b;

	order->is_over = order->is_over || is_over(order->calls);
	if (order->is_over)
		return 0;
	int r = ecli_value_order(order->field, &x->value, &y->value, order->is_descending);

	return r ? r : memcmp(x->row, y->row, order->row_bytes);
}

/* False: there was no time. */
static bool sort_entries(const struct snapshot *snapshot, struct entry *entries, size_t count,
			 const struct snapshot_calls *calls)
{
	struct order order = { .field = snapshot->sort,
			       .row_bytes = snapshot->row_bytes,
			       .is_descending = snapshot->is_descending,
			       .calls = calls };

	for (size_t i = 0; i < count; i++)
		ecli_plan_value(snapshot->plan, order.field->column, entries[i].row, snapshot->row_bytes,
				&entries[i].value);
	qsort_r(entries, count, sizeof(*entries), compare, &order);
	return !order.is_over;
}

/* ---- computing ------------------------------------------------------------------------------------------------- */

static uint8_t *row_at(const struct snapshot *snapshot, enum ecli_since since, size_t index)
{
	return (uint8_t *)snapshot->rows[since].data + index * snapshot->stride;
}

static struct formula_row formula_row(const struct snapshot *snapshot, const uint8_t *row)
{
	bool has_growth = snapshot->stride > snapshot->row_bytes;

	return (struct formula_row){ .now = row,
				     .growth = has_growth ? row + snapshot->row_bytes : row,
				     .seconds = snapshot->sampler->seconds };
}

static void compute(const struct snapshot *snapshot, enum ecli_since since, size_t count,
		    const struct snapshot_calls *calls)
{
	if (!snapshot->formulas)
		return;
	formulas_begin(snapshot->formulas);
	for (size_t i = 0; i < count && !is_over(calls); i++) {
		struct formula_row row = formula_row(snapshot, row_at(snapshot, since, i));

		formulas_add(snapshot->formulas, &row);
	}
	for (size_t i = 0; i < count && !is_over(calls); i++) {
		struct formula_row row = formula_row(snapshot, row_at(snapshot, since, i));

		formulas_run(snapshot->formulas, &row, row_at(snapshot, since, i) + snapshot->computed_at);
	}
}

static int show_total(const struct snapshot *snapshot, const struct entry *entries, size_t count,
		      const struct snapshot_calls *calls)
{
	CLEANUP_FREE uint8_t *sum = calloc(1, snapshot->stride);
	uint32_t at = snapshot->sampler->value_offset;

	if (!sum)
		return -ENOMEM;
	struct formula_row row = formula_row(snapshot, sum);
	for (size_t i = 0; i < count; i++) {
		struct formula_row one = formula_row(snapshot, entries[i].row);

		ecli_plan_fold(snapshot->sampler->plan, snapshot->sampler->fold, at, sum, one.now + at,
			       snapshot->base_bytes - at);
		if (row.growth != row.now)
			ecli_plan_fold(snapshot->sampler->plan, snapshot->sampler->fold, at, sum + snapshot->row_bytes,
				       one.growth + at, snapshot->base_bytes - at);
	}
	if (snapshot->formulas)
		formulas_run(snapshot->formulas, &row, sum + snapshot->computed_at);
	return calls->total(calls->ctx, sum, snapshot->row_bytes);
}

/* ---- showing --------------------------------------------------------------------------------------------------- */

int snapshot_show(struct snapshot *snapshot, enum ecli_since since, const struct snapshot_calls *calls)
{
	size_t count = snapshot_count(snapshot, since), wanted = 0, shown;
	CLEANUP_FREE struct entry *entries = calloc(count + 1, sizeof(*entries));
	int r = 0;

	if (!entries)
		return -ENOMEM;
	compute(snapshot, since, count, calls);
	for (size_t i = 0; i < count && !is_over(calls); i++)
		if (!calls->wants || calls->wants(calls->ctx, row_at(snapshot, since, i), snapshot->row_bytes))
			entries[wanted++].row = row_at(snapshot, since, i);
	/* Rows of another order, or of formulas that were not computed, would not be what the person asks for. */
	if (is_over(calls) || (snapshot->sort && !sort_entries(snapshot, entries, wanted, calls))) {
		calls->left_out(calls->ctx, count);
		ecli_buf_clear(&snapshot->rows[since]);
		return 0;
	}
	shown = snapshot->top && wanted > snapshot->top ? (size_t)snapshot->top : wanted;
	for (size_t i = 0; !r && i < shown; i++)
		r = calls->show(calls->ctx, entries[snapshot->is_reversed ? shown - 1 - i : i].row,
				snapshot->row_bytes);
	if (!r && wanted && snapshot->has_total && calls->total && !is_over(calls))
		r = show_total(snapshot, entries, wanted, calls);
	ecli_buf_clear(&snapshot->rows[since]);
	return r;
}

int snapshot_add(struct snapshot *snapshot, enum ecli_since since, const uint8_t *now, const uint8_t *growth)
{
	struct ecli_buf *rows = &snapshot->rows[since];

	ecli_buf_add(rows, now, snapshot->base_bytes);
	ecli_buf_add_repeat(rows, '\0', snapshot->row_bytes - snapshot->base_bytes);
	if (snapshot->stride > snapshot->row_bytes) {
		ecli_buf_add(rows, growth, snapshot->base_bytes);
		ecli_buf_add_repeat(rows, '\0', snapshot->stride - snapshot->row_bytes - snapshot->base_bytes);
	}
	return ecli_buf_failed(rows) ? -ENOMEM : 0;
}

size_t snapshot_count(const struct snapshot *snapshot, enum ecli_since since)
{
	return snapshot->rows[since].len / snapshot->stride;
}

/* ---- preparing ------------------------------------------------------------------------------------------------- */

static void list_columns(const struct ecli_plan *plan, struct ecli_buf *out)
{
	for (uint32_t i = 0; i < ecli_plan_columns(plan); i++)
		if (!ecli_plan_column_is_group(plan, i))
			ecli_buf_add_format(out, "%s%s", out->len ? ", " : "", ecli_plan_column(plan, i)->name);
}

int snapshot_sort(struct snapshot *snapshot, const char *word, const char *map, struct ecli_err *err)
{
	const char *name = word + (*word == '+' || *word == '-');

	for (uint32_t i = 0; i < ecli_plan_columns(snapshot->plan); i++) {
		const struct ecli_field *field = ecli_plan_column(snapshot->plan, i);

		if (strcmp(field->name, name) != 0 || ecli_plan_column_is_group(snapshot->plan, i))
			continue;
		snapshot->sort = field;
		snapshot->is_descending = *word == '-' || (*word != '+' && !ecli_field_is_text(field));
		return 0;
	}
	const char *why = ecli_plan_dropped(snapshot->plan, name);
	if (why) {
		ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "map %s cannot be sorted by %s, which is measured %s",
				  map, name, why);
		return -EINVAL;
	}
	struct ecli_buf names = { 0 };
	list_columns(snapshot->plan, &names);
	if (!names.len)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "map %s has no column %s to sort by; it is one histogram without any", map,
					 name);
	ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "map %s has no column %s to sort by; it has %s", map, name,
			  ecli_buf_text(&names));
	ecli_buf_done(&names);
	return -EINVAL;
}

void snapshot_init(struct snapshot *snapshot, const struct ecli_plan *plan, const struct sampler *sampler,
		   struct formulas *formulas)
{
	size_t n_computed = 0;

	*snapshot = (struct snapshot){ .plan = plan, .sampler = sampler, .formulas = formulas };
	if (formulas)
		formulas_computed(formulas, &n_computed);
	snapshot->base_bytes = (size_t)ecli_plan_size(sampler->plan);
	snapshot->row_bytes = (size_t)ecli_plan_size(plan);
	snapshot->computed_at = snapshot->row_bytes - n_computed * sizeof(uint64_t);
	snapshot->stride = snapshot->row_bytes;
	if (formulas && formulas_growth(formulas))
		snapshot->stride += snapshot->base_bytes;
}

void snapshot_done(struct snapshot *snapshot)
{
	for (size_t i = 0; i < ECLI_SINCES; i++)
		ecli_buf_done(&snapshot->rows[i]);
	*snapshot = (struct snapshot){ 0 };
}
