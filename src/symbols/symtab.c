/* SPDX-License-Identifier: MIT */
/*
 * A sorted array of functions and a buffer of their names.
 *
 *     items, by start   [ 1000 +40 main ][ 1040 +60? _start ][ 1100 +200 outer ][ 1180 +10 inner ]
 *
 * A function of known size covers just that; one without (assembler) reaches to the next, and no further than whoever added it says. Where
 * functions lie inside each other the one that starts last wins, looked for MAX_BACK places back: real tables need two
 * or three, and a hostile one must not make each question slow.
 */
#include "symbols/symtab.h"

#include <stdlib.h>
#include <string.h>

enum {
	MAX_FUNCTIONS = 400000,
	MAX_NAMES = 16 << 20,
	MAX_BACK = 32,
};

void ecli_symtab_done(struct ecli_symtab *symtab)
{
	free(symtab->items);
	ecli_buf_done(&symtab->names);
	*symtab = (struct ecli_symtab){ 0 };
}

bool ecli_symtab_add(struct ecli_symtab *symtab, uint64_t start, uint64_t size, bool is_open, uint32_t rank,
		     const char *name, size_t len)
{
	if (symtab->count >= MAX_FUNCTIONS || symtab->names.len + len >= MAX_NAMES) {
		symtab->is_full = true;
		return false;
	}
	if (symtab->count == symtab->room) {
		size_t more = symtab->room ? symtab->room * 2 : 256;
		struct ecli_symtab_item *grown = reallocarray(symtab->items, more, sizeof(*grown));

		if (!grown)
			return false;
		symtab->items = grown;
		symtab->room = more;
	}
	uint32_t at = (uint32_t)symtab->names.len;
	ecli_buf_add(&symtab->names, name, len);
	ecli_buf_add_char(&symtab->names, '\0');
	if (ecli_buf_failed(&symtab->names))
		return false;
	symtab->items[symtab->count++] = (struct ecli_symtab_item){
		.start = start,
		.size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size,
		.is_open = is_open,
		.name = at,
		.rank = rank,
	};
	return true;
}

static int by_start(const void *a, const void *b)
{
	const struct ecli_symtab_item *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

void ecli_symtab_sort(struct ecli_symtab *symtab)
{
	size_t kept = 0;

	if (!symtab->count)
		return;
	qsort(symtab->items, symtab->count, sizeof(*symtab->items), by_start);
	for (size_t i = 0; i < symtab->count; i++) {
		struct ecli_symtab_item *item = &symtab->items[i], *last = kept ? &symtab->items[kept - 1] : NULL;

		if (!last || item->start != last->start) {
			symtab->items[kept++] = *item;
		} else if (last->is_open && !item->is_open) {
			/* The better name, and the size of the one that has it. */
			last->size = item->size;
			last->is_open = false;
		}
	}
	symtab->count = kept;
}

static bool covers(const struct ecli_symtab *symtab, size_t i, uint64_t address)
{
	const struct ecli_symtab_item *item = &symtab->items[i];

	return address - item->start < item->size &&
	       (!item->is_open || i + 1 == symtab->count || address < symtab->items[i + 1].start);
}

bool ecli_symtab_find(const struct ecli_symtab *symtab, uint64_t address, struct ecli_symtab_function *ret)
{
	size_t low = 0;

	for (size_t high = symtab->count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (symtab->items[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t back = 0; low && back < MAX_BACK; back++) {
		if (!covers(symtab, --low, address))
			continue;
		*ret = (struct ecli_symtab_function){
			.name = symtab->names.data + symtab->items[low].name,
			.readable = &symtab->items[low].readable,
			.start = symtab->items[low].start,
		};
		return true;
	}
	return false;
}

size_t ecli_symtab_bytes(const struct ecli_symtab *symtab)
{
	return symtab->room * sizeof(*symtab->items) + symtab->names.cap;
}
