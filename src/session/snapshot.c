/* SPDX-License-Identifier: MIT */
/*
 * A round of a sampled map before it is shown.
 *
 *     poll: key | values of all CPUs ─ fold ─> key | value ─┬─ nothing to sort ──> a row at once
 *                                                           └─ gather ... end of the round ─ sort, cut ─> rows
 *
 * Sorting looks at one column, found by name once; each entry's value of it is taken out by one run of the plan. Numbers
 * come with the greatest first, text from A on; a sign before the name (+count, -comm) says otherwise. Entries that are equal there
 * stand in the order of their bytes, so that the same map gives the same table.
 *
 * Gathering keeps a whole round in memory: a copy of the map's entries, no more.
 */
#include "session/snapshot.h"

#include <assert.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

/* ---- one value ------------------------------------------------------------------------------------------------- */

const void *snapshot_fold(struct snapshot *snapshot, const void *data, size_t size_bytes, size_t *ret_size_bytes)
{
	const uint8_t *values = (const uint8_t *)data + snapshot->value_offset;
	size_t size = (size_t)ecli_plan_size(snapshot->plan);

	*ret_size_bytes = size_bytes;
	if (!snapshot->value_stride)
		return data;
	if (size_bytes < size)
		return NULL;
	memcpy(snapshot->folded, data, size);
	for (size_t at = snapshot->value_offset + snapshot->value_stride; at + snapshot->value_stride <= size_bytes;
	     at += snapshot->value_stride) {
		values += snapshot->value_stride;
		ecli_plan_fold(snapshot->plan, snapshot->fold, snapshot->value_offset, snapshot->folded, values,
			       snapshot->value_stride);
	}
	*ret_size_bytes = size;
	return snapshot->folded;
}

/* ---- order ----------------------------------------------------------------------------------------------------- */

struct entry {
	const uint8_t *record;
	struct ecli_value value;
};

struct order {
	const struct ecli_field *field;
	size_t record_bytes;
	bool is_descending;
	struct entry *entry; /* whose value is being taken */
};

static void take_leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	struct order *order = ctx;

	if (field == order->field)
		order->entry->value = *value;
}

static void take_group(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	(void)ctx, (void)field, (void)group;
}

static int compare_text(const struct ecli_value *a, const struct ecli_value *b)
{
	size_t len = a->str.len < b->str.len ? a->str.len : b->str.len;
	int r = len ? memcmp(a->str.text, b->str.text, len) : 0;

	return r ? r : (a->str.len > b->str.len) - (a->str.len < b->str.len);
}

static enum ecli_value_kind raw_kind(const struct ecli_field *field)
{
	return field->kind == ECLI_VALUE_FORMATTED ? field->format->raw_kind : field->kind;
}

static int compare_values(const struct ecli_field *field, const struct ecli_value *a, const struct ecli_value *b)
{
	switch (raw_kind(field)) {
	case ECLI_VALUE_STRING:
	case ECLI_VALUE_BYTES:
		return compare_text(a, b);
	case ECLI_VALUE_FLOAT:
		return (a->f > b->f) - (a->f < b->f);
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

static int compare(const void *a, const void *b, void *ctx)
{
	const struct order *order = ctx;
	const struct entry *x = a, *y = b;
	int r = order->field ? compare_values(order->field, &x->value, &y->value) : 0;

	if (order->is_descending)
		r = -r;
	return r ? r : memcmp(x->record, y->record, order->record_bytes);
}

int snapshot_show(struct snapshot *snapshot, snapshot_fn fn, void *ctx)
{
	static const struct ecli_visitor visitor = { .leaf = take_leaf, .open = take_group, .close = take_group };
	size_t bytes = snapshot->record_bytes, count = bytes ? snapshot->records.len / bytes : 0;
	struct order order = { .field = snapshot->sort,
			       .record_bytes = bytes,
			       .is_descending = snapshot->is_descending };
	struct entry *entries = calloc(count + 1, sizeof(*entries));
	int r = 0;

	if (!entries)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		order.entry = &entries[i];
		entries[i].record = (const uint8_t *)snapshot->records.data + i * bytes;
		if (order.field)
			ecli_plan_run(snapshot->plan, entries[i].record, bytes, &visitor, &order);
	}
	qsort_r(entries, count, sizeof(*entries), compare, &order);
	if (snapshot->top && count > snapshot->top)
		count = (size_t)snapshot->top;
	for (size_t i = 0; !r && i < count; i++)
		r = fn(ctx, entries[snapshot->is_reversed ? count - 1 - i : i].record, bytes);
	free(entries);
	ecli_buf_clear(&snapshot->records);
	return r;
}

bool snapshot_gathers(const struct snapshot *snapshot)
{
	return snapshot->sort || snapshot->top;
}

int snapshot_add(struct snapshot *snapshot, const void *data, size_t size_bytes)
{
	/* All entries of a map have one size. */
	assert(!snapshot->records.len || snapshot->record_bytes == size_bytes);
	snapshot->record_bytes = size_bytes;
	ecli_buf_add(&snapshot->records, data, size_bytes);
	return ecli_buf_failed(&snapshot->records) ? -ENOMEM : 0;
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
		enum ecli_value_kind kind = raw_kind(field);
		bool is_text = kind == ECLI_VALUE_STRING || kind == ECLI_VALUE_BYTES;

		snapshot->sort = field;
		snapshot->is_descending = *word == '-' || (*word != '+' && !is_text);
		return 0;
	}
	struct ecli_buf names = { 0 };
	list_columns(snapshot->plan, &names);
	ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "map %s has no column %s to sort by; it has %s", map, name,
			  ecli_buf_text(&names));
	ecli_buf_done(&names);
	return -EINVAL;
}

static bool is_per_cpu(const struct ecli_type_map *map)
{
	return map->map_type == BPF_MAP_TYPE_PERCPU_HASH || map->map_type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       map->map_type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

int snapshot_init(struct snapshot *snapshot, const struct ecli_plan *plan, const struct ecli_type_map *map,
		  enum ecli_fold fold, struct ecli_err *err)
{
	*snapshot = (struct snapshot){ .plan = plan, .fold = fold };
	if (!is_per_cpu(map))
		return 0;
	snapshot->value_offset = (map->key_size + 7) & ~7u;
	snapshot->value_stride = (map->value_size + 7) & ~7u;
	snapshot->folded = calloc(1, (size_t)ecli_plan_size(plan));
	return snapshot->folded ? 0 : ecli_err_set(err, -ENOMEM, "out of memory");
}

void snapshot_done(struct snapshot *snapshot)
{
	free(snapshot->folded);
	ecli_buf_done(&snapshot->records);
	*snapshot = (struct snapshot){ 0 };
}
