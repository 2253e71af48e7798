/* SPDX-License-Identifier: MIT */
/*
 * One value of a record, and which of two comes first: for whoever sorts rows by a column.
 *
 * Values of one field are compared, by what they are and not by how they look: an enum by its number, a size by its bytes. Two texts
 * are compared byte by byte, and the one that ends first comes first. What has no value (a division by zero) comes last in either direction, so that
 * there is always one order.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plan/ops.h"

static enum ecli_value_kind raw_kind(const struct ecli_field *field)
{
	return field->kind == ECLI_VALUE_FORMATTED ? field->format->raw_kind : field->kind;
}

static int compare_text(const struct ecli_value *a, const struct ecli_value *b)
{
	size_t len = a->str.len < b->str.len ? a->str.len : b->str.len;
	int r = len ? memcmp(a->str.text, b->str.text, len) : 0;

	return r ? r : (a->str.len > b->str.len) - (a->str.len < b->str.len);
}

static int compare(const struct ecli_field *field, const struct ecli_value *a, const struct ecli_value *b)
{
	switch (raw_kind(field)) {
	case ECLI_VALUE_STRING:
	case ECLI_VALUE_BYTES:
		return compare_text(a, b);
	case ECLI_VALUE_FLOAT:
		return (a->f > b->f) - (a->f < b->f); /* numbers only: is_nan() was asked */
	case ECLI_VALUE_UINT128:
		return (a->wide > b->wide) - (a->wide < b->wide);
	case ECLI_VALUE_SINT128:
		return ((__int128)a->wide > (__int128)b->wide) - ((__int128)a->wide < (__int128)b->wide);
	default:
		if (field->is_signed)
			return (a->s > b->s) - (a->s < b->s);
		return (a->u > b->u) - (a->u < b->u);
	}
}

static bool is_nan(const struct ecli_field *field, const struct ecli_value *value)
{
	return raw_kind(field) == ECLI_VALUE_FLOAT && isnan(value->f);
}

int ecli_value_order(const struct ecli_field *field, const struct ecli_value *a, const struct ecli_value *b,
		     bool is_descending)
{
	int no_a = is_nan(field, a), no_b = is_nan(field, b);

	if (no_a || no_b)
		return no_a - no_b;
	return is_descending ? compare(field, b, a) : compare(field, a, b);
}

bool ecli_field_is_text(const struct ecli_field *field)
{
	return raw_kind(field) == ECLI_VALUE_STRING || raw_kind(field) == ECLI_VALUE_BYTES;
}

static void take_leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	(void)field;
	*(struct ecli_value *)ctx = *value;
}

static void take_group(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	(void)ctx, (void)field, (void)group;
}

int ecli_plan_value(const struct ecli_plan *plan, uint32_t index, const void *data, size_t size_bytes,
		    struct ecli_value *ret_value)
{
	static const struct ecli_visitor visitor = { .leaf = take_leaf, .open = take_group, .close = take_group };

	if (index >= plan->n_columns || ecli_plan_column_is_group(plan, index))
		return -ENOENT;
	return ecli_plan_run_column(plan, index, data, size_bytes, &visitor, ret_value);
}
