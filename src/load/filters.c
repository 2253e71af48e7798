/* SPDX-License-Identifier: MIT */
/*
 * Each call site tells through BTF which type of record it sends; the filter of that type goes into its bytes, which the
 * verifier then knows as constants.
 *
 *     .rodata.ecli.where   [ struct ecli_where | type ]   [ struct ecli_where | type ] ...
 *     BTF of the section   VAR -> STRUCT { where; type -> PTR -> FUNC_PROTO -> param -> PTR -> struct event }
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
#define VERSION      1
#define MAX_TYPEDEFS 32

/* As in the prelude. */
struct site {
	uint32_t version, is_on, sample, slot;
	struct ecli_where_predicate predicates[ECLI_WHERE_MAX_PREDICATES];
};
static_assert(sizeof(struct ecli_where_predicate) == 32 && sizeof(struct site) == 272, "docs/formats/prelude.md");
#define SITE_BYTES (sizeof(struct site) + 8) /* the pointer for the type */

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

/* The struct that the variable of a site names; 0: none. */
static uint32_t record_type(const struct btf *btf, uint32_t var_id)
{
	const struct btf_type *var = btf__type_by_id(btf, var_id);
	uint32_t id = 0;

	if (!var || !btf_is_var(var))
		return 0;
	const struct btf_type *site = resolve(btf, var->type, &id);
	if (!site || !btf_is_struct(site) || btf_vlen(site) != 2 || site->size != SITE_BYTES)
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
		uint32_t id = record_type(btf, vars[i].type);
		ssize_t index = find_filter(opts, id);
		struct site site;

		if (!id || vars[i].size != SITE_BYTES || !ecli_num_within(vars[i].offset, SITE_BYTES, size)) {
			is_understood = false;
			continue;
		}
		memcpy(&site, data + vars[i].offset, sizeof(site));
		if (site.version != VERSION) {
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
		memcpy(data + vars[i].offset, &site, sizeof(site));
		filters->sites[index]++;
		filters->sampled[index] = site.sample != 0;
	}
	return is_understood;
}

int ecli_filters_assign(struct ecli_filters *filters, struct bpf_object *object, const struct ecli_load_opts *opts,
			uint32_t first_slot, bool has_slots, struct ecli_err *err)
{
	struct bpf_map *map = ecli_configure_section(object, SECTION);
	const struct btf *btf = bpf_object__btf(object);
	size_t size = 0;
	char *data = map ? (char *)bpf_map__initial_value(map, &size) : NULL;

	for (size_t i = 0; i < opts->n_filters; i++)
		if (opts->filters[i].n_predicates > ECLI_WHERE_MAX_PREDICATES)
			return ecli_err_set(err, -EINVAL, "a filter has more than %d predicates",
					    ECLI_WHERE_MAX_PREDICATES);
	*filters = (struct ecli_filters){ .count = opts->n_filters };
	filters->sites = calloc(opts->n_filters + 1, sizeof(*filters->sites));
	filters->sampled = calloc(opts->n_filters + 1, sizeof(*filters->sampled));
	if (!filters->sites || !filters->sampled)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int id = btf && data && opts->n_filters ? btf__find_by_name_kind(btf, SECTION, BTF_KIND_DATASEC) : -ENOENT;
	if (id < 0)
		return 0;

	const struct btf_type *section = btf__type_by_id(btf, (uint32_t)id);
	bool is_understood = walk(btf, section, data, size, opts, 0, false, NULL);
	walk(btf, section, data, size, opts, first_slot, has_slots && is_understood, filters);
	return 0;
}

void ecli_filters_done(struct ecli_filters *filters)
{
	free(filters->sites);
	free(filters->sampled);
	*filters = (struct ecli_filters){ 0 };
}
