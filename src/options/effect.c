/* SPDX-License-Identifier: MIT */
/*
 * Whether anybody reads a variable, so that an option that changes nothing can be told.
 *
 *     a program: a relocation of the object to it            the runner: a tag that names it (size of a map, frequency, condition)
 *
 * Where it cannot be told, it is taken to have an effect: a warning must be true.
 */
#include <string.h>

#include "base/elf.h"
#include "options/globals.h"

/* A tag names the variable, as a word: the size of a map, a frequency, a condition. */
static bool tags_name(const struct ecli_package_extras *extras, const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	for (size_t i = 0; i < extras->count; i++) {
		const char *text = extras->items[i].json;

		while (*(text += strcspn(text, letters))) {
			size_t len = strspn(text, letters);

			if (len == strlen(name) && !memcmp(text, name, len))
				return true;
			text += len;
		}
	}
	return false;
}

static bool sample_names(const struct ecli_package_sample *sample, const char *name)
{
	for (; sample; sample = sample->next)
		for (size_t i = 0; i < sample->n_units; i++)
			if (!strcmp(sample->units[i].variable, name))
				return true;
	return false;
}

/* Not a program but the runner reads it. */
static bool package_reads(const struct ecli_package *package, const char *name)
{
	for (size_t i = 0; i < package->n_maps; i++)
		if (tags_name(&package->maps[i].extras, name) || sample_names(&package->maps[i].sample, name))
			return true;
	for (size_t i = 0; i < package->n_progs; i++)
		if (tags_name(&package->progs[i].extras, name))
			return true;
	for (size_t i = 0; i < package->n_exports; i++)
		for (size_t m = 0; m < package->exports[i].n_members; m++)
			if (tags_name(&package->exports[i].members[m].extras, name))
				return true;
	for (size_t i = 0; i < package->n_vars; i++)
		if (sample_names(&package->vars[i].sample, name))
			return true;
	return false;
}

bool ecli_globals_has_effect(const struct ecli_globals *globals, const struct ecli_global_entry *entry)
{
	struct ecli_elf elf;

	return package_reads(globals->package, entry->global.name) ||
	       ecli_elf_open(&elf, globals->package->object, globals->package->object_size, NULL) ||
	       ecli_elf_refers(&elf, entry->global.section, entry->global.name);
}
