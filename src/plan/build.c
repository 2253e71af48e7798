/* SPDX-License-Identifier: MIT */
/*
 * Plans made: a record is a type, or a key and a value; its top-level fields are columns, each treated as the notes
 * say.
 *
 * Invariant: a column never exists without a leaf in it, and a finished plan has passed verify.c.
 */
#include <errno.h>
#include <string.h>

#include "plan/build.h"

/* ---- top-level fields ------------------------------------------------------------------------------------------ */

static const struct ecli_plan_note *find_note(const struct builder *builder, const char *name)
{
	for (size_t i = 0; i < builder->n_notes; i++)
		if (!builder->notes[i].parent && !strcmp(builder->notes[i].field, name))
			return &builder->notes[i];
	return NULL;
}

static int set_time(struct builder *builder, const struct spot *spot)
{
	const struct ecli_type *type = ecli_types_resolve(builder->types, spot->type_id);

	if (type->kind != ECLI_TYPE_INT || type->size_bytes != sizeof(uint64_t) || type->int_bits != 64 || spot->bits)
		return ecli_err_set(builder->err, -EINVAL,
				    "the field %s is tagged @time but is no 64-bit integer; declare it as __u64",
				    spot->name);
	builder->plan->has_time = true;
	builder->plan->time_offset = (uint32_t)(spot->offset_bits / 8);
	builder->plan->time_name = spot->name;
	return 0;
}

const char *plan_keep_name(struct ecli_plan *plan, char *text)
{
	char **grown = text ? reallocarray(plan->renamed, plan->n_renamed + 1, sizeof(char *)) : NULL;

	if (!grown) {
		free(text);
		return NULL;
	}
	plan->renamed = grown;
	plan->renamed[plan->n_renamed++] = text;
	return text;
}

/* A value's field that has the name of a key's becomes value_NAME: a row, and above all a JSON object, has each name
 * once. */
static int rename_if_taken(struct builder *builder, const char **name)
{
	struct ecli_plan *plan = builder->plan;
	bool is_taken = false;

	for (uint32_t i = 0; i < builder->n_key_columns; i++)
		is_taken |= !strcmp(ecli_plan_column(plan, i)->name, *name);
	if (!is_taken)
		return 0;

	char *renamed = NULL;
	if (asprintf(&renamed, "value_%s", *name) < 0)
		return plan_no_memory(builder);
	*name = plan_keep_name(plan, renamed);
	return *name ? 0 : plan_no_memory(builder);
}

int plan_add_column(struct builder *builder, const struct spot *spot)
{
	struct ecli_plan *plan = builder->plan;
	const struct ecli_plan_note *note = find_note(builder, spot->name);
	struct spot column = *spot;
	uint32_t first = plan->n_ops;

	if (note && note->is_time && !plan->has_time)
		return set_time(builder, spot);
	builder->is_hidden = note && note->hidden;
	if (note && note->format)
		column.format = note->format;
	if (note && note->stacks)
		column.stacks = note->stacks;
	if (note && note->unit)
		column.unit = note->unit;
	int r = rename_if_taken(builder, &column.name);
	if (r == 0)
		r = plan_add_by_kind(builder, &column);
	if (r == 0 && plan->n_ops > first)
		plan->columns[plan->n_columns++] = first;
	return r;
}

/* ---- records whose length varies -------------------------------------------------------------------------------- */

/* What tools send only in part: an array this long is not there to be filled each time. */
#define LONG_ARRAY_BYTES 64

/* The last member of the event's struct, when it is an array of its own right; NULL otherwise. */
static const struct ecli_type_member *last_array(const struct builder *builder, const struct ecli_type *type)
{
	const struct ecli_type_member *last = NULL;

	if (type->kind != ECLI_TYPE_STRUCT || !type->n_members)
		return NULL;
	last = &type->members[type->n_members - 1];
	return *last->name && !last->bits && !(last->offset_bits % 8) &&
			       ecli_types_resolve(builder->types, last->type_id)->kind == ECLI_TYPE_ARRAY
		       ? last
		       : NULL;
}

/*
 * An event may end in an array that is as long as the record says: a flexible array member, or a long array of which only the part in use
 * was sent (bpf_perf_event_output(..., offsetof(struct event, args) + len)).
 */
static int add_tail(struct builder *builder, uint32_t type_id)
{
	struct ecli_plan *plan = builder->plan;
	const struct ecli_type *type = ecli_types_resolve(builder->types, type_id);
	const struct ecli_type_member *last = last_array(builder, type);

	if (!last)
		return 0;
	const struct ecli_type *array = ecli_types_resolve(builder->types, last->type_id);
	uint32_t before = plan->n_columns;
	if (!array->size_bytes) {
		struct spot spot = {
			.name = last->name, .type_id = last->type_id, .offset_bits = last->offset_bits, .nesting = 1
		};
		int r = plan_add_flexible(builder, &spot);
		if (r < 0)
			return r;
		plan->is_tail_open = plan->n_columns > before;
		if (!plan->is_tail_open)
			return 0;
	} else if (array->size_bytes < LONG_ARRAY_BYTES || !plan->n_columns) {
		return 0;
	}
	/* The last column, unless the array has a format that takes its bytes as a whole. */
	uint32_t first = plan->columns[plan->n_columns - 1];
	const struct plan_op *op = &plan->ops[first];
	if ((op->code != OP_STRING && op->code != OP_WORDS && op->code != OP_LOOP) ||
	    op->offset != last->offset_bits / 8)
		return 0;
	plan->has_tail = true;
	plan->tail = first;
	plan->tail_offset = op->offset;
	return 0;
}

/* ---- records --------------------------------------------------------------------------------------------------- */

int plan_start(struct builder *builder)
{
	builder->plan = calloc(1, sizeof(*builder->plan));
	return builder->plan ? 0 : plan_no_memory(builder);
}

int plan_add_record(struct builder *builder, uint32_t type_id, const char *name, uint64_t offset_bytes)
{
	const struct ecli_type *type = ecli_types_resolve(builder->types, type_id);
	CLEANUP_BUF struct ecli_buf text = { 0 };

	if (!type)
		return ecli_err_set(builder->err, -EINVAL, "type %u does not exist in the object", type_id);
	ecli_type_format(builder->types, type_id, &text);
	if (type->size_bytes == 0)
		return ecli_err_set(builder->err, -EINVAL, "%s has no bytes to show", ecli_buf_text(&text));
	if (type->size_bytes > UINT32_MAX - offset_bytes)
		return ecli_err_set(builder->err, -EINVAL, "%s is too large to be an event", ecli_buf_text(&text));

	struct spot spot = {
		.name = name,
		.type_id = type_id,
		.offset_bits = offset_bytes * 8,
		.is_flat = type->kind == ECLI_TYPE_STRUCT || type->kind == ECLI_TYPE_UNION,
	};
	uint32_t before = builder->plan->n_ops;
	bool had_time = builder->plan->has_time;
	int r = plan_add_spot(builder, &spot);
	if (r < 0)
		return ecli_err_wrap(builder->err, r, "%s cannot be decoded", ecli_buf_text(&text));
	builder->plan->size_bytes = offset_bytes + type->size_bytes;
	if (builder->may_vary) {
		r = add_tail(builder, type_id);
		if (r < 0)
			return ecli_err_wrap(builder->err, r, "%s cannot be decoded", ecli_buf_text(&text));
	}
	if (builder->plan->n_ops == before && builder->plan->has_time == had_time)
		return ecli_err_set(builder->err, -EINVAL, "%s has no fields to show", ecli_buf_text(&text));
	return 0;
}

int plan_finish(struct builder *builder, struct ecli_plan **ret_plan)
{
	struct ecli_plan *plan = builder->plan;

	if (plan_name_raw_values(builder) < 0)
		return plan_no_memory(builder);
	if (plan_verify(plan) < 0)
		return ecli_err_set(builder->err, -EINVAL, "the type contradicts its own size; build the object again");
	*ret_plan = plan;
	return 0;
}

int ecli_plan_build(const struct ecli_types *types, uint32_t type_id, const struct ecli_plan_note *notes,
		    size_t n_notes, struct ecli_err *err, struct ecli_plan **ret_plan)
{
	struct builder builder = { .types = types, .notes = notes, .n_notes = n_notes, .err = err, .may_vary = true };
	int r = plan_start(&builder);

	if (r == 0)
		r = plan_add_record(&builder, type_id, "value", 0);
	if (r == 0)
		r = plan_finish(&builder, ret_plan);
	if (r < 0)
		ecli_plan_free(builder.plan);
	return r;
}

/* ---- records described by hand --------------------------------------------------------------------------------- */

static int by_offset(const void *a, const void *b)
{
	const struct ecli_plan_member *x = a, *y = b;

	if (x->offset_bytes != y->offset_bytes)
		return x->offset_bytes < y->offset_bytes ? -1 : 1;
	return strcmp(x->name, y->name);
}

static bool is_named_before(const struct ecli_plan_member *members, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (!strcmp(members[i].name, members[index].name))
			return true;
	return false;
}

/* @members are in order; the plan's size is the end of those before. */
static int add_hand_member(struct builder *builder, const struct ecli_plan_member *members, size_t index)
{
	const struct ecli_plan_member *member = &members[index];
	const struct ecli_type *type = ecli_types_resolve(builder->types, member->type_id);
	struct ecli_plan *plan = builder->plan;

	if (!*member->name || is_named_before(members, index))
		return ecli_err_set(builder->err, -EINVAL, "the member at byte %u %s; give each a name of its own",
				    member->offset_bytes, *member->name ? "has the name of another" : "has no name");
	if (!type || type->size_bytes == 0)
		return ecli_err_set(builder->err, -EINVAL, "member %s: type %u %s", member->name, member->type_id,
				    type ? "has no bytes to show" : "does not exist in the object");
	if (member->offset_bytes < plan->size_bytes)
		return ecli_err_set(builder->err, -EINVAL,
				    "member %s at byte %u overlaps with member %s, which ends at byte %llu",
				    member->name, member->offset_bytes, members[index - 1].name,
				    (unsigned long long)plan->size_bytes);
	if (type->size_bytes > UINT32_MAX - member->offset_bytes)
		return ecli_err_set(builder->err, -EINVAL, "member %s reaches beyond what a record can be",
				    member->name);

	struct spot spot = {
		.name = plan_keep_name(plan, strdup(member->name)),
		.type_id = member->type_id,
		.offset_bits = (uint64_t)member->offset_bytes * 8,
	};
	if (!spot.name)
		return plan_no_memory(builder);
	int r = plan_add_spot(builder, &spot);
	if (r < 0)
		return ecli_err_wrap(builder->err, r, "member %s cannot be decoded", member->name);
	plan->size_bytes = member->offset_bytes + type->size_bytes;
	return 0;
}

int ecli_plan_build_members(const struct ecli_types *types, const struct ecli_plan_member *members, size_t n_members,
			    struct ecli_err *err, struct ecli_plan **ret_plan)
{
	struct builder builder = { .types = types, .err = err };
	CLEANUP_FREE struct ecli_plan_member *sorted = calloc(n_members + 1, sizeof(*sorted));
	int r = sorted ? plan_start(&builder) : plan_no_memory(&builder);

	for (size_t i = 0; r == 0 && i < n_members; i++)
		sorted[i] = members[i];
	if (r == 0)
		qsort(sorted, n_members, sizeof(*sorted), by_offset);
	for (size_t i = 0; r == 0 && i < n_members; i++)
		r = add_hand_member(&builder, sorted, i);
	if (r == 0 && !builder.plan->n_columns)
		r = ecli_err_set(err, -EINVAL, "the record has no members to show");
	if (r == 0)
		r = plan_finish(&builder, ret_plan);
	if (r < 0)
		ecli_plan_free(builder.plan);
	return r;
}
