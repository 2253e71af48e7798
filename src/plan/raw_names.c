/* SPDX-License-Identifier: MIT */
/*
 * Names of formatted fields. JSON has a formatted value twice, as text under the field's name and raw beside it:
 *
 *     member          text        raw
 *     ret             ret         ret_raw
 *     ret_raw         ret         ret_raw         as the authors of gadget_... types name them
 *     ret, ret_raw    ret         ret_raw_        the second is a member of its own and keeps its name
 *     args            args        args_cut        a list of words: instead of raw bytes, whether it was cut
 *
 * Names are different among the fields of one group; which these are is known only when all of them are there, because
 * anonymous structs put their members beside each other's.
 */
#include <stdio.h>
#include <string.h>

#include "plan/build.h"

#define SUFFIX      "_raw"
#define LIST_SUFFIX "_cut"
#define SUFFIX_LEN  (sizeof(SUFFIX) - 1)
#define TRIES_MAX   8

/* Whether a field beside the @index-th one, or its raw value, has that name. */
static bool is_taken(const struct ecli_plan *plan, uint32_t index, const char *name, size_t len)
{
	uint32_t depth = plan->fields[index].depth;
	uint32_t first = index;

	while (first && plan->fields[first - 1].depth >= depth)
		first--;
	for (uint32_t i = first; i < plan->n_fields && plan->fields[i].depth >= depth; i++) {
		const struct ecli_field *field = &plan->fields[i];
		const char *raw = field->format ? field->format->raw_name : NULL;

		if (i == index || field->depth != depth)
			continue;
		if (!strncmp(field->name, name, len) && !field->name[len])
			return true;
		if (raw && !strncmp(raw, name, len) && !raw[len])
			return true;
	}
	return false;
}

/* NAME_raw becomes NAME when that is free. */
static int strip(struct ecli_plan *plan, uint32_t index, struct ecli_field_format *format)
{
	struct ecli_field *field = &plan->fields[index];
	size_t len = strlen(field->name);

	if (format->as == ECLI_AS_ARGV || len <= SUFFIX_LEN || strcmp(field->name + len - SUFFIX_LEN, SUFFIX) != 0 ||
	    is_taken(plan, index, field->name, len - SUFFIX_LEN))
		return 0;
	const char *stripped = plan_keep_name(plan, strndup(field->name, len - SUFFIX_LEN));
	if (!stripped)
		return -1;
	format->raw_name = field->name;
	field->name = stripped;
	return 0;
}

static int add_suffix(struct ecli_plan *plan, uint32_t index, struct ecli_field_format *format)
{
	const char *name = plan->fields[index].name;
	const char *suffix = format->as == ECLI_AS_ARGV ? LIST_SUFFIX : SUFFIX;

	for (int tries = 0; !format->raw_name; tries++) {
		char *text = NULL;
		/* After too many, which only an object made for it has, the number of the field goes in. */
		int len = tries < TRIES_MAX ? asprintf(&text, "%s%s%.*s", name, suffix, tries, "________")
					    : asprintf(&text, "%s%s_%u", name, suffix, index);

		if (len < 0)
			return -1;
		if (tries < TRIES_MAX && is_taken(plan, index, text, (size_t)len)) {
			free(text);
			continue;
		}
		format->raw_name = plan_keep_name(plan, text);
		if (!format->raw_name)
			return -1;
	}
	return 0;
}

int plan_name_raw_values(struct builder *builder)
{
	struct ecli_plan *plan = builder->plan;

	for (uint32_t i = 0; i < plan->n_fields; i++) {
		/* Only the plan has it as something to change. */
		struct ecli_field_format *format = (struct ecli_field_format *)plan->fields[i].format;

		if (!format || !*plan->fields[i].name)
			continue;
		if (strip(plan, i, format) < 0 || (!format->raw_name && add_suffix(plan, i, format) < 0))
			return plan_no_memory(builder);
	}
	return 0;
}
