/* SPDX-License-Identifier: MIT */
/*
 * Small tables, searched from the front: a symbolizer that has died two dozen times is not started again, and a machine has a
 * handful of users.
 *
 * The page may be written by a process that was taken over: no number in it is an index, and a wrong one costs names, nothing else.
 */
#include "symbols/work.h"

enum {
	USER_NAME_BYTES = 3 << 20, /* a quarter of what names.c keeps */
};
#define USER_NS 5000000000ull

struct ecli_work ecli_work_begin(struct ecli_work_page *page, const struct ecli_work *work)
{
	struct ecli_work before = page->now;

	*(volatile struct ecli_work *)&page->now = *work;
	return before;
}

void ecli_work_end(struct ecli_work_page *page, struct ecli_work before)
{
	*(volatile struct ecli_work *)&page->now = before;
}

static size_t place_of(const struct ecli_work_page *page, uint32_t user)
{
	size_t i = 0;

	while (i < ECLI_WORK_USERS - 1 && page->users[i].is_used && page->users[i].user != user)
		i++;
	return i;
}

bool ecli_work_may(const struct ecli_work_page *page, uint32_t user)
{
	size_t i = place_of(page, user);

	return !user || (page->users[i].spent_ns < USER_NS && page->users[i].name_bytes < USER_NAME_BYTES);
}

uint64_t ecli_work_names_left(const struct ecli_work_page *page, uint32_t user)
{
	uint64_t used = page->users[place_of(page, user)].name_bytes;

	return !user ? UINT64_MAX : used < USER_NAME_BYTES ? USER_NAME_BYTES - used : 0;
}

void ecli_work_charge(struct ecli_work_page *page, uint32_t user, uint64_t ns, uint64_t name_bytes)
{
	size_t i = place_of(page, user);

	if (!user)
		return;
	page->users[i].user = user;
	page->users[i].is_used = true;
	page->users[i].spent_ns += ns;
	page->users[i].name_bytes += name_bytes;
}

static size_t find(const struct ecli_avoid *avoid, const struct ecli_work *work)
{
	size_t i = 0;

	while (i < avoid->count && (avoid->items[i].kind != work->kind || avoid->items[i].id[0] != work->id[0] ||
				    avoid->items[i].id[1] != work->id[1]))
		i++;
	return i;
}

unsigned ecli_avoid_times(const struct ecli_avoid *avoid, const struct ecli_work *work)
{
	size_t i = avoid ? find(avoid, work) : 0;

	return avoid && i < avoid->count ? avoid->times[i] : 0;
}

void ecli_avoid_add(struct ecli_avoid *avoid, const struct ecli_work *work)
{
	size_t i = find(avoid, work);

	if (work->kind == ECLI_WORK_NOTHING || i == ECLI_AVOID_MAX)
		return;
	if (i == avoid->count)
		avoid->items[avoid->count++] = *work;
	avoid->times[i]++;
}
