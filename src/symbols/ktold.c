/* SPDX-License-Identifier: MIT */
/*
 * A ring of symbols, each with when it came and went:
 *
 *     [ 1000-1400 loader  came 5.000 went 5.012 ][ 1000-1800 late_work  came 5.013 ]        1010 is late_work
 *
 * An address that somebody asks about is of some time of the run, and nobody knows of which. So what two symbols had one after the other has no name, unless all others but one were
 * there for so short a time that hardly any address can be theirs.
 */
#include "symbols/ktold.h"

#include <stdlib.h>
#include <string.h>

#include "symbols/now.h"

enum {
	MAX_TOLD = 8192, /* symbols */
	MAX_NAME = 512,
	SHORT_PART = 50, /* of the time may be that of others */
};
#define NS_PER_MS 1000000ull

struct told {
	uint64_t start, end;
	uint64_t came_ns, went_ns; /* CLOCK_MONOTONIC; 0: before anything was told; not yet */
	char *name;
};

struct ecli_ktold {
	struct told items[MAX_TOLD];
	size_t count, turn;
	uint64_t low, high; /* all of them lie between */
	uint64_t began_ns;  /* CLOCK_MONOTONIC: when it was made */
};

struct ecli_ktold *ecli_ktold_new(void)
{
	struct ecli_ktold *all = calloc(1, sizeof(*all));

	if (all)
		all->began_ns = ecli_now_ms() * NS_PER_MS;
	return all;
}

void ecli_ktold_free(struct ecli_ktold *all)
{
	for (size_t i = 0; all && i < all->count; i++)
		free(all->items[i].name);
	free(all);
}

/* The one that is there; NULL: none. */
static struct told *present(struct ecli_ktold *all, const struct ecli_symbols_event *event)
{
	for (size_t i = all->count; i--;) {
		struct told *told = &all->items[i];

		if (!told->went_ns && told->start == event->start && told->end == event->start + event->size_bytes &&
		    !strncmp(told->name, event->path, MAX_NAME))
			return told;
	}
	return NULL;
}

void ecli_ktold_add(struct ecli_ktold *all, const struct ecli_symbols_event *event)
{
	uint64_t start = event->start, end = start + event->size_bytes;
	struct told *there = end > start ? present(all, event) : NULL;

	if (there && event->is_gone)
		there->went_ns = event->time_ns;
	if (there || end <= start)
		return;
	char *copy = strndup(event->path, MAX_NAME);
	if (!copy)
		return;
	struct told *told = &all->items[all->turn];
	all->turn = (all->turn + 1) % MAX_TOLD;
	if (all->count < MAX_TOLD)
		all->count++;
	free(told->name);
	if (all->count == 1 || start < all->low)
		all->low = start;
	if (end > all->high)
		all->high = end;
	*told = (struct told){ start, end, event->is_gone ? 0 : event->time_ns, event->is_gone ? event->time_ns : 0,
			       copy };
}

static uint64_t lived_ns(const struct ecli_ktold *all, const struct told *told, uint64_t now_ns)
{
	uint64_t came_ns = told->came_ns ? told->came_ns : all->began_ns;
	uint64_t went_ns = told->went_ns ? told->went_ns : now_ns;

	return went_ns > came_ns ? went_ns - came_ns : 0;
}

bool ecli_ktold_find(const struct ecli_ktold *all, uint64_t address, struct ecli_ksym *ret, bool *ret_is_one)
{
	const struct told *found = NULL;
	uint64_t now_ns, all_ns = 0, most_ns = 0;

	if (address < all->low || address >= all->high)
		return false;
	now_ns = ecli_now_ms() * NS_PER_MS;
	for (size_t i = 0; i < all->count; i++) {
		const struct told *told = &all->items[i];
		bool is_same = found && found->start == told->start && !strcmp(found->name, told->name);

		if (address < told->start || address >= told->end)
			continue;
		uint64_t its_ns = lived_ns(all, told, now_ns);
		all_ns += its_ns;
		if (is_same || (!found || its_ns > most_ns))
			most_ns = is_same ? most_ns + its_ns : its_ns;
		found = !found || most_ns == its_ns ? told : found;
	}
	if (!found)
		return false;
	*ret = (struct ecli_ksym){ found->name, "bpf", address - found->start };
	*ret_is_one = (all_ns - most_ns) * SHORT_PART <= most_ns;
	return true;
}
