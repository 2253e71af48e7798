/* SPDX-License-Identifier: MIT */
/*
 * Rows of tables: what a map has of an entry, and what somebody computes from it, in the order in which it is to be shown.
 *
 *     record   key .. | value .. (wider than the map's, if asked for) | cpu | computed | computed ...        each part at a multiple of 8
 *     columns  as `shown` lists them, by these names; then the others, hidden
 *
 * A column is a run of ops that closes every loop and group it opens, so columns are moved by moving their ops; partners
 * move with them. Nothing is computed here: who fills the bytes is session/'s business.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "plan/build.h"

#define MAX_COLUMN_NAME 64 /* of those that tags name */

static uint64_t aligned(uint64_t offset_bytes)
{
	return (offset_bytes + 7) / 8 * 8;
}

/* ---- columns that no type describes ---------------------------------------------------------------------------- */

static bool has_column(const struct ecli_plan *plan, const char *name)
{
	for (uint32_t i = 0; i < plan->n_columns; i++)
		if (!strcmp(ecli_plan_column(plan, i)->name, name))
			return true;
	return false;
}

static int add_cpu(struct builder *builder)
{
	struct ecli_plan *plan = builder->plan;
	uint64_t at = aligned(plan->size_bytes);
	const char *name = has_column(plan, "cpu") ? "cpu_" : "cpu";

	plan->size_bytes = at + sizeof(uint32_t);
	return plan_add_made(builder, name, OP_UINT32, ECLI_VALUE_UINT, at);
}

static int add_computed(struct builder *builder, const struct ecli_plan_computed *computed)
{
	struct ecli_plan *plan = builder->plan;
	uint64_t at = aligned(plan->size_bytes);
	enum plan_code code = computed->kind == ECLI_VALUE_FLOAT  ? OP_FLOAT64
			      : computed->kind == ECLI_VALUE_SINT ? OP_SINT64
								  : OP_UINT64;

	if (has_column(plan, computed->name))
		return ecli_err_set(builder->err, -EEXIST, "there is a column %.*s already", MAX_COLUMN_NAME,
				    computed->name);
	const char *name = plan_keep_name(plan, strdup(computed->name));
	if (!name)
		return plan_no_memory(builder);
	int r = plan_add_made(builder, name, code, computed->kind, at);
	if (r < 0)
		return r;
	plan->fields[plan->n_fields - 1].places = computed->places;
	plan->size_bytes = at + sizeof(uint64_t);
	return 0;
}

/* ---- order ----------------------------------------------------------------------------------------------------- */

/* What there was before columns were moved. */
struct before {
	struct plan_op *ops;
	struct ecli_field *fields;
	uint32_t *columns;
	uint32_t n_ops, n_fields, n_columns;
};

static void move_column(const struct before *before, struct ecli_plan *plan, uint32_t index, const char *title,
			bool is_hidden)
{
	bool is_last = index + 1 == before->n_columns;
	uint32_t first = before->columns[index], end = is_last ? before->n_ops : before->columns[index + 1];
	uint32_t first_field = before->ops[first].field;
	uint32_t end_field = is_last ? before->n_fields : before->ops[end].field;
	uint32_t to = plan->n_ops, to_field = plan->n_fields;

	for (uint32_t i = first_field; i < end_field; i++) {
		struct ecli_field *field = &plan->fields[plan->n_fields++];

		*field = before->fields[i];
		field->column = plan->n_columns;
		field->hidden |= is_hidden;
	}
	for (uint32_t i = first; i < end; i++) {
		struct plan_op *op = &plan->ops[plan->n_ops++];

		*op = before->ops[i];
		op->field = op->field - first_field + to_field;
		op->partner = plan_op_is_leaf(op) ? 0 : op->partner - first + to;
	}
	if (title)
		plan->fields[to_field].name = title;
	plan->columns[plan->n_columns++] = to;
}

static bool find_column(const struct before *before, const char *name, uint32_t *ret)
{
	for (uint32_t i = 0; i < before->n_columns; i++)
		if (!strcmp(before->fields[before->ops[before->columns[i]].field].name, name)) {
			*ret = i;
			return true;
		}
	return false;
}

static int place_shown(struct builder *builder, const struct ecli_plan_table *table, const struct before *before,
		       bool *moved)
{
	struct ecli_plan *plan = builder->plan;

	for (size_t i = 0; i < table->n_shown; i++) {
		const struct ecli_plan_shown *shown = &table->shown[i];
		const char *title = NULL;
		uint32_t index;

		if (!find_column(before, shown->column, &index))
			return ecli_err_set(builder->err, -ENOENT, "there is no column %.*s", MAX_COLUMN_NAME,
					    shown->column);
		if (moved[index])
			return ecli_err_set(builder->err, -EEXIST, "the column %.*s is there twice", MAX_COLUMN_NAME,
					    shown->column);
		if (shown->title && strcmp(shown->title, shown->column) != 0) {
			if (has_column(plan, shown->title) || find_column(before, shown->title, &(uint32_t){ 0 }))
				return ecli_err_set(builder->err, -EEXIST, "there is a column %.*s already",
						    MAX_COLUMN_NAME, shown->title);
			title = plan_keep_name(plan, strdup(shown->title));
			if (!title)
				return plan_no_memory(builder);
		}
		moved[index] = true;
		move_column(before, plan, index, title, false);
	}
	return 0;
}

static int arrange(struct builder *builder, const struct ecli_plan_table *table)
{
	struct ecli_plan *plan = builder->plan;
	struct before before = { .n_ops = plan->n_ops, .n_fields = plan->n_fields, .n_columns = plan->n_columns };
	CLEANUP_FREE bool *moved = calloc(plan->n_columns + 1, sizeof(*moved));
	CLEANUP_FREE struct plan_op *ops = calloc(plan->n_ops + 1, sizeof(*ops));
	CLEANUP_FREE struct ecli_field *fields = calloc(plan->n_fields + 1, sizeof(*fields));
	CLEANUP_FREE uint32_t *columns = calloc(plan->n_columns + 1, sizeof(*columns));

	if (!moved || !ops || !fields || !columns)
		return plan_no_memory(builder);
	memcpy(ops, plan->ops, plan->n_ops * sizeof(*ops));
	memcpy(fields, plan->fields, plan->n_fields * sizeof(*fields));
	memcpy(columns, plan->columns, plan->n_columns * sizeof(*columns));
	before.ops = ops;
	before.fields = fields;
	before.columns = columns;
	plan->n_ops = plan->n_fields = plan->n_columns = 0;
	int r = place_shown(builder, table, &before, moved);
	for (uint32_t i = 0; r == 0 && i < before.n_columns; i++)
		if (!moved[i])
			move_column(&before, plan, i, NULL, true);
	return r;
}

/* ---- what is shown of maps and variables ----------------------------------------------------------------------- */

/* An integer of that size for keys that no type of the tool describes; NULL: the object has none. */
static const struct ecli_type *find_unsigned(const struct ecli_types *types, uint64_t size_bytes)
{
	for (uint32_t i = 1; i < ecli_types_count(types); i++) {
		const struct ecli_type *type = ecli_types_get(types, i);

		if (type->kind == ECLI_TYPE_INT && !type->is_signed && type->size_bytes == size_bytes &&
		    type->int_bits == 8 * size_bytes)
			return type;
	}
	return NULL;
}

/* How the keys of a map are shown whose own keys are descriptors, or that has none. */
static const struct {
	uint32_t map_type, key_bytes;
	const char *key_name;
} odd_keys[] = {
	{ BPF_MAP_TYPE_QUEUE, 0, NULL },
	{ BPF_MAP_TYPE_STACK, 0, NULL },
	{ BPF_MAP_TYPE_TASK_STORAGE, 4, "tid" },
	{ 32 /* BPF_MAP_TYPE_CGRP_STORAGE, Linux 6.2 */, 8, "cgroup" },
};

int ecli_plan_map_table(const struct ecli_types *types, const struct ecli_type_map *map, struct ecli_err *err,
			struct ecli_plan_table *ret)
{
	struct ecli_plan_table table = { .key_id = map->key_type_id, .value_id = map->value_type_id };
	bool has_key = true;

	for (size_t i = 0; i < ARRAY_SIZE(odd_keys); i++) {
		if (odd_keys[i].map_type != map->map_type)
			continue;
		const struct ecli_type *key = find_unsigned(types, odd_keys[i].key_bytes);

		has_key = false;
		table.key_id = odd_keys[i].key_bytes && key ? key->id : 0;
		table.key_name = odd_keys[i].key_name;
		if (odd_keys[i].key_bytes && !key)
			return ecli_err_set(err, -EINVAL,
					    "the object has no integer of %u bytes to show its owners with",
					    odd_keys[i].key_bytes);
	}
	if (!map->value_type_id || (has_key && !map->key_type_id)) /* others have a key of ours, or none */
		return ecli_err_set(err, -EINVAL, "it has no %s__type(value, ...)",
				    has_key ? "__type(key, ...) and " : "");
	*ret = table;
	return 0;
}

int ecli_plan_variable_table(const struct ecli_types *types, uint32_t type_id, bool is_hist, struct ecli_err *err,
			     struct ecli_plan_table *ret, uint32_t *ret_elements)
{
	const struct ecli_type *type = ecli_types_resolve(types, type_id);
	const struct ecli_type *element =
		type->kind == ECLI_TYPE_ARRAY ? ecli_types_resolve(types, type->target_id) : NULL;
	bool is_list = element && element->kind != ECLI_TYPE_CHAR &&
		       (!is_hist || element->kind == ECLI_TYPE_STRUCT || element->kind == ECLI_TYPE_ARRAY);
	const struct ecli_type *index = is_list ? find_unsigned(types, sizeof(uint32_t)) : NULL;

	if (is_list && !index)
		return ecli_err_set(err, -EINVAL, "the object has no 32-bit integer to number its rows with");
	*ret = (struct ecli_plan_table){ .key_id = index ? index->id : 0,
					 .key_name = "index",
					 .value_id = is_list ? type->target_id : type_id };
	*ret_elements = is_list ? type->count : 1;
	return 0;
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

int ecli_plan_build_table(const struct ecli_types *types, const struct ecli_plan_table *table,
			  const struct ecli_plan_note *notes, size_t n_notes, struct ecli_err *err,
			  struct ecli_plan **ret_plan)
{
	struct builder builder = { .types = types, .notes = notes, .n_notes = n_notes, .err = err };
	int r = plan_start(&builder);

	if (r == 0 && table->key_id) {
		const char *name = plan_keep_name(builder.plan, strdup(table->key_name ? table->key_name : "key"));

		r = name ? plan_add_record(&builder, table->key_id, name, 0) : plan_no_memory(&builder);
		builder.n_key_columns = r == 0 ? builder.plan->n_columns : 0;
	}
	uint32_t first = r == 0 ? builder.plan->n_ops : 0;
	uint64_t value_offset = r == 0 ? aligned(builder.plan->size_bytes) : 0;
	if (r == 0)
		r = plan_add_record(&builder, table->value_id, "value", value_offset);
	if (r == 0 && table->widens)
		plan_widen(&builder, table->value_id, first, (uint32_t)value_offset);
	if (r == 0 && table->has_cpu)
		r = add_cpu(&builder);
	for (size_t i = 0; r == 0 && i < table->n_computed; i++)
		r = add_computed(&builder, &table->computed[i]);
	if (r == 0 && table->n_shown)
		r = arrange(&builder, table);
	if (r == 0)
		r = plan_finish(&builder, ret_plan);
	if (r < 0)
		ecli_plan_free(builder.plan);
	return r;
}

int ecli_plan_build_pair(const struct ecli_types *types, uint32_t key_id, uint32_t value_id,
			 const struct ecli_plan_note *notes, size_t n_notes, struct ecli_err *err,
			 struct ecli_plan **ret_plan)
{
	const struct ecli_plan_table table = { .key_id = key_id, .value_id = value_id };

	if (!key_id || !value_id)
		return ecli_err_set(err, -EINVAL, "type 0 has no bytes to show");
	return ecli_plan_build_table(types, &table, notes, n_notes, err, ret_plan);
}
