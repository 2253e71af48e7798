/* SPDX-License-Identifier: MIT */
/*
 * Folded stacks, the form that scripts around flame graphs read: a line a stack, outermost frame first, then its weight.
 *
 *     make;main;read_file;buffer_[i];vfs_read_[k] 42
 *
 * The marks are those of stackcollapse-perf.pl: _[i] inlined, _[k] kernel, _[j] made by a runtime. Code without a name is its
 * module, "[libc.so.6]", or "[unknown]". A semicolon within a name becomes a colon; lines with the same text are one line.
 * Source lines are not part of this form.
 */
#include "stacks/stacks.h"

#include <errno.h>
#include <string.h>

#include "stacks/text.h"

static const char *mark_of(const struct ecli_names *names, const struct ecli_name *name)
{
	if (name->kind & ECLI_NAME_INLINED)
		return "_[i]";
	if (name->kind & ECLI_NAME_KERNEL)
		return "_[k]";
	return ecli_stacks_is_jit(ecli_names_text(names, name->module)) ? "_[j]" : "";
}

/* Of code without a name; what it is called depends on nothing else. */
static const char *shown_module(const struct ecli_names *names, const struct ecli_name *name)
{
	const char *module = ecli_stacks_basename(ecli_names_text(names, name->module));

	return module ? module : "unknown";
}

static int compare_labels(const struct ecli_names *names, uint32_t a, uint32_t b)
{
	const struct ecli_name *one = &names->items[a], *two = &names->items[b];
	int r = !!one->function - !!two->function;

	if (!r && one->function)
		r = strcmp(names->text + one->function, names->text + two->function);
	else if (!r)
		r = strcmp(shown_module(names, one), shown_module(names, two));
	return r ? r : strcmp(mark_of(names, one), mark_of(names, two));
}

static void add_label(struct ecli_buf *out, const struct ecli_names *names, const struct ecli_name *name)
{
	const char *function = ecli_names_text(names, name->function);

	if (function)
		ecli_stacks_add_clean(out, *function ? function : "[unknown]", ";:");
	else
		ecli_stacks_add_unnamed(out, ecli_names_text(names, name->module), ";:");
	ecli_buf_add_text(out, mark_of(names, name));
}

int ecli_stacks_folded(const struct ecli_stacks *stacks, struct ecli_buf *out)
{
	CLEANUP(ecli_stacks_view_done) struct ecli_stacks_view view = { 0 };
	CLEANUP_BUF struct ecli_buf line = { 0 };
	int r = ecli_stacks_view(stacks, compare_labels, &view);

	if (r < 0)
		return r;
	/* Where in the line the label of each depth ends. */
	CLEANUP_FREE size_t *ends = calloc((size_t)view.path.count + 1, sizeof(*ends));
	if (!ends)
		return -ENOMEM;
	for (uint32_t i = 0; i < view.path.count; i++) {
		struct ecli_tree_step step = view.path.steps[i];
		uint64_t self = view.tree.nodes[step.node].self;

		if (step.depth) {
			line.len = ends[step.depth - 1];
			if (step.depth > 1)
				ecli_buf_add_char(&line, ';');
			add_label(&line, &stacks->names, ecli_stacks_shown(stacks, &view, step.node));
			ends[step.depth] = line.len;
		}
		if (!self)
			continue;
		ecli_buf_add(out, line.data, line.len);
		ecli_buf_add_format(out, "%s %llu\n", step.depth ? "" : "[unknown]", (unsigned long long)self);
	}
	return ecli_buf_failed(&line) || ecli_buf_failed(out) ? -ENOMEM : 0;
}
