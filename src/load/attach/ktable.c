/* SPDX-License-Identifier: MIT */
/*
 * /proc/kallsyms: "ffffffff81234560 t s_next" and "ffffffffc0123450 t loop_queue_rq\t[loop]", a line each. gcc renames what it changes: arguments gone
 * (.isra.N), some of them constant (.constprop.N), a part of it elsewhere (.part.N, .cold); clang only makes local names unique (.llvm.N).
 * Source: kernel/kallsyms.c (s_show); scripts/kallsyms.c.
 */
#include "load/attach/ktable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"

/* Endings of what can be probed in place of the function, the likeliest first. */
static const char *const endings[] = { ".llvm.", ".isra.", ".constprop.", ".part." };

int ecli_ktarget_read(const char *target, struct ecli_ktarget *ret)
{
	const char *colon = strchr(target, ':'), *name = colon ? colon + 1 : target;
	size_t module_len = colon ? (size_t)(colon - target) : 0, len = strcspn(name, "+");

	*ret = (struct ecli_ktarget){ .has_offset = name[len] == '+' };
	if (!len || len >= sizeof(ret->name) || module_len >= sizeof(ret->module) || (colon && !module_len))
		return -EINVAL;
	memcpy(ret->module, target, module_len);
	memcpy(ret->name, name, len);
	ret->is_pattern = strpbrk(ret->name, "*?");
	if (!ret->has_offset)
		return 0;
	return ret->is_pattern || ecli_num_parse_u64(name + len + 1, &ret->offset) ? -EINVAL : 0;
}

/* The name in a line and the module in its brackets, both cut out; false: no function. */
static bool cut_line(char *line, char **ret_name, char **ret_module)
{
	char *type = strchr(line, ' ');

	if (!type || !strchr("tTwW", type[1]) || type[2] != ' ')
		return false;
	*ret_name = type + 3;
	size_t len = strcspn(*ret_name, "\t \n");
	char *rest = *ret_name + len;
	*ret_module = strchr(rest, '[');
	*rest = '\0';
	if (*ret_module) {
		++*ret_module;
		(*ret_module)[strcspn(*ret_module, "]\n")] = '\0';
	} else {
		*ret_module = rest;
	}
	return true;
}

/* How likely it is what somebody wants who asked for @want: the index of its ending; the number of endings: not at all. */
static size_t rank(const struct ecli_ktarget *want, const char *name)
{
	size_t len = strlen(want->name), i = 0;

	if (strncmp(name, want->name, len) != 0 || strstr(name, ".cold"))
		return ARRAY_SIZE(endings);
	while (i < ARRAY_SIZE(endings) && strncmp(name + len, endings[i], strlen(endings[i])) != 0)
		i++;
	return i;
}

static void keep_variant(const struct ecli_ktarget *want, const char *name, struct ecli_ktable *ret)
{
	size_t new = rank(want, name);

	if (new < ARRAY_SIZE(endings) && (!*ret->variant || new < rank(want, ret->variant)))
		snprintf(ret->variant, sizeof(ret->variant), "%s", name);
}

void ecli_ktable_scan(FILE *file, const struct ecli_ktarget *want, struct ecli_ktable *ret)
{
	CLEANUP_FREE char *line = NULL;
	char *name, *module;
	size_t size = 0;

	*ret = (struct ecli_ktable){ 0 };
	while (getline(&line, &size, file) > 0) {
		ret->is_read = true;
		if (!cut_line(line, &name, &module) || (*want->module && strcmp(module, want->module) != 0))
			continue;
		if (strcmp(name, want->name) != 0) {
			keep_variant(want, name, ret);
			continue;
		}
		if (ret->count < ECLI_KTABLE_MAX)
			ret->addresses[ret->count] = strtoull(line, NULL, 16);
		ret->count++;
	}
}

void ecli_ktable_find(const struct ecli_ktarget *want, struct ecli_ktable *ret)
{
	CLEANUP_FILE FILE *file = fopen("/proc/kallsyms", "re");

	*ret = (struct ecli_ktable){ 0 };
	if (file)
		ecli_ktable_scan(file, want, ret);
}

bool ecli_ktable_is_same(const char *variant)
{
	return strstr(variant, ".llvm.");
}
