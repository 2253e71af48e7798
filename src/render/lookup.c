/* SPDX-License-Identifier: MIT */
/*
 * Small caches in front of the kernel: one slot for each key modulo 64, a later key takes the slot over. Not finding is
 * remembered as well, or each row about something that is gone would ask again.
 */
#include "render/lookup.h"

#include <assert.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/cgroup.h"
#include "render/clock.h"

#define KEEP_NS 5000000000u

static_assert(ECLI_LOOKUP_NAME_MAX >= IF_NAMESIZE, "an interface's name fits");
static_assert(ECLI_LOOKUP_NAME_MAX >= PATH_MAX, "a control group's path fits");

bool ecli_lookup_interface(uint64_t index, char *ret_name)
{
	return index && index <= UINT32_MAX && if_indextoname((unsigned int)index, ret_name);
}

bool ecli_lookup_cgroup(uint64_t id, char *ret_name)
{
	return ecli_cgroup_path(id, ret_name);
}

void ecli_lookup_init(struct ecli_lookup *lookup, ecli_lookup_fn ask)
{
	*lookup = (struct ecli_lookup){ .ask = ask };
}

void ecli_lookup_done(struct ecli_lookup *lookup)
{
	for (size_t i = 0; i < ECLI_LOOKUP_SLOTS; i++)
		free(lookup->slots[i].name);
}

const char *ecli_lookup_name(struct ecli_lookup *lookup, uint64_t key, uint64_t now_ns)
{
	typeof(lookup->slots[0]) *slot = &lookup->slots[key % ECLI_LOOKUP_SLOTS];
	char name[ECLI_LOOKUP_NAME_MAX];

	if (slot->is_used && slot->key == key && ecli_clock_is_near(now_ns, slot->asked_ns, KEEP_NS))
		return slot->name;
	free(slot->name);
	slot->name = lookup->ask(key, name) ? strdup(name) : NULL;
	slot->key = key;
	slot->asked_ns = now_ns;
	slot->is_used = true;
	return slot->name;
}
