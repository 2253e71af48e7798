/* SPDX-License-Identifier: MIT */
/*
 * What an ELF object with BTF says of itself, as a package says it: so a bare .bpf.o runs like a package, ecc starts
 * from here, and what an older package leaves out can be filled in.
 *
 *     BTF sections .rodata .data .bss --> variables       BTF section .maps, ELF data sections --> maps
 *     functions outside .text     --> programs, attached where the name of their section says: programs.c
 *
 * The prelude's own sections (.rodata.ecli...) are the loader's business and not listed. File-local variables are not
 * either.
 */
#include <errno.h>
#include <string.h>

#include "package/model.h"
#include "package/typetext.h"

/* What libbpf and the kernel keep of a map's name, the final NUL included (BPF_OBJ_NAME_LEN). */
enum { KERNEL_NAME_BYTES = 16, LEAST_SUFFIX_CHARS = 7 };

/* Data sections that become maps in the kernel. ".rodata" stands for ".rodata.anything" too. */
static const char *const data_sections[] = { ".rodata", ".data", ".bss" };

/* Names of an ELF file are any bytes; a package holds text. BTF's names were checked by types/. */
static bool is_plain(const char *name)
{
	for (; *name; name++)
		if (*name < 0x20 || *name > 0x7e)
			return false;
	return true;
}

static bool is_data_section(const char *name)
{
	if (!is_plain(name) || !strcmp(name, ".rodata.ecli") || !strcmp(name, ".rodata.ecli.where"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(data_sections); i++) {
		size_t n = strlen(data_sections[i]);

		if (!strncmp(name, data_sections[i], n) && (!name[n] || name[n] == '.'))
			return true;
	}
	return false;
}

/* ---- variables ------------------------------------------------------------------------------------------------- */

static int add_vars(struct ecli_package *package, const struct ecli_types *types, const struct ecli_type *section)
{
	for (uint32_t i = 0; i < section->n_members; i++) {
		const struct ecli_type_member *member = &section->members[i];

		if (member->is_static || !*member->name)
			continue;
		struct ecli_package_var *var = ECLI_PACKAGE_GROW(package->vars, package->n_vars);
		if (!var)
			return -ENOMEM;
		var->section = strdup(section->name);
		var->name = strdup(member->name);
		var->type = ecli_package_type_text(types, member->type_id);
		if (!var->section || !var->name || !var->type)
			return -ENOMEM;
	}
	return 0;
}

/* ---- maps ------------------------------------------------------------------------------------------------------ */

/* Maps of `struct bpf_map_def`, from before BTF: libbpf reads them no longer since 1.0. */
static int refuse_old_maps(const struct ecli_elf *elf, struct ecli_err *err)
{
	struct ecli_elf_section section;

	if (!ecli_elf_find_section(elf, "maps", &section) || !section.size)
		return 0;
	return ecli_err_set(
		err, -EINVAL,
		"the object defines maps the older way (struct bpf_map_def in SEC(\"maps\")), which libbpf no longer "
		"reads: define them with __uint(type, ...) and SEC(\".maps\") and compile again");
}

/* A name as libbpf gives it to the map of a data section: "runqslow.rodata"; a section with two dots keeps its own. */
static char *data_map_name(const char *package, const char *section)
{
	size_t suffix = strlen(section), prefix = 0;

	if (suffix < LEAST_SUFFIX_CHARS)
		suffix = LEAST_SUFFIX_CHARS;
	if (suffix > KERNEL_NAME_BYTES - 1)
		suffix = KERNEL_NAME_BYTES - 1;
	if (!strchr(section + 1, '.'))
		prefix = KERNEL_NAME_BYTES - 1 - suffix;

	CLEANUP_BUF struct ecli_buf name = { 0 };
	ecli_buf_add_format(&name, "%.*s%.*s", (int)prefix, package, (int)suffix, section);
	return ecli_buf_take(&name);
}

static int add_map(struct ecli_package *package, char *name, char *ident, bool mmaped)
{
	struct ecli_package_map *map = ECLI_PACKAGE_GROW(package->maps, package->n_maps);

	if (map)
		*map = (struct ecli_package_map){ .name = name, .ident = ident, .mmaped = mmaped };
	if (map && name && ident)
		return 0;
	if (!map) {
		free(name);
		free(ident);
	}
	return -ENOMEM;
}

static int add_data_map(struct ecli_package *package, const char *section)
{
	char *ident = strdup(section + 1);

	for (char *p = ident; p && *p; p++)
		if (*p == '.')
			*p = '_';
	return add_map(package, data_map_name(package->name, section), ident, true);
}

static int add_maps(struct ecli_package *package, const struct ecli_elf *elf, const struct ecli_types *types)
{
	struct ecli_type_map map;
	int r = 0;

	for (uint32_t i = 0; !r && i < ecli_types_map_count(types); i++)
		if (ecli_types_map(types, i, &map))
			r = add_map(package, strdup(map.name), strdup(map.name), false);
	for (uint32_t i = 1; !r && i < elf->n_sections; i++) {
		struct ecli_elf_section section;

		if (ecli_elf_section(elf, i, &section) && section.size && is_data_section(section.name) &&
		    (section.type == SHT_PROGBITS || section.type == SHT_NOBITS))
			r = add_data_map(package, section.name);
	}
	if (!r && ecli_types_find(types, ECLI_TYPE_SECTION, ".kconfig"))
		r = add_data_map(package, ".kconfig");
	return r;
}

/* ---- what is missing in an older package ----------------------------------------------------------------------- */

static void complete_exports(struct ecli_package *package)
{
	CLEANUP_TYPES struct ecli_types *types = NULL;

	for (size_t i = 0; i < package->n_exports; i++) {
		struct ecli_package_export *export = &package->exports[i];

		if (export->type_id)
			continue;
		/* Without BTF there is no id to find; who needs the type says so. */
		if (!types && ecli_types_read_object(package->object, package->object_size, NULL, &types))
			return;
		const struct ecli_type *type = ecli_types_find(types, ECLI_TYPE_STRUCT, export->name);
		if (type) {
			export->type_id = type->id;
			export->size_bytes = type->size_bytes;
		}
	}
}

int ecli_package_complete(struct ecli_package *package, bool lists_programs, struct ecli_err *err)
{
	struct ecli_elf elf;
	int r = ecli_elf_open(&elf, package->object, package->object_size, err);

	if (!r)
		r = refuse_old_maps(&elf, err);
	if (!r)
		r = ecli_package_take_programs(package, &elf, lists_programs, err);
	if (r)
		return r;
	complete_exports(package);
	return 0;
}

/* ---- the whole object ------------------------------------------------------------------------------------------ */

int ecli_package_from_object(const char *name, const void *elf, size_t size_bytes, struct ecli_err *err,
			     struct ecli_package **ret_package)
{
	CLEANUP_PACKAGE struct ecli_package *package = NULL;
	CLEANUP_TYPES struct ecli_types *types = NULL;
	CLEANUP_FREE char *model_name = ecli_package_name_from(name);
	struct ecli_elf file;

	int r = size_bytes <= ECLI_PACKAGE_MAX_BYTES
			? ecli_elf_open(&file, elf, size_bytes, err)
			: ecli_err_set(err, -EFBIG, "the object is larger than %zu bytes", ECLI_PACKAGE_MAX_BYTES);
	if (!r)
		r = refuse_old_maps(&file, err);
	if (!r && !(package = model_name ? ecli_package_new(model_name, elf, size_bytes) : NULL))
		r = ecli_json_no_memory(err);
	/* Whether its sections are what they seem comes before what is in them. */
	if (!r)
		r = ecli_package_take_programs(package, &file, false, err);
	if (!r)
		r = ecli_types_read_object(elf, size_bytes, err, &types);
	if (r)
		return ecli_err_wrap(err, r, "%s", name);

	for (uint32_t id = 1; !r && id < ecli_types_count(types); id++) {
		const struct ecli_type *type = ecli_types_get(types, id);

		if (type->kind == ECLI_TYPE_SECTION && is_data_section(type->name))
			r = add_vars(package, types, type);
	}
	if (!r)
		r = add_maps(package, &file, types);
	if (r)
		return ecli_json_no_memory(err);
	*ret_package = TAKE_PTR(package);
	return 0;
}
