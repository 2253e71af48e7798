/* SPDX-License-Identifier: MIT */
/*
 * available_filter_functions: "vfs_read" and "nf_hook [module]", a line each; available_filter_functions_addrs has the address before it
 * ("ffffffff81234560 vfs_read"). By name a link takes one function of several that share it, by address each.
 * Source: kernel/trace/ftrace.c (t_show).
 */
#include "load/attach/kfunctions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "where/where.h"

#define MAX_FUNCTIONS 100000

struct entry {
	char *name;
	uint64_t address;
};

static int by_name(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	return order ? order : (left->address > right->address) - (left->address < right->address);
}

static bool fits(const struct ecli_ktarget *want, const char *name, const char *module)
{
	if (*want->module && strcmp(want->module, module) != 0)
		return false;
	/* Other names are not in the kernel's table of symbols in this form. */
	if (strstr(name, "__ftrace_invalid_address"))
		return false;
	return want->is_pattern ? where_glob(want->name, strlen(want->name), name, strlen(name))
				: !strcmp(want->name, name);
}

static int add(struct entry **entries, size_t *count, const char *name, uint64_t address)
{
	if (!(*count & (*count - 1))) {
		struct entry *more = reallocarray(*entries, *count ? *count * 2 : 1, sizeof(**entries));

		if (!more)
			return -ENOMEM;
		*entries = more;
	}
	(*entries)[*count] = (struct entry){ strdup(name), address };
	return (*entries)[(*count)++].name ? 0 : -ENOMEM;
}

/* Takes the names over. */
static int hand_over(struct entry *entries, size_t count, bool has_addresses, struct ecli_kfunctions *ret)
{
	ret->names = calloc(count + 1, sizeof(*ret->names));
	ret->addresses = has_addresses ? calloc(count + 1, sizeof(*ret->addresses)) : NULL;
	if (!ret->names || (has_addresses && !ret->addresses))
		return -ENOMEM;
	if (count)
		qsort(entries, count, sizeof(*entries), by_name);
	for (size_t i = 0; i < count; i++) {
		ret->names[i] = TAKE_PTR(entries[i].name);
		if (has_addresses)
			ret->addresses[i] = entries[i].address;
	}
	ret->count = count;
	return 0;
}

int ecli_kfunctions_read(FILE *file, bool has_addresses, const struct ecli_ktarget *want, struct ecli_kfunctions *ret)
{
	CLEANUP_FREE struct entry *entries = NULL;
	CLEANUP_FREE char *line = NULL;
	size_t size = 0, count = 0;
	int r = 0;

	while (!r && count < MAX_FUNCTIONS && getline(&line, &size, file) > 0) {
		char *name = line, *end;
		uint64_t address = 0;

		if (has_addresses) {
			address = strtoull(line, &end, 16);
			name = end + strspn(end, " ");
		}
		size_t len = strcspn(name, " \t\n");
		char *module = strchr(name + len, '[');
		module = module ? module + 1 : name + strlen(name);
		module[strcspn(module, "]\n")] = '\0';
		name[len] = '\0';
		if (fits(want, name, module))
			r = add(&entries, &count, name, address);
	}
	r = r ? r : hand_over(entries, count, has_addresses, ret);
	for (size_t i = 0; i < count; i++)
		free(entries[i].name);
	return r;
}

int ecli_kfunctions_find(const char *tracefs, const struct ecli_ktarget *want, struct ecli_kfunctions *ret)
{
	static const char *const files[] = { "available_filter_functions", "available_filter_functions_addrs" };

	for (size_t has_addresses = 2; has_addresses-- > 0;) {
		CLEANUP_FREE char *path = NULL;

		if (asprintf(&path, "%s/%s", tracefs, files[has_addresses]) < 0)
			return -ENOMEM;
		CLEANUP_FILE FILE *file = fopen(path, "re");
		if (file)
			return ecli_kfunctions_read(file, has_addresses, want, ret);
	}
	return -ENOENT;
}

void ecli_kfunctions_drop_doubles(struct ecli_kfunctions *functions)
{
	size_t kept = 0;

	for (size_t i = 0; i < functions->count; i++) {
		if (kept && !strcmp(functions->names[kept - 1], functions->names[i]))
			free(functions->names[i]);
		else
			functions->names[kept++] = functions->names[i];
	}
	functions->count = kept;
	free(functions->addresses);
	functions->addresses = NULL;
}

void ecli_kfunctions_done(struct ecli_kfunctions *functions)
{
	for (size_t i = 0; functions->names && i < functions->count; i++)
		free(functions->names[i]);
	free(functions->names);
	free(functions->addresses);
	*functions = (struct ecli_kfunctions){ 0 };
}
