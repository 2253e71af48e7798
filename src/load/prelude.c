/* SPDX-License-Identifier: MIT */
/*
 * Call sites of one map share a slot, so that the person reads one number a map:
 *
 *     .rodata.ecli   slot=0 "events"   slot=1 "start"   slot=0 "events"
 *     ecli_lost      [0] events        [1] start
 *
 * The records are untrusted: their number is bounded, names are cut at the end of their field. Slots are written before
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

#define SECTION   ".rodata.ecli"
#define COUNTERS  "ecli_lost"
#define MAX_SITES 65536
#define MAX_NAMES 1024

struct site {
	uint32_t slot;
	char name[ECLI_PRELUDE_NAME_BYTES];
};
static_assert(sizeof(struct site) == 32, "docs/formats/prelude.md");

static int find_or_add(struct ecli_prelude *prelude, const char *name, uint32_t *ret_slot, struct ecli_err *err)
{
	for (size_t i = 0; i < prelude->count; i++)
		if (!strcmp(prelude->names[i], name)) {
			*ret_slot = (uint32_t)i;
			return 0;
		}
	if (prelude->count == MAX_NAMES)
		return ecli_err_set(err, -EINVAL, "the object counts losses of more than %d maps", MAX_NAMES);

	void *names = reallocarray(prelude->names, prelude->count + 1, sizeof(*prelude->names));
	if (!names)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	prelude->names = names;
	memcpy(prelude->names[prelude->count], name, ECLI_PRELUDE_NAME_BYTES);
	*ret_slot = (uint32_t)prelude->count++;
	return 0;
}

static int assign_slots(struct ecli_prelude *prelude, char *data, size_t size, struct ecli_err *err)
{
	if (size % sizeof(struct site) || size / sizeof(struct site) > MAX_SITES)
		return ecli_err_set(err, -EINVAL,
				    "the object's list of places where records can get lost is damaged; "
				    "build the package again");

	for (size_t offset = 0; offset < size; offset += sizeof(struct site)) {
		struct site site;

		memcpy(&site, data + offset, sizeof(site));
		site.name[sizeof(site.name) - 1] = '\0';
		int r = find_or_add(prelude, site.name, &site.slot, err);
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
		return ecli_err_set(err, -EIO, "cannot find out how many CPUs this machine can have");
	prelude->n_values = (size_t)cpus;
	prelude->values = calloc(prelude->n_values, sizeof(*prelude->values));
	if (!prelude->values)
		return ecli_err_set(err, -ENOMEM, "out of memory");

	int r = data ? assign_slots(prelude, data, size, err) : 0;
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

int ecli_prelude_read(const struct ecli_prelude *prelude, size_t index, const char **ret_name, uint64_t *ret_total)
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
	*ret_name = prelude->names[index];
	*ret_total = total;
	return 0;
}

void ecli_prelude_done(struct ecli_prelude *prelude)
{
	free(prelude->names);
	free(prelude->values);
	*prelude = (struct ecli_prelude){ .fd = -1 };
}
