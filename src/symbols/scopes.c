/* SPDX-License-Identifier: MIT */
/*
 * A unit's entries in DWARF are a tree in which functions, inlined calls, blocks, types and names are mixed. libdw can
 * find the scopes of one address in it by walking all of it; stacks ask for thousands. So it is walked once, and what has addresses
 * becomes an array of ranges that is searched by halving:
 *
 *     main          1000..1100                  ranges by low    1000..1100 main     up -
 *       └ parse     1010..1040  called at :12                    1010..1040 parse    up main
 *           └ skip  1020..1030  called at :31                    1020..1030 skip     up parse
 *
 * The entries come from a file anybody may write: how many are looked at, how deep, and how many ranges they may have is
 * bounded. Nesting is computed from the ranges, so that it is sane even where the tree is not.
 */
#include "symbols/scopes.h"

#include <dwarf.h>
#include <stdlib.h>

enum {
	MAX_DEPTH = 128,
	MAX_ENTRIES = 4 << 20,
	MAX_RANGES = 256 << 10,
	MAX_HELD = 256 << 10, /* and as many holders */
	MAX_LOOKED = 1 << 20, /* ranges of a unit that are looked at, also those that are empty */
};

/* What a kind of entry is to us; all others and what they contain is passed over. */
enum kind { KIND_NOTHING, KIND_HOLDER, KIND_FUNCTION, KIND_INLINED };

static bool has_name(Dwarf_Die *die)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
		return true;
	default:
		return false;
	}
}

static enum kind kind_of(Dwarf_Die *die)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_subprogram:
		return KIND_FUNCTION;
	case DW_TAG_inlined_subroutine:
		return KIND_INLINED;
	case DW_TAG_lexical_block:
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_structure_type: /* Rust's functions lie in their types, as may those of local classes */
	case DW_TAG_class_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
		return KIND_HOLDER;
	default:
		return KIND_NOTHING;
	}
}

void ecli_scopes_done(struct ecli_scopes *scopes)
{
	free(scopes->items);
	free(scopes->ranges);
	free(scopes->holders);
	free(scopes->held);
	*scopes = (struct ecli_scopes){ 0 };
}

/* Room for one more in an array of @count; the array, moved or not, or NULL. */
static void *room_for(void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	size_t more = *room ? *room * 2 : 64;
	void *grown = reallocarray(items, more, size);

	if (grown)
		*room = more;
	return grown;
}

/* Makes room in one of the arrays of scopes, or leaves the function. */
#define GROW(array, n, room)                                                                                           \
	do {                                                                                                           \
		void *grown_ = room_for(array, n, &(room), sizeof(*(array)));                                          \
		if (!grown_)                                                                                           \
			return false;                                                                                  \
		(array) = grown_;                                                                                      \
	} while (0)

static bool add_range(struct ecli_scopes *scopes, uint64_t low, uint64_t high)
{
	if (scopes->n_ranges >= MAX_RANGES)
		return false;
	GROW(scopes->ranges, scopes->n_ranges, scopes->ranges_room);
	scopes->ranges[scopes->n_ranges++] = (struct ecli_scope_range){
		.low = low, .high = high, .scope = (uint32_t)scopes->count, .up = ECLI_SCOPE_NONE
	};
	return true;
}

static bool add_holder(struct ecli_scopes *scopes, Dwarf_Die *die, uint32_t up, uint32_t *ret_holder)
{
	if (scopes->n_holders >= MAX_HELD)
		return false;
	GROW(scopes->holders, scopes->n_holders, scopes->holders_room);
	*ret_holder = (uint32_t)scopes->n_holders;
	scopes->holders[scopes->n_holders++] = (struct ecli_scope_holder){ .die = dwarf_dieoffset(die), .up = up };
	return true;
}

static bool add_held(struct ecli_scopes *scopes, Dwarf_Die *die, uint32_t holder)
{
	if (scopes->n_held >= MAX_HELD)
		return false;
	GROW(scopes->held, scopes->n_held, scopes->held_room);
	scopes->held[scopes->n_held++] = (struct ecli_scope_held){ .die = dwarf_dieoffset(die), .holder = holder };
	return true;
}

static uint32_t number_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;

	if (!dwarf_attr(die, name, &attribute) || dwarf_formudata(&attribute, &value) || value > UINT32_MAX)
		return 0;
	return (uint32_t)value;
}

static bool add_scope(struct ecli_scopes *scopes, Dwarf_Die *die, enum kind kind, uint32_t parent)
{
	GROW(scopes->items, scopes->count, scopes->room);

	struct ecli_scope scope = { .die = dwarf_dieoffset(die), .parent = ECLI_SCOPE_NONE };
	if (kind == KIND_INLINED) {
		scope.is_inlined = true;
		scope.parent = parent;
		scope.call_file = number_of(die, DW_AT_call_file);
		scope.call_line = number_of(die, DW_AT_call_line);
	}
	scopes->items[scopes->count++] = scope;
	return true;
}

/* A scope for an entry that has addresses; *@ret_scope is the one its children lie in. False: out of room. */
static bool take(struct ecli_scopes *scopes, Dwarf_Die *die, enum kind kind, uint32_t parent, uint32_t *ret_scope)
{
	Dwarf_Addr base = 0, low, high;
	size_t before = scopes->n_ranges;
	ptrdiff_t at = 0;

	*ret_scope = ECLI_SCOPE_NONE;
	while ((at = dwarf_ranges(die, at, &base, &low, &high)) > 0) {
		if (++scopes->n_looked > MAX_LOOKED || (low < high && !add_range(scopes, low, high)))
			return false;
	}
	if (scopes->n_ranges == before)
		return true;
	*ret_scope = (uint32_t)scopes->count;
	return add_scope(scopes, die, kind, parent);
}

/* An entry in work, and what it and its siblings lie in. */
struct level {
	Dwarf_Die die;
	uint32_t scope, holder;
};

/* Takes what is to be kept of an entry. Whether to go on, and @ret_inside: what its children lie in; @ret_enter: whether to look at them. */
static bool visit(struct ecli_scopes *scopes, struct level *level, struct level *ret_inside, bool *ret_enter)
{
	enum kind kind = kind_of(&level->die);

	*ret_inside = *level;
	*ret_enter = kind == KIND_HOLDER;
	if (kind == KIND_HOLDER && has_name(&level->die))
		return add_holder(scopes, &level->die, level->holder, &ret_inside->holder);
	if (kind != KIND_FUNCTION && kind != KIND_INLINED)
		return true;
	if (!take(scopes, &level->die, kind, level->scope, &ret_inside->scope))
		return false;
	*ret_enter = ret_inside->scope != ECLI_SCOPE_NONE;
	return *ret_enter || kind != KIND_FUNCTION || level->holder == ECLI_SCOPE_NONE ||
	       add_held(scopes, &level->die, level->holder);
}

/* Visits what lies below @unit, in the order of the file, without recursion. */
static bool walk(Dwarf_Die *unit, struct ecli_scopes *scopes)
{
	struct level stack[MAX_DEPTH], inside;
	size_t depth = 0;
	bool enter;

	stack[0].scope = stack[0].holder = ECLI_SCOPE_NONE;
	if (dwarf_child(unit, &stack[0].die))
		return true;
	for (size_t seen = 0; seen < MAX_ENTRIES; seen++) {
		if (!visit(scopes, &stack[depth], &inside, &enter))
			return false;
		if (enter && depth + 1 < MAX_DEPTH && !dwarf_child(&stack[depth].die, &inside.die)) {
			stack[++depth] = inside;
			continue;
		}
		while (dwarf_siblingof(&stack[depth].die, &stack[depth].die)) {
			if (!depth--)
				return true;
		}
	}
	return true;
}

static int by_low(const void *a, const void *b)
{
	const struct ecli_scope_range *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	if (x->high != y->high)
		return x->high > y->high ? -1 : 1;
	return x->scope < y->scope ? -1 : x->scope > y->scope;
}

static void nest(struct ecli_scopes *scopes)
{
	if (scopes->n_ranges)
		qsort(scopes->ranges, scopes->n_ranges, sizeof(*scopes->ranges), by_low);
	for (size_t i = 1; i < scopes->n_ranges; i++) {
		uint32_t up = (uint32_t)i - 1;

		while (up != ECLI_SCOPE_NONE && scopes->ranges[up].high <= scopes->ranges[i].low)
			up = scopes->ranges[up].up;
		scopes->ranges[i].up = up;
	}
}

bool ecli_scopes_read(Dwarf_Die *unit, struct ecli_scopes *scopes)
{
	bool all = walk(unit, scopes);

	/* A range may have been added whose scope was not. */
	while (scopes->n_ranges && scopes->ranges[scopes->n_ranges - 1].scope >= scopes->count)
		scopes->n_ranges--;
	nest(scopes);
	return all;
}

uint32_t ecli_scopes_find(const struct ecli_scopes *scopes, uint64_t address)
{
	size_t low = 0;

	for (size_t high = scopes->n_ranges; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (scopes->ranges[middle].low <= address)
			low = middle + 1;
		else
			high = middle;
	}
	uint32_t i = low ? (uint32_t)low - 1 : ECLI_SCOPE_NONE;
	while (i != ECLI_SCOPE_NONE && scopes->ranges[i].high <= address)
		i = scopes->ranges[i].up;
	return i == ECLI_SCOPE_NONE ? ECLI_SCOPE_NONE : scopes->ranges[i].scope;
}

uint32_t ecli_scopes_holder(const struct ecli_scopes *scopes, Dwarf_Off die)
{
	size_t low = 0;

	for (size_t high = scopes->n_held; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (scopes->held[middle].die < die)
			low = middle + 1;
		else
			high = middle;
	}
	return low < scopes->n_held && scopes->held[low].die == die ? scopes->held[low].holder : ECLI_SCOPE_NONE;
}

size_t ecli_scopes_bytes(const struct ecli_scopes *scopes)
{
	return scopes->room * sizeof(*scopes->items) + scopes->ranges_room * sizeof(*scopes->ranges) +
	       scopes->holders_room * sizeof(*scopes->holders) + scopes->held_room * sizeof(*scopes->held);
}
