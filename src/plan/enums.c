/* SPDX-License-Identifier: MIT */
/*
 * Names of enums. BTF lists them in the order of declaration, which a search per event would have to walk; here they
 * are sorted once by value. Two names for one value: the one declared first wins, as a reader of the source expects.
 */
#include <errno.h>

#include "plan/ops.h"

/* As a variable of that type holds it: compilers before ENUM64 wrote negative values of small unsigned enums as 32
 * bits. */
static int64_t value_in_size(int64_t value, const struct ecli_type *type)
{
	uint32_t unused = 64 - 8 * (uint32_t)type->size_bytes;

	if (type->is_signed)
		return (int64_t)((uint64_t)value << unused) >> unused;
	return (int64_t)((uint64_t)value << unused >> unused);
}

static int compare_values(const void *a, const void *b)
{
	const struct ecli_type_value *left = *(const struct ecli_type_value *const *)a;
	const struct ecli_type_value *right = *(const struct ecli_type_value *const *)b;

	if (left->value != right->value)
		return left->value < right->value ? -1 : 1;
	return left < right ? -1 : left > right; /* order of declaration */
}

static struct plan_enum *make_table(const struct ecli_type *type)
{
	size_t n = type->n_values;
	CLEANUP_FREE struct ecli_type_value *copy = calloc(n + 1, sizeof(*copy));
	CLEANUP_FREE const struct ecli_type_value **sorted = calloc(n + 1, sizeof(*sorted));
	struct plan_enum *names = calloc(1, sizeof(*names) + n * sizeof(names->values[0]));

	if (!copy || !sorted || !names) {
		free(names);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		copy[i] = type->values[i];
		copy[i].value = value_in_size(copy[i].value, type);
		sorted[i] = &copy[i];
	}
	qsort(sorted, n, sizeof(*sorted), compare_values);
	names->type_id = type->id;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || sorted[i]->value != sorted[i - 1]->value)
			names->values[names->count++] = *sorted[i];
	return names;
}

int plan_enum_get(struct ecli_plan *plan, const struct ecli_type *type, const struct plan_enum **ret_names)
{
	for (uint32_t i = 0; i < plan->n_enums; i++)
		if (plan->enums[i]->type_id == type->id) {
			*ret_names = plan->enums[i];
			return 0;
		}

	struct plan_enum **grown = reallocarray(plan->enums, plan->n_enums + 1, sizeof(struct plan_enum *));
	if (!grown)
		return -ENOMEM;
	plan->enums = grown;

	struct plan_enum *names = make_table(type);
	if (!names)
		return -ENOMEM;
	plan->enums[plan->n_enums++] = names;
	*ret_names = names;
	return 0;
}

const char *plan_enum_name(const struct plan_enum *names, int64_t value)
{
	uint32_t low = 0, high = names->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (names->values[middle].value < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low < names->count && names->values[low].value == value ? names->values[low].name : NULL;
}
