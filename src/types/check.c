/* SPDX-License-Identifier: MIT */
/*
 * What the records say of each other. After this a walk over the model needs no checks of its own: every reference
 * exists and is of a kind that makes sense there, no walk comes back to where it was, and whatever lies in something
 * lies in it whole.
 *
 *     1. references  each target id in range, and of a kind from the table below
 *     2. chains      following single targets (pointer, typedef, array, ...) ends
 *     3. settle      what a type holds by value: no type holds itself; sizes and offsets, innermost types first
 *
 * 2 and 3 differ in what a pointer does: a list node points to its own type (fine by value), `T` as a pointer to `T`
 * without a struct between is nonsense. Neither recurses: a hostile chain may be a million long.
 */
#include <assert.h>
#include <errno.h>
#include <linux/btf.h>

#include "base/num.h"
#include "types/model.h"

#define K(kind)     (1u << ECLI_TYPE_##kind)
#define K_SCALAR    (K(INT) | K(CHAR) | K(BOOL) | K(FLOAT) | K(POINTER) | K(ENUM))
#define K_SIZED     (K_SCALAR | K(ARRAY) | K(STRUCT) | K(UNION))
#define K_ALIAS     (K(TYPEDEF) | K(MODIFIER))
#define K_ANY       (K_SIZED | K_ALIAS | K(VOID) | K(FORWARD) | K(FUNC_PROTO))
#define K_BIT_FIELD (K(INT) | K(CHAR) | K(BOOL) | K(ENUM))

/* What a type may refer to, itself and past typedefs and modifiers; 0: it refers to nothing. */
static const struct rule {
	uint32_t direct, resolved;
	bool has_target; /* one target_id, else the members' */
} rules[] = {
	[ECLI_TYPE_POINTER] = { K_ANY, K_ANY, true },
	[ECLI_TYPE_ARRAY] = { K_SIZED | K_ALIAS, K_SIZED, true },
	[ECLI_TYPE_STRUCT] = { K_SIZED | K_ALIAS, K_SIZED, false },
	[ECLI_TYPE_UNION] = { K_SIZED | K_ALIAS, K_SIZED, false },
	[ECLI_TYPE_TYPEDEF] = { K_ANY, K_ANY, true },
	[ECLI_TYPE_MODIFIER] = { K_ANY, K_ANY, true },
	[ECLI_TYPE_FUNC] = { K(FUNC_PROTO), K(FUNC_PROTO), true },
	[ECLI_TYPE_FUNC_PROTO] = { K_ANY, K_ANY, true }, /* the result */
	[ECLI_TYPE_VAR] = { K_ANY, K_ANY, true },
	[ECLI_TYPE_SECTION] = { K(VAR) | K(FUNC), K(VAR) | K(FUNC), false }, /* FUNC: a kernel function in ".ksyms" */
	[ECLI_TYPE_TAG] = { UINT32_MAX & ~K(VOID), UINT32_MAX, true },
};
static_assert(ARRAY_SIZE(rules) == ECLI_TYPE_TAG + 1 && ECLI_TYPE_TAG < 32, "a row and a bit per kind");

/* A type being settled, and which of what it holds comes next. */
struct visit {
	uint32_t id, next;
};

static const struct ecli_type *type_of(const struct ecli_types *types, uint32_t id)
{
	return &types->types[types->resolved[id]];
}

/* ---- 1: references --------------------------------------------------------------------------------------------- */

static int check_reference(const struct ecli_types *types, uint32_t id, uint32_t target_id, struct ecli_err *err)
{
	const struct rule *rule = &rules[types->types[id].kind];

	if (target_id >= types->count)
		return types_malformed(types, id, err, "refers to type %u, which does not exist", target_id);
	if (!(rule->direct & 1u << types->types[target_id].kind))
		return types_malformed(types, id, err, "refers to type %u, which is of the wrong kind", target_id);
	return 0;
}

static int check_references(const struct ecli_types *types, struct ecli_err *err)
{
	for (uint32_t id = 1; id < types->count; id++) {
		const struct ecli_type *type = &types->types[id];
		int r = 0;

		if (rules[type->kind].has_target)
			r = check_reference(types, id, type->target_id, err);
		for (uint32_t i = 0; i < type->n_members && r == 0; i++)
			r = check_reference(types, id, type->members[i].type_id, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- 2: chains ------------------------------------------------------------------------------------------------- */

static int check_chains(const struct ecli_types *types, struct ecli_err *err)
{
	/* The walk that first came by, by the id it started from: meeting one's own mark is a loop, another's is known
	 * to end. */
	CLEANUP_FREE uint32_t *walk = calloc(types->count, sizeof(*walk));

	if (!walk)
		return ecli_err_set(err, -ENOMEM, "out of memory while reading type information");
	for (uint32_t start = 1; start < types->count; start++) {
		uint32_t id = start;

		while (id && !walk[id] && rules[types->types[id].kind].has_target) {
			walk[id] = start;
			id = types->types[id].target_id;
		}
		if (walk[id] == start && id)
			return types_malformed(types, id, err, "is defined by itself");
	}
	return 0;
}

/* ---- 3: sizes and offsets, innermost first --------------------------------------------------------------------- */

static int settle_array(struct ecli_types *types, struct ecli_type *type, struct ecli_err *err)
{
	uint64_t element = type_of(types, type->target_id)->size_bytes;

	/* Sizes stay countable in bits. Large ones are real: the length of a map is written as int (*)[N]. */
	if (element && type->count > UINT64_MAX / 8 / element)
		return types_malformed(types, type->id, err, "is an array of more bytes than there can be");
	type->size_bytes = element * type->count;
	return 0;
}

static int settle_member(struct ecli_types *types, const struct ecli_type *owner, struct ecli_type_member *member,
			 struct ecli_err *err)
{
	const struct ecli_type *type = type_of(types, member->type_id);
	bool is_int = K(INT) & 1u << type->kind || K(CHAR) & 1u << type->kind || K(BOOL) & 1u << type->kind;
	uint64_t width = member->bits ? member->bits : type->size_bytes * 8;

	/* Older encoding of a bit-field: an integer type with fewer bits than its bytes have, or at an odd bit. */
	if (is_int && !member->bits && (type->int_bits != width || member->offset_bits % 8)) {
		member->offset_bits += type->int_offset_bits;
		member->bits = type->int_bits;
		width = member->bits;
	}
	if (member->bits && (!(K_BIT_FIELD & 1u << type->kind) || width > type->size_bytes * 8))
		return types_malformed(types, owner->id, err, "has a bit-field (%.64s) of a type that cannot be one",
				       member->name);
	if (!member->bits && member->offset_bits % 8)
		return types_malformed(types, owner->id, err, "has a member (%.64s) between two bytes", member->name);
	if (!ecli_num_within(member->offset_bits, width, owner->size_bytes * 8))
		return types_malformed(types, owner->id, err, "has a member (%.64s) outside of it", member->name);
	return 0;
}

static int settle_section(struct ecli_types *types, const struct ecli_type *section, struct ecli_err *err)
{
	for (uint32_t i = 0; i < section->n_members; i++) {
		struct ecli_type_member *member = &types->members[section->members - types->members + i];
		const struct ecli_type *var = &types->types[member->type_id];

		member->name = var->name;
		if (var->kind == ECLI_TYPE_VAR) {
			member->is_static = types->raw[var->id] & RAW_FLAG;
			member->type_id = var->target_id;
		}
		if (member->size_bytes < type_of(types, member->type_id)->size_bytes)
			return types_malformed(types, section->id, err,
					       "gives the variable %.64s less room than it has", member->name);
	}
	/* Straight from clang the size is 0 and the offsets are not yet known. */
	return section->size_bytes ? types_check_section(types, section, err) : 0;
}

/* Everything that @type holds by value is settled; now it is. */
static int settle(struct ecli_types *types, uint32_t id, struct ecli_err *err)
{
	struct ecli_type *type = &types->types[id];
	uint32_t allowed = rules[type->kind].resolved;

	types->resolved[id] = id;
	if (K_ALIAS & 1u << type->kind) {
		types->resolved[id] = types->resolved[type->target_id];
		type->size_bytes = type_of(types, id)->size_bytes;
		return 0;
	}
	if (type->kind == ECLI_TYPE_ARRAY && !(allowed & 1u << type_of(types, type->target_id)->kind))
		return types_malformed(types, id, err, "is an array of something without a size");
	if (type->kind == ECLI_TYPE_ARRAY)
		return settle_array(types, type, err);
	if (type->kind == ECLI_TYPE_VAR)
		type->size_bytes = type_of(types, type->target_id)->size_bytes;
	if (type->kind == ECLI_TYPE_SECTION)
		return settle_section(types, type, err);
	for (uint32_t i = 0; i < type->n_members; i++) {
		struct ecli_type_member *member = &types->members[type->members - types->members + i];

		if (!(allowed & 1u << type_of(types, member->type_id)->kind))
			return types_malformed(types, id, err, "has a member (%.64s) without a size", member->name);
		int r = settle_member(types, type, member, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The @next-th thing that @type holds by value, or 0. */
static uint32_t held(const struct ecli_type *type, uint32_t next)
{
	if (next < type->n_members)
		return type->members[next].type_id;
	if (next == 0 && (type->kind == ECLI_TYPE_ARRAY || type->kind == ECLI_TYPE_VAR || K_ALIAS & 1u << type->kind))
		return type->target_id;
	return 0;
}

static int settle_all(struct ecli_types *types, struct ecli_err *err)
{
	enum { NEW, OPEN, SETTLED };
	CLEANUP_FREE uint8_t *state = calloc(types->count, sizeof(*state));
	CLEANUP_FREE struct visit *stack = calloc(types->count, sizeof(*stack)); /* a type is on it once at most */

	if (!state || !stack)
		return ecli_err_set(err, -ENOMEM, "out of memory while reading type information");
	for (uint32_t start = 1; start < types->count; start++) {
		uint32_t depth = 0;

		if (state[start] == NEW) {
			state[start] = OPEN;
			stack[depth++] = (struct visit){ .id = start };
		}
		while (depth) {
			struct visit *visit = &stack[depth - 1];
			uint32_t id = held(&types->types[visit->id], visit->next);

			/* A struct's members are never void, so 0 is the end, or a typedef of void, which holds
			 * nothing. */
			if (!id) {
				int r = settle(types, visit->id, err);

				if (r < 0)
					return r;
				state[visit->id] = SETTLED;
				depth--;
				continue;
			}
			visit->next++;
			if (state[id] == OPEN)
				return types_malformed(types, id, err, "contains itself");
			if (state[id] == NEW) {
				state[id] = OPEN;
				stack[depth++] = (struct visit){ .id = id };
			}
		}
	}
	return 0;
}

int types_check_section(const struct ecli_types *types, const struct ecli_type *section, struct ecli_err *err)
{
	for (uint32_t i = 0; i < section->n_members; i++) {
		const struct ecli_type_member *member = &section->members[i];

		if (!ecli_num_within(member->offset_bits / 8, member->size_bytes, section->size_bytes))
			return types_malformed(types, section->id, err, "has the variable %.64s outside of it",
					       member->name);
	}
	return 0;
}

int types_check(struct ecli_types *types, struct ecli_err *err)
{
	int r = check_references(types, err);

	if (r == 0)
		r = check_chains(types, err);
	if (r == 0)
		r = settle_all(types, err);
	return r;
}
