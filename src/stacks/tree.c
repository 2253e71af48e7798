/* SPDX-License-Identifier: MIT */
/*
 * The tree of tree.h. The way through it is made in one go: totals from the last node to the first (a child lies behind its
 * parent), children counted and laid side by side, then a stack of nodes to visit.
 */
#include "stacks/tree.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

enum { LEAST_ROOM = 64 };

int ecli_tree_init(struct ecli_tree *tree, uint32_t limit)
{
	*tree = (struct ecli_tree){ .limit = limit };
	tree->nodes = calloc(LEAST_ROOM, sizeof(*tree->nodes));
	if (!tree->nodes)
		return -ENOMEM;
	tree->room = LEAST_ROOM;
	tree->count = 1;
	return 0;
}

void ecli_tree_done(struct ecli_tree *tree)
{
	free(tree->nodes);
	ecli_index_done(&tree->index);
	*tree = (struct ecli_tree){ 0 };
}

void ecli_tree_clear(struct ecli_tree *tree)
{
	ecli_index_clear(&tree->index);
	tree->count = 1;
	tree->nodes[0].self = 0;
}

static int make_room(struct ecli_tree *tree)
{
	if (tree->count < tree->room)
		return 0;
	struct ecli_tree_node *nodes = reallocarray(tree->nodes, tree->room * (size_t)2, sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	tree->nodes = nodes;
	tree->room *= 2;
	return 0;
}

int ecli_tree_child(struct ecli_tree *tree, uint32_t parent, uint32_t item, uint32_t *ret_node)
{
	uint32_t hash = (uint32_t)ecli_hash_word(0, (uint64_t)parent << 32 | item), node;

	for (struct ecli_probe probe = ecli_probe(&tree->index, hash); ecli_probe_next(&tree->index, &probe, &node);)
		if (tree->nodes[node].parent == parent && tree->nodes[node].item == item) {
			*ret_node = node;
			return 0;
		}
	if (tree->count >= tree->limit)
		return -E2BIG;
	if (make_room(tree) < 0 || ecli_index_reserve(&tree->index) < 0)
		return -ENOMEM;
	node = tree->count++;
	tree->nodes[node] = (struct ecli_tree_node){ .parent = parent, .item = item };
	ecli_index_add(&tree->index, hash, node);
	*ret_node = node;
	return 0;
}

int ecli_tree_merge(const struct ecli_tree *tree, const uint32_t *classes, struct ecli_tree *ret_merged,
		    uint32_t *ret_of)
{
	CLEANUP_FREE uint32_t *own_of = ret_of ? NULL : calloc(tree->count, sizeof(*own_of));
	uint32_t *of = ret_of ? ret_of : own_of;
	CLEANUP(ecli_tree_done) struct ecli_tree merged = { 0 };

	if (!of || ecli_tree_init(&merged, tree->limit) < 0)
		return -ENOMEM;
	of[0] = 0;
	merged.nodes[0].self = tree->nodes[0].self;
	for (uint32_t i = 1; i < tree->count; i++) {
		const struct ecli_tree_node *node = &tree->nodes[i];
		int r = ecli_tree_child(&merged, of[node->parent], classes[node->item], &of[i]);

		if (r < 0)
			return r;
		merged.nodes[of[i]].self += node->self;
	}
	*ret_merged = merged;
	merged = (struct ecli_tree){ 0 };
	return 0;
}

uint64_t *ecli_tree_totals(const struct ecli_tree *tree)
{
	uint64_t *totals = calloc(tree->count, sizeof(*totals));

	if (!totals)
		return NULL;
	for (uint32_t i = tree->count; i-- > 0;) {
		totals[i] += tree->nodes[i].self;
		if (i)
			totals[tree->nodes[i].parent] += totals[i];
	}
	return totals;
}

static int compare_items(const void *a, const void *b, void *ctx)
{
	const struct ecli_tree_node *nodes = ctx, *one = &nodes[*(const uint32_t *)a],
				    *two = &nodes[*(const uint32_t *)b];

	if (one->parent != two->parent)
		return one->parent < two->parent ? -1 : 1;
	return one->item < two->item ? -1 : one->item > two->item;
}

/* The children of node n are children[first[n]] up to children[first[n + 1]], in the order of their items. */
static void lay_children(const struct ecli_tree *tree, uint32_t *children, uint32_t *first)
{
	for (uint32_t i = 1; i < tree->count; i++) {
		children[i - 1] = i;
		first[tree->nodes[i].parent + 1]++;
	}
	qsort_r(children, tree->count - 1, sizeof(*children), compare_items, tree->nodes);
	for (uint32_t i = 0; i < tree->count; i++)
		first[i + 1] += first[i];
}

int ecli_tree_path(const struct ecli_tree *tree, struct ecli_tree_path *ret_path)
{
	CLEANUP_FREE uint32_t *children = calloc(tree->count, sizeof(*children));
	CLEANUP_FREE uint32_t *first = calloc((size_t)tree->count + 1, sizeof(*first));
	CLEANUP_FREE struct ecli_tree_step *todo = calloc(tree->count, sizeof(*todo));
	CLEANUP_FREE struct ecli_tree_step *steps = calloc(tree->count, sizeof(*steps));
	CLEANUP_FREE uint64_t *totals = ecli_tree_totals(tree);
	uint32_t waiting = 0, count = 0;

	if (!children || !first || !todo || !steps || !totals)
		return -ENOMEM;
	lay_children(tree, children, first);
	todo[waiting++] = (struct ecli_tree_step){ 0 };
	while (waiting) {
		struct ecli_tree_step step = todo[--waiting];

		steps[count++] = step;
		for (uint32_t i = first[step.node + 1]; i-- > first[step.node];)
			if (totals[children[i]])
				todo[waiting++] = (struct ecli_tree_step){ children[i], step.depth + 1 };
	}
	*ret_path = (struct ecli_tree_path){ TAKE_PTR(steps), count, TAKE_PTR(totals) };
	return 0;
}

void ecli_tree_path_done(struct ecli_tree_path *path)
{
	free(path->steps);
	free(path->totals);
	*path = (struct ecli_tree_path){ 0 };
}
