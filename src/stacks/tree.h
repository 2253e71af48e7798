/* SPDX-License-Identifier: MIT */
/*
 * A tree of numbers with weights: a node is its parent and an item, and what an item is, only the owner knows.
 *
 *     root ─ item 4 ─ item 9 (self 3)          nodes[] in the order in which they came: a parent lies before its children
 *                   └ item 2 (self 1)
 *
 * Looking at a tree is done on a copy in which items are classes, numbered in the order in which they shall appear
 * (ecli_tree_merge): frames that are the same to the one who looks fall together, and their weights with them. Nothing here
 * recurses, so depth is bounded by the number of nodes only.
 */
#ifndef ECLI_STACKS_TREE_H
#define ECLI_STACKS_TREE_H

#include "stacks/index.h"

struct ecli_tree_node {
	uint32_t parent, item;
	uint64_t self;
};

/* nodes[0] is the root, whose item means nothing. */
struct ecli_tree {
	struct ecli_tree_node *nodes; /* owned */
	uint32_t count, room, limit;  /* nodes at most */
	struct ecli_index index;
};

/* A node on the way through a tree, parents first and siblings in the order of their items. Those without weight are left out. */
struct ecli_tree_step {
	uint32_t node, depth;
};

struct ecli_tree_path {
	struct ecli_tree_step *steps; /* owned; the first is the root */
	uint32_t count;
	uint64_t *totals; /* owned; by node: its own weight and that of all below it */
};

/* -ENOMEM. */
int ecli_tree_init(struct ecli_tree *tree, uint32_t limit);
void ecli_tree_done(struct ecli_tree *tree);
/* Leaves the root. */
void ecli_tree_clear(struct ecli_tree *tree);
/* The child of @parent with that item, made when there is none. -ENOMEM, -E2BIG. */
int ecli_tree_child(struct ecli_tree *tree, uint32_t parent, uint32_t item, uint32_t *ret_node);

/* A copy of @tree with classes[item] for each item. @ret_of: NULL, or room for tree->count: the node that each became. -ENOMEM. */
int ecli_tree_merge(const struct ecli_tree *tree, const uint32_t *classes, struct ecli_tree *ret_merged,
		    uint32_t *ret_of);
/* By node: its weight and that of all below it; owned by the caller; NULL: no memory. */
uint64_t *ecli_tree_totals(const struct ecli_tree *tree);
/* -ENOMEM. */
int ecli_tree_path(const struct ecli_tree *tree, struct ecli_tree_path *ret_path);
void ecli_tree_path_done(struct ecli_tree_path *path);

#endif
