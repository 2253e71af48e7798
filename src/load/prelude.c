/* SPDX-License-Identifier: MIT */
/*
 * Call sites of one map share a slot, so that the person reads one number a map. A site whose function is given several maps
 * names none of them ("r6"); it counts for its kind of call.
 *
 *     .rodata.ecli   slot=0 "events" ring   slot=1 "start" entries   slot=0 "events" ring   slot=2 "r6" entries
 *     ecli_lost      [0] events             [1] start                                       [2] (entries of a map)
 *
 * The records are untrusted: their number is bounded, names are those of the object's maps. Slots are written before
 * loading because the section is read-only afterwards, which lets the verifier see constants.
 */
#include "load/prelude.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "load/configure.h"
#include "load/explain.h"

#define SECTION   ".rodata.ecli"
#define COUNTERS  "ecli_lost"
#define MAX_SITES 65536
#define MAX_SLOTS 1024

struct site {
	uint32_t slot;
	char name[27]; /* with a NUL at the end where it is not cut */
	uint8_t type;  /* of map that the call is for; 0: packages from before this was there */
};
static_assert(sizeof(struct site) == 32, "docs/formats/prelude.md");

/* The only map of which that can be the name; NULL: there is none, or several. */
static const struct bpf_map *find_map(const struct bpf_object *object, const struct site *site)
{
	bool is_cut = site->name[sizeof(site->name) - 1];
	const struct bpf_map *found = NULL;
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		const char *name = bpf_map__name(map);

		if (bpf_map__is_internal(map) || strncmp(name, site->name, sizeof(site->name)) != 0)
			continue;
		if (!is_cut)
			return map;
		if (found)
			return NULL;
		found = map;
	}
	return found;
}

static int find_or_add(struct ecli_prelude *prelude, const char *name, uint32_t map_type, uint32_t *ret_slot,
		       struct ecli_err *err)
{
	for (size_t i = 0; i < prelude->count; i++)
		if (prelude->slots[i].map_type == map_type && !strcmp(prelude->slots[i].map, name)) {
			*ret_slot = (uint32_t)i;
			return 0;
		}
	if (prelude->count == MAX_SLOTS)
		return ecli_err_set(err, -EINVAL, "the object counts losses of more than %d maps", MAX_SLOTS);

	void *slots = reallocarray(prelude->slots, prelude->count + 1, sizeof(*prelude->slots));
	char *copy = strdup(name);
	if (slots)
		prelude->slots = slots;
	if (!slots || !copy) {
		free(copy);
		return ecli_err_set(err, -ENOMEM, "out of memory");
	}
	prelude->slots[prelude->count] = (struct ecli_prelude_slot){ .map = copy, .map_type = map_type };
	*ret_slot = (uint32_t)prelude->count++;
	return 0;
}

static int assign_slots(struct ecli_prelude *prelude, const struct bpf_object *object, char *data, size_t size,
			struct ecli_err *err)
{
	if (size % sizeof(struct site) || size / sizeof(struct site) > MAX_SITES)
		return ecli_err_set(err, -EINVAL,
				    "the object's list of places where records can get lost is damaged; "
				    "build the package again");

	for (size_t offset = 0; offset < size; offset += sizeof(struct site)) {
		struct site site;

		memcpy(&site, data + offset, sizeof(site));
		const struct bpf_map *map = find_map(object, &site);
		int r = find_or_add(prelude, map ? bpf_map__name(map) : "",
				    map ? (uint32_t)bpf_map__type(map) : site.type, &site.slot, err);
		if (r)
			return r;
		memcpy(data + offset, &site, sizeof(site));
	}
	return 0;
}

int ecli_prelude_assign(struct ecli_prelude *prelude, struct bpf_object *object, size_t n_extra, struct ecli_err *err)
{
	struct bpf_map *counters = bpf_object__find_map_by_name(object, COUNTERS);
	struct bpf_map *section = ecli_configure_section(object, SECTION);
	size_t size = 0;
	char *data = section ? (char *)bpf_map__initial_value(section, &size) : NULL;

	*prelude = (struct ecli_prelude){ .fd = -1 };
	if (!counters && !data)
		return 0;
	if (!counters || bpf_map__type(counters) != BPF_MAP_TYPE_PERCPU_ARRAY ||
	    bpf_map__key_size(counters) != sizeof(uint32_t) || bpf_map__value_size(counters) != sizeof(uint64_t))
		return ecli_err_set(err, -EINVAL, "the object's loss counters are damaged; build the package again");

	int cpus = libbpf_num_possible_cpus();
	if (cpus <= 0)
		return ecli_explain_machine("how many CPUs this machine can have", cpus ? cpus : -EIO, err);
	prelude->n_values = (size_t)cpus;
	prelude->values = calloc(prelude->n_values, sizeof(*prelude->values));
	if (!prelude->values)
		return ecli_err_set(err, -ENOMEM, "out of memory");

	int r = data ? assign_slots(prelude, object, data, size, err) : 0;
	if (r)
		return r;
	bpf_map__set_max_entries(counters, prelude->count + n_extra ? (uint32_t)(prelude->count + n_extra) : 1);
	prelude->present = true;
	return 0;
}

int ecli_prelude_loaded(struct ecli_prelude *prelude, const struct bpf_object *object, const struct ecli_fds *fds,
			struct ecli_err *err)
{
	if (!prelude->present)
		return 0;
	prelude->fd = ecli_fds_map(fds, object, COUNTERS);
	return prelude->fd < 0 ? ecli_err_set(err, -ENOENT, "the object's loss counters were not made") : 0;
}

int ecli_prelude_read(const struct ecli_prelude *prelude, size_t index, struct ecli_load_lost *ret_lost)
{
	uint32_t slot = (uint32_t)index;
	uint64_t total = 0;

	if (!prelude->present)
		return -ENOTSUP;
	if (index >= prelude->count)
		return -ENOENT;
	int r = bpf_map_lookup_elem(prelude->fd, &slot, prelude->values);
	if (r < 0)
		return r;
	for (size_t i = 0; i < prelude->n_values; i++)
		total += prelude->values[i];
	*ret_lost = (struct ecli_load_lost){ .map = prelude->slots[index].map,
					     .map_type = prelude->slots[index].map_type,
					     .total = total };
	return 0;
}

void ecli_prelude_done(struct ecli_prelude *prelude)
{
	for (size_t i = 0; i < prelude->count; i++)
		free(prelude->slots[i].map);
	free(prelude->slots);
	free(prelude->values);
	*prelude = (struct ecli_prelude){ .fd = -1 };
}
