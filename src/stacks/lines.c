/* SPDX-License-Identifier: MIT */
/*
 * The profile keeps a frame for each line, a view one for each function. What falls together there is gathered here:
 *
 *     profile   main main.c:10 (7) ─ ...            view   main (10) ─ ...      lines of main: main.c:10 7, main.c:12 3
 *               main main.c:12 (3) ─ ...
 *
 * Frames without a source line are not counted, so the lines of a node may weigh less than the node.
 */
#include "stacks/lines.h"

#include <errno.h>
#include <string.h>

struct order {
	const struct ecli_names *names;
	const uint32_t *place; /* by node: where on the view's path */
};

void ecli_stacks_lines_done(struct ecli_stacks_lines *lines)
{
	free(lines->items);
	*lines = (struct ecli_stacks_lines){ 0 };
}

static int compare_places(const struct order *order, const struct ecli_stacks_line *one,
			  const struct ecli_stacks_line *two)
{
	uint32_t a = order->place[one->node], b = order->place[two->node];

	return a < b ? -1 : a > b;
}

static int compare_lines(const void *a, const void *b, void *ctx)
{
	const struct order *order = ctx;
	const struct ecli_stacks_line *one = a, *two = b;
	const struct ecli_name *x = &order->names->items[one->item], *y = &order->names->items[two->item];
	int r = compare_places(order, one, two);

	if (!r && x->file != y->file)
		r = strcmp(order->names->text + x->file, order->names->text + y->file);
	return r ? r : x->line < y->line ? -1 : x->line > y->line;
}

static int compare_weights(const void *a, const void *b, void *ctx)
{
	const struct ecli_stacks_line *one = a, *two = b;
	int r = compare_places(ctx, one, two);

	if (!r && one->weight != two->weight)
		return one->weight > two->weight ? -1 : 1;
	return r ? r : compare_lines(a, b, ctx);
}

int ecli_stacks_lines(const struct ecli_stacks *stacks, const struct ecli_stacks_view *view,
		      struct ecli_stacks_lines *ret_lines)
{
	CLEANUP_FREE uint64_t *totals = ecli_tree_totals(&stacks->tree);
	CLEANUP_FREE uint32_t *place = calloc(view->tree.count, sizeof(*place));
	CLEANUP_FREE struct ecli_stacks_line *items = calloc(stacks->tree.count, sizeof(*items));
	struct order order = { &stacks->names, place };
	size_t count = 0, kept = 0;

	if (!totals || !place || !items)
		return -ENOMEM;
	for (uint32_t i = 0; i < view->path.count; i++)
		place[view->path.steps[i].node] = i;
	for (uint32_t i = 1; i < stacks->tree.count; i++) {
		uint32_t item = stacks->tree.nodes[i].item;

		if (totals[i] && stacks->names.items[item].file)
			items[count++] = (struct ecli_stacks_line){ view->of[i], item, totals[i] };
	}
	qsort_r(items, count, sizeof(*items), compare_lines, &order);
	for (size_t i = 0; i < count; i++) {
		if (kept && !compare_lines(&items[kept - 1], &items[i], &order))
			items[kept - 1].weight += items[i].weight;
		else
			items[kept++] = items[i];
	}
	qsort_r(items, kept, sizeof(*items), compare_weights, &order);
	*ret_lines = (struct ecli_stacks_lines){ TAKE_PTR(items), kept };
	return 0;
}
