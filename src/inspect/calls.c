/* SPDX-License-Identifier: MIT */
/*
 * Which functions of the kernel are called, what that can change and what it can cost.
 *
 * A helper is a number. A kfunc is a symbol that is nowhere in the object and that the BTF calls a function: libbpf looks at the symbols
 * and wants each to be in a section ".ksyms" of the BTF, of which there may be several; whatever is in either is told. Since libbpf 1.3 what
 * follows "___" in such a name is a comment.
 */
#include "inspect/model.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "inspect/tables.h"

#define KFUNCS_MAX 4096u /* the verifier takes 256 of a program */
#define UNKNOWN    "calls kernel functions whose effect is not known here"

/* ---- one call -------------------------------------------------------------------------------------------------- */

static size_t essential_length(const char *name)
{
	const char *flavour = strstr(name, "___");

	return flavour && flavour != name ? (size_t)(flavour - name) : strlen(name);
}

static int add_call(struct inspect *inspect, struct ecli_inspect_call call, struct ecli_err *err)
{
	struct ecli_inspect *public = &inspect->public;
	struct ecli_inspect_call *item = call.name ? INSPECT_ADD(public->calls, public->n_calls) : NULL;

	if (!item)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	*item = call;

	size_t len = essential_length(call.name);
	if (inspect_is_harmless(call.name, len))
		return 0;
	const char *sentence = inspect_call_effect(call.name, len);
	return inspect_effect(inspect, sentence ? sentence : UNKNOWN, call.name, err);
}

int inspect_cost(struct inspect *inspect, const struct ecli_code_function *function, const char *cause,
		 struct ecli_err *err)
{
	struct ecli_inspect *public = &inspect->public;
	const char *sentence = inspect_call_cost(cause);
	const char *name = *function->name ? function->name : function->section;

	if (!sentence)
		return 0;
	/* Functions come one after the other. */
	for (size_t i = public->n_costs; i && public->costs[i - 1].function == name; i--)
		if (!strcmp(public->costs[i - 1].cause, cause))
			return 0;
	struct ecli_inspect_cost *cost = INSPECT_ADD(public->costs, public->n_costs);
	if (!cost)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	*cost = (struct ecli_inspect_cost){ .sentence = sentence,
					    .cause = cause,
					    .function = name,
					    .section = function->is_program ? function->section : NULL };
	return 0;
}

/* ---- helpers --------------------------------------------------------------------------------------------------- */

int inspect_helper_call(struct inspect *inspect, const struct ecli_code_function *function, uint32_t id,
			struct ecli_err *err)
{
	const char *name = inspect_helper_name(id);

	if (!inspect->helpers)
		inspect->helpers = calloc(INSPECT_HELPERS_MAX, sizeof(*inspect->helpers));
	if (!inspect->helpers)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if (id < INSPECT_HELPERS_MAX)
		inspect->helpers[id]++;
	else
		inspect->odd_helper = id;
	return name ? inspect_cost(inspect, function, name, err) : 0;
}

static int add_helper(struct inspect *inspect, uint32_t id, uint32_t count, struct ecli_err *err)
{
	const char *name = inspect_helper_name(id);
	struct ecli_buf buf = { 0 };

	if (!name) {
		ecli_buf_add_format(&buf, "helper number %u", id);
		name = inspect_keep(inspect, ecli_buf_take(&buf));
	}
	return add_call(
		inspect,
		(struct ecli_inspect_call){ .name = name, .id = id, .count = count, .since = inspect_helper_since(id) },
		err);
}

static int add_helpers(struct inspect *inspect, struct ecli_err *err)
{
	int r = 0;

	for (uint32_t id = 0; !r && inspect->helpers && id < INSPECT_HELPERS_MAX; id++)
		if (inspect->helpers[id])
			r = add_helper(inspect, id, inspect->helpers[id], err);
	return r || !inspect->odd_helper ? r : add_helper(inspect, inspect->odd_helper, 1, err);
}

/* ---- kfuncs ---------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of symbols that are nowhere in the object, sorted. */
static int find_missing(const struct ecli_elf *elf, const char ***ret_names, size_t *ret_n)
{
	const uint64_t count = ecli_elf_symbol_count(elf);
	const char **names = calloc((size_t)count + 1, sizeof(*names));
	struct ecli_elf_symbol symbol;
	size_t n = 0;

	if (!names)
		return -ENOMEM;
	for (uint64_t i = 0; i < count; i++)
		if (ecli_elf_symbol(elf, i, &symbol) && symbol.section == SHN_UNDEF && *symbol.name)
			names[n++] = symbol.name;
	qsort(names, n, sizeof(*names), by_text);
	*ret_names = names;
	*ret_n = n;
	return 0;
}

static int add_kfunc(struct inspect *inspect, const struct ecli_type *type, bool *told, struct ecli_err *err)
{
	if (!type || type->kind != ECLI_TYPE_FUNC || told[type->id])
		return 0;
	if (inspect->public.n_calls > KFUNCS_MAX)
		return ecli_err_set(err, -EINVAL, "the object calls more than %u functions of the kernel", KFUNCS_MAX);
	told[type->id] = true;
	int r = add_call(inspect, (struct ecli_inspect_call){ .name = type->name, .is_kfunc = true, .since = "" }, err);
	return r ? r : inspect_need(inspect, "calls of kernel functions (kfuncs)", "5.13", err);
}

static int add_kfuncs(struct inspect *inspect, const struct ecli_elf *elf, struct ecli_err *err)
{
	const uint32_t n_types = ecli_types_count(inspect->types);
	CLEANUP_FREE bool *told = calloc((size_t)n_types + 1, sizeof(*told));
	CLEANUP_FREE const char **missing = NULL;
	size_t n_missing = 0;
	int r = told ? find_missing(elf, &missing, &n_missing) : -ENOMEM;

	if (r)
		return ecli_err_set(err, r, "out of memory");
	for (uint32_t id = 1; !r && id < n_types; id++) {
		const struct ecli_type *section = ecli_types_get(inspect->types, id);

		if (section->kind != ECLI_TYPE_SECTION || strcmp(section->name, ".ksyms"))
			continue;
		for (uint32_t i = 0; !r && i < section->n_members; i++)
			r = add_kfunc(inspect, ecli_types_get(inspect->types, section->members[i].type_id), told, err);
	}
	for (uint32_t id = 1; !r && id < n_types; id++) {
		const struct ecli_type *type = ecli_types_get(inspect->types, id);

		if (type->kind == ECLI_TYPE_FUNC && n_missing &&
		    bsearch(&type->name, missing, n_missing, sizeof(*missing), by_text))
			r = add_kfunc(inspect, type, told, err);
	}
	return r;
}

/* Rounds made with kfuncs: the symbol that fills in a call has the name. */
static int add_kfunc_costs(struct inspect *inspect, const struct ecli_elf *elf, const struct ecli_code *code,
			   struct ecli_err *err)
{
	size_t fill = 0;
	int r = 0;

	for (size_t i = 0; !r && i < code->n_functions; i++) {
		const struct ecli_code_function *function = &code->functions[i];

		for (; !r && fill < code->n_fills; fill++) {
			const struct ecli_code_fill *one = &code->fills[fill];
			struct ecli_elf_symbol symbol;

			if (one->section_index > function->section_index ||
			    (one->section_index == function->section_index &&
			     one->offset >= function->offset + function->size))
				break;
			if (ecli_elf_symbol(elf, one->symbol, &symbol) && symbol.section == SHN_UNDEF)
				r = inspect_cost(inspect, function, symbol.name, err);
		}
	}
	return r;
}

int inspect_calls(struct inspect *inspect, const struct ecli_elf *elf, const struct ecli_code *code,
		  struct ecli_err *err)
{
	int r = add_helpers(inspect, err);

	r = r ? r : add_kfuncs(inspect, elf, err);
	return r ? r : add_kfunc_costs(inspect, elf, code, err);
}
