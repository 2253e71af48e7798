/* SPDX-License-Identifier: MIT */
/*
 * Touches everything a model promises, for tests that feed hostile bytes: a model that was accepted must survive it.
 * Record bytes are put in a block of exactly the plan's size, so that AddressSanitizer sees one byte too many.
 */
#ifndef ECLI_TESTS_WALK_MODEL_H
#define ECLI_TESTS_WALK_MODEL_H

#include <stdlib.h>
#include <string.h>

#include <ecli/plan.h>
#include <ecli/types.h>

/* Larger records are planned but not run: it would only cost time. */
#define WALK_MAX_RECORD 4096u

/* A sum over everything seen, so that no compiler leaves a look away. */
struct walk {
	uint64_t sum;
	uint32_t open; /* groups open: must be 0 at the end */
};

static void walk_bytes(struct walk *walk, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		walk->sum = walk->sum * 31 + ((const unsigned char *)bytes)[i];
}

static void walk_leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	struct walk *walk = ctx;

	walk_bytes(walk, field->name, strlen(field->name));
	if (value->kind == ECLI_VALUE_STRING || value->kind == ECLI_VALUE_BYTES)
		walk_bytes(walk, value->str.text, value->str.len);
	else
		walk->sum += value->u;
	if (value->name)
		walk_bytes(walk, value->name, strlen(value->name));
}

static void walk_open(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	struct walk *walk = ctx;

	walk->open++;
	walk->sum += group + field->depth;
}

static void walk_close(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	struct walk *walk = ctx;

	walk->open--;
	walk->sum += group + field->column;
}

static const struct ecli_visitor walk_visitor = { .leaf = walk_leaf, .open = walk_open, .close = walk_close };

/* Builds, dumps and runs; @bytes are repeated to the record's length. */
static inline void walk_plan(struct walk *walk, const struct ecli_types *types, uint32_t id, const unsigned char *bytes,
			     size_t len)
{
	static const struct ecli_plan_note notes[] = { { .field = "time", .is_time = true },
						       { .field = "a", .hidden = true } };
	struct ecli_plan *plan = NULL;
	struct ecli_err err = { 0 };
	struct ecli_buf buf = { 0 };
	uint64_t ns = 0;

	if (ecli_plan_build(types, id, notes, 2, &err, &plan) < 0) {
		walk_bytes(walk, err.text, strlen(err.text));
		return;
	}
	ecli_plan_dump(plan, &buf);
	walk_bytes(walk, buf.data, buf.len);
	ecli_buf_done(&buf);
	for (uint32_t i = 0; i < ecli_plan_columns(plan); i++)
		walk->sum += ecli_plan_column(plan, i)->kind + ecli_plan_column_is_group(plan, i);
	if (ecli_plan_size(plan) <= WALK_MAX_RECORD) {
		size_t size = ecli_plan_size(plan);
		unsigned char *record = malloc(size);

		for (size_t i = 0; record && i < size; i++)
			record[i] = len ? bytes[i % len] : (unsigned char)i;
		if (record && ecli_plan_run(plan, record, size, &walk_visitor, walk) == 0 && walk->open)
			abort();
		walk->sum += record && ecli_plan_time(plan, record, size, &ns) ? ns : 0;
		free(record);
	}
	ecli_plan_free(plan);
}

static inline void walk_model(struct walk *walk, const struct ecli_types *types, const unsigned char *bytes, size_t len)
{
	struct ecli_buf buf = { 0 };
	struct ecli_type_map map;

	for (uint32_t id = 0; id < ecli_types_count(types); id++) {
		const struct ecli_type *type = ecli_types_get(types, id);

		walk_bytes(walk, type->name, strlen(type->name));
		walk->sum += ecli_types_resolve(types, id)->size_bytes + ecli_types_resolve(types, type->target_id)->id;
		walk->sum += ecli_types_find(types, type->kind, type->name)->id;
		ecli_buf_clear(&buf);
		ecli_type_format(types, id, &buf);
		walk_bytes(walk, buf.data, buf.len);
		for (uint32_t i = 0; i < type->n_members; i++) {
			walk_bytes(walk, type->members[i].name, strlen(type->members[i].name));
			walk->sum += ecli_types_resolve(types, type->members[i].type_id)->size_bytes;
		}
		for (uint32_t i = 0; i < type->n_values; i++)
			walk_bytes(walk, type->values[i].name, strlen(type->values[i].name));
		walk_plan(walk, types, id, bytes, len);
	}
	for (uint32_t i = 0; ecli_types_map(types, i, &map); i++)
		walk->sum += map.key_size + map.value_size + map.max_entries;
	ecli_buf_done(&buf);
}

#endif
