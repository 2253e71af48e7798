/* SPDX-License-Identifier: MIT */
/*
 * Which parts of an expression the kernel side can check before it sends a record: the parts that stand between the outermost &&, when
 * one alone is a single test of a number. The program stays the whole expression; what was checked once is only checked again.
 *
 *     delta_us > 10000 && task ~ "nginx*" && (flags & 4) != 0
 *     └── predicate ─┘                      └── predicate ──┘
 *
 * A predicate reads 1, 2, 4 or 8 bytes at a multiple of that size, because the verifier wants stack accesses aligned. A number
 * in network order can only be asked for one value, whose bytes are turned round instead of the record's.
 */
#include <byteswap.h>
#include <string.h>

#include "render/formats.h"
#include "where/where.h"

/* The aligned bytes in which the bits lie. */
static bool find_bytes(const struct where_load *load, uint64_t record_size, struct ecli_where_predicate *predicate,
		       unsigned int *ret_shift)
{
	uint32_t offset = load->offset + load->shift / 8;

	for (uint8_t size = 1; size <= 8; size *= 2) {
		uint32_t start = offset / size * size;
		uint32_t shift = (offset - start) * 8 + load->shift % 8;

		if ((uint64_t)start + size > record_size || shift + load->bits > 8u * size)
			continue;
		predicate->offset = start;
		predicate->size_bytes = size;
		*ret_shift = shift;
		return true;
	}
	return false;
}

static bool from_range(const struct where_test *test, uint64_t record_size, struct ecli_where_predicate *predicate)
{
	unsigned int shift;

	if (test->end || !find_bytes(&test->load, record_size, predicate, &shift))
		return false;
	predicate->left = (uint8_t)(64 - test->load.bits - shift);
	predicate->right = (uint8_t)(64 - test->load.bits);
	predicate->flags = test->load.is_signed ? ECLI_WHERE_IS_SIGNED : 0;
	predicate->mask = test->range.mask;
	predicate->low = test->range.low;
	predicate->span = test->range.span;
	return true;
}

static bool from_big(const struct where_test *test, uint64_t record_size, struct ecli_where_predicate *predicate)
{
	unsigned int bits = test->load.bits, shift;
	uint64_t value = (uint64_t)test->wide.low;

	if (test->end || !test->load.is_big || test->wide.span || bits > 64 || ~test->wide.mask || test->load.shift ||
	    !find_bytes(&test->load, record_size, predicate, &shift) || shift || predicate->size_bytes * 8u != bits)
		return false;
	predicate->left = predicate->right = (uint8_t)(64 - bits);
	predicate->mask = UINT64_MAX;
	predicate->low = bswap_64(value) >> (64 - bits);
	return true;
}

/* One part alone, bound into a program that is thrown away. */
static int add_part(struct where_binder *binder, const struct where_node *node)
{
	static const struct where_ways ways = { .no = WHERE_NO, .yes = WHERE_YES };
	struct ecli_where_program alone = { .count = WHERE_FIRST }, *program = binder->program;
	struct where_binder part = *binder;
	struct ecli_where_predicate predicate = { 0 };
	uint16_t start = WHERE_NO;
	bool fits = false;

	alone.size_bytes = program->size_bytes;
	part.program = &alone;
	alone.tests = calloc(WHERE_FIRST, sizeof(*alone.tests));
	int r = alone.tests ? where_bind_node(&part, node, ways, &start) : 0;
	if (!r && start == WHERE_FIRST && alone.count == WHERE_FIRST + 1) {
		const struct where_test *test = &alone.tests[WHERE_FIRST];

		fits = test->code == WHERE_TEST_RANGE
			       ? from_range(test, program->size_bytes, &predicate)
			       : test->code == WHERE_TEST_WIDE && from_big(test, program->size_bytes, &predicate);
		if (test->on[0] == WHERE_YES)
			predicate.flags |= ECLI_WHERE_IS_NEGATED;
	}
	ecli_formats_free(alone.formats);
	free(alone.tests);
	if (r)
		return r;
	if (fits && program->n_predicates < ECLI_WHERE_MAX_PREDICATES) {
		program->of[program->n_predicates] = node;
		program->predicates[program->n_predicates++] = predicate;
	} else if (start != WHERE_YES) {
		program->is_whole = false;
	}
	return 0;
}

static int add_parts(struct where_binder *binder, const struct where_node *node)
{
	if (node->kind != WHERE_AND)
		return add_part(binder, node);
	int r = add_parts(binder, node->left);
	return r ? r : add_parts(binder, node->right);
}

int where_find_predicates(struct where_binder *binder, const struct where_node *root)
{
	binder->program->is_whole = true;
	return add_parts(binder, root);
}

const struct ecli_where_predicate *ecli_where_predicates(const struct ecli_where_program *program, size_t *ret_count,
							 bool *ret_is_whole)
{
	*ret_count = program->n_predicates;
	*ret_is_whole = program->is_whole;
	return program->predicates;
}

static bool has_predicate(const struct ecli_where_program *program, const struct where_node *node)
{
	for (size_t i = 0; i < program->n_predicates; i++)
		if (program->of[i] == node)
			return true;
	return false;
}

static void describe(const struct ecli_where_program *program, const struct where_node *node, bool of_predicates,
		     size_t start, struct ecli_buf *out)
{
	if (node->kind == WHERE_AND) {
		describe(program, node->left, of_predicates, start, out);
		describe(program, node->right, of_predicates, start, out);
		return;
	}
	if (has_predicate(program, node) != of_predicates)
		return;
	if (out->len > start)
		ecli_buf_add_text(out, " && ");
	ecli_buf_add(out, program->where->text + node->begin, node->end - node->begin);
}

void ecli_where_describe(const struct ecli_where_program *program, bool of_predicates, struct ecli_buf *out)
{
	describe(program, program->where->root, of_predicates, out->len, out);
}
