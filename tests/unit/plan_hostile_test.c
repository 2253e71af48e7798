/* SPDX-License-Identifier: MIT */
/*
 * plan/ at its limits: types that are legal and absurd are refused quickly, and the verifier refuses every plan that
 * was tampered with so that an op would leave the record, whatever built it.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <ecli/plan.h>
#include <ecli/types.h>

#include "base/cleanup.h"
#include "btf_blob.h"
#include "plan/ops.h"
#include "types/model.h"
#include "walk_model.h"

static struct ecli_types *read_blob(struct blob *blob)
{
	struct ecli_types *types = NULL;
	struct ecli_err err = { 0 };
	size_t size;
	CLEANUP_FREE unsigned char *bytes = blob_take(blob, &size);

	if (ecli_types_read(bytes, size, &err, &types) < 0)
		fail_msg("%s", err.text);
	return types;
}

static void refuse(struct blob *blob, uint32_t id, int code, const char *text)
{
	CLEANUP(cleanup_types) struct ecli_types *types = read_blob(blob);
	struct ecli_plan *plan = NULL;
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_plan_build(types, id, NULL, 0, &err, &plan), code);
	assert_null(plan);
	assert_string_equal(err.text, text);
}

static void types_without_bytes_are_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"void has no bytes to show",           "struct unknown has no bytes to show",
		"int () has no bytes to show",         "struct empty has no bytes to show",
		"type 9 does not exist in the object",
	};

	for (uint32_t id = 0; id < ARRAY_SIZE(texts); id++) {
		struct blob blob = { 0 };

		blob_add(&blob, "unknown", BTF_KIND_FWD, 0, 0);
		blob_add(&blob, "", BTF_KIND_FUNC_PROTO, 0, 5);
		blob_add(&blob, "empty", BTF_KIND_STRUCT, 0, 0);
		blob_add(&blob, "padding", BTF_KIND_STRUCT, 1, 8, 0, 5, 0);
		blob_int(&blob, "int", 4);
		refuse(&blob, id == 4 ? 9 : id, -EINVAL, texts[id]);
	}
	struct blob blob = { 0 };
	blob_int(&blob, "int", 4);
	blob_add(&blob, "padding", BTF_KIND_STRUCT, 1, 8, 0, 1, 0); /* its only member has no name */
	refuse(&blob, 2, -EINVAL, "struct padding has no fields to show");
}

static void deep_types_are_refused(void **state)
{
	(void)state;
	struct blob blob = { 0 };

	/* Each struct holds the one before. */
	blob_int(&blob, "int", 4);
	for (uint32_t id = 2; id < 100; id++)
		blob_add(&blob, "s", BTF_KIND_STRUCT, 1, 4, 1, id - 1, 0);
	refuse(&blob, 99, -EINVAL,
	       "struct s cannot be decoded: int lies deeper than 32 levels; report a flatter struct");
}

static void deepest_type_still_runs(void **state)
{
	(void)state;
	struct blob blob = { 0 };
	struct walk walk = { 0 };

	blob_int(&blob, "int", 4);
	for (uint32_t id = 2; id <= PLAN_MAX_NESTING; id++)
		blob_array(&blob, id - 1, 1);
	CLEANUP(cleanup_types) struct ecli_types *types = read_blob(&blob);
	struct ecli_plan *plan = NULL;
	assert_int_equal(ecli_plan_build(types, PLAN_MAX_NESTING, NULL, 0, NULL, &plan), 0);
	assert_int_equal(ecli_plan_run(plan, "abcd", 4, &walk_visitor, &walk), 0);
	assert_int_equal(walk.open, 0);
	assert_true(walk.sum != 0);
	ecli_plan_free(plan);
}

/* Each level holds the one before twice, at the same place: 2^20 leaves in 4 bytes, or none in 2^20 structs. */
static void doubling_types_are_refused(void **state)
{
	(void)state;
	for (int has_leaf = 0; has_leaf < 2; has_leaf++) {
		struct blob blob = { 0 };

		blob_int(&blob, "int", 4);
		blob_add(&blob, "s", BTF_KIND_STRUCT, 1, 4, has_leaf, 1, 0);
		for (uint32_t id = 3; id < 22; id++)
			blob_add(&blob, "s", BTF_KIND_STRUCT, 2, 4, 1, id - 1, 0, 1, id - 1, 0);
		refuse(&blob, 21, -E2BIG,
		       "struct s cannot be decoded: the type has more than 4096 fields to show; report a smaller "
		       "struct");
	}
}

static void huge_types_are_refused(void **state)
{
	(void)state;
	struct blob blob = { 0 };

	blob_int(&blob, "int", 4);
	blob_array(&blob, 1, 1u << 30);
	refuse(&blob, 2, -EINVAL, "int[1073741824] is too large to be an event");
}

/* ---- a plan tampered with -------------------------------------------------------------------------------------- */

/* struct { char s[8]; struct { int a[2][3]; } g; unsigned b:5; __u64 end; } */
static struct ecli_types *make_types(void)
{
	struct blob blob = { 0 };

	blob_int(&blob, "int", 4);
	blob_add(&blob, "char", BTF_KIND_INT, 0, 1, 8);
	blob_array(&blob, 2, 8);
	blob_array(&blob, 1, 3);
	blob_array(&blob, 4, 2);
	blob_add(&blob, "", BTF_KIND_STRUCT, 1, 24, 1, 5, 0);
	blob_int(&blob, "u64", 8);
	blob_add(&blob, "r", BTF_KIND_STRUCT, 4 | BLOB_FLAG, 48, 1, 3, 0, 2, 6, 64, 3, 1, 5u << 24 | 256, 5, 7, 320);
	return read_blob(&blob);
}

static void tampered_plans_are_refused(void **state)
{
	(void)state;
	CLEANUP(cleanup_types) struct ecli_types *types = make_types();
	struct ecli_plan *plan = NULL;
	size_t tampered = 0;

	assert_int_equal(ecli_plan_build(types, 8, NULL, 0, NULL, &plan), 0);
	assert_int_equal(plan_verify(plan), 0);
	assert_int_equal(plan->n_ops, 10);

#define TAMPER(where, with)                                                                                            \
	do {                                                                                                           \
		__typeof__(where) kept_ = (where);                                                                     \
		(where) = (with);                                                                                      \
		assert_int_equal(plan_verify(plan), -EINVAL);                                                          \
		(where) = kept_;                                                                                       \
		tampered++;                                                                                            \
	} while (0)
	for (uint32_t i = 0; i < plan->n_ops; i++) {
		struct plan_op *op = &plan->ops[i];

		TAMPER(op->code, OP_COUNT);
		TAMPER(op->field, plan->n_fields);
		if (plan_op_is_leaf(op)) {
			TAMPER(op->offset, 48);
			TAMPER(op->offset, UINT32_MAX);
			TAMPER(op->size, 0);
			TAMPER(op->size, 49);
			TAMPER(op->code, OP_CLOSE);
			TAMPER(op->code, OP_NEXT);
		} else {
			TAMPER(op->partner, op->partner + 1);
			TAMPER(op->code, op->code == OP_OPEN || op->code == OP_LOOP ? OP_CLOSE : OP_OPEN);
		}
		if (op->code == OP_LOOP) {
			TAMPER(op->count, 0);
			TAMPER(op->count, op->count + 1);
			TAMPER(op->size, op->size + 4);
		}
		if (op->code == OP_BITS) {
			TAMPER(op->bits, 0);
			TAMPER(op->bits, 65);
			TAMPER(op->shift, 8);
		}
	}
	TAMPER(plan->size_bytes, 47);
	TAMPER(plan->size_bytes, (uint64_t)UINT32_MAX + 1);
	TAMPER(plan->n_ops, 3); /* ends inside of a loop */
	plan->time_offset = 41;
	TAMPER(plan->has_time, true);
	assert_true(tampered > 60);
	ecli_plan_free(plan);
}

/* Loops longer than the record, matched on both sides: only the arithmetic can tell. */
static void loops_that_reach_too_far_are_refused(void **state)
{
	(void)state;
	CLEANUP(cleanup_types) struct ecli_types *types = make_types();
	struct ecli_plan *plan = NULL;

	assert_int_equal(ecli_plan_build(types, 8, NULL, 0, NULL, &plan), 0);
	for (uint32_t i = 0; i < plan->n_ops; i++) {
		struct plan_op *loop = &plan->ops[i];
		if (loop->code != OP_LOOP)
			continue;
		struct plan_op *next = &plan->ops[loop->partner];
		static const uint32_t counts[] = { 20, 1u << 16, UINT32_MAX };

		for (size_t c = 0; c < ARRAY_SIZE(counts); c++) {
			uint32_t kept = loop->count;

			loop->count = next->count = counts[c];
			assert_int_equal(plan_verify(plan), -EINVAL);
			loop->count = next->count = kept;
		}
	}
	ecli_plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_without_bytes_are_refused),
		cmocka_unit_test(deep_types_are_refused),
		cmocka_unit_test(deepest_type_still_runs),
		cmocka_unit_test(doubling_types_are_refused),
		cmocka_unit_test(huge_types_are_refused),
		cmocka_unit_test(tampered_plans_are_refused),
		cmocka_unit_test(loops_that_reach_too_far_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
