/* SPDX-License-Identifier: MIT */
/*
 * A name is compared as it stands, whatever characters it has: "main.(*Set).Add" is that function of Go and no other. What the table of symbols adds to
 * names is known:
 *
 *     .dynsym    "realpath", its version beside it        .symtab    "realpath@@GLIBC_2.3" the one for new programs
 *                                                                    "realpath@GLIBC_2.2.5" an older one
 *
 * The work is bounded: what comparing has cost so far, and how many functions are found.
 */
#include "load/attach/functions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "where/where.h"

#define MAX_WORK  (1ull << 32) /* bytes looked at, times the length of the pattern where that is matched */
#define MAX_FOUND (1u << 20)   /* MAX_UPROBE_MULTI_CNT of kernel/trace/bpf_trace.c */

struct numbers {
	uint64_t *items; /* owned */
	size_t count;
};

/* What is looked for, and how much that has cost. */
struct search {
	const char *text; /* a pattern or a name */
	size_t len;
	size_t plain_len; /* of a pattern's beginning that stands for itself; of a name up to its version */
	uint16_t version; /* of a name with one; 0: none, or the file has not got it */
	uint64_t work;
	struct numbers now, old, untyped, resolvers;
};

/* ---- sets of numbers ------------------------------------------------------------------------------------------- */

static int add(struct numbers *numbers, uint64_t number)
{
	if (numbers->count == MAX_FOUND)
		return -E2BIG;
	if (!(numbers->count & (numbers->count - 1))) {
		uint64_t *items = reallocarray(numbers->items, numbers->count ? numbers->count * 2 : 1, sizeof(*items));

		if (!items)
			return -ENOMEM;
		numbers->items = items;
	}
	numbers->items[numbers->count++] = number;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/* In order, each once, and no longer the search's. */
static void take(struct numbers *numbers, uint64_t **ret, size_t *ret_count)
{
	size_t kept = 0;

	if (numbers->count)
		qsort(numbers->items, numbers->count, sizeof(*numbers->items), by_value);
	for (size_t i = 0; i < numbers->count; i++)
		if (!kept || numbers->items[kept - 1] != numbers->items[i])
			numbers->items[kept++] = numbers->items[i];
	*ret = TAKE_PTR(numbers->items);
	*ret_count = kept;
	numbers->count = 0;
}

static void free_search(struct search *search)
{
	free(search->now.items);
	free(search->old.items);
	free(search->untyped.items);
	free(search->resolvers.items);
}

void ecli_functions_done(struct ecli_functions *functions)
{
	free(functions->offsets);
	free(functions->resolvers);
	*functions = (struct ecli_functions){ 0 };
}

static int keep(struct search *search, const struct ecli_executable_symbol *symbol, bool is_old)
{
	if (symbol->kind == ECLI_EXECUTABLE_UNTYPED)
		return add(&search->untyped, symbol->offset);
	if (is_old)
		return symbol->kind == ECLI_EXECUTABLE_FUNCTION ? add(&search->old, symbol->offset) : 0;
	if (symbol->kind == ECLI_EXECUTABLE_INDIRECT)
		return add(&search->resolvers, symbol->address);
	return add(&search->now, symbol->offset);
}

/* ---- by a pattern ---------------------------------------------------------------------------------------------- */

static int visit_pattern(void *ctx, const struct ecli_executable_symbol *symbol)
{
	struct search *search = ctx;

	if (symbol->kind == ECLI_EXECUTABLE_UNTYPED || symbol->room <= search->plain_len ||
	    memcmp(symbol->name, search->text, search->plain_len) != 0)
		return 0;
	size_t len = strnlen(symbol->name, symbol->room);
	search->work += len;
	if (len == symbol->room)
		return 0;
	search->work += (uint64_t)len * (search->len - search->plain_len);
	if (search->work > MAX_WORK)
		return -E2BIG;
	return where_glob(search->text, search->len, symbol->name, len) ? keep(search, symbol, false) : 0;
}

int ecli_functions_like(const struct ecli_executable *executable, const char *pattern, struct ecli_functions *ret)
{
	CLEANUP(free_search)
	struct search search = { .text = pattern, .len = strlen(pattern), .plain_len = strcspn(pattern, "*?[\\") };

	int r = ecli_executable_symbols(executable, visit_pattern, &search);
	if (r)
		return r;
	take(&search.now, &ret->offsets, &ret->count);
	take(&search.resolvers, &ret->resolvers, &ret->n_resolvers);
	return 0;
}

/* ---- by a name ------------------------------------------------------------------------------------------------- */

/* Whether a symbol is meant, and whether another version of it would be meant before. */
static bool is_meant(const struct search *search, const struct ecli_executable_symbol *symbol, size_t len,
		     bool *ret_is_old)
{
	const char *rest = symbol->name + search->len;

	*ret_is_old = symbol->is_old;
	if (len == search->len)
		return !memcmp(symbol->name, search->text, len);
	/* "f@V" of a file that has "f" with a version V beside it. */
	if (len == search->plain_len && search->version && symbol->version == search->version) {
		*ret_is_old = false;
		return !memcmp(symbol->name, search->text, len);
	}
	if (len < search->len || memcmp(symbol->name, search->text, search->len) != 0 || *rest != '@')
		return false;
	*ret_is_old = rest[1] != '@';
	return true;
}

static int visit_name(void *ctx, const struct ecli_executable_symbol *symbol)
{
	struct search *search = ctx;
	bool is_old;

	search->work++;
	if (symbol->room <= search->plain_len || *symbol->name != *search->text)
		return 0;
	search->work += search->plain_len;
	if (memcmp(symbol->name, search->text, search->plain_len) != 0)
		return 0;
	size_t len = strnlen(symbol->name, symbol->room);
	search->work += len;
	if (search->work > MAX_WORK)
		return -E2BIG;
	return len < symbol->room && is_meant(search, symbol, len, &is_old) ? keep(search, symbol, is_old) : 0;
}

int ecli_functions_find(const struct ecli_executable *executable, const char *name, struct ecli_functions *ret)
{
	CLEANUP(free_search) struct search search = { .text = name, .len = strlen(name), .plain_len = strlen(name) };
	const char *at = strchr(name, '@');
	int r = 0;

	if (!search.len)
		return -ENOENT;
	if (at && at != name && at[1 + (at[1] == '@')]) {
		search.plain_len = (size_t)(at - name);
		r = ecli_executable_version(executable, at + 1 + (at[1] == '@'), &search.version);
	}
	r = r ? r : ecli_executable_symbols(executable, visit_name, &search);
	if (r)
		return r;
	struct numbers *found = search.now.count || search.resolvers.count ? &search.now
				: search.old.count                         ? &search.old
									   : &search.untyped;
	if (!found->count && !search.resolvers.count)
		return -ENOENT;
	take(found, &ret->offsets, &ret->count);
	take(&search.resolvers, &ret->resolvers, &ret->n_resolvers);
	return 0;
}
