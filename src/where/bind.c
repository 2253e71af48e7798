/* SPDX-License-Identifier: MIT */
/*
 * The tree to a program, for one plan after the other. && || and ! become no tests of their own, only ways from one test to another, so
 * a program is made from its end: a test's two ways must be there before it is.
 *
 * Invariant: each test leads to tests before it in the array, so a run ends after at most `count` tests.
 */
#include <errno.h>
#include <string.h>

#include "render/formats.h"
#include "where/where.h"

int where_add_test(struct where_binder *binder, const struct where_node *node, struct where_test test,
		   struct where_ways ways, uint16_t *ret)
{
	struct ecli_where_program *program = binder->program;

	/* Whatever the test says, the way is the same. */
	if (ways.no == ways.yes && (!test.end || ways.no == binder->on_absent)) {
		*ret = ways.no;
		return 0;
	}
	if (program->count == WHERE_MAX_TESTS)
		return where_error(binder->err, node->begin, "the expression has more than %u comparisons",
				   WHERE_MAX_TESTS);
	if ((program->count & (program->count - 1)) == 0) { /* room for the next power of two */
		struct where_test *grown = reallocarray(program->tests, 2 * program->count, sizeof(*grown));

		if (!grown)
			return ecli_err_set(binder->err, -ENOMEM, "out of memory");
		program->tests = grown;
	}
	test.on[0] = ways.no;
	test.on[1] = ways.yes;
	test.on_absent = binder->on_absent;
	*ret = (uint16_t)program->count;
	program->tests[program->count++] = test;
	return 0;
}

int where_bind_node(struct where_binder *binder, const struct where_node *node, struct where_ways ways, uint16_t *ret)
{
	struct where_ways first = ways;
	int r;

	switch (node->kind) {
	case WHERE_AND:
		r = where_bind_node(binder, node->right, ways, &first.yes);
		return r ? r : where_bind_node(binder, node->left, first, ret);
	case WHERE_OR:
		r = where_bind_node(binder, node->right, ways, &first.no);
		return r ? r : where_bind_node(binder, node->left, first, ret);
	case WHERE_NOT:
		return where_bind_node(binder, node->left, (struct where_ways){ .no = ways.yes, .yes = ways.no }, ret);
	default:
		return where_compare(binder, node, ways, ret);
	}
}

static struct ecli_where_program *new_program(const struct ecli_where *where, const struct ecli_plan *plan)
{
	struct ecli_where_program *program = calloc(1, sizeof(*program));

	if (!program)
		return NULL;
	program->where = where;
	program->size_bytes = ecli_plan_least(plan);
	program->count = WHERE_FIRST;
	program->tests = calloc(WHERE_FIRST, sizeof(*program->tests)); /* the ends, never looked at */
	if (program->tests)
		return program;
	free(program);
	return NULL;
}

static int bind_one(const struct ecli_where *where, struct where_binder *binder, struct ecli_where_program **ret)
{
	const struct where_ways ways = { .no = WHERE_NO, .yes = WHERE_YES };
	struct ecli_where_program *program = *ret = new_program(where, binder->plan);

	if (!program)
		return ecli_err_set(binder->err, -ENOMEM, "out of memory");
	binder->program = program;
	int r = where_bind_node(binder, where->root, ways, &program->start);
	return r ? r : where_find_predicates(binder, where->root);
}

int ecli_where_bind(const struct ecli_where *where, const struct ecli_plan *const *plans, size_t n,
		    struct ecli_err *err, struct ecli_where_program **ret_programs)
{
	CLEANUP_FREE struct ecli_where_program **programs = calloc(n, sizeof(*programs));
	struct where_binder binder = { .plans = plans, .n_plans = n, .err = err };
	int r = programs ? 0 : ecli_err_set(err, -ENOMEM, "out of memory");

	for (size_t i = 0; !r && i < n; i++) {
		binder.plan = plans[i];
		r = bind_one(where, &binder, &programs[i]);
	}
	for (size_t i = 0; r && programs && i < n; i++)
		ecli_where_program_free(programs[i]);
	if (!r)
		memcpy(ret_programs, programs, n * sizeof(struct ecli_where_program *));
	return r;
}

void ecli_where_program_free(struct ecli_where_program *program)
{
	if (!program)
		return;
	ecli_formats_free(program->formats);
	free(program->tests);
	free(program);
}
