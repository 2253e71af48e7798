/* SPDX-License-Identifier: MIT */
/* Which functions of a compilation unit lie where, and which of them were inlined into which: its tree of DWARF, flattened. */
#ifndef ECLI_SYMBOLS_SCOPES_H
#define ECLI_SYMBOLS_SCOPES_H

#include <elfutils/libdw.h>

#include <ecli/base.h>

#define ECLI_SCOPE_NONE UINT32_MAX

/* Zeroed: empty. Not to be touched from outside, but for the scopes themselves. */
struct ecli_scopes {
	/* A function, or a place where one was inlined. */
	struct ecli_scope {
		Dwarf_Off die;
		uint32_t parent; /* the scope it was inlined into; ECLI_SCOPE_NONE: it is a function by itself */
		uint32_t call_file, call_line;
		bool is_inlined, is_told;
		/* Once it was asked for, is_told. The texts are kept in the pool of names. */
		const char *function; /* NULL: not known */
		const char *call_path;
		uint64_t start; /* of a function */
	} * items;
	size_t count, room;
	struct ecli_scope_range {
		uint64_t low, high;
		uint32_t scope;
		uint32_t up; /* the smallest range around this one */
	} * ranges;          /* by low; of equal ones the widest first */
	size_t n_ranges, ranges_room, n_looked;
	/* Namespaces and types with functions in them, and those functions that have no address of their own. */
	struct ecli_scope_holder {
		Dwarf_Off die;
		uint32_t up;
	} * holders;
	size_t n_holders, holders_room;
	struct ecli_scope_held {
		Dwarf_Off die;
		uint32_t holder;
	} * held; /* by die */
	size_t n_held, held_room;
};

/* Reads the unit whose first entry is @unit. False: out of memory; what was found by then is kept and usable. */
bool ecli_scopes_read(Dwarf_Die *unit, struct ecli_scopes *scopes);
void ecli_scopes_done(struct ecli_scopes *scopes);

/* The innermost scope around @address, or ECLI_SCOPE_NONE. */
uint32_t ecli_scopes_find(const struct ecli_scopes *scopes, uint64_t address);

/* The namespace or type that the function at @die stands in, as a number of holders; ECLI_SCOPE_NONE: none. */
uint32_t ecli_scopes_holder(const struct ecli_scopes *scopes, Dwarf_Off die);

size_t ecli_scopes_bytes(const struct ecli_scopes *scopes);

#endif
