/* SPDX-License-Identifier: MIT */
/*
 * A profile: every stack walks down the tree from the outside in, and its weight stays where it ends. What is kept is
 * every frame, process and line there was; what looks the same to a person is put together only when it is written.
 *
 * Bounds: MAX_NODES nodes (24 bytes each with the index) and what names.c says; a weight is refused when the sum would no
 * longer be a positive 64-bit number, which is what pprof can say.
 */
#include "stacks/stacks.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

enum { MAX_NODES = 1 << 22 };

void ecli_stacks_free(struct ecli_stacks *stacks)
{
	if (!stacks)
		return;
	ecli_names_done(&stacks->names);
	ecli_tree_done(&stacks->tree);
	free(stacks->title);
	free(stacks->what);
	free(stacks->unit);
	free(stacks);
}

DEFINE_CLEANUP(stacks, struct ecli_stacks *, ecli_stacks_free)

int ecli_stacks_new(const struct ecli_stacks_opts *opts, struct ecli_err *err, struct ecli_stacks **ret_stacks)
{
	CLEANUP(cleanup_stacks) struct ecli_stacks *stacks = calloc(1, sizeof(*stacks));

	if (!stacks)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	stacks->title = strdup(opts->title ? opts->title : "");
	stacks->what = strdup(opts->what ? opts->what : "samples");
	stacks->unit = strdup(opts->unit ? opts->unit : "count");
	stacks->period = opts->period;
	if (!stacks->title || !stacks->what || !stacks->unit || ecli_tree_init(&stacks->tree, MAX_NODES) < 0)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	/* Without a seed it would only be slower for someone who chose names to make it so. */
	(void)!getrandom(&stacks->names.seed, sizeof(stacks->names.seed), GRND_NONBLOCK);
	*ret_stacks = TAKE_PTR(stacks);
	return 0;
}

static int go_down(struct ecli_stacks *stacks, const struct ecli_frame *frame, uint32_t kind, uint32_t *node)
{
	uint32_t item;
	int r = ecli_names_frame(&stacks->names, frame, kind, &item);

	return r < 0 ? r : ecli_tree_child(&stacks->tree, *node, item, node);
}

static int go_down_all(struct ecli_stacks *stacks, const struct ecli_frames *frames, uint32_t *node)
{
	for (size_t i = frames ? frames->count : 0; i-- > 0;) {
		const struct ecli_frame *frame = &frames->items[i];
		int r = go_down(stacks, frame,
				(frame->is_kernel ? ECLI_NAME_KERNEL : 0) | (frame->is_inlined ? ECLI_NAME_INLINED : 0),
				node);

		if (r < 0)
			return r;
	}
	return 0;
}

int ecli_stacks_add(struct ecli_stacks *stacks, const char *root, const struct ecli_frames *user,
		    const struct ecli_frames *kernel, uint64_t weight)
{
	struct ecli_frame process = { .function = root };
	uint32_t node = 0;
	int r = 0;

	if (!weight)
		return 0;
	if (weight > INT64_MAX - stacks->total)
		return -E2BIG;
	if (root && *root)
		r = go_down(stacks, &process, ECLI_NAME_PROCESS, &node);
	/* Nodes of a stack that did not get to its end weigh nothing and are never shown. */
	if (!r)
		r = go_down_all(stacks, user, &node);
	if (!r)
		r = go_down_all(stacks, kernel, &node);
	if (r < 0)
		return r;
	stacks->tree.nodes[node].self += weight;
	stacks->total += weight;
	return 0;
}

void ecli_stacks_clear(struct ecli_stacks *stacks)
{
	ecli_names_clear(&stacks->names);
	ecli_tree_clear(&stacks->tree);
	stacks->total = 0;
}

uint64_t ecli_stacks_total(const struct ecli_stacks *stacks)
{
	return stacks->total;
}

void ecli_stacks_view_done(struct ecli_stacks_view *view)
{
	ecli_classes_done(&view->classes);
	ecli_tree_done(&view->tree);
	ecli_tree_path_done(&view->path);
	free(view->of);
	*view = (struct ecli_stacks_view){ 0 };
}

int ecli_stacks_view(const struct ecli_stacks *stacks, ecli_names_compare_fn compare, struct ecli_stacks_view *ret_view)
{
	CLEANUP(ecli_stacks_view_done) struct ecli_stacks_view view = { 0 };
	int r = ecli_names_classify(&stacks->names, compare, &view.classes);

	if (r < 0)
		return r;
	view.of = calloc(stacks->tree.count, sizeof(*view.of));
	if (!view.of)
		return -ENOMEM;
	r = ecli_tree_merge(&stacks->tree, view.classes.of, &view.tree, view.of);
	if (!r)
		r = ecli_tree_path(&view.tree, &view.path);
	if (r < 0)
		return r;
	*ret_view = view;
	view = (struct ecli_stacks_view){ 0 };
	return 0;
}
