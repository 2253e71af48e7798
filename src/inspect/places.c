/* SPDX-License-Identifier: MIT */
/*
 * What a package can change by where it is put, whatever its code does.
 *
 * A probe in a user program is a breakpoint instruction written over the program's own. At the first byte of a function that is harmless; at
 * an offset nobody knows whether an instruction begins there, and if none does the program computes something else:
 *
 *     b8 01 00 00 00  mov $1, %eax       ->   b8 cc 00 00 00  mov $204, %eax
 *
 * A table of functions for the kernel (struct_ops) is a variable in a section of that name.
 */
#include "inspect/model.h"

#include <errno.h>
#include <string.h>

#include "inspect/tables.h"

#define OFFSET "puts a probe at an offset in a program's code, which can change what that program does"
#define TABLE  "replaces a part of the kernel's own code"

/* FILE:0x1234, FILE:FUNCTION+0x10; a pattern is about names only. */
static bool is_offset(const char *target)
{
	const char *what = strchr(target, ':');

	return what && ((what[1] >= '0' && what[1] <= '9') || strchr(what + 1, '+'));
}

static bool is_probe(const struct inspect_kind *kind)
{
	static const char *const prefixes[] = { "uprobe", "uprobe.s", "uretprobe", "uretprobe.s" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strcmp(kind->prefix, prefixes[i]))
			return true;
	return false;
}

int inspect_places(struct inspect *inspect, const struct inspect_kind *kind, const struct ecli_inspect_prog *prog,
		   const struct ecli_package_prog *from, struct ecli_err *err)
{
	struct ecli_package_targets targets = { 0 };

	if (!is_probe(kind))
		return 0;
	int r = ecli_package_targets_read(&from->extras, prog->name, err, &targets);
	if (r)
		return r;
	bool found = !targets.count && is_offset(prog->target);
	for (size_t i = 0; i < targets.count; i++)
		found |= is_offset(targets.items[i]);
	ecli_package_targets_done(&targets);
	return found ? inspect_effect(inspect, OFFSET, prog->name, err) : 0;
}

static bool is_table(const char *section)
{
	static const char *const names[] = { ".struct_ops", ".struct_ops.link", "?.struct_ops", "?.struct_ops.link" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(section, names[i]))
			return true;
	return false;
}

int inspect_tables(struct inspect *inspect, struct ecli_err *err)
{
	const struct ecli_package *package = inspect->public.package;
	struct ecli_elf elf;
	int r = ecli_elf_open(&elf, package->object, package->object_size, err);

	for (size_t i = 0; !r && i < inspect->public.n_effects; i++)
		if (!strcmp(inspect->public.effects[i].sentence, TABLE))
			return 0; /* a program of the table said so */
	for (uint32_t i = 1; !r && i < elf.n_sections; i++) {
		struct ecli_elf_section section;

		if (ecli_elf_section(&elf, i, &section) && section.size && is_table(section.name))
			r = inspect_effect(inspect, TABLE, section.name, err);
	}
	return r;
}
