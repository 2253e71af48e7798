/* SPDX-License-Identifier: MIT */
/*
 * The walk over a type that leaves ops behind: once, in struct order; an array becomes one loop however long it is.
 *
 * Invariant: a group never exists without a leaf in it. Members without bytes (flexible and empty arrays, empty
 * structs) and members without a name that are no struct (padding) leave no op.
 *
 * The type model is checked, but may still be hostile: deep, wide, or small and doubling at each level. Hence three
 * bounds: nesting, ops, and looks at members, which also counts those that lead to no op.
 */
#include <errno.h>
#include <string.h>

#include "plan/build.h"

#define MAX_LOOKS 65536u

/* ---- ops and fields -------------------------------------------------------------------------------------------- */

static int too_large(struct builder *builder)
{
	return ecli_err_set(builder->err, -E2BIG, "the type has more than %u fields to show; report a smaller struct",
			    PLAN_MAX_OPS);
}

int plan_no_memory(struct builder *builder)
{
	return ecli_err_set(builder->err, -ENOMEM, "out of memory while planning how to read events");
}

/* Room for one more op, field and column: there are never more of the latter than of ops. */
static int make_room(struct builder *builder)
{
	struct ecli_plan *plan = builder->plan;
	uint32_t room = builder->room ? builder->room * 2 : 32;

	if (plan->n_ops == PLAN_MAX_OPS)
		return too_large(builder);
	if (plan->n_ops < builder->room)
		return 0;

	struct plan_op *ops = reallocarray(plan->ops, room, sizeof(*ops));
	plan->ops = ops ? ops : plan->ops;
	struct ecli_field *fields = reallocarray(plan->fields, room, sizeof(*fields));
	plan->fields = fields ? fields : plan->fields;
	uint32_t *columns = reallocarray(plan->columns, room, sizeof(*columns));
	plan->columns = columns ? columns : plan->columns;
	if (!ops || !fields || !columns)
		return plan_no_memory(builder);
	builder->room = room;
	return 0;
}

static int add_op(struct builder *builder, const struct plan_op *op)
{
	struct ecli_plan *plan = builder->plan;
	int r = make_room(builder);

	if (r < 0)
		return r;
	plan->ops[plan->n_ops++] = *op;
	return 0;
}

/* An op with a field of its own. */
static int add_field(struct builder *builder, const struct spot *spot, struct plan_op op, enum ecli_value_kind kind,
		     bool is_signed)
{
	struct ecli_plan *plan = builder->plan;
	int r = make_room(builder);

	if (r < 0)
		return r;
	plan->fields[plan->n_fields] = (struct ecli_field){
		.name = spot->name,
		.kind = kind,
		.size_bytes = plan_op_is_leaf(&op)
				      ? (uint32_t)ecli_types_resolve(builder->types, spot->type_id)->size_bytes
				      : 0,
		.depth = spot->depth,
		.column = plan->n_columns,
		.is_signed = is_signed,
		.hidden = builder->is_hidden,
	};
	op.field = plan->n_fields++;
	return add_op(builder, &op);
}

/* Closes what the op at @open began; or, when nothing to show came in between, takes it back. */
static int close_group(struct builder *builder, uint32_t open, enum plan_code code)
{
	struct ecli_plan *plan = builder->plan;
	struct plan_op *opened = &plan->ops[open];

	if (plan->n_ops == open + 1) {
		plan->n_ops--;
		plan->n_fields--;
		return 0;
	}
	struct plan_op op = *opened;
	op.code = (uint8_t)code;
	op.partner = open;
	opened->partner = plan->n_ops;
	/* The op after the opening one is a leaf, or a group that already has the kind of its first leaf. */
	plan->fields[opened->field].kind = plan->fields[opened[1].field].kind;
	return add_op(builder, &op);
}

/* ---- leaves ---------------------------------------------------------------------------------------------------- */

static enum plan_code whole_code(enum ecli_value_kind kind, uint64_t size_bytes, bool is_signed)
{
	/* Other sizes (3, 5, ... bytes) are OP_BITS, which is 0. */
	static const uint8_t codes[2][9] = {
		{ [1] = OP_UINT8, [2] = OP_UINT16, [4] = OP_UINT32, [8] = OP_UINT64 },
		{ [1] = OP_SINT8, [2] = OP_SINT16, [4] = OP_SINT32, [8] = OP_SINT64 },
	};

	if (kind == ECLI_VALUE_BOOL)
		return size_bytes == 1 ? OP_BOOL8 : OP_BITS;
	if (kind == ECLI_VALUE_ENUM || size_bytes >= ARRAY_SIZE(codes[0]))
		return OP_BITS;
	return codes[is_signed][size_bytes];
}

static enum ecli_value_kind scalar_kind(const struct ecli_type *type, uint32_t bits)
{
	if (bits > 64)
		return type->is_signed ? ECLI_VALUE_SINT128 : ECLI_VALUE_UINT128;
	if (type->kind == ECLI_TYPE_BOOL)
		return ECLI_VALUE_BOOL;
	if (type->kind == ECLI_TYPE_ENUM)
		return ECLI_VALUE_ENUM;
	if (type->kind == ECLI_TYPE_CHAR && bits == 8)
		return ECLI_VALUE_CHAR;
	return type->is_signed ? ECLI_VALUE_SINT : ECLI_VALUE_UINT;
}

/* Integers of all kinds, in whole bytes or a few bits; enums. */
static int add_scalar(struct builder *builder, const struct spot *spot, const struct ecli_type *type)
{
	uint32_t type_bits = type->int_bits ? type->int_bits : 8 * (uint32_t)type->size_bytes;
	uint32_t bits = spot->bits ? spot->bits : type_bits;
	uint64_t offset_bits = spot->offset_bits + (spot->bits ? 0 : type->int_offset_bits);
	enum ecli_value_kind kind = scalar_kind(type, bits);
	bool is_signed = type->is_signed && kind != ECLI_VALUE_CHAR && kind != ECLI_VALUE_BOOL;
	bool is_whole = offset_bits % 8 == 0 && bits == type->size_bytes * 8;
	struct plan_op op = {
		.code = OP_BITS,
		.offset = (uint32_t)(offset_bits / 8),
		.size = (uint32_t)type->size_bytes,
	};

	if (bits > 64)
		op.code = OP_WIDE;
	else if (is_whole)
		op.code = (uint8_t)whole_code(kind, type->size_bytes, is_signed);
	if (op.code == OP_BITS || op.code == OP_WIDE) {
		op.shift = offset_bits % 8;
		op.bits = (uint8_t)bits;
		op.size = (op.shift + bits + 7) / 8;
	}
	if (kind == ECLI_VALUE_ENUM && plan_enum_get(builder->plan, type, &op.names) < 0)
		return plan_no_memory(builder);
	return add_field(builder, spot, op, kind, is_signed);
}

static int add_whole(struct builder *builder, const struct spot *spot, const struct ecli_type *type,
		     enum plan_code code, enum ecli_value_kind kind)
{
	struct plan_op op = {
		.code = (uint8_t)code,
		.offset = (uint32_t)(spot->offset_bits / 8),
		.size = type->size_bytes ? (uint32_t)type->size_bytes : 1,
	};

	return add_field(builder, spot, op, kind, kind == ECLI_VALUE_FLOAT);
}

int plan_add_made(struct builder *builder, const char *name, enum plan_code code, enum ecli_value_kind kind,
		  uint64_t offset_bytes)
{
	struct ecli_plan *plan = builder->plan;
	int r = make_room(builder);

	if (r < 0)
		return r;
	struct plan_op op = { .code = (uint8_t)code, .offset = (uint32_t)offset_bytes, .field = plan->n_fields };
	op.size = code == OP_UINT32 ? 4 : 8;
	plan->fields[plan->n_fields++] = (struct ecli_field){
		.name = name,
		.kind = kind,
		.size_bytes = op.size,
		.column = plan->n_columns,
		.is_signed = kind != ECLI_VALUE_UINT,
	};
	plan->columns[plan->n_columns++] = plan->n_ops;
	return add_op(builder, &op);
}

/* ---- structure ------------------------------------------------------------------------------------------------- */

/* An array of formatted values has their format too: JSON then has an array of the raw ones beside it. */
static int pass_format(struct builder *builder, uint32_t open)
{
	struct ecli_plan *plan = builder->plan;

	if (plan->n_ops <= open)
		return 0;
	uint32_t array = plan->ops[open].field;
	const struct ecli_field_format *inner = plan->fields[plan->ops[open + 1].field].format;

	/* Elements without a name only: a struct in the array has its own raw values. */
	if (plan->ops[open + 1].code == OP_OPEN || !inner)
		return 0;
	plan->fields[array].kind = inner->raw_kind;
	int r = plan_format_set(builder, array, inner->as, NULL, NULL);
	return r ? r : plan_format_set_stacks(builder, array, inner->stacks);
}

static int add_array(struct builder *builder, const struct spot *spot, const struct ecli_type *type)
{
	const struct ecli_type *element = ecli_types_resolve(builder->types, type->target_id);
	uint32_t open = builder->plan->n_ops;
	struct plan_op op = {
		.code = OP_LOOP,
		.offset = (uint32_t)(spot->offset_bits / 8),
		.size = (uint32_t)element->size_bytes,
		.count = type->count ? type->count : 1, /* a flexible array: plan_add_flexible() */
	};

	if (element->kind == ECLI_TYPE_CHAR && element->int_bits == 8)
		return add_whole(builder, spot, type, OP_STRING, ECLI_VALUE_STRING);

	struct spot inner = {
		.name = "",
		.type_id = type->target_id,
		.offset_bits = spot->offset_bits,
		.depth = spot->depth + 1,
		.nesting = spot->nesting + 1,
		.format = spot->format,
		.stacks = spot->stacks,
		.unit = spot->unit,
	};
	int r = add_field(builder, spot, op, ECLI_VALUE_UINT, false);
	if (r == 0)
		r = plan_add_spot(builder, &inner);
	if (r == 0)
		r = close_group(builder, open, OP_NEXT);
	return r < 0 ? r : pass_format(builder, open);
}

/* What the tags on that member of that struct say. */
static void add_tags(const struct builder *builder, const char *parent, struct spot *spot)
{
	for (size_t i = 0; i < builder->n_notes; i++) {
		const struct ecli_plan_note *note = &builder->notes[i];

		if (!note->parent || strcmp(note->field, spot->name) != 0 || strcmp(note->parent, parent) != 0)
			continue;
		spot->format = note->format;
		spot->stacks = note->stacks;
		spot->unit = note->unit;
		return;
	}
}

/* What the kernel keeps in a map's value for itself: a lock, a timer, the head of a list with its addresses. Nothing of it is for people. */
static bool is_kernels_own(const struct ecli_type *type)
{
	static const char *const names[] = {
		"bpf_spin_lock", "bpf_res_spin_lock", "bpf_timer",   "bpf_wq",      "bpf_task_work",
		"bpf_list_head", "bpf_list_node",     "bpf_rb_root", "bpf_rb_node", "bpf_refcount",
	};

	for (size_t i = 0; type->kind == ECLI_TYPE_STRUCT && i < ARRAY_SIZE(names); i++)
		if (!strcmp(type->name, names[i]))
			return true;
	return false;
}

static int add_member(struct builder *builder, const struct spot *spot, const char *type_name,
		      const struct ecli_type_member *member)
{
	const struct ecli_type *type = ecli_types_resolve(builder->types, member->type_id);
	bool is_anonymous = !*member->name;
	bool is_struct = type->kind == ECLI_TYPE_STRUCT || type->kind == ECLI_TYPE_UNION;
	struct spot inner = {
		.name = member->name,
		.type_id = member->type_id,
		.offset_bits = spot->offset_bits + member->offset_bits,
		.bits = member->bits,
		.depth = spot->depth + !spot->is_flat,
		.nesting = spot->nesting + 1,
		.is_flat = is_anonymous,
	};

	if (is_kernels_own(type)) {
		builder->plan->has_gaps = true;
		return 0;
	}
	if (!is_anonymous)
		add_tags(builder, type_name, &inner);

	if (++builder->looks > MAX_LOOKS)
		return too_large(builder);
	return is_anonymous && !is_struct ? 0 : plan_add_spot(builder, &inner);
}

static int add_struct(struct builder *builder, const struct spot *spot, const struct ecli_type *type)
{
	uint32_t open = builder->plan->n_ops;
	struct plan_op op = { .code = OP_OPEN };
	int r = spot->is_flat ? 0 : add_field(builder, spot, op, ECLI_VALUE_UINT, false);

	for (uint32_t i = 0; i < type->n_members && r == 0; i++)
		r = add_member(builder, spot, type->name, &type->members[i]);
	return r < 0 || spot->is_flat ? r : close_group(builder, open, OP_CLOSE);
}

static int add_by_kind(struct builder *builder, const struct spot *spot)
{
	const struct ecli_type *type = ecli_types_resolve(builder->types, spot->type_id);

	switch (type->kind) {
	case ECLI_TYPE_INT:
	case ECLI_TYPE_CHAR:
	case ECLI_TYPE_BOOL:
	case ECLI_TYPE_ENUM:
		return add_scalar(builder, spot, type);
	case ECLI_TYPE_POINTER:
		return add_whole(builder, spot, type, OP_UINT64, ECLI_VALUE_POINTER);
	case ECLI_TYPE_FLOAT:
		if (type->size_bytes == sizeof(float))
			return add_whole(builder, spot, type, OP_FLOAT32, ECLI_VALUE_FLOAT);
		if (type->size_bytes == sizeof(double))
			return add_whole(builder, spot, type, OP_FLOAT64, ECLI_VALUE_FLOAT);
		return add_whole(builder, spot, type, OP_BYTES, ECLI_VALUE_BYTES);
	case ECLI_TYPE_ARRAY:
		return add_array(builder, spot, type);
	case ECLI_TYPE_STRUCT:
	case ECLI_TYPE_UNION:
		return add_struct(builder, spot, type);
	default:
		return ecli_err_set(builder->err, -EINVAL, "%s is of a kind that has no bytes to show", spot->name);
	}
}

int plan_add_by_kind(struct builder *builder, const struct spot *spot)
{
	struct ecli_plan *plan = builder->plan;
	const struct ecli_type *type = ecli_types_resolve(builder->types, spot->type_id);
	enum ecli_as as = spot->is_flat ? ECLI_AS_NUMBER : plan_format_of(builder, spot);
	int r;

	if (as == ECLI_AS_NUMBER) {
		r = add_by_kind(builder, spot);
		if (!r && spot->unit && type->kind == ECLI_TYPE_INT && plan->n_ops)
			plan->fields[plan->ops[plan->n_ops - 1].field].unit = (uint8_t)ecli_unit_find(spot->unit);
		return r;
	}
	if (plan_format_is_whole(type, as))
		r = add_whole(builder, spot, type, as == ECLI_AS_ARGV ? OP_WORDS : OP_BYTES, ECLI_VALUE_BYTES);
	else
		r = add_by_kind(builder, spot);
	if (r < 0)
		return r;
	/* Either added exactly one leaf. */
	const struct plan_op *op = &plan->ops[plan->n_ops - 1];
	uint32_t field = op->field;
	r = plan_format_set(builder, field, as, type, op->names);
	return r ? r : plan_format_set_stacks(builder, field, spot->stacks);
}

int plan_add_flexible(struct builder *builder, const struct spot *spot)
{
	const struct ecli_type *type = ecli_types_resolve(builder->types, spot->type_id);

	if (ecli_types_resolve(builder->types, type->target_id)->size_bytes == 0)
		return 0;
	return plan_add_column(builder, spot);
}

int plan_add_spot(struct builder *builder, const struct spot *spot)
{
	if (ecli_types_resolve(builder->types, spot->type_id)->size_bytes == 0)
		return 0;
	if (spot->nesting >= PLAN_MAX_NESTING)
		return ecli_err_set(builder->err, -EINVAL, "%s lies deeper than %u levels; report a flatter struct",
				    *spot->name ? spot->name : "a member", PLAN_MAX_NESTING);
	return spot->depth == 0 && !spot->is_flat ? plan_add_column(builder, spot) : plan_add_by_kind(builder, spot);
}
