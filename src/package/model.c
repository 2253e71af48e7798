/* SPDX-License-Identifier: MIT */
/*
 * The package model in memory: made, grown, freed. The model owns every string and byte it points to, and a model that
 * was only half filled when reading failed is freed by the same function.
 */
#include "package/model.h"

#include <ctype.h>
#include <string.h>

void *ecli_package_grow_list(void *items_pointer, size_t *count, size_t item_size)
{
	void **items = items_pointer;
	size_t n = *count;

	/* Powers of two are the sizes at which the memory was full. */
	if (!(n & (n - 1))) {
		void *larger = reallocarray(*items, n ? 2 * n : 1, item_size);

		if (!larger)
			return NULL;
		*items = larger;
	}
	void *item = (char *)*items + n * item_size;
	memset(item, 0, item_size);
	*count = n + 1;
	return item;
}

struct ecli_package *ecli_package_new(const char *name, const void *object, size_t object_size)
{
	CLEANUP_PACKAGE struct ecli_package *package = calloc(1, sizeof(*package));

	if (!package)
		return NULL;
	package->poll_timeout_ms = 100;
	package->perf_buffer_pages = 64;
	package->name = strdup(name);
	package->object = malloc(object_size ? object_size : 1);
	if (!package->name || !package->object)
		return NULL;
	memcpy(package->object, object, object_size);
	package->object_size = object_size;
	return TAKE_PTR(package);
}

char *ecli_package_name_from(const char *file)
{
	static const char *const endings[] = { ".o", ".skel.json", ".json", ".tar" };
	const char *slash = strrchr(file, '/');
	const char *base = slash && slash[1] ? slash + 1 : file;
	size_t len = strlen(base);

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		size_t n = strlen(endings[i]);

		if (len > n && !strcmp(base + len - n, endings[i])) {
			len -= n;
			break;
		}
	}
	char *name = strndup(base, len);
	for (char *p = name; p && *p; p++)
		if (!isalnum((unsigned char)*p))
			*p = '_';
	return name;
}

void ecli_package_extras_done(struct ecli_package_extras *extras)
{
	for (size_t i = 0; i < extras->count; i++) {
		free(extras->items[i].key);
		free(extras->items[i].json);
	}
	free(extras->items);
	*extras = (struct ecli_package_extras){ 0 };
}

static void free_var(struct ecli_package_var *var)
{
	free(var->section);
	free(var->name);
	free(var->type);
	free(var->description);
	free(var->value_json);
	free(var->arg_long);
	free(var->arg_short);
	free(var->arg_help);
	free(var->arg_default_json);
	ecli_package_sample_done(&var->sample);
	ecli_package_extras_done(&var->extras);
}

static void free_map(struct ecli_package_map *map)
{
	free(map->name);
	free(map->ident);
	ecli_package_sample_done(&map->sample);
	ecli_package_extras_done(&map->extras);
}

static void free_prog(struct ecli_package_prog *prog)
{
	free(prog->name);
	free(prog->attach);
	ecli_package_extras_done(&prog->extras);
}

static void free_export(struct ecli_package_export *export)
{
	for (size_t i = 0; i < export->n_members; i++) {
		free(export->members[i].name);
		free(export->members[i].type);
		ecli_package_extras_done(&export->members[i].extras);
	}
	free(export->members);
	free(export->name);
}

void ecli_package_free(struct ecli_package *package)
{
	if (!package)
		return;
	for (size_t i = 0; i < package->n_vars; i++)
		free_var(&package->vars[i]);
	for (size_t i = 0; i < package->n_maps; i++)
		free_map(&package->maps[i]);
	for (size_t i = 0; i < package->n_progs; i++)
		free_prog(&package->progs[i]);
	for (size_t i = 0; i < package->n_exports; i++)
		free_export(&package->exports[i]);
	for (size_t i = 0; i < package->n_formats; i++) {
		free(package->formats[i].field);
		free(package->formats[i].format);
	}
	free(package->formats);
	free(package->vars);
	free(package->maps);
	free(package->progs);
	free(package->exports);
	free(package->doc.version);
	free(package->doc.brief);
	free(package->doc.details);
	free(package->doc.description);
	ecli_package_extras_done(&package->extras);
	free(package->name);
	free(package->object);
	free(package->kernel_btf);
	free(package->kernel_btf_name);
	free(package);
}
