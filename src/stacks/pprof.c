/* SPDX-License-Identifier: MIT */
/*
 * profile.proto (github.com/google/pprof, proto/profile.proto), gzip: what `go tool pprof` and most viewers open.
 *
 *     sample    locations of a stack, the leaf first; its weight; label "process"
 *     location  one place in the code: its line, before it the lines of what was inlined there, the innermost first
 *     function  name and file          mapping  a module
 *
 * Everything is numbered as the sorted tree comes to it, so that the same stacks give the same bytes. A tree serves as the
 * register of such numbers: a pair that is asked for the first time gets the next one.
 *
 * Locations have no addresses: names and lines are found already, and addresses mean nothing on another machine.
 */
#include "stacks/stacks.h"

#include <errno.h>
#include <limits.h>
#include <zlib.h>

#include "stacks/proto.h"
#include "stacks/text.h"

/* The numbers of the fields, message by message. */
enum { PROFILE_SAMPLE_TYPE = 1, PROFILE_SAMPLE = 2, PROFILE_MAPPING = 3, PROFILE_LOCATION = 4, PROFILE_FUNCTION = 5 };
enum {
	PROFILE_STRING = 6,
	PROFILE_TIME_NS = 9,
	PROFILE_DURATION_NS = 10,
	PROFILE_PERIOD_TYPE = 11,
	PROFILE_PERIOD = 12
};
enum { PROFILE_COMMENT = 13 };
enum { TYPE_TYPE = 1, TYPE_UNIT = 2 };
enum { SAMPLE_LOCATIONS = 1, SAMPLE_VALUES = 2, SAMPLE_LABEL = 3 };
enum { LABEL_KEY = 1, LABEL_STRING = 2 };
enum { MAPPING_ID = 1, MAPPING_FILE = 5, MAPPING_HAS_FIRST = 7, MAPPING_HAS_LAST = 10 };
enum { LOCATION_ID = 1, LOCATION_MAPPING = 2, LOCATION_LINE = 4 };
enum { LINE_FUNCTION = 1, LINE_LINE = 2 };
enum { FUNCTION_ID = 1, FUNCTION_NAME = 2, FUNCTION_SYSTEM_NAME = 3, FUNCTION_FILE = 4 };

/* Where a string is from: the text of the names, one of this file or of the options, made for a module without functions. */
enum { FROM_NAMES, FROM_HERE, FROM_MODULE };
enum { TEXT_WHAT, TEXT_UNIT, TEXT_PROCESS, TEXT_TITLE, TEXT_KERNEL };

enum { MAX_NUMBERS = 1 << 23, NO_OUTER = UINT32_MAX, GZIP_WINDOW_BITS = 15 + 16, GZIP_MEMORY = 8 };

struct writer {
	const struct ecli_stacks *stacks;
	const struct ecli_stacks_view *view;
	struct ecli_tree strings, functions, mappings, locations;
	struct ecli_buf out, text, line, location, sample, list;
	int failed; /* the first error: -ENOMEM, -E2BIG */
};

static void writer_done(struct writer *w)
{
	struct ecli_tree *trees[] = { &w->strings, &w->functions, &w->mappings, &w->locations };
	struct ecli_buf *bufs[] = { &w->out, &w->text, &w->line, &w->location, &w->sample, &w->list };

	for (size_t i = 0; i < ARRAY_SIZE(trees); i++)
		ecli_tree_done(trees[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bufs); i++)
		ecli_buf_done(bufs[i]);
}

/* The number of a pair; numbers begin with 1. */
static uint32_t number_of(struct writer *w, struct ecli_tree *numbers, uint32_t a, uint32_t b, bool *ret_is_new)
{
	uint32_t count = numbers->count, number = 0;
	int r = ecli_tree_child(numbers, a, b, &number);

	if (r < 0 && !w->failed)
		w->failed = r;
	*ret_is_new = numbers->count > count;
	return number;
}

/* String 0 is "". */
static uint32_t string_of(struct writer *w, uint32_t from, uint32_t at)
{
	const struct ecli_stacks *stacks = w->stacks;
	const char *here[] = { [TEXT_WHAT] = stacks->what,
			       [TEXT_UNIT] = stacks->unit,
			       [TEXT_PROCESS] = "process",
			       [TEXT_TITLE] = stacks->title,
			       [TEXT_KERNEL] = "[kernel]" };
	bool is_new;

	if (from == FROM_NAMES && !at)
		return 0;
	uint32_t number = number_of(w, &w->strings, from, at, &is_new);
	if (!is_new)
		return number;
	ecli_buf_clear(&w->text);
	if (from == FROM_MODULE)
		ecli_stacks_add_unnamed(&w->text, ecli_names_text(&stacks->names, at), "");
	else
		ecli_stacks_add_clean(&w->text, from == FROM_HERE ? here[at] : ecli_names_text(&stacks->names, at), "");
	ecli_proto_message(&w->out, PROFILE_STRING, &w->text);
	return number;
}

static uint32_t mapping_of(struct writer *w, const struct ecli_name *name)
{
	const char *module = ecli_names_text(&w->stacks->names, name->module);
	bool is_new;

	if (!module)
		return 0;
	uint32_t number = number_of(w, &w->mappings, 0, name->module, &is_new);
	if (!is_new)
		return number;
	ecli_proto_number(&w->line, MAPPING_ID, number);
	ecli_proto_number(&w->line, MAPPING_FILE,
			  *module ? string_of(w, FROM_NAMES, name->module) : string_of(w, FROM_HERE, TEXT_KERNEL));
	/* Functions, files, lines, inlined: what could be found was found; a viewer need not try on its own machine. */
	for (unsigned int field = MAPPING_HAS_FIRST; field <= MAPPING_HAS_LAST; field++)
		ecli_proto_number(&w->line, field, 1);
	ecli_proto_message(&w->out, PROFILE_MAPPING, &w->line);
	return number;
}

static uint32_t function_of(struct writer *w, const struct ecli_name *name)
{
	/* A module's unknown code is a function of its own: places in the text are below 2^26. */
	uint32_t key = name->function ? name->function : UINT32_MAX - name->module;
	bool is_new;
	uint32_t number = number_of(w, &w->functions, key, name->file, &is_new);

	if (!is_new)
		return number;
	uint32_t text =
		name->function ? string_of(w, FROM_NAMES, name->function) : string_of(w, FROM_MODULE, name->module);
	ecli_proto_number(&w->line, FUNCTION_ID, number);
	ecli_proto_number(&w->line, FUNCTION_NAME, text);
	ecli_proto_number(&w->line, FUNCTION_SYSTEM_NAME, text);
	ecli_proto_number(&w->line, FUNCTION_FILE, string_of(w, FROM_NAMES, name->file));
	ecli_proto_message(&w->out, PROFILE_FUNCTION, &w->line);
	return number;
}

static const struct ecli_name *name_of(const struct writer *w, uint32_t node)
{
	return ecli_stacks_shown(w->stacks, w->view, node);
}

/* The nodes from @leaf outwards up to, not including, @outer. */
static void write_location(struct writer *w, uint32_t number, uint32_t leaf, uint32_t outer)
{
	uint32_t mapping = mapping_of(w, name_of(w, leaf));

	ecli_proto_number(&w->location, LOCATION_ID, number);
	ecli_proto_number(&w->location, LOCATION_MAPPING, mapping);
	for (uint32_t node = leaf; node != outer; node = w->view->tree.nodes[node].parent) {
		const struct ecli_name *name = name_of(w, node);
		uint32_t function = function_of(w, name);

		ecli_proto_number(&w->line, LINE_FUNCTION, function);
		ecli_proto_number(&w->line, LINE_LINE, name->line);
		ecli_proto_message(&w->location, LOCATION_LINE, &w->line);
	}
	ecli_proto_message(&w->out, PROFILE_LOCATION, &w->location);
}

/* The location that begins at @leaf; @ret_outer: the node behind it. */
static uint32_t location_of(struct writer *w, uint32_t leaf, uint32_t *ret_outer)
{
	const struct ecli_tree_node *nodes = w->view->tree.nodes;
	uint32_t node = leaf, number = 0;
	bool is_new = false, is_inlined = true;

	for (; is_inlined && node && !(name_of(w, node)->kind & ECLI_NAME_PROCESS); node = nodes[node].parent) {
		is_inlined = name_of(w, node)->kind & ECLI_NAME_INLINED;
		number = number_of(w, &w->locations, number, nodes[node].item, &is_new);
	}
	/* Inlined into nothing: another location than the same frames within something. */
	if (is_inlined)
		number = number_of(w, &w->locations, number, NO_OUTER, &is_new);
	if (is_new && !w->failed)
		write_location(w, number, leaf, node);
	*ret_outer = node;
	return number;
}

static void write_sample(struct writer *w, uint32_t leaf)
{
	uint32_t node = leaf;

	ecli_buf_clear(&w->list);
	while (node && !(name_of(w, node)->kind & ECLI_NAME_PROCESS) && !w->failed)
		ecli_proto_varint(&w->list, location_of(w, node, &node));
	ecli_proto_message(&w->sample, SAMPLE_LOCATIONS, &w->list);
	ecli_proto_varint(&w->list, w->view->tree.nodes[leaf].self);
	ecli_proto_message(&w->sample, SAMPLE_VALUES, &w->list);
	if (node) {
		ecli_proto_number(&w->list, LABEL_KEY, string_of(w, FROM_HERE, TEXT_PROCESS));
		ecli_proto_number(&w->list, LABEL_STRING, string_of(w, FROM_NAMES, name_of(w, node)->function));
		ecli_proto_message(&w->sample, SAMPLE_LABEL, &w->list);
	}
	ecli_proto_message(&w->out, PROFILE_SAMPLE, &w->sample);
}

static void write_type(struct writer *w, unsigned int field)
{
	uint32_t what = string_of(w, FROM_HERE, TEXT_WHAT), unit = string_of(w, FROM_HERE, TEXT_UNIT);

	ecli_proto_number(&w->line, TYPE_TYPE, what);
	ecli_proto_number(&w->line, TYPE_UNIT, unit);
	ecli_proto_message(&w->out, field, &w->line);
}

static void write_profile(struct writer *w, uint64_t wall_ns, uint64_t duration_ns)
{
	ecli_proto_bytes(&w->out, PROFILE_STRING, "", 0);
	write_type(w, PROFILE_SAMPLE_TYPE);
	if (w->stacks->period) {
		write_type(w, PROFILE_PERIOD_TYPE);
		ecli_proto_number(&w->out, PROFILE_PERIOD, w->stacks->period);
	}
	ecli_proto_number(&w->out, PROFILE_TIME_NS, wall_ns);
	ecli_proto_number(&w->out, PROFILE_DURATION_NS, duration_ns);
	if (*w->stacks->title)
		ecli_proto_number(&w->out, PROFILE_COMMENT, string_of(w, FROM_HERE, TEXT_TITLE));
	for (uint32_t i = 0; i < w->view->path.count && !w->failed; i++)
		if (w->view->tree.nodes[w->view->path.steps[i].node].self)
			write_sample(w, w->view->path.steps[i].node);
}

/* gzip without a time, a name or a system in its head (RFC 1952), so that the bytes say nothing else. */
static int squeeze(const struct ecli_buf *from, struct ecli_buf *out)
{
	z_stream stream = { .next_in = (unsigned char *)from->data, .avail_in = (uInt)from->len };
	gz_header head = { .os = 255 };

	if (from->len > UINT_MAX)
		return -E2BIG;
	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	deflateSetHeader(&stream, &head);
	uLong bound = deflateBound(&stream, from->len);
	int r = Z_MEM_ERROR;
	if (bound <= UINT_MAX && ecli_buf_reserve(out, bound)) {
		stream.next_out = (unsigned char *)out->data + out->len;
		stream.avail_out = (uInt)bound;
		r = deflate(&stream, Z_FINISH);
	}
	if (r == Z_STREAM_END)
		out->len += stream.total_out;
	deflateEnd(&stream);
	return r == Z_STREAM_END ? 0 : -ENOMEM;
}

int ecli_stacks_pprof(const struct ecli_stacks *stacks, uint64_t wall_ns, uint64_t duration_ns, struct ecli_buf *out)
{
	CLEANUP(ecli_stacks_view_done) struct ecli_stacks_view view = { 0 };
	CLEANUP(writer_done) struct writer w = { .stacks = stacks, .view = &view };
	struct ecli_tree *trees[] = { &w.strings, &w.functions, &w.mappings, &w.locations };
	int r = ecli_stacks_view(stacks, ecli_names_compare, &view);

	for (size_t i = 0; !r && i < ARRAY_SIZE(trees); i++)
		r = ecli_tree_init(trees[i], MAX_NUMBERS);
	if (r < 0)
		return r;
	write_profile(&w, wall_ns, duration_ns);
	if (w.failed || ecli_buf_failed(&w.out))
		return w.failed ? w.failed : -ENOMEM;
	return squeeze(&w.out, out);
}
