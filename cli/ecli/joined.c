/* SPDX-License-Identifier: MIT */
/*
 * Behind the package both the tool and the command have options. Where both have a name or a letter, it is the tool's: who writes
 * a tool need not know every option that ecli will ever have.
 */
#include "joined.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* '-' and '_' are the same in the name of an option. */
static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
			return false;
	return *a == *b;
}

int joined_build(struct joined *joined, struct ecli_globals *globals, const struct ecli_option *own, size_t n_own,
		 ecli_option_fn on_own, void *ctx, struct ecli_err *err)
{
	size_t n_tool, n_quiet;
	const struct ecli_option *tool = ecli_globals_options(globals, &n_tool);
	const struct ecli_option *quiet = ecli_globals_quiet_options(globals, &n_quiet);

	*joined = (struct joined){ .globals = globals, .on_own = on_own, .ctx = ctx };
	joined->all = calloc(n_tool + n_own + n_quiet + 1, sizeof(*joined->all));
	if (!joined->all)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if (n_tool)
		memcpy(joined->all, tool, n_tool * sizeof(*tool));
	joined->n_tool = joined->n_all = n_tool;
	joined->n_quiet = n_quiet;
	for (size_t i = 0; i < n_own; i++) {
		struct ecli_option option = own[i];
		bool taken = false;

		for (size_t t = 0; t < n_tool; t++) {
			taken |= same_name(tool[t].name, option.name);
			if (tool[t].short_name == option.short_name)
				option.short_name = 0;
		}
		if (!taken)
			joined->all[joined->n_all++] = option;
	}
	for (size_t i = 0; i < n_quiet; i++) {
		struct ecli_option option = quiet[i];

		option.help = option.type_text = NULL; /* no completion offers it either */
		joined->all[joined->n_all++] = option;
	}
	return 0;
}

void joined_done(struct joined *joined)
{
	free(joined->all);
	*joined = (struct joined){ 0 };
}

int joined_on_option(void *ctx, const struct ecli_option_value *value, struct ecli_err *err)
{
	struct joined *joined = ctx;
	size_t index = (size_t)(value->option - joined->all), quiet = joined->n_all - joined->n_quiet, n;
	struct ecli_option_value own = *value;

	joined->last = value->option;
	joined->last_text = value->text;
	if (index >= joined->n_tool && index < quiet)
		return joined->on_own(joined->ctx, value, err);
	/* Rows of the tool keep their order in its own tables. */
	own.option = index < quiet ? &ecli_globals_options(joined->globals, &n)[index]
				   : &ecli_globals_quiet_options(joined->globals, &n)[index - quiet];
	return ecli_globals_give(joined->globals, &own, err);
}

/* A warning only: a disk may be plugged in, and processes have other numbers in a container. */
static void tell_absent(void *ctx, const struct ecli_option *option, const char *value, const char *path)
{
	(void)ctx;
	if (access(path, F_OK) && errno == ENOENT)
		ecli_log(ECLI_LOG_WARN, "--%s %s: there is no %s now, so there may be nothing to show", option->name,
			 value, path);
}

int joined_make_sense(const struct ecli_globals *globals, struct ecli_err *err)
{
	int r = ecli_globals_check(globals, err);

	return r || !ecli_globals_claims(globals, tell_absent, NULL) ? r : ecli_err_set(err, -ENOMEM, "out of memory");
}
