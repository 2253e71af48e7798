/* SPDX-License-Identifier: MIT */
/*
 * Where programs attach, as the person says it. A target is text; what it means is the business of the program's kind, in
 * load/. A program's targets are its key `target`: one text or a list of texts. What is given on the command line is put into
 * the model under that same key, so whoever looks at the package afterwards (a run, a check, an inspection) sees one thing.
 */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "package/model.h"

void ecli_package_targets_done(struct ecli_package_targets *targets)
{
	for (size_t i = 0; i < targets->count; i++)
		free(targets->items[i]);
	free(targets->items);
	*targets = (struct ecli_package_targets){ 0 };
}

static int add(struct ecli_package_targets *targets, const char *text, struct ecli_err *err)
{
	char **items = reallocarray(targets->items, targets->count + 1, sizeof(*items));

	if (items)
		targets->items = items;
	if (!items || !(items[targets->count] = strdup(text)))
		return ecli_json_no_memory(err);
	targets->count++;
	return 0;
}

static int read_list(const json_t *list, const char *prog, struct ecli_package_targets *targets, struct ecli_err *err)
{
	const json_t *item;
	size_t i;
	int r = 0;

	json_array_foreach(list, i, item)
	{
		if (!json_is_string(item))
			r = ecli_err_set(err, -EINVAL, "program %s: target[%zu] must be a text, but is %s", prog, i,
					 ecli_json_type(item));
		else if (i == ECLI_PACKAGE_MAX_TARGETS)
			r = ecli_err_set(err, -EINVAL, "program %s has more than %d targets", prog,
					 ECLI_PACKAGE_MAX_TARGETS);
		else
			r = add(targets, json_string_value(item), err);
		if (r)
			return r;
	}
	return 0;
}

int ecli_package_targets_read(const struct ecli_package_extras *extras, const char *prog, struct ecli_err *err,
			      struct ecli_package_targets *ret)
{
	const char *text = ecli_package_extra(extras, "target");
	struct ecli_package_targets targets = { 0 };
	CLEANUP_JSON json_t *json = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
	CLEANUP_FREE char *plain = json && !json_is_string(json) ? ecli_json_text(json) : NULL;
	int r = 0;

	if (text && !json)
		return ecli_json_no_memory(err);
	if (json_is_array(json))
		r = read_list(json, prog, &targets, err);
	else if (json_is_string(json))
		r = add(&targets, json_string_value(json), err);
	else if (json_is_number(json)) /* a tag whose value looks like one: the index of an interface */
		r = plain ? add(&targets, plain, err) : ecli_json_no_memory(err);
	else if (json && !json_is_null(json))
		r = ecli_err_set(err, -EINVAL, "program %s: target must be a text or a list of texts, but is %s", prog,
				 ecli_json_type(json));
	for (size_t i = 0; i < targets.count; i++)
		targets.none |= !strcmp(targets.items[i], "none");
	if (!r && targets.none && targets.count > 1)
		r = ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
				      "program %s: \"none\" leaves it out and cannot be one of several targets", prog);
	if (r) {
		ecli_package_targets_done(&targets);
		return r;
	}
	*ret = targets;
	return 0;
}

/* ---- from the command line ------------------------------------------------------------------------------------- */

static int unknown_program(const struct ecli_package *package, const char *name, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf list = { 0 };

	for (size_t i = 0; i < package->n_progs; i++)
		ecli_buf_add_format(&list, "%s%s", i ? ", " : "", package->progs[i].name);
	return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
				 "--attach: there is no program \"%.100s\" here, but %.600s", name,
				 package->n_progs ? ecli_buf_text(&list) : "none at all");
}

/* "PROGRAM=TARGET": the target when the program is meant, else NULL. */
static const char *target_of(const char *word, const char *prog)
{
	const char *equals = strchr(word, '=');
	CLEANUP_FREE char *pattern = strndup(word, equals ? (size_t)(equals - word) : 0);

	return equals && pattern && prog && !fnmatch(pattern, prog, 0) ? equals + 1 : NULL;
}

static int check_word(const struct ecli_package *package, const char *word, struct ecli_err *err)
{
	const char *equals = strchr(word, '=');

	if (!equals || equals == word || !equals[1])
		return ecli_err_set_fail(
			err, ECLI_FAIL_USAGE, -EINVAL,
			"--attach takes PROGRAM=TARGET (PROGRAM=none leaves a program out), not \"%.100s\"", word);
	for (size_t i = 0; i < package->n_progs; i++)
		if (target_of(word, package->progs[i].name))
			return 0;
	CLEANUP_FREE char *name = strndup(word, (size_t)(equals - word));
	return unknown_program(package, name ? name : word, err);
}

int ecli_package_set_targets(struct ecli_package *package, const char *const *words, size_t count, struct ecli_err *err)
{
	int r = 0;

	for (size_t k = 0; !r && k < count; k++)
		r = check_word(package, words[k], err);
	for (size_t i = 0; !r && i < package->n_progs; i++) {
		struct ecli_package_prog *prog = &package->progs[i];
		CLEANUP_JSON json_t *list = json_array();

		for (size_t k = 0; k < count; k++) {
			const char *target = target_of(words[k], prog->name);

			if (target && json_array_append_new(list, json_string(target)))
				return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
							 "--attach: the target of %s is not UTF-8", prog->name);
		}
		if (!json_array_size(list))
			continue;
		CLEANUP_FREE char *text = ecli_json_text(list);
		r = text ? ecli_package_extra_set(&prog->extras, "target", text) : -ENOMEM;
		/* What was said of all programs at once, or in the source, is for those that are not named here. */
		if (!r && ecli_package_extra(&prog->extras, "ifname"))
			r = ecli_package_extra_set(&prog->extras, "ifname", "null");
		if (!r && ecli_package_extra(&prog->extras, "cgroup"))
			r = ecli_package_extra_set(&prog->extras, "cgroup", "null");
		r = r ? ecli_json_no_memory(err) : 0;
	}
	return r;
}
