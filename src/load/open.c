/* SPDX-License-Identifier: MIT */
/*
 * A try begins: the object is opened, and what the current choices take of it is selected, programs, maps and tables of the kernel.
 *
 *     object ─┬─ for a loader program: what is not wanted is cut out of the bytes ─┬─ open ─ select
 *             └─ for libbpf: as it is ─────────────────────────────────────────────┘
 *
 * A program that surely cannot be attached here is refused before the load, when another choice could take its place: a name that the kernel's own
 * type information does not have. Nothing is asked of the kernel that loading would ask anyway.
 */
#include "load/open.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "load/check.h"
#include "load/explain.h"
#include "load/prune.h"
#include "load/surroundings.h"
#include "load/tables.h"

/* ---- open ------------------------------------------------------------------------------------------------------ */

/* SEC("?...") stays out by itself, but a tag that is taken, or a target, brings it in. */
static bool is_wanted(const struct ecli_try_input *input, const char *name, bool by_itself)
{
	ssize_t index = ecli_try_find_prog(input->package, name);

	if (index < 0) /* no package that was read has one (package/programs.c) */
		return false;
	const char *tags = input->choices.prog_tags[index];
	bool has_target = ecli_package_extra(&input->package->progs[index].extras, "target");
	return (tags || by_itself || has_target) && ecli_choices_takes(&input->choices, tags) &&
	       !input->dropped[index] && !input->left_out[index];
}

static bool keep(void *ctx, const char *name, const char *section)
{
	return is_wanted(ctx, name, section[0] != '?');
}

/* Loader programs load whole objects: what is not wanted goes before. */
static int prune(struct ecli_try_input *input, struct ecli_err *err, unsigned char **ret_bytes)
{
	const struct ecli_package *package = input->package;
	CLEANUP_FREE unsigned char *bytes = malloc(package->object_size);

	if (!bytes)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	memcpy(bytes, package->object, package->object_size);
	int r = ecli_prune(bytes, package->object_size, keep, input, err);
	if (r > 0)
		*ret_bytes = TAKE_PTR(bytes);
	return r < 0 ? ecli_err_wrap(err, r, "the package's object cannot be used") : 0;
}

/* A section that this libbpf would walk past. */
static int rename_tables(const struct ecli_package *package, struct ecli_try *try, struct ecli_err *err)
{
	if (!ecli_tables_are_new(package->object, package->object_size))
		return 0;
	if (!try->bytes) {
		try->bytes = malloc(package->object_size);
		if (!try->bytes)
			return ecli_err_set(err, -ENOMEM, "out of memory");
		memcpy(try->bytes, package->object, package->object_size);
	}
	return ecli_tables_rename(try->bytes, package->object_size, err);
}

static int open_object(struct ecli_try_input *input, struct ecli_try *try, bool by_loader, struct ecli_err *err)
{
	const struct ecli_package *package = input->package;
	char name[64];

	int r = by_loader ? prune(input, err, &try->bytes) : 0;
	r = r ? r : rename_tables(package, try, err);
	if (r)
		return r;

	/* libbpf puts this before the names of data sections; a dot in it would make ".rodata" hard to find. */
	snprintf(name, sizeof(name), "%s", package->name && package->name[0] ? package->name : "tool");
	for (char *p = name; *p; p++)
		if (*p == '.')
			*p = '_';

	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = name, .btf_custom_path = input->opts->btf_path);
	/* What it does not find in the kernel's own types libbpf 1.1 looks for in those of modules, and gives up when it may not. */
	if (!by_loader && !opts.btf_custom_path && !ecli_has_right(ECLI_RIGHT_ADMIN) && ecli_kernel_has_btf())
		opts.btf_custom_path = ECLI_KERNEL_BTF;
	try->object = bpf_object__open_mem(try->bytes ? try->bytes : package->object, package->object_size, &opts);
	if (try->object)
		return 0;
	return ecli_err_set(err, errno ? -errno : -EINVAL, "the package's object cannot be used: %s",
			    ecli_kernel_errno_words(errno));
}

/* ---- select ---------------------------------------------------------------------------------------------------- */

/* Whether a failure of this program would lead to another try. */
static bool has_other(struct ecli_try_input *input, ssize_t index)
{
	const struct ecli_choice_group *group = ecli_choices_group_of(&input->choices, input->choices.prog_tags[index]);
	return ecli_try_is_optional(input->package, index) || (group && ecli_choice_group_has_next(group));
}

/* A program that surely cannot be attached here; 0 when trying is worth it. */
static int check_prog(struct ecli_try_input *input, struct bpf_program *prog, ssize_t index, bool by_loader,
		      struct ecli_err *err)
{
	const struct ecli_package_extras *extras = &input->package->progs[index].extras;
	const char *name = bpf_program__name(prog), *section = bpf_program__section_name(prog);
	const char *target = "";
	const struct ecli_attach_kind *kind;

	int r = ecli_attach_prepare(prog, extras, input->opts->no_links, &input->held, err);
	if (r)
		return r;
	kind = ecli_attach_find(section, &target);

	/* With nothing else to take, loading says the same and saves the look; a loader program asks the kernel itself, and
	 * as cheaply. */
	if (!kind->btf_prefix || by_loader || !has_other(input, index) || ecli_package_extra(extras, "target"))
		return 0;
	if (!ecli_kernel_has_btf())
		return ecli_explain_no_btf(name, err);
	/* Mostly the first choice is the right one, and then the 1 to 2 ms for reading names would be lost. */
	if (!input->tries)
		return 0;

	char full[256];
	const char *colon = strchr(target, ':'); /* "module:function" */
	snprintf(full, sizeof(full), "%s%s", kind->btf_prefix, colon ? colon + 1 : target);
	return ecli_kernel_may_have_name(&input->kernel, full) ? 0 : ecli_explain_missing(kind, target, name, err);
}

static int select_progs(struct ecli_try_input *input, struct bpf_object *object, bool by_loader,
			struct ecli_try_fault *fault)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, object) {
		ssize_t index = ecli_try_find_prog(input->package, bpf_program__name(prog));
		bool wanted = is_wanted(input, bpf_program__name(prog), bpf_program__autoload(prog));

		fault->prog = index;
		if (index < 0)
			return ecli_err_set(&fault->err, -EINVAL,
					    "the package does not tell of program %.60s of its object",
					    bpf_program__name(prog));
		bpf_program__set_autoload(prog, wanted);
		if (!wanted)
			continue;
		bpf_program__set_log_buf(prog, input->log, input->log_bytes);
		if (input->notes)
			ecli_check_want_stats(input, prog, index);
		int r = check_prog(input, prog, index, by_loader, &fault->err);
		if (r)
			return r;
	}
	fault->prog = -1;
	return 0;
}

static void select_maps(struct ecli_try_input *input, struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		ssize_t index = ecli_try_find_map(input->package, bpf_map__name(map));

		if (index >= 0 && !ecli_choices_takes(&input->choices, input->choices.map_tags[index]))
			bpf_map__set_autocreate(map, false);
	}
}

/* libbpf 1.1 reads the kernel's types for the programs that are loaded; for a table without any it follows a pointer that it never set. */
static int check_tables(const struct bpf_object *object, struct ecli_err *err)
{
	const struct bpf_map *map, *table = NULL;
	struct bpf_program *prog;

	bpf_object__for_each_map(map, object)
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			table = map;
	if (!table)
		return 0;
	bpf_object__for_each_program(prog, object)
		if (bpf_program__autoload(prog) && bpf_program__type(prog) == BPF_PROG_TYPE_STRUCT_OPS)
			return 0;
	return ecli_err_set(err, -EINVAL, "table %.60s has no program that is loaded: it would replace nothing",
			    bpf_map__name(table));
}

/* Tables that the kernel takes for its own are registered by a link where it has that kind (6.4), which its names tell. */
static void prepare_tables(struct ecli_try_input *input, struct bpf_object *object)
{
	struct bpf_map *map;

	if (input->opts->no_links)
		return;
	bpf_object__for_each_map(map, object)
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			ecli_struct_ops_prepare(
				map, ecli_kernel_may_have_name(&input->kernel, "bpf_struct_ops_link_create"));
}

int ecli_try_open(struct ecli_try_input *input, struct ecli_try *try, bool by_loader, struct ecli_try_fault *fault)
{
	int r = open_object(input, try, by_loader, &fault->err);

	r = r ? r : select_progs(input, try->object, by_loader, fault);
	r = r ? r : check_tables(try->object, &fault->err);
	if (r)
		return r;
	select_maps(input, try->object);
	prepare_tables(input, try->object);
	return 0;
}
