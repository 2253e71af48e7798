/* SPDX-License-Identifier: MIT */
/*
 * The programs of a package are those of its object: what is loaded and where it attaches only the object decides. The list in the JSON
 * adds what the object cannot say (targets, alternatives, conditions), and is held against it, so that nobody who reads a package is told of
 * other programs than run:
 *
 *     list in the JSON          object            model
 *     none                      a, b              a, b                  the object's order
 *     b {"alternative": ...}, a a, b              b {...}, a            the list's order: alternatives are tried in it
 *     a                         a, b              refused: b is hidden
 *     a, b, c                   a, b              refused
 *     a "attach": "xdp"         a in "cgroup/dev" refused
 */
#include <errno.h>
#include <string.h>

#include "base/code.h"
#include "package/model.h"

#define REFUSED ": the package is damaged or hides something; build it again"

/* SEC("?...") asks loaders not to load the program by themselves. */
static bool is_by_hand(const struct ecli_code_function *program)
{
	return program->section[0] == '?';
}

static const char *attach_of(const struct ecli_code_function *program)
{
	return program->section + is_by_hand(program);
}

static int add(struct ecli_package *package, const struct ecli_code_function *program, struct ecli_err *err)
{
	struct ecli_package_prog *prog = ECLI_PACKAGE_GROW(package->progs, package->n_progs);

	if (!prog)
		return ecli_json_no_memory(err);
	prog->link = !is_by_hand(program);
	prog->name = strdup(program->name);
	prog->attach = strdup(attach_of(program));
	return prog->name && prog->attach ? 0 : ecli_json_no_memory(err);
}

/* ---- a list and its object ------------------------------------------------------------------------------------- */

struct entry {
	const struct ecli_code_function *program;
	bool is_listed;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->program->name, ((const struct entry *)b)->program->name);
}

static int agree(struct ecli_package_prog *prog, struct entry *entries, size_t n, struct ecli_err *err)
{
	const struct ecli_code_function wanted = { .name = prog->name };
	const struct entry key = { .program = &wanted };
	struct entry *entry = n ? bsearch(&key, entries, n, sizeof(*entries), by_name) : NULL;

	if (!entry)
		return ecli_err_set(err, -EINVAL,
				    "the package lists program %.60s, which its object does not have" REFUSED,
				    prog->name);
	if (entry->is_listed)
		return ecli_err_set(err, -EINVAL, "the package lists program %.60s twice" REFUSED, prog->name);
	entry->is_listed = true;

	const char *attach = attach_of(entry->program);
	if (prog->attach && *prog->attach && strcmp(prog->attach, attach) &&
	    strcmp(prog->attach, entry->program->section))
		return ecli_err_set(
			err, -EINVAL,
			"the package says that program %.60s attaches to \"%.60s\", its object says \"%.60s\"" REFUSED,
			prog->name, prog->attach, attach);
	char *copy = strdup(attach);
	if (!copy)
		return ecli_json_no_memory(err);
	free(prog->attach);
	prog->attach = copy;
	return 0;
}

static int hold_against(struct ecli_package *package, const struct ecli_code *code, struct ecli_err *err)
{
	CLEANUP_FREE struct entry *entries = calloc(code->n_functions + 1, sizeof(*entries));
	size_t n = 0;
	int r = 0;

	if (!entries)
		return ecli_json_no_memory(err);
	for (size_t i = 0; i < code->n_functions; i++)
		if (code->functions[i].is_program)
			entries[n++].program = &code->functions[i];
	qsort(entries, n, sizeof(*entries), by_name);
	for (size_t i = 0; !r && i < package->n_progs; i++)
		r = agree(&package->progs[i], entries, n, err);
	for (size_t i = 0; !r && i < n; i++)
		if (!entries[i].is_listed)
			r = ecli_err_set(
				err, -EINVAL,
				"the package does not list program %.60s (SEC(\"%.60s\")) of its object" REFUSED,
				entries[i].program->name, entries[i].program->section);
	return r;
}

int ecli_package_take_programs(struct ecli_package *package, const struct ecli_elf *elf, bool is_listed,
			       struct ecli_err *err)
{
	CLEANUP(ecli_code_done) struct ecli_code code = { 0 };
	int r = ecli_code_read(elf, err, &code);

	if (r || is_listed)
		return r ? r : hold_against(package, &code, err);
	for (size_t i = 0; !r && i < code.n_functions; i++)
		if (code.functions[i].is_program)
			r = add(package, &code.functions[i], err);
	return r;
}
