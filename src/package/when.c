/* SPDX-License-Identifier: MIT */
/*
 * The conditions that tie programs and sampled maps to options: `@when latency`, `@when !process`, `@when latency, failed`.
 *
 * A condition is one variable or several with commas between, of which one is enough. What a variable is worth is asked of the
 * caller: whoever loads looks into the object, whoever shows into the options; the grammar is here once.
 */
#include <errno.h>
#include <string.h>

#include <ecli/package.h>

#include "base/cleanup.h"

static const char *skip_spaces(const char *text)
{
	return text + strspn(text, " \t");
}

int ecli_package_when(const char *condition, ecli_package_is_set_fn is_set, void *ctx, const char *whose,
		      struct ecli_err *err, bool *ret_holds)
{
	const char *at = skip_spaces(condition);
	bool holds = false;

	do {
		bool is_not = *at == '!', value = false;

		at = skip_spaces(at + is_not);
		size_t len = strcspn(at, ", \t");
		CLEANUP_FREE char *variable = strndup(at, len);
		if (!variable)
			return ecli_err_set(err, -ENOMEM, "out of memory");
		if (!is_set(ctx, variable, &value))
			return ecli_err_set(err, -EINVAL,
					    "%s: @when names \"%.60s\", but the tool has no such global variable",
					    whose, variable);
		holds |= value != is_not;
		at = skip_spaces(at + len);
		if (*at && *at != ',')
			return ecli_err_set(err, -EINVAL, "%s: @when takes names with commas between, not \"%.60s\"",
					    whose, condition);
		at = skip_spaces(at + (*at == ','));
	} while (*at);
	*ret_holds = holds;
	return 0;
}

/* The option of a variable: what the package calls it, else its own name as help has it. */
static void add_option(const struct ecli_package *package, const char *name, size_t len, struct ecli_buf *out)
{
	for (size_t i = 0; i < package->n_vars; i++) {
		const struct ecli_package_var *var = &package->vars[i];

		if (!strncmp(var->name, name, len) && !var->name[len] && var->arg_long) {
			ecli_buf_add_format(out, "--%s", var->arg_long);
			return;
		}
	}
	ecli_buf_add_format(out, "--%.*s", (int)len, name);
}

void ecli_package_when_options(const struct ecli_package *package, const char *condition, struct ecli_buf *out)
{
	const char *at = condition + strspn(condition, "! \t,");

	for (bool is_first = true; *at; is_first = false) {
		size_t len = strcspn(at, ", \t");
		const char *next = at + len + strspn(at + len, "! \t,");

		ecli_buf_add_text(out, is_first ? "" : *next ? ", " : " or ");
		add_option(package, at, len, out);
		at = next;
	}
}
