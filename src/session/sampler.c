/* SPDX-License-Identifier: MIT */
/*
 * An entry of a map on its way to the tables (docs/design/0011-tables.md).
 *
 *     poll: key | values of all CPUs ── fold ──> key | value          one row
 *                                    └─ each ──> key | value | cpu    a row for each CPU that has something
 *                                          └──> minus the last look ──> tables
 *
 * A map is cleared by subtraction where its value only grows, for reading and deleting in one step loses what a program adds
 * through a pointer that it got before. Entries that have not changed are then not there, as if they had been deleted.
 *
 * Bytes of the last look are kept as they were read, and differences made from them: an error cannot add up.
 *
 * A screen has every look in both ways, since the start and since the look before: the map has the one, the difference is the other. Then what
 * was deleted to make room is remembered, as much of it as would fill the map a few times.
 */
#include "session/sampler.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define IDLE_LOOKS 2
#define GONE_MAPS  4 /* of deleted entries, what is remembered would fill so many */

static const struct {
	uint32_t type;
	bool is_per_cpu, is_array, can_delete;
} map_types[] = {
	{ BPF_MAP_TYPE_HASH, false, false, true },
	{ BPF_MAP_TYPE_PERCPU_HASH, true, false, true },
	{ BPF_MAP_TYPE_LRU_PERCPU_HASH, true, false, false },
	{ BPF_MAP_TYPE_ARRAY, false, true, false },
	{ BPF_MAP_TYPE_PERCPU_ARRAY, true, true, false },
	{ BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, true, false, false },
};

/* ---- one entry ------------------------------------------------------------------------------------------------- */

static bool is_zero(const uint8_t *p, size_t size)
{
	return !size || (!*p && !memcmp(p, p + 1, size - 1));
}

static size_t value_size(const struct sampler *sampler)
{
	return (size_t)ecli_plan_size(sampler->plan) - sampler->value_offset;
}

/* What there was before it was deleted comes on top. */
static int give_whole(struct sampler *sampler, sampler_fn fn, void *ctx)
{
	size_t at = sampler->value_offset;
	const void *gone = sampler->gone.count ? last_see(&sampler->gone, sampler->key) : NULL;

	if (sampler->skips_zero && !sampler->shows_always && is_zero(sampler->record + at, sampler->value_bytes))
		return 0;
	if (!gone)
		return fn(ctx, ECLI_SINCE_START, sampler->record, sampler->growth);
	memcpy(sampler->whole, sampler->record, at + value_size(sampler));
	ecli_plan_add(sampler->plan, sampler->counters, sampler->value_offset, sampler->whole, gone,
		      value_size(sampler));
	return fn(ctx, ECLI_SINCE_START, sampler->whole, sampler->growth);
}

static int give_difference(struct sampler *sampler, bool is_known, sampler_fn fn, void *ctx)
{
	bool is_same = !memcmp(sampler->previous, sampler->record + sampler->value_offset, sampler->value_bytes);

	if (is_same && (is_known || sampler->skips_zero) && !sampler->shows_always)
		return 0;
	/* What rate() asks for need not be a counter: then it is shown as it is. */
	if (is_known)
		ecli_plan_subtract(sampler->plan, sampler->counters, sampler->value_offset, sampler->record,
				   sampler->previous, value_size(sampler));
	return fn(ctx, ECLI_SINCE_LOOK, sampler->record, sampler->growth);
}

/* The row that lies in sampler->record. */
static int give(struct sampler *sampler, sampler_fn fn, void *ctx)
{
	size_t value_bytes = sampler->value_bytes, at = sampler->value_offset;
	const uint8_t *now = sampler->record;

	if (!sampler->grows)
		return sampler->skips_zero && is_zero(now + at, value_bytes) ? 0 : fn(ctx, sampler->since, now, now);

	memcpy(sampler->key, now, at);
	if (sampler->cpu_offset)
		memcpy(sampler->key + at, now + sampler->cpu_offset, sizeof(uint32_t));
	int known = last_swap(&sampler->last, sampler->key, now + at, sampler->previous);
	if (known < 0)
		return known;
	if (!known)
		memset(sampler->previous, 0, value_bytes);
	memcpy(sampler->growth, now, (size_t)ecli_plan_size(sampler->plan));
	if (known)
		ecli_plan_subtract(sampler->plan, sampler->grows, sampler->value_offset, sampler->growth,
				   sampler->previous, (size_t)ecli_plan_size(sampler->plan) - at);
	int r = sampler->has_both || sampler->since == ECLI_SINCE_START ? give_whole(sampler, fn, ctx) : 0;
	if (!r && (sampler->has_both || sampler->since == ECLI_SINCE_LOOK))
		r = give_difference(sampler, known, fn, ctx);
	return r;
}

/* As the map has it. */
static void take_value(struct sampler *sampler, const uint8_t *key, const uint8_t *value)
{
	memcpy(sampler->record, key, sampler->value_offset);
	ecli_plan_take_value(sampler->plan, sampler->record, value, sampler->map_bytes);
}

/* As a record has it. */
static void put_value(struct sampler *sampler, const uint8_t *key, const uint8_t *value)
{
	memcpy(sampler->record, key, sampler->value_offset);
	memcpy(sampler->record + sampler->value_offset, value, sampler->value_bytes);
}

static int give_each(struct sampler *sampler, const uint8_t *key, const uint8_t *value, size_t size, sampler_fn fn,
		     void *ctx)
{
	int r = 0;

	for (uint32_t cpu = 0; !r && size >= sampler->stride;
	     cpu++, size -= sampler->stride, value += sampler->stride) {
		take_value(sampler, key, value);
		memcpy(sampler->record + sampler->cpu_offset, &cpu, sizeof(cpu));
		r = give(sampler, fn, ctx);
	}
	return r;
}

int sampler_entry(struct sampler *sampler, const void *data, size_t size_bytes, sampler_fn fn, void *ctx)
{
	sampler->raw_bytes = size_bytes;
	const uint8_t *key = data, *value = key + sampler->value_offset;
	size_t rest = size_bytes - sampler->value_offset;

	if (size_bytes < sampler->value_offset || rest < sampler->map_bytes || rest < sampler->stride)
		return -EBADMSG;
	if (sampler->cpu_offset)
		return give_each(sampler, key, value, rest, fn, ctx);
	take_value(sampler, key, value);
	for (; sampler->stride && rest >= 2 * (size_t)sampler->stride; rest -= sampler->stride) {
		value += sampler->stride;
		ecli_plan_take_value(sampler->plan, sampler->other, value, sampler->map_bytes);
		ecli_plan_fold(sampler->plan, sampler->fold, sampler->value_offset, sampler->record,
			       sampler->other + sampler->value_offset, value_size(sampler));
	}
	return give(sampler, fn, ctx);
}

/* ---- looks ----------------------------------------------------------------------------------------------------- */

void sampler_end_look(struct sampler *sampler, uint64_t now_ns, bool is_part)
{
	sampler->seconds = is_part ? 0 : (double)(now_ns - sampler->look_ns) / 1e9;
	sampler->look_ns = now_ns;
	if (sampler->grows)
		last_end_look(&sampler->last);
	last_keep_look(&sampler->gone);
}

const void *sampler_idle(const struct sampler *sampler, size_t *cursor)
{
	if (!sampler->is_difference || !sampler->can_forget || sampler->last.count <= sampler->max_entries / 2)
		return NULL;
	return last_idle(&sampler->last, IDLE_LOOKS, cursor);
}

size_t sampler_raw_bytes(const struct sampler *sampler)
{
	return sampler->raw_bytes;
}

bool sampler_adds_up(const struct sampler *sampler, uint32_t offset)
{
	for (uint32_t i = 0; i < ecli_plan_columns(sampler->plan); i++) {
		uint32_t at;

		if (!ecli_plan_column_offset(sampler->plan, i, &at) || at != offset)
			continue;
		if (sampler->cpu_offset && at == sampler->cpu_offset)
			return false;
		return !sampler->has_counters || (sampler->counters && sampler->counters[i]);
	}
	return false;
}

void sampler_forget(struct sampler *sampler, const void *key)
{
	last_forget(&sampler->last, key);
}

int sampler_remember(struct sampler *sampler, const void *key)
{
	size_t at = sampler->value_offset;

	if (!sampler->has_both)
		return 0;
	const void *value = last_see(&sampler->last, key), *before = last_see(&sampler->gone, key);
	if (!value)
		return 0;
	if (!before && sampler->gone.count >= GONE_MAPS * (size_t)sampler->max_entries) {
		sampler->left_out++;
		return 0;
	}
	memset(sampler->whole, 0, at + value_size(sampler));
	memcpy(sampler->whole + at, value, sampler->value_bytes);
	if (before)
		ecli_plan_add(sampler->plan, sampler->counters, sampler->value_offset, sampler->whole, before,
			      value_size(sampler));
	int r = last_swap(&sampler->gone, key, sampler->whole + at, sampler->previous);
	return r < 0 ? r : 0;
}

int sampler_entries_gone(struct sampler *sampler, sampler_fn fn, void *ctx)
{
	size_t cursor = 0, at = sampler->value_offset;
	const uint8_t *entry;
	int r = 0;

	while (!r && (entry = last_unseen(&sampler->gone, &cursor))) {
		put_value(sampler, entry, entry + at);
		memcpy(sampler->growth, sampler->record, at + value_size(sampler));
		ecli_plan_subtract(sampler->plan, sampler->grows, sampler->value_offset, sampler->growth,
				   sampler->record + at, value_size(sampler));
		r = fn(ctx, ECLI_SINCE_START, sampler->record, sampler->growth);
	}
	return r;
}

/* ---- what grows ------------------------------------------------------------------------------------------------ */

static bool *make_flags(const struct sampler *sampler)
{
	return calloc(ecli_plan_columns(sampler->plan) + 1, sizeof(bool));
}

/* Whether the column lies in the value and its numbers add up. */
static bool is_quantity(const struct sampler *sampler, uint32_t first, uint32_t index)
{
	return index >= first && !(sampler->cpu_offset && index + 1 == ecli_plan_columns(sampler->plan)) &&
	       ecli_plan_column_adds_up(sampler->plan, index);
}

/* The first column of the value: those of the key come first. */
static int count_key_columns(const struct ecli_types *types, const struct sampled *what, struct ecli_err *err,
			     uint32_t *ret)
{
	struct ecli_plan *key = NULL;
	int r;

	*ret = 0;
	if (!what->key_id)
		return 0;
	r = ecli_plan_build(types, what->key_id, NULL, 0, err, &key);
	if (!r)
		*ret = ecli_plan_columns(key);
	ecli_plan_free(key);
	return r;
}

static int find_named(struct sampler *sampler, uint32_t first, const struct ecli_package_texts *names, const char *map,
		      struct ecli_err *err)
{
	for (size_t i = 0; i < names->count; i++) {
		bool is_there = false;

		for (uint32_t k = 0; k < ecli_plan_columns(sampler->plan); k++) {
			if (strcmp(ecli_plan_column(sampler->plan, k)->name, names->items[i]) != 0)
				continue;
			is_there = sampler->counters[k] = is_quantity(sampler, first, k);
		}
		if (!is_there)
			return ecli_err_set(err, -EINVAL,
					    "map %s: \"counters\" names %.64s, which is no number of its value", map,
					    names->items[i]);
	}
	return 0;
}

int sampler_find_counters(struct sampler *sampler, const struct ecli_types *types, const struct sampled *what,
			  const struct ecli_package_sample *sample, const char *slots, struct ecli_err *err)
{
	const struct ecli_type *value = ecli_types_resolve(types, what->value_id);
	bool is_struct = value->kind == ECLI_TYPE_STRUCT || value->kind == ECLI_TYPE_UNION;
	bool all = sample->all_counters || (!is_struct && !sample->counters.count);
	uint32_t first = 0;
	bool any = false;
	int r = count_key_columns(types, what, err, &first);

	if (r)
		return r;
	sampler->counters = make_flags(sampler);
	if (!sampler->counters)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	r = find_named(sampler, first, &sample->counters, what->name, err);
	if (r)
		return r;
	for (uint32_t i = 0; i < ecli_plan_columns(sampler->plan); i++) {
		const char *name = ecli_plan_column(sampler->plan, i)->name;

		if (is_quantity(sampler, first, i) && (all || (slots && !strcmp(name, slots))))
			sampler->counters[i] = true;
		any |= sampler->counters[i];
	}
	if (!any || sampler->fold == ECLI_FOLD_MAX || sampler->has_no_keys) {
		free(sampler->counters);
		sampler->counters = NULL;
	}
	return 0;
}

int sampler_add_growth(struct sampler *sampler, const bool *columns)
{
	if (!columns || sampler->has_no_keys)
		return 0;
	if (!sampler->grows)
		sampler->grows = make_flags(sampler);
	for (uint32_t i = 0; sampler->grows && i < ecli_plan_columns(sampler->plan); i++)
		sampler->grows[i] |= columns[i];
	return sampler->grows ? 0 : -ENOMEM;
}

/* ---- making ---------------------------------------------------------------------------------------------------- */

bool sampler_begin(struct sampler *sampler, bool clears, uint64_t now_ns)
{
	sampler->look_ns = now_ns;
	sampler->is_difference = clears && sampler->counters;
	sampler->since = clears ? ECLI_SINCE_LOOK : ECLI_SINCE_START;
	if (clears && !sampler->counters) {
		/* Each look has its own: that is the growth. */
		free(sampler->grows);
		sampler->grows = NULL;
		return true;
	}
	if (sampler->is_difference && sampler_add_growth(sampler, sampler->counters) < 0)
		return true;
	return false;
}

int sampler_show_both(struct sampler *sampler)
{
	int r = sampler->counters ? sampler_add_growth(sampler, sampler->counters) : 0;

	sampler->has_both = sampler->counters && !r;
	return r;
}

int sampler_init(struct sampler *sampler, const struct ecli_types *types, const struct sampled *what,
		 const struct ecli_package_sample *sample, const struct ecli_plan_note *notes, size_t n_notes,
		 struct ecli_err *err)
{
	bool is_per_cpu = false;

	*sampler = (struct sampler){ .has_counters = sample->all_counters || sample->counters.count,
				     .max_entries = what->max_entries,
				     .shows_always = what->is_single };
	for (size_t i = 0; i < ARRAY_SIZE(map_types); i++) {
		if (map_types[i].type != what->map_type)
			continue;
		is_per_cpu = map_types[i].is_per_cpu;
		sampler->skips_zero = map_types[i].is_array && !what->is_single;
		sampler->can_forget = map_types[i].can_delete;
	}
	sampler->has_no_keys = what->map_type == BPF_MAP_TYPE_QUEUE || what->map_type == BPF_MAP_TYPE_STACK;
	bool each = is_per_cpu && sample->per_cpu == ECLI_PER_CPU_EACH;
	const struct ecli_plan_table table = { .key_id = what->key_id,
					       .key_name = what->key_name,
					       .value_id = what->value_id,
					       .has_cpu = each,
					       .widens = true };
	int r = ecli_plan_build_table(types, &table, notes, n_notes, err, &sampler->plan);
	if (r)
		return ecli_err_wrap(err, r, "the entries of map %s cannot be shown", what->name);

	size_t size = (size_t)ecli_plan_size(sampler->plan);
	const struct ecli_type *key = what->key_id ? ecli_types_resolve(types, what->key_id) : NULL;
	sampler->value_offset = key ? ((uint32_t)key->size_bytes + 7) & ~7u : 0;
	sampler->map_bytes = (uint32_t)ecli_types_resolve(types, what->value_id)->size_bytes;
	sampler->value_bytes = ecli_plan_value_bytes(sampler->plan, sampler->map_bytes);
	uint32_t one = what->value_bytes > sampler->map_bytes ? what->value_bytes : sampler->map_bytes;
	sampler->stride = is_per_cpu ? (one + 7) & ~7u : 0;
	sampler->cpu_offset = each ? (uint32_t)size - (uint32_t)sizeof(uint32_t) : 0;
	sampler->fold = sample->per_cpu == ECLI_PER_CPU_MAX ? ECLI_FOLD_MAX : ECLI_FOLD_SUM;
	sampler->has_names = each || (sampler->skips_zero && what->max_entries != 1);
	if (each) /* a CPU that has never touched the entry has nothing to say */
		sampler->skips_zero = true;
	if (each)
		sampler->can_forget = false;
	sampler->record = calloc(1, size);
	sampler->growth = calloc(1, size);
	sampler->previous = calloc(1, size);
	sampler->key = calloc(1, sampler->value_offset + sizeof(uint64_t));
	sampler->whole = calloc(1, size);
	sampler->other = calloc(1, size);
	last_init(&sampler->last, sampler->value_offset + (each ? sizeof(uint32_t) : 0), sampler->value_bytes);
	last_init(&sampler->gone, sampler->value_offset, sampler->value_bytes);
	if (!sampler->record || !sampler->growth || !sampler->previous || !sampler->key || !sampler->whole ||
	    !sampler->other)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	return 0;
}

void sampler_done(struct sampler *sampler)
{
	ecli_plan_free(sampler->plan);
	free(sampler->counters);
	free(sampler->grows);
	last_done(&sampler->last);
	last_done(&sampler->gone);
	free(sampler->record);
	free(sampler->growth);
	free(sampler->key);
	free(sampler->previous);
	free(sampler->whole);
	free(sampler->other);
	*sampler = (struct sampler){ 0 };
}
