/* SPDX-License-Identifier: MIT */
/* One table of the options behind a package: the tool's first, then the command's own, without those whose name the tool has, then what the tool
 * only understands. */
#ifndef ECLI_CLI_JOINED_H
#define ECLI_CLI_JOINED_H

#include <ecli/options.h>

struct joined {
	struct ecli_option *all;
	size_t n_all, n_tool, n_quiet;
	struct ecli_globals *globals;
	ecli_option_fn on_own; /* for the command's own */
	void *ctx;
	const struct ecli_option *last; /* the one that was given last, and its value */
	const char *last_text;
};

/* 0 or -ENOMEM; joined_done() also then. @globals, @own and @ctx stay the caller's and must outlive it. */
int joined_build(struct joined *joined, struct ecli_globals *globals, const struct ecli_option *own, size_t n_own,
		 ecli_option_fn on_own, void *ctx, struct ecli_err *err);
void joined_done(struct joined *joined);

/* An ecli_option_fn with a struct joined as context: the tool's options set its variables. */
int joined_on_option(void *ctx, const struct ecli_option_value *value, struct ecli_err *err);

/* When all were read: values that leave nothing to show are an error of usage, names of what this machine does not have a warning. */
int joined_make_sense(const struct ecli_globals *globals, struct ecli_err *err);

#endif
