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
	MAX_RANGES = 2 << 20,
};

/* What a kind of entry is to us; all others and what they contain is passed over. */
enum kind { KIND_NOTHING, KIND_HOLDER, KIND_FUNCTION, KIND_INLINED };

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
	*scopes = (struct ecli_scopes){ 0 };
}

static bool add_range(struct ecli_scopes *scopes, uint64_t low, uint64_t high)
{
	if (scopes->n_ranges >= MAX_RANGES)
		return false;
	if (scopes->n_ranges == scopes->ranges_room) {
		size_t more = scopes->ranges_room ? scopes->ranges_room * 2 : 64;
		struct ecli_scope_range *grown = reallocarray(scopes->ranges, more, sizeof(*grown));

		if (!grown)
			return false;
		scopes->ranges = grown;
		scopes->ranges_room = more;
	}
	scopes->ranges[scopes->n_ranges++] = (struct ecli_scope_range){
		.low = low, .high = high, .scope = (uint32_t)scopes->count, .up = ECLI_SCOPE_NONE
	};
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
	if (scopes->count == scopes->room) {
		size_t more = scopes->room ? scopes->room * 2 : 64;
		struct ecli_scope *grown = reallocarray(scopes->items, more, sizeof(*grown));

		if (!grown)
			return false;
		scopes->items = grown;
		scopes->room = more;
	}
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
		if (low < high && !add_range(scopes, low, high))
			return false;
	}
	if (scopes->n_ranges == before)
		return true;
	*ret_scope = (uint32_t)scopes->count;
	return add_scope(scopes, die, kind, parent);
}

/* Visits what lies below @unit, in the order of the file, without recursion. */
static bool walk(Dwarf_Die *unit, struct ecli_scopes *scopes)
{
	struct {
		Dwarf_Die die;
		uint32_t scope; /* that its siblings and it lie in */
	} stack[MAX_DEPTH];
	size_t depth = 0;

	if (dwarf_child(unit, &stack[0].die))
		return true;
	stack[0].scope = ECLI_SCOPE_NONE;
	for (size_t seen = 0; seen < MAX_ENTRIES; seen++) {
		Dwarf_Die *die = &stack[depth].die;
		enum kind kind = kind_of(die);
		uint32_t inside = stack[depth].scope;
		bool enter = kind == KIND_HOLDER;

		if (kind == KIND_FUNCTION || kind == KIND_INLINED) {
			if (!take(scopes, die, kind, stack[depth].scope, &inside))
				return false;
			enter = inside != ECLI_SCOPE_NONE;
		}
		if (enter && depth + 1 < MAX_DEPTH && !dwarf_child(die, &stack[depth + 1].die)) {
			stack[++depth].scope = inside;
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

size_t ecli_scopes_bytes(const struct ecli_scopes *scopes)
{
	return scopes->room * sizeof(*scopes->items) + scopes->ranges_room * sizeof(*scopes->ranges);
}
