/* SPDX-License-Identifier: MIT */
/*
 * What the three writers know of a profile: a tree whose items are frames.
 *
 *     root ─ process ─ main ─ read_file ─ vfs_read      outermost first, user frames before those of the kernel
 */
#ifndef ECLI_STACKS_STACKS_H
#define ECLI_STACKS_STACKS_H

#include <ecli/stacks.h>

#include "base/cleanup.h"
#include "stacks/names.h"
#include "stacks/tree.h"

struct ecli_stacks {
	char *title, *what, *unit; /* owned */
	uint64_t period, total;
	struct ecli_names names;
	struct ecli_tree tree;
};

/* How one writer looks at it: frames that are the same to it as one, in its order. */
struct ecli_stacks_view {
	struct ecli_classes classes;
	struct ecli_tree tree; /* items are classes */
	struct ecli_tree_path path;
	uint32_t *of; /* owned; by node of the profile's tree: the node of this one */
};

/* -ENOMEM. */
int ecli_stacks_view(const struct ecli_stacks *stacks, ecli_names_compare_fn compare,
		     struct ecli_stacks_view *ret_view);
void ecli_stacks_view_done(struct ecli_stacks_view *view);

/* The frame that a node of a view shows. */
static inline const struct ecli_name *ecli_stacks_shown(const struct ecli_stacks *stacks,
							const struct ecli_stacks_view *view, uint32_t node)
{
	return &stacks->names.items[view->classes.item[view->tree.nodes[node].item]];
}

#endif
