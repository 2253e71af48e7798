/* SPDX-License-Identifier: MIT */
/*
 * Mistakes of beginners that clang does not see and that a loader would answer with an errno, on another machine and
 * without a line. Each is a fact of the object and stands in a sentence with the line of the declaration:
 *
 *     int other(int);              used, but defined nowhere            const char *name = "x";   a variable with an address
 *     struct { ... } events;       a map outside SEC(".maps")           __type(value, struct typo) a type without a body
 *     int f(void *ctx) { ... }     no SEC("..."), so nothing runs it    SEC("tracepiont/x")       no such kind of program
 *
 * Only what no kernel and no option can make right is an error. Deliberately not here: whether a kernel has what a program
 * names (ecli check says so), and what the verifier thinks.
 */
#include "compile/mistakes.h"

#include <errno.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "package/pairs.h"

/* ---- where ----------------------------------------------------------------------------------------------------- */

static uint32_t line_of(const struct ecli_source *source, enum ecli_decl_kind kind, const char *name)
{
	for (size_t i = 0; i < source->n_decls; i++)
		if (source->decls[i].kind == kind && !strcmp(source->decls[i].name, name))
			return source->decls[i].line;
	return 0;
}

/* "tool.bpf.c:7", or the file alone for what another file declares. */
struct place {
	char text[512];
};

static struct place place_of(const struct ecli_source *source, enum ecli_decl_kind kind, const char *name)
{
	uint32_t line = line_of(source, kind, name);
	struct place place;

	if (line)
		snprintf(place.text, sizeof(place.text), "%.490s:%u", source->path, line);
	else
		snprintf(place.text, sizeof(place.text), "%.490s", source->path);
	return place;
}

/* ---- clang's object -------------------------------------------------------------------------------------------- */

/* What a loader or the linker defines: variables of ".ksyms" and ".kconfig" and the prelude's map are in no section either. */
static bool is_declared_for_loader(const struct ecli_types *types, const char *name)
{
	static const char *const sections[] = { ".ksyms", ".kconfig", ".maps" };

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		const struct ecli_type *section = ecli_types_find(types, ECLI_TYPE_SECTION, sections[i]);

		for (uint32_t k = 0; section && k < section->n_members; k++)
			if (!strcmp(section->members[k].name, name))
				return true;
	}
	return false;
}

static int find_undefined(const struct ecli_elf *elf, const struct ecli_types *types, const struct ecli_source *source,
			  struct ecli_err *err)
{
	for (uint64_t i = 0; i < ecli_elf_symbol_count(elf); i++) {
		struct ecli_elf_symbol symbol;

		if (ecli_elf_symbol(elf, i, &symbol) && symbol.section == SHN_UNDEF && symbol.name[0] &&
		    !is_declared_for_loader(types, symbol.name))
			return ecli_err_set(err, -EINVAL,
					    "%s: %s is used, but defined nowhere: BPF programs can call static "
					    "functions, helpers, and functions of the kernel declared with __ksym",
					    source->path, symbol.name);
	}
	return 0;
}

/* The variable at an offset of a section; "" when there is none. */
static const char *variable_at(const struct ecli_elf *elf, uint32_t section, uint64_t offset)
{
	for (uint64_t i = 0; i < ecli_elf_symbol_count(elf); i++) {
		struct ecli_elf_symbol symbol;

		if (ecli_elf_symbol(elf, i, &symbol) && symbol.type == STT_OBJECT && symbol.section == section &&
		    offset >= symbol.value && offset - symbol.value < symbol.size)
			return symbol.name;
	}
	return "";
}

static bool is_data(const char *section)
{
	return !strncmp(section, ".data", 5) || !strncmp(section, ".rodata", 7);
}

/* Addresses of other variables are relocations in a section of data: libbpf's linker takes those against names only. */
static int find_addresses(const struct ecli_elf *elf, const struct ecli_source *source, struct ecli_err *err)
{
	static const char rel[] = ".rel";
	struct ecli_elf_section section, data;
	struct ecli_elf_symbol symbol;

	for (uint32_t i = 1; i < elf->n_sections; i++) {
		if (!ecli_elf_section(elf, i, &section) || section.type != SHT_REL || !section.data ||
		    strncmp(section.name, rel, sizeof(rel) - 1) != 0 || !is_data(section.name + sizeof(rel) - 1) ||
		    !ecli_elf_find_section(elf, section.name + sizeof(rel) - 1, &data))
			continue;
		for (uint64_t at = 0; at + sizeof(Elf64_Rel) <= section.size; at += sizeof(Elf64_Rel)) {
			Elf64_Rel relocation;

			memcpy(&relocation, section.data + at, sizeof(relocation));
			const char *name = variable_at(elf, data.index, relocation.r_offset);
			if (!name[0] || !ecli_elf_symbol(elf, ELF64_R_SYM(relocation.r_info), &symbol) ||
			    symbol.type != STT_SECTION)
				continue;
			return ecli_err_set(err, -EINVAL,
					    "%s: %s begins with an address, which a BPF object cannot hold: for a text "
					    "make it an array, const volatile char %s[16] = \"...\"",
					    place_of(source, ECLI_DECL_OBJECT, name).text, name, name);
		}
	}
	return 0;
}

int ecli_mistakes_find_early(const struct ecli_elf *elf, const struct ecli_source *source, struct ecli_err *err)
{
	struct ecli_types *types = NULL;
	int r = find_addresses(elf, source, err);

	/* An object without BTF has nothing to say; what is wrong with it is said where it is read. */
	if (r || ecli_types_read_object(elf->data, elf->size, NULL, &types))
		return r;
	r = find_undefined(elf, types, source, err);
	ecli_types_free(types);
	return r;
}

/* ---- maps ------------------------------------------------------------------------------------------------------ */

/* Kinds of maps for which the kernel wants key, value and size; of others some may, or must, be left out. */
static const uint32_t full_kinds[] = {
	BPF_MAP_TYPE_HASH,  BPF_MAP_TYPE_PERCPU_HASH,  BPF_MAP_TYPE_LRU_HASH, BPF_MAP_TYPE_LRU_PERCPU_HASH,
	BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_LPM_TRIE,
};

static const struct ecli_package_map *find_map(const struct ecli_package *package, const char *name)
{
	for (size_t i = 0; i < package->n_maps; i++)
		if (!strcmp(package->maps[i].ident, name))
			return &package->maps[i];
	return NULL;
}

static bool is_full(const struct ecli_type_map *map)
{
	for (size_t i = 0; i < ARRAY_SIZE(full_kinds); i++)
		if (full_kinds[i] == map->map_type)
			return true;
	return false;
}

/* What a map lacks, as it is written; NULL: nothing. */
static const char *lacking(const struct ecli_type_map *map)
{
	if (!map->map_type)
		return "__uint(type, BPF_MAP_TYPE_...)";
	if (is_full(map) && !map->key_type_id && !map->key_size)
		return "__type(key, ...)";
	if (is_full(map) && !map->value_type_id && !map->value_size)
		return "__type(value, ...)";
	return NULL;
}

/* Programs that read maps may choose their sizes before they load them. */
static void warn_of_size(const struct ecli_package *package, const struct ecli_type_map *map,
			 const struct ecli_source *source)
{
	const struct ecli_package_map *tags = find_map(package, map->name);

	if (is_full(map) && !map->max_entries && !(tags && ecli_package_extra(&tags->extras, "max_entries")))
		ecli_log(ECLI_LOG_WARN,
			 "%s: map %s has no __uint(max_entries, ...): a run gives it a size, which ecli run --map-size "
			 "%s=N changes",
			 place_of(source, ECLI_DECL_OBJECT, map->name).text, map->name, map->name);
}

static bool has_no_body(const struct ecli_types *types, uint32_t type_id)
{
	return type_id && ecli_types_resolve(types, type_id)->kind == ECLI_TYPE_FORWARD;
}

/* A ring buffer has no other use than events, and a package without any type has none for them. */
static bool has_untyped_events(const struct ecli_package *package, const struct ecli_type_map *map)
{
	const struct ecli_package_map *tags = find_map(package, map->name);

	return map->map_type == BPF_MAP_TYPE_RINGBUF && !package->n_exports && !map->value_type_id &&
	       !(tags && ecli_package_extra(&tags->extras, "export_config"));
}

static int find_in_maps(const struct ecli_package *package, const struct ecli_types *types,
			const struct ecli_source *source, struct ecli_err *err)
{
	struct ecli_type_map map;

	for (uint32_t i = 0; ecli_types_map(types, i, &map); i++) {
		const char *what = lacking(&map);
		bool is_key = has_no_body(types, map.key_type_id);

		if (what)
			return ecli_err_set(err, -EINVAL, "%s: map %s needs %s",
					    place_of(source, ECLI_DECL_OBJECT, map.name).text, map.name, what);
		if (is_key || has_no_body(types, map.value_type_id))
			return ecli_err_set(
				err, -EINVAL, "%s: struct %s, the %s of map %s, is defined nowhere",
				place_of(source, ECLI_DECL_OBJECT, map.name).text,
				ecli_types_resolve(types, is_key ? map.key_type_id : map.value_type_id)->name,
				is_key ? "key" : "value", map.name);
		warn_of_size(package, &map, source);
		if (has_untyped_events(package, &map))
			ecli_log(ECLI_LOG_WARN,
				 "%s: nothing says of which type the events of map %s are: write __type(value, struct "
				 "...) "
				 "in it, or /// @export before the struct",
				 place_of(source, ECLI_DECL_OBJECT, map.name).text, map.name);
	}
	return 0;
}

/* A struct whose member `type` points to an array is what __uint(type, ...) makes; nobody has such data. */
static bool looks_like_map(const struct ecli_types *types, uint32_t type_id)
{
	const struct ecli_type *type = ecli_types_resolve(types, type_id);

	for (uint32_t i = 0; type->kind == ECLI_TYPE_STRUCT && i < type->n_members; i++) {
		const struct ecli_type *member = ecli_types_resolve(types, type->members[i].type_id);

		if (!strcmp(type->members[i].name, "type") && member->kind == ECLI_TYPE_POINTER)
			return ecli_types_resolve(types, member->target_id)->kind == ECLI_TYPE_ARRAY;
	}
	return false;
}

static int find_in_variables(const struct ecli_package *package, const struct ecli_types *types,
			     const struct ecli_source *source, struct ecli_err *err)
{
	for (size_t i = 0; i < package->n_vars; i++) {
		const struct ecli_package_var *var = &package->vars[i];
		uint32_t type_id = ecli_package_var_type(var, types);

		if (type_id && looks_like_map(types, type_id))
			return ecli_err_set(err, -EINVAL, "%s: %s is defined as a map is, but not in SEC(\".maps\")",
					    place_of(source, ECLI_DECL_OBJECT, var->name).text, var->name);
	}
	return 0;
}

/* ---- programs -------------------------------------------------------------------------------------------------- */

/* Kinds that ecli attaches and an older libbpf does not know by name. */
static const char *const newer_kinds[] = {
	"tc",           "classifier",      "tcx",          "netkit",          "netfilter",      "xdp.frags",
	"kprobe.multi", "kretprobe.multi", "uprobe.multi", "uretprobe.multi", "kprobe.session", "uprobe.session",
	"usdt",         "struct_ops",      "struct_ops.s", "lsm_cgroup",      "socket",         "cgroup",
};

static bool is_known(const char *section)
{
	enum bpf_prog_type type;
	enum bpf_attach_type attach;
	size_t len = strcspn(section, "/");

	for (size_t i = 0; i < ARRAY_SIZE(newer_kinds); i++)
		if (strlen(newer_kinds[i]) == len && !memcmp(newer_kinds[i], section, len))
			return true;
	return libbpf_prog_type_by_name(section, &type, &attach) == 0;
}

static int find_in_programs(const struct ecli_package *package, const struct ecli_source *source, struct ecli_err *err)
{
	struct ecli_elf_section license;
	struct ecli_elf_symbol symbol;
	struct ecli_elf elf;

	for (size_t i = 0; i < package->n_progs; i++)
		if (!is_known(package->progs[i].attach))
			ecli_log(ECLI_LOG_WARN,
				 "%s: SEC(\"%s\") of %s is no kind of program that libbpf or ecli knows, such as "
				 "tracepoint/CATEGORY/NAME, fentry/FUNCTION or xdp",
				 place_of(source, ECLI_DECL_FUNCTION, package->progs[i].name).text,
				 package->progs[i].attach, package->progs[i].name);
	if (ecli_elf_open(&elf, package->object, package->object_size, NULL))
		return 0;
	if (package->n_progs && !ecli_elf_find_section(&elf, "license", &license))
		ecli_log(ECLI_LOG_WARN,
			 "%s says no license: without char LICENSE[] SEC(\"license\") = \"GPL\"; the kernel refuses "
			 "many "
			 "helpers",
			 source->path);
	for (uint64_t i = 0; !package->n_progs && i < ecli_elf_symbol_count(&elf); i++)
		if (ecli_elf_symbol(&elf, i, &symbol) && symbol.type == STT_FUNC && symbol.bind == STB_GLOBAL)
			return ecli_err_set(
				err, -EINVAL,
				"%s: no function is a program: put the event that runs it before %s, such as "
				"SEC(\"tracepoint/syscalls/sys_enter_openat\")",
				place_of(source, ECLI_DECL_FUNCTION, symbol.name).text, symbol.name);
	return 0;
}

/* Two ways to one hook: most tools whose own user space chose one of them have such. */
static void find_pairs(const struct ecli_package *package, const struct ecli_source *source)
{
	CLEANUP_FREE const char **out = calloc(package->n_progs + 1, sizeof(*out));

	if (!out)
		return;
	ecli_package_mark_unasked(package, out);
	for (size_t a = 0; a < package->n_progs; a++)
		for (size_t b = a + 1; b < package->n_progs; b++) {
			if (out[a] || out[b] || !ecli_package_is_pair(package, a, b))
				continue;
			ecli_log(ECLI_LOG_WARN,
				 "%s: %s (%s) and %s (%s) are at one hook: the first that attaches is taken; tag them "
				 "@alternative, "
				 "or @both when both are meant",
				 source->path, package->progs[a].name, package->progs[a].attach, package->progs[b].name,
				 package->progs[b].attach);
			break;
		}
}

int ecli_mistakes_find(const struct ecli_package *package, const struct ecli_types *types,
		       const struct ecli_source *source, struct ecli_err *err)
{
	int r = find_in_variables(package, types, source, err);

	if (!r)
		r = find_in_maps(package, types, source, err);
	if (!r)
		find_pairs(package, source);
	return r ? r : find_in_programs(package, source, err);
}

/* ---- clang's failures ------------------------------------------------------------------------------------------ */

void ecli_mistakes_explain_clang(const struct ecli_source *source, struct ecli_err *err)
{
	const struct ecli_includes *includes = &source->includes;

	if (includes->begins_with_bpf)
		ecli_err_set(err, -EINVAL,
			     "%s: the headers of bpf/ need the kernel's types: put #include \"vmlinux.h\" before them",
			     source->path);
	else if (!includes->bpf && !includes->other)
		ecli_err_set(err, -EINVAL,
			     "%s does not include <bpf/bpf_helpers.h>, which defines SEC() and the helper functions",
			     source->path);
}
