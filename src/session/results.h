/* SPDX-License-Identifier: MIT */
/* Which maps and variables of a tool that reports nothing look like its results. See results.c. */
#ifndef ECLI_SESSION_RESULTS_H
#define ECLI_SESSION_RESULTS_H

#include <ecli/package.h>
#include <ecli/types.h>

struct result {
	const char *name; /* of the types' */
	bool is_variable; /* of .bss */
	enum ecli_package_sample_kind kind;
};

/* How entries of a key and a value are shown best: stacks, log2_hist or default_kv. @key_id: 0 for none. */
enum ecli_package_sample_kind results_kind(const struct ecli_types *types, uint32_t key_id, uint32_t value_id);

/* Whether an integer member of that name holds the id of a stack, and of which kind: "kernel_stack", "user_stack"; NULL: it does not. */
const char *results_stack_format(const char *name);

/* The results, none when nothing looks like one. @ret: free() it. 0 or -ENOMEM. */
int results_find(const struct ecli_package *package, const struct ecli_types *types, struct ecli_err *err,
		 struct result **ret, size_t *ret_count);

#endif
