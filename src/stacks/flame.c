/* SPDX-License-Identifier: MIT */
/*
 * A flame graph: one HTML file with the profile inside as JSON, in a script element that is data and never run.
 *
 *     page up to the title | title | page up to the profile | {"functions":[...],"nodes":[...]} | the rest of the page
 *
 * Frames of one function and module are one box, whatever line they were at; the lines with the most weight are told beside.
 * Very large profiles lose their lightest boxes, those narrower than a screen can show: MAX_SHOWN are kept, and the page
 * says how many are not there. Sums stay right, for each node has its total.
 *
 * Nothing of the profile is ever HTML: the script reads it with JSON.parse and draws text; the page's own policy (CSP) allows
 * no other script, and nothing from the network.
 */
#include "stacks/stacks.h"

#include <errno.h>
#include <string.h>

#include "stacks/lines.h"
#include "stacks/page.h"
#include "stacks/text.h"

enum { MAX_SHOWN = 100000, MAX_SHOWN_LINES = 4, MAX_NUMBERS = 1 << 22 };

/* As in page.js, which has the colours. Inlined is a bit of its own. */
enum { KIND_PROCESS, KIND_USER, KIND_CPP, KIND_JIT, KIND_KERNEL, KIND_UNKNOWN, KIND_INLINED = 8 };

struct writer {
	const struct ecli_stacks *stacks;
	struct ecli_stacks_view view;
	struct ecli_tree modules, files; /* numbers in the order in which they come */
	struct ecli_buf functions, modules_json, files_json, nodes, lines, text;
	uint32_t left_out;
	int failed;
};

static void writer_done(struct writer *w)
{
	struct ecli_buf *bufs[] = { &w->functions, &w->modules_json, &w->files_json, &w->nodes, &w->lines, &w->text };

	ecli_stacks_view_done(&w->view);
	ecli_tree_done(&w->modules);
	ecli_tree_done(&w->files);
	for (size_t i = 0; i < ARRAY_SIZE(bufs); i++)
		ecli_buf_done(bufs[i]);
}

static int kind_of(const struct ecli_names *names, const struct ecli_name *name)
{
	const char *function = ecli_names_text(names, name->function);
	int inlined = name->kind & ECLI_NAME_INLINED ? KIND_INLINED : 0;

	if (name->kind & ECLI_NAME_PROCESS)
		return KIND_PROCESS;
	if (name->kind & ECLI_NAME_KERNEL)
		return KIND_KERNEL | inlined;
	if (ecli_stacks_is_jit(ecli_names_text(names, name->module)))
		return KIND_JIT;
	if (!function)
		return KIND_UNKNOWN;
	/* C++ and Rust: qualified, a template, or with its arguments. */
	return (strstr(function, "::") || strpbrk(function, "<(") || !strncmp(function, "operator ", 9) ? KIND_CPP
													: KIND_USER) |
	       inlined;
}

static void add_string(struct ecli_buf *out, const char *text)
{
	ecli_buf_add_char(out, '"');
	ecli_stacks_add_json(out, text);
	ecli_buf_add_char(out, '"');
}

static void add_comma(struct ecli_buf *out)
{
	if (out->len)
		ecli_buf_add_char(out, ',');
}

/* The place of a string of the names in a list of the page, written there when it is new; -1: not known. */
static int place_of(struct writer *w, struct ecli_tree *places, struct ecli_buf *list, uint32_t at)
{
	uint32_t count = places->count, number = 0;

	if (!at)
		return -1;
	int r = ecli_tree_child(places, 0, at, &number);
	if (r < 0)
		w->failed = r;
	if (places->count > count) {
		add_comma(list);
		add_string(list, ecli_names_text(&w->stacks->names, at));
	}
	return (int)number - 1;
}

static void add_functions(struct writer *w)
{
	const struct ecli_names *names = &w->stacks->names;

	for (uint32_t i = 0; i < w->view.classes.count; i++) {
		const struct ecli_name *name = &names->items[w->view.classes.item[i]];

		ecli_buf_clear(&w->text);
		if (name->function)
			ecli_buf_add_text(&w->text, ecli_names_text(names, name->function));
		else
			ecli_stacks_add_unnamed(&w->text, ecli_names_text(names, name->module), "");
		add_comma(&w->functions);
		ecli_buf_add_char(&w->functions, '[');
		add_string(&w->functions, ecli_buf_text(&w->text));
		ecli_buf_add_format(&w->functions, ",%d,%d]", place_of(w, &w->modules, &w->modules_json, name->module),
				    kind_of(names, name));
	}
}

static int compare_down(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;

	return one > two ? -1 : one < two;
}

/* What a node must weigh more than to be shown. A parent weighs at least what its children do, so nobody loses a parent. */
static int find_least(struct writer *w, uint64_t *ret_least)
{
	const struct ecli_tree_path *path = &w->view.path;

	*ret_least = 0;
	if (path->count <= MAX_SHOWN)
		return 0;
	CLEANUP_FREE uint64_t *totals = calloc(path->count, sizeof(*totals));
	if (!totals)
		return -ENOMEM;
	for (uint32_t i = 0; i < path->count; i++)
		totals[i] = path->totals[path->steps[i].node];
	qsort(totals, path->count, sizeof(*totals), compare_down);
	*ret_least = totals[MAX_SHOWN];
	return 0;
}

/* [node,lines not shown,file,line,weight,...]: returns how many of @lines, from the first, belong to @node. */
static size_t add_lines(struct writer *w, const struct ecli_stacks_line *lines, size_t count, uint32_t node,
			uint32_t shown)
{
	size_t n = 0;

	while (n < count && lines[n].node == node)
		n++;
	if (!n || shown == UINT32_MAX)
		return n;
	add_comma(&w->lines);
	ecli_buf_add_format(&w->lines, "[%u,%zu", shown, n > MAX_SHOWN_LINES ? n - MAX_SHOWN_LINES : 0);
	for (size_t i = 0; i < n && i < MAX_SHOWN_LINES; i++) {
		const struct ecli_name *name = &w->stacks->names.items[lines[i].item];
		int file = place_of(w, &w->files, &w->files_json, name->file);

		ecli_buf_add_format(&w->lines, ",%d,%u,%llu", file, name->line, (unsigned long long)lines[i].weight);
	}
	ecli_buf_add_char(&w->lines, ']');
	return n;
}

static int add_nodes(struct writer *w)
{
	CLEANUP(ecli_stacks_lines_done) struct ecli_stacks_lines lines = { 0 };
	const struct ecli_tree_path *path = &w->view.path;
	uint32_t shown = 0;
	uint64_t least = 0;
	size_t line = 0;
	int r = ecli_stacks_lines(w->stacks, &w->view, &lines);

	if (!r)
		r = find_least(w, &least);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < path->count && !w->failed; i++) {
		struct ecli_tree_step step = path->steps[i];
		const struct ecli_tree_node *node = &w->view.tree.nodes[step.node];
		bool is_shown = !i || path->totals[step.node] > least;

		line += add_lines(w, lines.items + line, lines.count - line, step.node, is_shown ? shown : UINT32_MAX);
		if (!is_shown)
			continue;
		add_comma(&w->nodes);
		/* The root is nobody's function. */
		ecli_buf_add_format(&w->nodes, "%u,%d,%llu,%llu", step.depth, i ? (int)node->item : -1,
				    (unsigned long long)path->totals[step.node], (unsigned long long)node->self);
		shown++;
	}
	w->left_out = path->count - shown;
	return w->failed;
}

static void add_member(struct ecli_buf *out, const char *key, const struct ecli_buf *list)
{
	ecli_buf_add_format(out, ",\n\"%s\":[", key);
	ecli_buf_add(out, list->data, list->len);
	ecli_buf_add_char(out, ']');
	if (ecli_buf_failed(list))
		out->failed = true;
}

static void add_profile(struct writer *w, struct ecli_buf *out)
{
	const struct ecli_stacks *stacks = w->stacks;

	ecli_buf_add_text(out, "{\"title\":");
	add_string(out, stacks->title);
	ecli_buf_add_text(out, ",\"what\":");
	add_string(out, stacks->what);
	ecli_buf_add_text(out, ",\"unit\":");
	add_string(out, stacks->unit);
	ecli_buf_add_format(out, ",\"left_out\":%u", w->left_out);
	add_member(out, "modules", &w->modules_json);
	add_member(out, "files", &w->files_json);
	add_member(out, "functions", &w->functions);
	add_member(out, "nodes", &w->nodes);
	add_member(out, "lines", &w->lines);
	ecli_buf_add_text(out, "}\n");
	if (ecli_buf_failed(&w->text))
		out->failed = true;
}

int ecli_stacks_flame(const struct ecli_stacks *stacks, struct ecli_buf *out)
{
	CLEANUP(writer_done) struct writer w = { .stacks = stacks };
	int r = ecli_stacks_view(stacks, ecli_names_compare_functions, &w.view);

	if (!r)
		r = ecli_tree_init(&w.modules, MAX_NUMBERS);
	if (!r)
		r = ecli_tree_init(&w.files, MAX_NUMBERS);
	if (r < 0)
		return r;
	add_functions(&w);
	r = add_nodes(&w);
	if (r < 0)
		return r;
	ecli_buf_add(out, ecli_stacks_page[0], ecli_stacks_page_sizes[0]);
	ecli_stacks_add_html(out, *stacks->title ? stacks->title : "flame graph");
	ecli_buf_add(out, ecli_stacks_page[1], ecli_stacks_page_sizes[1]);
	add_profile(&w, out);
	ecli_buf_add(out, ecli_stacks_page[2], ecli_stacks_page_sizes[2]);
	return ecli_buf_failed(out) ? -ENOMEM : 0;
}
