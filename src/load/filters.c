/* SPDX-License-Identifier: MIT */
/*
 * Each call site tells through BTF which type of record it sends; the filter of that type goes into its bytes, which the
 * verifier then knows as constants.
 *
 *     .rodata.ecli.where   [ struct ecli_where | type ]   [ struct ecli_where | type ] ...
 *     BTF of the section   VAR -> STRUCT { where; type -> PTR -> FUNC_PROTO -> param -> PTR -> struct event }
 *
 * A site of version 2 can also wake the reader each time that a step of the ring was written, when it is told how large a step is.
 *
 * Nothing here is trusted: a site of another shape, size or version is left as it is, which means that it sends everything. A filter only
 * saves work, because whoever reads the records asks again. Sampling cannot be asked again, so it is given to the kernel only
 * when every site of the object is understood: a record that came another way would count differently.
 */
#include "load/filters.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "load/configure.h"

#define SECTION      ".rodata.ecli.where"
#define STEPS        4 /* of a ring */
#define MAX_TYPEDEFS 32

/* As in the prelude. */
struct site {
	uint32_t version, is_on, sample, slot;
	struct ecli_where_predicate predicates[ECLI_WHERE_MAX_PREDICATES];
	uint32_t step_mask, unused; /* from version 2 on */
};
static_assert(sizeof(struct ecli_where_predicate) == 32 && offsetof(struct site, step_mask) == 272 &&
		      sizeof(struct site) == 280,
	      "docs/formats/prelude.md");
#define TYPE_BYTES 8 /* the pointer for the type, behind it */

/* By version. 0: what sends cannot be told anything. */
static const size_t site_bytes[] = { 0, offsetof(struct site, step_mask), sizeof(struct site) };
static_assert(ARRAY_SIZE(site_bytes) == 3, "a size for each version");

static const struct btf_type *resolve(const struct btf *btf, uint32_t id, uint32_t *ret_id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	for (int i = 0; type && i < MAX_TYPEDEFS && (btf_is_mod(type) || btf_is_typedef(type)); i++) {
		id = type->type;
		type = btf__type_by_id(btf, id);
	}
	*ret_id = id;
	return type;
}

static const struct btf_type *pointee(const struct btf *btf, uint32_t id, uint32_t *ret_id)
{
	const struct btf_type *type = resolve(btf, id, ret_id);

	return type && btf_is_ptr(type) ? resolve(btf, type->type, ret_id) : NULL;
}

/* Its bytes without the type; 0: it is not understood. */
static size_t read_site(const struct btf_var_secinfo *var, const char *data, size_t size, struct site *ret)
{
	*ret = (struct site){ 0 };
	if (var->size < TYPE_BYTES + sizeof(ret->version) || !ecli_num_within(var->offset, var->size, size))
		return 0;
	memcpy(&ret->version, data + var->offset, sizeof(ret->version));
	size_t bytes = ret->version < ARRAY_SIZE(site_bytes) ? site_bytes[ret->version] : 0;
	if (!bytes || var->size != bytes + TYPE_BYTES)
		return 0;
	memcpy(ret, data + var->offset, bytes);
	return bytes;
}

/* The struct that the variable of a site names; 0: none. */
static uint32_t record_type(const struct btf *btf, uint32_t var_id, size_t size_bytes)
{
	const struct btf_type *var = btf__type_by_id(btf, var_id);
	uint32_t id = 0;

	if (!var || !btf_is_var(var))
		return 0;
	const struct btf_type *site = resolve(btf, var->type, &id);
	if (!site || !btf_is_struct(site) || btf_vlen(site) != 2 || site->size != size_bytes)
		return 0;
	const struct btf_type *function = pointee(btf, btf_members(site)[1].type, &id);
	if (!function || !btf_is_func_proto(function) || btf_vlen(function) < 1)
		return 0;
	const struct btf_type *record = pointee(btf, btf_params(function)[0].type, &id);
	return record && btf_is_composite(record) ? id : 0;
}

static ssize_t find_filter(const struct ecli_load_opts *opts, uint32_t type_id)
{
	for (size_t i = 0; i < opts->n_filters; i++)
		if (opts->filters[i].type_id == type_id)
			return (ssize_t)i;
	return -1;
}

/* Visits every site; @data NULL: only looks. False: there is one that is not understood. */
static bool walk(const struct btf *btf, const struct btf_type *section, char *data, size_t size,
		 const struct ecli_load_opts *opts, uint32_t first_slot, bool is_sampling, struct ecli_filters *filters)
{
	const struct btf_var_secinfo *vars = btf_var_secinfos(section);
	bool is_understood = true;

	for (uint32_t i = 0; i < btf_vlen(section); i++) {
		uint32_t id = record_type(btf, vars[i].type, vars[i].size);
		ssize_t index = find_filter(opts, id);
		struct site site;
		size_t bytes = read_site(&vars[i], data, size, &site);

		if (!id || !bytes) {
			is_understood = false;
			continue;
		}
		if (index < 0 || !filters)
			continue;

		const struct ecli_load_filter *filter = &opts->filters[index];
		site.is_on = filter->n_predicates || (is_sampling && filter->sample);
		site.sample = is_sampling ? filter->sample : 0;
		site.slot = first_slot + (uint32_t)index;
		memcpy(site.predicates, filter->predicates, filter->n_predicates * sizeof(*filter->predicates));
		memcpy(data + vars[i].offset, &site, bytes);
		filters->sites[index]++;
		filters->sampled[index] = site.sample != 0;
	}
	return is_understood;
}

/* The object's calls that send records; NULL: it has none, or they are not told of. */
static const struct btf_type *find_sites(struct bpf_object *object, char **ret_data, size_t *ret_size)
{
	struct bpf_map *map = ecli_configure_section(object, SECTION);
	const struct btf *btf = bpf_object__btf(object);

	*ret_data = map ? (char *)bpf_map__initial_value(map, ret_size) : NULL;
	int id = btf && *ret_data ? btf__find_by_name_kind(btf, SECTION, BTF_KIND_DATASEC) : -ENOENT;
	return id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);
}

int ecli_filters_assign(struct ecli_filters *filters, struct bpf_object *object, const struct ecli_load_opts *opts,
			uint32_t first_slot, bool has_slots, struct ecli_err *err)
{
	size_t size = 0;
	char *data;

	for (size_t i = 0; i < opts->n_filters; i++)
		if (opts->filters[i].n_predicates > ECLI_WHERE_MAX_PREDICATES)
			return ecli_err_set(err, -EINVAL, "a filter has more than %d predicates",
					    ECLI_WHERE_MAX_PREDICATES);
	*filters = (struct ecli_filters){ .count = opts->n_filters };
	filters->sites = calloc(opts->n_filters + 1, sizeof(*filters->sites));
	filters->sampled = calloc(opts->n_filters + 1, sizeof(*filters->sampled));
	if (!filters->sites || !filters->sampled)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_type *section = opts->n_filters ? find_sites(object, &data, &size) : NULL;
	if (!section)
		return 0;

	bool is_understood = walk(btf, section, data, size, opts, 0, false, NULL);
	walk(btf, section, data, size, opts, first_slot, has_slots && is_understood, filters);
	return 0;
}

/* Of the smallest ring, in which the steps of larger ones are some more; 0: there is none. */
static uint32_t step_bytes(const struct bpf_object *object)
{
	uint32_t least = 0;
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		uint32_t size = bpf_map__max_entries(map);

		if (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF && (!least || size < least))
			least = size;
	}
	return least & (least - 1) ? 0 : least / STEPS;
}

bool ecli_filters_wake(struct bpf_object *object)
{
	uint32_t step = step_bytes(object);
	bool is_understood = true;
	size_t size = 0;
	char *data;
	const struct btf_type *section = step ? find_sites(object, &data, &size) : NULL;

	for (uint32_t i = 0; section && i < btf_vlen(section); i++) {
		const struct btf_var_secinfo *var = &btf_var_secinfos(section)[i];
		struct site site;

		if (read_site(var, data, size, &site) == sizeof(site))
			site.step_mask = step - 1;
		else
			is_understood = false;
		if (site.step_mask)
			memcpy(data + var->offset, &site, sizeof(site));
	}
	return section && is_understood;
}

void ecli_filters_done(struct ecli_filters *filters)
{
	free(filters->sites);
	free(filters->sampled);
	*filters = (struct ecli_filters){ 0 };
}
