/* SPDX-License-Identifier: MIT */
/*
 * Builds the table of alternatives from the package's tags. Tags are untrusted text: their number is bounded, so that a
 * hostile package cannot make every later look-up expensive.
 */
#include "load/choices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "package/pairs.h"

#define MAX_GROUPS  32
#define MAX_CHOICES 32 /* of one group */

/* One tag, pointing into the text it was read from. */
struct tag {
	const char *group, *choice;
	size_t group_len, choice_len;
};

/* What may stand between tags: a plain list or a JSON one. */
static const char separators[] = ", \t\n[]\"";

static bool next_tag(const char **text, struct tag *ret)
{
	const char *p = *text + strspn(*text, separators);
	size_t len = strcspn(p, separators);

	*text = p + len;
	if (!len)
		return false;

	const char *slash = memchr(p, '/', len);
	*ret = (struct tag){ .group = p, .choice = p, .choice_len = len };
	if (slash) {
		ret->group_len = (size_t)(slash - p);
		ret->choice = slash + 1;
		ret->choice_len = len - ret->group_len - 1;
	}
	return true;
}

static bool is_text(const char *text, const char *part, size_t len)
{
	return !strncmp(text, part, len) && !text[len];
}

static struct ecli_choice_group *find_group(const struct ecli_choices *choices, const struct tag *tag)
{
	for (size_t i = 0; i < choices->count; i++)
		if (is_text(choices->groups[i].name, tag->group, tag->group_len))
			return &choices->groups[i];
	return NULL;
}

static bool is_current(const struct ecli_choice_group *group, const struct tag *tag)
{
	return is_text(group->items[group->current].name, tag->choice, tag->choice_len);
}

static int add_group(struct ecli_choices *choices, const struct tag *tag, struct ecli_err *err)
{
	if (choices->count == MAX_GROUPS)
		return ecli_err_set(err, -EINVAL, "the package has more than %d groups of alternatives", MAX_GROUPS);

	struct ecli_choice_group *groups = reallocarray(choices->groups, choices->count + 1, sizeof(*groups));
	if (!groups)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	choices->groups = groups;

	char *name = strndup(tag->group, tag->group_len);
	if (!name)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	groups[choices->count++] = (struct ecli_choice_group){ .name = name };
	return 0;
}

static int add_choice(struct ecli_choices *choices, const struct tag *tag, struct ecli_err *err)
{
	struct ecli_choice_group *group = find_group(choices, tag);

	if (!group) {
		int r = add_group(choices, tag, err);
		if (r)
			return r;
		group = &choices->groups[choices->count - 1];
	}
	for (size_t i = 0; i < group->count; i++)
		if (is_text(group->items[i].name, tag->choice, tag->choice_len))
			return 0;
	if (group->count == MAX_CHOICES)
		return ecli_err_set(err, -EINVAL, "the package has more than %d alternatives of one kind", MAX_CHOICES);

	struct ecli_choice *items = reallocarray(group->items, group->count + 1, sizeof(*items));
	if (!items)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	group->items = items;

	char *name = strndup(tag->choice, tag->choice_len);
	if (!name)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	items[group->count++] = (struct ecli_choice){ .name = name };
	return 0;
}

/* NULL both without a tag and without memory; the two are told apart by asking again. */
static int read_tags(const struct ecli_package_extras *extras, char **ret, struct ecli_err *err)
{
	if (!ecli_package_extra(extras, "alternative"))
		return 0;
	*ret = ecli_package_extra_text(extras, "alternative");
	return *ret ? 0 : ecli_err_set(err, -ENOMEM, "out of memory");
}

int ecli_choices_build(struct ecli_choices *choices, const struct ecli_package *package, struct ecli_err *err)
{
	*choices = (struct ecli_choices){ .n_progs = package->n_progs, .n_maps = package->n_maps };
	choices->prog_tags = calloc(package->n_progs + 1, sizeof(char *));
	choices->map_tags = calloc(package->n_maps + 1, sizeof(char *));

	int r = choices->prog_tags && choices->map_tags ? 0 : ecli_err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; !r && i < package->n_progs; i++) {
		r = read_tags(&package->progs[i].extras, &choices->prog_tags[i], err);
		const char *text = choices->prog_tags[i];
		struct tag tag;
		while (!r && text && next_tag(&text, &tag))
			r = add_choice(choices, &tag, err);
	}
	for (size_t i = 0; !r && i < package->n_maps; i++)
		r = read_tags(&package->maps[i].extras, &choices->map_tags[i], err);
	if (r)
		ecli_choices_done(choices);
	return r;
}

int ecli_choices_pair(struct ecli_choices *choices, const struct ecli_package *package, char *const *left_out,
		      struct ecli_err *err)
{
	CLEANUP_FREE const char **out = calloc(package->n_progs + 1, sizeof(*out));

	if (!out)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < package->n_progs; i++)
		out[i] = left_out[i];
	ecli_package_mark_unasked(package, out);
	for (size_t i = 0; i < package->n_progs; i++) {
		char *tag_text;
		struct tag tag;

		if (ecli_package_pair_tag(package, out, i, &tag_text))
			return ecli_err_set(err, -ENOMEM, "out of memory");
		const char *text = tag_text;
		if (!tag_text || !next_tag(&text, &tag))
			continue;
		choices->prog_tags[i] = tag_text;
		int r = add_choice(choices, &tag, err);
		if (r)
			return r;
		ecli_log(ECLI_LOG_INFO, "%s: %s has other ways in this package: the first that attaches is taken",
			 package->progs[i].name, package->progs[i].attach);
	}
	return 0;
}

static void free_texts(char **texts, size_t count)
{
	for (size_t i = 0; texts && i < count; i++)
		free(texts[i]);
	free(texts);
}

void ecli_choices_done(struct ecli_choices *choices)
{
	for (size_t i = 0; i < choices->count; i++) {
		struct ecli_choice_group *group = &choices->groups[i];

		for (size_t k = 0; k < group->count; k++) {
			free(group->items[k].name);
			free(group->items[k].why);
		}
		free(group->items);
		free(group->name);
	}
	free(choices->groups);
	free_texts(choices->prog_tags, choices->n_progs);
	free_texts(choices->map_tags, choices->n_maps);
	*choices = (struct ecli_choices){ 0 };
}

bool ecli_choices_takes(const struct ecli_choices *choices, const char *tags)
{
	bool tagged = false;
	struct tag tag;

	while (tags && next_tag(&tags, &tag)) {
		const struct ecli_choice_group *group = find_group(choices, &tag);

		if (group && is_current(group, &tag))
			return true;
		tagged = true;
	}
	return !tagged;
}

struct ecli_choice_group *ecli_choices_group_of(struct ecli_choices *choices, const char *tags)
{
	struct ecli_choice_group *last = NULL;
	struct tag tag;

	while (tags && next_tag(&tags, &tag)) {
		struct ecli_choice_group *group = find_group(choices, &tag);

		if (!group || !is_current(group, &tag))
			continue;
		if (ecli_choice_group_has_next(group))
			return group;
		last = group;
	}
	return last;
}

struct ecli_choice_group *ecli_choices_sole_next(struct ecli_choices *choices)
{
	struct ecli_choice_group *found = NULL;

	for (size_t i = 0; i < choices->count; i++) {
		if (!ecli_choice_group_has_next(&choices->groups[i]))
			continue;
		if (found)
			return NULL;
		found = &choices->groups[i];
	}
	return found;
}

void ecli_choices_rewind(struct ecli_choices *choices)
{
	for (size_t i = 0; i < choices->count; i++) {
		struct ecli_choice_group *group = &choices->groups[i];

		group->current = 0;
		for (size_t k = 0; k < group->count; k++) {
			free(group->items[k].why);
			group->items[k].why = NULL;
		}
	}
}
