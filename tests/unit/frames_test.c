/* SPDX-License-Identifier: MIT */
/*
 * Columns that are stacks: what plan/ takes out of a record, and what render/ makes of the frames that a hook hands it, byte by byte.
 */
#include "unit.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <ecli/render.h>

#include "base/cleanup.h"
#include "support/spec.h"

#define WALL_NS 1795341600123456789u

/* ---- a plan and its record ------------------------------------------------------------------------------------- */

struct subject {
	struct spec *spec;
	struct ecli_types *types;
	struct ecli_plan *plan;
	struct ecli_buf record;
};

/* The members of struct event, as spec.h writes them; every one of @stacks (a name for each kind, or NULL) has that format. */
static void make(struct subject *subject, const char *members, const char *values, const char *kernel, const char *user)
{
	struct ecli_plan_note notes[] = { { .field = kernel ? kernel : "", .format = "kernel_stack", .stacks = "ks" },
					  { .field = user ? user : "", .format = "user_stack" } };
	CLEANUP_BUF struct ecli_buf line = { 0 };
	struct ecli_err err = { 0 };

	*subject = (struct subject){ .spec = spec_new() };
	ecli_buf_add_format(&line, "struct event %s", members);
	uint32_t id = spec_define(subject->spec, ecli_buf_text(&line));
	subject->types = spec_types(subject->spec);
	if (ecli_plan_build(subject->types, id, notes, 2, &err, &subject->plan))
		fail_msg("%s", err.text);
	spec_encode(subject->spec, id, values, &subject->record);
}

static void done(struct subject *subject)
{
	ecli_plan_free(subject->plan);
	ecli_types_free(subject->types);
	spec_free(subject->spec);
	ecli_buf_done(&subject->record);
}

static int take(const struct subject *subject, uint32_t column, struct ecli_plan_stack *stack)
{
	return ecli_plan_stack(subject->plan, column, subject->record.data, subject->record.len, stack);
}

static void ids_and_addresses_are_taken(void **state)
{
	(void)state;
	struct ecli_plan_stack *stack = malloc(sizeof(*stack));
	struct subject subject;

	make(&subject, "u32:pid s32:k u32:u", "7 -14 4294967279", "k", "u");
	assert_false(ecli_plan_column_is_stack(subject.plan, 0));
	assert_true(ecli_plan_column_is_stack(subject.plan, 1));
	assert_int_equal(take(&subject, 0, stack), -ENOENT);
	assert_int_equal(take(&subject, 9, stack), -ENOENT);
	assert_int_equal(take(&subject, 1, stack), 0);
	assert_true(stack->is_id);
	assert_int_equal(stack->id, -14);
	assert_string_equal(stack->field->format->stacks, "ks");
	/* An unsigned member has the same bits. */
	assert_int_equal(take(&subject, 2, stack), 0);
	assert_int_equal(stack->id, -17);
	assert_null(stack->field->format->stacks);
	done(&subject);

	make(&subject, "u64[4]:k u64:u", "1000 2000 0 3000 81", "k", "u");
	assert_int_equal(take(&subject, 0, stack), 0);
	assert_false(stack->is_id);
	assert_int_equal(stack->count, 2);
	assert_int_equal(stack->addresses[1], 2000);
	assert_int_equal(take(&subject, 1, stack), 0);
	assert_int_equal(stack->id, 81);
	assert_int_equal(ecli_plan_stack(subject.plan, 1, subject.record.data, 8, stack), -EBADMSG);
	done(&subject);

	/* Numbers of another width are no addresses, and text is no stack. */
	make(&subject, "u32[4]:k char[8]:u", "1 2 3 4 \"a\"", "k", "u");
	assert_false(ecli_plan_column_is_stack(subject.plan, 0));
	assert_false(ecli_plan_column_is_stack(subject.plan, 1));
	done(&subject);
	free(stack);
}

static void a_long_stack_may_be_sent_in_part(void **state)
{
	(void)state;
	struct ecli_plan_stack *stack = malloc(sizeof(*stack));
	struct subject subject;

	make(&subject, "u32:pid u32:zero u64[8]:k", "1 0 5 6 7 0 0 0 0 0", "k", NULL);
	assert_int_equal(ecli_plan_stack(subject.plan, 2, subject.record.data, 24, stack), 0);
	assert_int_equal(stack->count, 2);
	assert_int_equal(ecli_plan_stack(subject.plan, 2, subject.record.data, 8, stack), 0);
	assert_int_equal(stack->count, 0);
	done(&subject);
	free(stack);
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static const struct ecli_frame kernel_frames[] = {
	{ .address = 0xffffffff81000010, .function = "schedule", .offset = 16, .module = "", .is_kernel = true },
	{ .address = 0xffffffffc0000020, .function = "ext4_read", .offset = 32, .module = "ext4", .is_kernel = true },
};
static const struct ecli_frame user_frames[] = {
	{ .address = 0x401010,
	  .function = "std::less\x1b<int>",
	  .module = "a\"b",
	  .file = "x\n.cpp",
	  .line = 12,
	  .is_inlined = true },
	{ .address = 0x401010, .function = "main", .offset = 3, .module = "a\"b", .file = "main.cpp" },
	{ .address = 0x7f001234, .offset = 0x1234, .module = "libc.so.6" },
	{ .address = 0x99 },
};

static const struct ecli_frames *answer(void *ctx, const struct ecli_plan_stack *stack, const void *data,
					size_t size_bytes)
{
	static struct ecli_frames kernel = { .items = (struct ecli_frame *)kernel_frames, .count = 2 },
				  user = { .items = (struct ecli_frame *)user_frames, .count = 4 }, none;
	uint32_t pid;

	(void)ctx;
	assert_true(size_bytes >= sizeof(pid));
	memcpy(&pid, data, sizeof(pid));
	assert_int_equal(pid, 7);
	if (stack->is_id && stack->id < 0)
		return &none;
	if (stack->is_id && stack->id == 99)
		return NULL;
	return stack->field->format->as == ECLI_AS_KERNEL_STACK ? &kernel : &user;
}

/* A row of that record, without its time. */
static char *row(const char *members, const char *values, enum ecli_format format, ecli_render_frames_fn fn)
{
	CLEANUP_BUF struct ecli_buf out = { 0 };
	struct ecli_render *render = NULL;
	struct ecli_err err = { 0 };
	struct subject subject;

	make(&subject, members, values, "k", "u");
	assert_int_equal(ecli_render_new(subject.plan, format, NULL, &err, &render), 0);
	ecli_render_set_frames(render, fn, NULL);
	assert_int_equal(ecli_render_row(render, WALL_NS, subject.record.data, subject.record.len, &out), 0);
	ecli_render_free(render);
	done(&subject);
	const char *text = ecli_buf_text(&out);
	return strdup(format == ECLI_FORMAT_JSON ? strchr(text, ',') : strchr(text, ' '));
}

static void frames_stand_below_the_row(void **state)
{
	(void)state;
	static const struct {
		const char *members, *values, *want;
	} cases[] = {
		{ "u32:pid s32:k s32:u u32:count", "7 5 6 42",
		  " 7 42\n"
		  "    schedule+0x10 [kernel]\n"
		  "    ext4_read+0x20 [ext4]\n"
		  "    std::less\\e<int> [a\"b] x\\n.cpp:12 (inlined)\n"
		  "    main+0x3 [a\"b] main.cpp\n"
		  "    0x7f001234 [libc.so.6+0x1234]\n"
		  "    0x99 [unknown]\n" },
		{ "u32:pid s32:k s32:u", "7 -14 -1", " 7\n" },
		{ "u32:pid s32:k s32:u", "7 -17 -22",
		  " 7\n    (lost: its slot in the stack map holds another stack)\n    (no stack: error 22)\n" },
		{ "u32:pid s32:k u64[3]:u", "7 99 1 0 0",
		  " 7\n    (stack 99)\n    std::less\\e<int> [a\"b] x\\n.cpp:12 (inlined)\n    main+0x3 [a\"b] "
		  "main.cpp\n"
		  "    0x7f001234 [libc.so.6+0x1234]\n    0x99 [unknown]\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_FREE char *got = row(cases[i].members, cases[i].values, ECLI_FORMAT_PLAIN, answer);

		assert_string_equal(got, cases[i].want);
	}
	/* Nobody who knows: what there is. */
	CLEANUP_FREE char *bare = row("u32:pid s32:k u64[3]:u", "7 99 1 2 0", ECLI_FORMAT_PLAIN, NULL);
	assert_string_equal(bare, " 7\n    (stack 99)\n    0x1\n    0x2\n");
}

static void json_has_an_object_a_frame(void **state)
{
	(void)state;
	CLEANUP_FREE char *got = row("u32:pid s32:k u64[3]:u", "7 5 1 2 0", ECLI_FORMAT_JSON, answer);

	assert_string_equal(got, ",\"pid\":7,\"k\":[{\"function\":\"schedule\",\"offset\":16,\"module\":\"kernel\","
				 "\"file\":null,\"line\":null,"
				 "\"kernel\":true,\"inlined\":false,\"address\":\"0xffffffff81000010\"},"
				 "{\"function\":\"ext4_read\",\"offset\":32,\"module\":\"ext4\",\"file\":null,\"line\":"
				 "null,\"kernel\":true,"
				 "\"inlined\":false,\"address\":\"0xffffffffc0000020\"}],\"k_raw\":5,"
				 "\"u\":[{\"function\":\"std::less\\u001b<int>\",\"offset\":0,\"module\":\"a\\\"b\","
				 "\"file\":\"x\\n.cpp\","
				 "\"line\":12,\"kernel\":false,\"inlined\":true,\"address\":\"0x401010\"},"
				 "{\"function\":\"main\",\"offset\":3,\"module\":\"a\\\"b\",\"file\":\"main.cpp\","
				 "\"line\":null,\"kernel\":false,"
				 "\"inlined\":false,\"address\":\"0x401010\"},"
				 "{\"function\":null,\"offset\":4660,\"module\":\"libc.so.6\",\"file\":null,\"line\":"
				 "null,\"kernel\":false,"
				 "\"inlined\":false,\"address\":\"0x7f001234\"},"
				 "{\"function\":null,\"offset\":null,\"module\":null,\"file\":null,\"line\":null,"
				 "\"kernel\":false,\"inlined\":false,"
				 "\"address\":\"0x99\"}],\"u_raw\":[1,2]}\n");

	/* A stack that is not there is an empty array, and its id says why. */
	CLEANUP_FREE char *none = row("u32:pid s32:k u32:u", "7 -14 4294967282", ECLI_FORMAT_JSON, answer);
	assert_string_equal(none, ",\"pid\":7,\"k\":[],\"k_raw\":-14,\"u\":[],\"u_raw\":4294967282}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_and_addresses_are_taken),
		cmocka_unit_test(a_long_stack_may_be_sent_in_part),
		cmocka_unit_test(frames_stand_below_the_row),
		cmocka_unit_test(json_has_an_object_a_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
