/* SPDX-License-Identifier: MIT */
/*
 * Maps, and how much of the kernel's memory they take when they are full. The estimate follows what the kernel itself
 * counts (the map_mem_usage functions of kernel/bpf/, Linux 6.4 and later), without the 200 to 500 bytes of each map's own
 * head. docs/formats/inspect.md has the formulas for people; they are the functions below.
 *
 * What cannot be known without the machine it runs on (how many tasks there will be, a number of threads) is told as the
 * size of one entry.
 */
#include "inspect/model.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/elf.h"
#include "inspect/tables.h"

#define HASH_ENTRY    48u /* struct htab_elem */
#define HASH_BUCKET   16u
#define TRIE_NODE     40u /* struct lpm_trie_node */
#define STACK_BUCKET  16u /* struct stack_map_bucket */
#define STORAGE_ENTRY 80u /* struct bpf_local_storage_elem with its data's head */
#define DEFAULT_PAGES 64u /* of a perf buffer, each CPU */

/* What a formula is given. All numbers are below 2^32, so that no product of two of them overflows. */
struct shape {
	uint64_t key, value, entries, cpus, page, perf_pages;
};

static uint64_t up8(uint64_t bytes)
{
	return (bytes + 7) & ~UINT64_C(7);
}

static uint64_t power2(uint64_t number)
{
	uint64_t power = 1;

	while (power < number)
		power *= 2;
	return power;
}

static uint64_t pages(uint64_t bytes, uint64_t page)
{
	return (bytes + page - 1) / page * page;
}

/* Sums and products that stay at the top instead of starting again: sizes come from a package. */
static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t times(uint64_t a, uint64_t b)
{
	return b && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static uint64_t array(const struct shape *s)
{
	return times(s->entries, up8(s->value));
}

static uint64_t percpu_array(const struct shape *s)
{
	return times(s->entries, add(8, times(up8(s->value), s->cpus)));
}

static uint64_t pointers(const struct shape *s)
{
	return times(s->entries, 8);
}

static uint64_t perf_array(const struct shape *s)
{
	uint64_t entries = s->entries ? s->entries : s->cpus;

	return add(times(entries, 8), times(s->cpus, times(s->perf_pages + 1, s->page)));
}

static uint64_t hash_of(const struct shape *s, uint64_t extra, uint64_t value)
{
	return add(times(power2(s->entries), HASH_BUCKET), times(s->entries + extra, HASH_ENTRY + up8(s->key) + value));
}

static uint64_t hash(const struct shape *s)
{
	return hash_of(s, s->cpus, up8(s->value));
}

static uint64_t lru_hash(const struct shape *s)
{
	return hash_of(s, 0, up8(s->value));
}

static uint64_t percpu_hash(const struct shape *s)
{
	return hash_of(s, 0, 8 + times(up8(s->value), s->cpus));
}

static uint64_t pointer_hash(const struct shape *s)
{
	return hash_of(s, 0, 8);
}

static uint64_t trie(const struct shape *s)
{
	return times(s->entries, TRIE_NODE + s->key + s->value);
}

static uint64_t stack_trace(const struct shape *s)
{
	return add(times(power2(s->entries), 8), times(s->entries, STACK_BUCKET + s->value));
}

static uint64_t queue(const struct shape *s)
{
	return times(s->entries + 1, s->value);
}

/* The data, then a page each for the positions of reader and writer, and one for the head. */
static uint64_t ring(const struct shape *s)
{
	return pages(power2(s->entries), s->page) + 3 * s->page;
}

static uint64_t bloom(const struct shape *s)
{
	return power2(times(s->entries, 7)) / 8;
}

static uint64_t storage(const struct shape *s)
{
	return STORAGE_ENTRY + up8(s->value);
}

static uint64_t struct_ops(const struct shape *s)
{
	return up8(s->value);
}

static uint64_t arena(const struct shape *s)
{
	return times(s->entries, s->page);
}

/* By the number of the type. */
static const struct {
	uint64_t (*bytes)(const struct shape *shape);
	bool is_per_entry;
} formulas[] = {
	[1] = { hash },           [2] = { array },         [3] = { pointers },       [4] = { perf_array },
	[5] = { percpu_hash },    [6] = { percpu_array },  [7] = { stack_trace },    [8] = { pointers },
	[9] = { lru_hash },       [10] = { percpu_hash },  [11] = { trie },          [12] = { pointers },
	[13] = { pointer_hash },  [14] = { pointers },     [15] = { pointers },      [16] = { pointers },
	[17] = { pointers },      [18] = { pointer_hash }, [19] = { storage, true }, [20] = { pointers },
	[21] = { storage, true }, [22] = { queue },        [23] = { queue },         [24] = { storage, true },
	[25] = { pointer_hash },  [26] = { struct_ops },   [27] = { ring },          [28] = { storage, true },
	[29] = { storage, true }, [30] = { bloom },        [31] = { ring },          [32] = { storage, true },
	[33] = { arena },
};
#define MAP_ARRAY 2u

#define UNKNOWN "has a map of a kind that is not known here and may change anything"

static void estimate(struct ecli_inspect_map *map, struct shape shape)
{
	bool is_known = map->map_type < ARRAY_SIZE(formulas) && formulas[map->map_type].bytes;

	if (!is_known)
		return;
	map->is_per_entry = formulas[map->map_type].is_per_entry;
	if (map->sized_by && !map->max_entries && !map->is_per_entry) {
		/* What one more entry takes. */
		uint64_t base = shape.entries = 1u << 20;
		uint64_t small = formulas[map->map_type].bytes(&shape);

		shape.entries = 2 * base;
		map->memory_bytes = (formulas[map->map_type].bytes(&shape) - small) / base;
		map->is_per_entry = true;
		return;
	}
	map->memory_bytes = formulas[map->map_type].bytes(&shape);
}

static int add_map(struct inspect *inspect, const struct ecli_inspect_map *map, const struct ecli_inspect_opts *opts,
		   struct ecli_err *err)
{
	struct ecli_inspect *public = &inspect->public;
	const struct inspect_map_type *type = inspect_map_type_find(map->map_type);
	struct ecli_inspect_map *item = INSPECT_ADD(public->maps, public->n_maps);
	uint32_t perf_pages = public->package->perf_buffer_pages ? public->package->perf_buffer_pages : DEFAULT_PAGES;
	struct ecli_buf what = { 0 };

	if (!item)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	*item = *map;
	item->type = type ? type->words : "unknown";
	item->since = type ? type->since : "";
	if (map->is_section)
		item->memory_bytes = pages(map->value_size, opts->page_bytes);
	else
		estimate(item, (struct shape){ map->key_size, map->value_size, map->max_entries, opts->cpus,
					       opts->page_bytes, perf_pages });
	if (!item->is_per_entry)
	public->memory_bytes = add(public->memory_bytes, item->memory_bytes);
	if (map->is_section)
		return inspect_need(inspect, "global variables", "5.2", err);
	const char *effect = type ? type->effect : UNKNOWN;
	int r = effect ? inspect_effect(inspect, effect, map->name, err) : 0;
	if (r)
		return r;
	ecli_buf_add_format(&what, "%s maps", item->type);
	return inspect_need(inspect, inspect_keep(inspect, ecli_buf_take(&what)), item->since, err);
}

static const char *type_text(struct inspect *inspect, uint32_t type_id)
{
	struct ecli_buf text = { 0 };

	if (!type_id)
		return NULL;
	ecli_type_format(inspect->types, type_id, &text);
	return inspect_keep(inspect, ecli_buf_take(&text));
}

static const struct ecli_package_map *find_map(const struct ecli_package *package, const char *ident)
{
	for (size_t i = 0; i < package->n_maps; i++)
		if (package->maps[i].ident && !strcmp(package->maps[i].ident, ident))
			return &package->maps[i];
	return NULL;
}

/* The number that an option has when it is not given; 0: it is none, or no option. */
static uint32_t default_of(const struct inspect *inspect, const char *option)
{
	const struct ecli_type *variables = ecli_types_find(inspect->types, ECLI_TYPE_SECTION, ".rodata");
	const struct ecli_package *package = inspect->public.package;
	struct ecli_elf_section section;
	uint64_t number = 0;
	struct ecli_elf elf;

	if (!variables || ecli_elf_open(&elf, package->object, package->object_size, NULL) ||
	    !ecli_elf_find_section(&elf, ".rodata", &section) || !section.data)
		return 0;
	for (uint32_t i = 0; i < variables->n_members; i++) {
		const struct ecli_type_member *member = &variables->members[i];
		uint64_t offset = member->offset_bits / 8;

		if (strcmp(member->name, option) != 0 || member->size_bytes > sizeof(number) || offset > section.size ||
		    section.size - offset < member->size_bytes)
			continue;
		memcpy(&number, section.data + offset, member->size_bytes);
		return number <= UINT32_MAX ? (uint32_t)number : 0;
	}
	return 0;
}

/* What the package says of the map: a size to be decided where it runs, or another number than the object's. */
static void read_tags(struct inspect *inspect, struct ecli_inspect_map *map)
{
	const struct ecli_package_map *doc = find_map(inspect->public.package, map->name);

	if (!doc)
		return;
	map->alternative = inspect_keep(inspect, ecli_package_extra_text(&doc->extras, "alternative"));
	map->when = inspect_keep(inspect, ecli_package_extra_text(&doc->extras, "when"));
	const char *text = inspect_keep(inspect, ecli_package_extra_text(&doc->extras, "max_entries"));
	uint64_t number = 0;
	if (!text)
		return;
	for (const char *p = text; *p >= '0' && *p <= '9' && number <= UINT32_MAX; p++)
		number = number * 10 + (uint64_t)(*p - '0');
	if (number && number <= UINT32_MAX)
		map->max_entries = (uint32_t)number;
	else {
		map->sized_by = text;
		map->max_entries = default_of(inspect, text);
	}
}

/* ".rodata", ".data", ".bss", and those with more after a dot. */
static bool is_data_section(const char *name)
{
	static const char *const names[] = { ".rodata", ".data", ".bss" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t len = strlen(names[i]);

		if (!strncmp(name, names[i], len) && (!name[len] || name[len] == '.'))
			return true;
	}
	return false;
}

/* Sections of data become maps; the object's table of them also has those that no type describes (the prelude's, texts). */
static int add_sections(struct inspect *inspect, const struct ecli_inspect_opts *opts, struct ecli_err *err)
{
	struct ecli_elf_section section;
	struct ecli_elf elf;
	int r = ecli_elf_open(&elf, inspect->public.package->object, inspect->public.package->object_size, err);

	for (uint32_t i = 1; !r && i < elf.n_sections; i++) {
		if (!ecli_elf_section(&elf, i, &section) || !(section.flags & SHF_ALLOC) ||
		    !is_data_section(section.name) || !section.size)
			continue;
		struct ecli_inspect_map found = {
			.name = section.name,
			.map_type = MAP_ARRAY,
			.key_size = 4,
			.value_size = section.size < UINT32_MAX ? (uint32_t)section.size : UINT32_MAX,
			.max_entries = 1,
			.is_section = true,
		};
		r = add_map(inspect, &found, opts, err);
	}
	return r;
}

int inspect_maps(struct inspect *inspect, const struct ecli_inspect_opts *opts, struct ecli_err *err)
{
	struct ecli_type_map map;
	int r = 0;

	for (uint32_t i = 0; !r && ecli_types_map(inspect->types, i, &map); i++) {
		struct ecli_inspect_map found = {
			.name = map.name,
			.map_type = map.map_type,
			.key_type = type_text(inspect, map.key_type_id),
			.value_type = type_text(inspect, map.value_type_id),
			.key_size = map.key_size,
			.value_size = map.value_size,
			.max_entries = map.max_entries,
		};
		read_tags(inspect, &found);
		r = add_map(inspect, &found, opts, err);
	}
	return r ? r : add_sections(inspect, opts, err);
}
