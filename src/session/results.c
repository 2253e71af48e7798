/* SPDX-License-Identifier: MIT */
/*
 * What a tool has found when it keeps it in maps and leaves reading them to a program of its own, as most of libbpf-tools do. Nothing in an
 * object says so; these look like results:
 *
 *     a value with an array of counters      struct hist { __u32 slots[26]; }     a histogram
 *     a key with the id of a stack           struct key { int kern_stack_id; }    stacks
 *     numbers in a map that programs fill    struct key -> __u64                  rows
 *
 * Maps of rows are shown only when there is neither a histogram nor a stack: beside them they are mostly notes. These are notes in any case: maps
 * from which a program deletes (the start of something that has not ended), maps and variables that no program writes (filters, which user space fills), and
 * a single value for each CPU (memory for what does not fit on the stack).
 *
 * Which map a call is about is read off the code without following jumps: compilers put the map's address into r1 right before the call.
 */
#include "session/results.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/code.h"
#include "session/records.h"

#define OP_CALL     (BPF_JMP | BPF_CALL)
#define OP_CONSTANT (BPF_LD | BPF_IMM | BPF_DW)
#define OP_COPY     (BPF_ALU64 | BPF_MOV | BPF_X)
#define N_REGISTERS 11
#define MANY_SLOTS  20
#define MAX_USES    512 /* an object with more is not made by hand, and would take long */

/* ---- what programs do with maps -------------------------------------------------------------------------------- */

struct use {
	const char *name;
	uint64_t offset, size; /* of a variable, in .bss; size 0: it is a map */
	bool is_read, is_filled, is_emptied;
};

struct uses {
	struct use *items; /* the maps of the types, then their variables of .bss */
	size_t count;
};

static void uses_done(struct uses *uses)
{
	free(uses->items);
}

static struct use *use_of_map(struct uses *uses, const char *name)
{
	for (size_t i = 0; i < uses->count; i++)
		if (!uses->items[i].size && !strcmp(uses->items[i].name, name))
			return &uses->items[i];
	return NULL;
}

static struct use *use_at(struct uses *uses, uint64_t offset)
{
	for (size_t i = 0; i < uses->count; i++)
		if (offset - uses->items[i].offset < uses->items[i].size)
			return &uses->items[i];
	return NULL;
}

/* What a 64-bit constant that is filled in is the address of; NULL: neither a map nor a variable of .bss. */
static struct use *use_of_fill(const struct ecli_elf *elf, const struct ecli_code_fill *fill, int32_t addend,
			       struct uses *uses)
{
	struct ecli_elf_section section;
	struct ecli_elf_symbol symbol;

	if (!ecli_elf_symbol(elf, fill->symbol, &symbol))
		return NULL;
	if (ecli_elf_section(elf, symbol.section, &section) && !strcmp(section.name, ".bss"))
		return use_at(uses, symbol.value + (uint64_t)(int64_t)addend);
	return use_of_map(uses, symbol.name);
}

static void note_call(struct use *use, int32_t helper)
{
	switch (helper) {
	case BPF_FUNC_map_lookup_elem:
	case BPF_FUNC_map_lookup_percpu_elem:
		use->is_read = true;
		break;
	case BPF_FUNC_map_update_elem:
		use->is_filled = true;
		break;
	case BPF_FUNC_map_delete_elem:
		use->is_emptied = true;
		break;
	}
}

/* An address stays one of the same thing when something is added to it. */
static void compute(struct use **held, const struct ecli_instruction *in)
{
	bool is_add = in->opcode == (BPF_ALU64 | BPF_ADD | BPF_X) || in->opcode == (BPF_ALU64 | BPF_ADD | BPF_K);

	if (in->opcode == OP_COPY)
		held[in->destination] = held[in->source];
	else if (!is_add)
		held[in->destination] = NULL;
	else if (!held[in->destination] && (in->opcode & BPF_X))
		held[in->destination] = held[in->source];
}

static void read_function(const struct ecli_elf *elf, const struct ecli_code *code,
			  const struct ecli_code_function *function, struct uses *uses)
{
	struct use *held[N_REGISTERS] = { NULL };
	struct ecli_instruction in;

	for (uint64_t at = 0; at < function->size; at += ecli_code_length(&in)) {
		in = ecli_code_decode(function->bytes + at);
		const struct ecli_code_fill *fill =
			ecli_code_fill_at(code, function->section_index, function->offset + at);
		unsigned char class = in.opcode & 7;

		if (in.destination >= N_REGISTERS || in.source >= N_REGISTERS)
			continue;
		if (in.opcode == OP_CALL) {
			if (!in.source && !fill && held[1])
				note_call(held[1], in.immediate);
			memset(held, 0, 6 * sizeof(*held));
		} else if (in.opcode == OP_CONSTANT) {
			held[in.destination] = fill ? use_of_fill(elf, fill, in.immediate, uses) : NULL;
		} else if (class == BPF_ALU64 || class == BPF_ALU) {
			compute(held, &in);
		} else if (class == BPF_LDX) {
			held[in.destination] = NULL;
		} else if ((class == BPF_ST || class == BPF_STX) && held[in.destination]) {
			held[in.destination]->is_filled = true;
		}
	}
}

/* Of an object whose code cannot be read nothing is known. */
static void read_uses(const struct ecli_package *package, struct uses *uses)
{
	CLEANUP(ecli_code_done) struct ecli_code code = { 0 };
	struct ecli_elf elf;

	if (uses->count > MAX_USES || ecli_elf_open(&elf, package->object, package->object_size, NULL) ||
	    ecli_code_read(&elf, NULL, &code))
		return;
	for (size_t i = 0; i < code.n_functions; i++)
		if (!code.functions[i].is_again)
			read_function(&elf, &code, &code.functions[i], uses);
}

/* ---- what types look like -------------------------------------------------------------------------------------- */

const char *results_stack_format(const char *name)
{
	static const struct {
		const char *part, *format;
	} parts[] = { { "kern", "kernel_stack" },
		      { "kstack", "kernel_stack" },
		      { "user", "user_stack" },
		      { "ustack", "user_stack" },
		      { "stack", "kernel_stack" } };

	if (!strstr(name, "stack"))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strstr(name, parts[i].part))
			return parts[i].format;
	return NULL;
}

static bool has_stack(const struct ecli_types *types, uint32_t type_id)
{
	const struct ecli_type *type = ecli_types_resolve(types, type_id);

	for (uint32_t i = 0; type->kind == ECLI_TYPE_STRUCT && i < type->n_members; i++) {
		const struct ecli_type *member = ecli_types_resolve(types, type->members[i].type_id);

		if (member->kind == ECLI_TYPE_INT && (member->size_bytes == 4 || member->size_bytes == 8) &&
		    results_stack_format(type->members[i].name))
			return true;
	}
	return false;
}

static bool has_stack_map(const struct ecli_types *types)
{
	struct ecli_type_map map;

	for (uint32_t i = 0; ecli_types_map(types, i, &map); i++)
		if (map.map_type == BPF_MAP_TYPE_STACK_TRACE)
			return true;
	return false;
}

/* Whether the array of that name (NULL: there is none) is one of buckets: its name says so, or it is as long as lists of other things rarely are. */
static bool has_buckets(const struct ecli_types *types, const struct ecli_type *value, const char *array)
{
	static const char *const names[] = { "slot", "hist", "bucket" };

	for (size_t i = 0; array && i < ARRAY_SIZE(names); i++)
		if (strstr(array, names[i]))
			return true;
	for (uint32_t i = 0; array && i < value->n_members; i++)
		if (!strcmp(value->members[i].name, array))
			return ecli_types_resolve(types, value->members[i].type_id)->count >= MANY_SLOTS;
	return false;
}

enum ecli_package_sample_kind results_kind(const struct ecli_types *types, uint32_t key_id, uint32_t value_id)
{
	const struct ecli_type *value = ecli_types_resolve(types, value_id);

	if (value->kind == ECLI_TYPE_STRUCT && has_buckets(types, value, records_slots(types, value_id)))
		return ECLI_SAMPLE_LOG2_HIST;
	if (key_id && has_stack_map(types) && has_stack(types, key_id))
		return ECLI_SAMPLE_STACKS;
	return ECLI_SAMPLE_KEY_VALUE;
}

/* Whether there is a number in it that can have been counted; of a struct in a member, or an element of one. */
static bool has_numbers(const struct ecli_types *types, uint32_t type_id)
{
	const struct ecli_type *type = ecli_types_resolve(types, type_id);

	if (type->kind == ECLI_TYPE_ARRAY)
		return has_numbers(types, type->target_id);
	if (type->kind != ECLI_TYPE_STRUCT)
		return type->kind == ECLI_TYPE_INT && type->size_bytes <= 8;
	for (uint32_t i = 0; i < type->n_members; i++) {
		const struct ecli_type *member = ecli_types_resolve(types, type->members[i].type_id);

		if (member->kind == ECLI_TYPE_ARRAY)
			member = ecli_types_resolve(types, member->target_id);
		if (member->kind == ECLI_TYPE_INT)
			return true;
	}
	return false;
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

static bool is_table(const struct ecli_type_map *map)
{
	switch (map->map_type) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return map->key_type_id && map->value_type_id && strncmp(map->name, "ecli_", 5) != 0;
	}
	return false;
}

static bool is_result(const struct ecli_types *types, const struct ecli_type_map *map, const struct use *use,
		      enum ecli_package_sample_kind kind)
{
	bool is_array = map->map_type == BPF_MAP_TYPE_ARRAY || map->map_type == BPF_MAP_TYPE_PERCPU_ARRAY;
	bool is_struct = ecli_types_resolve(types, map->value_type_id)->kind == ECLI_TYPE_STRUCT;

	if (use->is_emptied || (is_array ? !use->is_read : !use->is_filled))
		return false;
	if (kind != ECLI_SAMPLE_KEY_VALUE)
		return true;
	if (map->map_type == BPF_MAP_TYPE_PERCPU_ARRAY && map->max_entries == 1 && is_struct)
		return false;
	return has_numbers(types, map->value_type_id);
}

static void add_maps(const struct ecli_types *types, struct uses *uses, struct result *results, size_t *count)
{
	struct ecli_type_map map;

	for (uint32_t i = 0; ecli_types_map(types, i, &map); i++) {
		if (!is_table(&map))
			continue;
		enum ecli_package_sample_kind kind = results_kind(types, map.key_type_id, map.value_type_id);
		if (is_result(types, &map, use_of_map(uses, map.name), kind))
			results[(*count)++] = (struct result){ .name = map.name, .kind = kind };
	}
}

static void add_variables(const struct ecli_types *types, const struct ecli_type *section, struct uses *uses,
			  struct result *results, size_t *count)
{
	for (uint32_t i = 0; section && i < section->n_members; i++) {
		const struct ecli_type_member *member = &section->members[i];
		const struct use *use = use_at(uses, member->offset_bits / 8);
		const struct ecli_type *type = ecli_types_resolve(types, member->type_id);
		bool is_array = type->kind == ECLI_TYPE_ARRAY;
		uint32_t value_id = is_array ? type->target_id : member->type_id;

		if (!use || !use->is_filled || !has_numbers(types, value_id))
			continue;
		enum ecli_package_sample_kind kind = results_kind(types, 0, value_id);
		if (kind == ECLI_SAMPLE_LOG2_HIST || is_array)
			results[(*count)++] =
				(struct result){ .name = member->name, .is_variable = true, .kind = kind };
	}
}

/* Without maps of rows, when there is something better. */
static size_t choose(struct result *results, size_t count)
{
	bool has_better = false;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		has_better |= results[i].kind != ECLI_SAMPLE_KEY_VALUE;
	for (size_t i = 0; i < count; i++)
		if (!has_better || results[i].is_variable || results[i].kind != ECLI_SAMPLE_KEY_VALUE)
			results[kept++] = results[i];
	return kept;
}

static int make_uses(const struct ecli_types *types, const struct ecli_type *section, struct uses *ret)
{
	uint32_t n_maps = ecli_types_map_count(types), n_variables = section ? section->n_members : 0;
	struct ecli_type_map map;

	ret->items = calloc((size_t)n_maps + n_variables + 1, sizeof(*ret->items));
	if (!ret->items)
		return -ENOMEM;
	for (uint32_t i = 0; i < n_maps && ecli_types_map(types, i, &map); i++)
		ret->items[ret->count++].name = map.name;
	for (uint32_t i = 0; i < n_variables; i++)
		ret->items[ret->count++] = (struct use){ .name = section->members[i].name,
							 .offset = section->members[i].offset_bits / 8,
							 .size = section->members[i].size_bytes };
	return 0;
}

int results_find(const struct ecli_package *package, const struct ecli_types *types, struct ecli_err *err,
		 struct result **ret, size_t *ret_count)
{
	const struct ecli_type *section = ecli_types_find(types, ECLI_TYPE_SECTION, ".bss");
	CLEANUP(uses_done) struct uses uses = { 0 };
	size_t count = 0;

	struct result *results = make_uses(types, section, &uses) ? NULL : calloc(uses.count + 1, sizeof(*results));
	if (!results)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	read_uses(package, &uses);
	add_maps(types, &uses, results, &count);
	add_variables(types, section, &uses, results, &count);
	*ret = results;
	*ret_count = choose(results, count);
	return 0;
}
