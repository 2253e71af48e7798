/* SPDX-License-Identifier: MIT */
/* Stack traces: names of kernel addresses from a file like /proc/kallsyms, rows as text and as JSON. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecli/render.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "plan/ops.h"
#include "symbols/ksyms.h"

DEFINE_CLEANUP(stack, struct ecli_render_stack *, ecli_render_stack_free)
DEFINE_CLEANUP(ksyms, struct ecli_ksyms *, ecli_ksyms_free)

static struct ecli_types *fixture;
static struct ecli_plan *plan;

static const char *const usual[] = { "pid", "cpu_id", "comm", "kstack_sz", "ustack_sz", "kstack", "ustack" };

struct record {
	unsigned int pid, cpu;
	char comm[16];
	int kstack_sz, ustack_sz;
	unsigned long long kstack[2], ustack[2];
	unsigned int halves[8];
};

/* ---- names of addresses ---------------------------------------------------------------------------------------- */

static void addresses_have_names(void **state)
{
	(void)state;
	static const char text[] = "ffffffff81000100 t second\n"
				   "ffffffff81000000 T first\n"
				   "ffffffff81000000 t also_first\n"
				   "ffffffff81000050 D data\n"
				   "nonsense\n"
				   "ffffffff81000180\n"
				   "ffffffffc0201000 t of_module\t[ext4]\n"
				   "ffffffffc0300000 W last";
	char path[] = "/tmp/ecli-ksyms.XXXXXX";
	static const struct {
		uint64_t address, offset;
		const char *name, *module;
	} cases[] = {
		{ 0xffffffff80ffffff, 0, NULL },
		{ 0xffffffff81000000, 0, "first" },
		{ 0xffffffff81000055, 0x55, "first" },
		{ 0xffffffff81000101, 1, "second" },
		{ 0xffffffff81200000, 0, NULL }, /* too far from any */
		{ 0xffffffffc0201010, 0x10, "of_module", "ext4" },
		{ 0xffffffffc0300000, 0, "last" },
		{ 0, 0, NULL },
		{ UINT64_MAX, 0, NULL },
	};
	CLEANUP_FD int fd = mkstemp(path);
	CLEANUP(cleanup_ksyms) struct ecli_ksyms *ksyms = ecli_ksyms_new(path);

	assert_int_equal(ecli_file_write_all(fd, text, strlen(text)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ecli_ksym found;
		bool is_known = ecli_ksyms_find(ksyms, cases[i].address, &found);

		assert_int_equal(is_known, cases[i].name != NULL);
		if (is_known) {
			assert_string_equal(found.name, cases[i].name);
			assert_string_equal(found.module, cases[i].module ? cases[i].module : "");
			assert_int_equal(found.offset, cases[i].offset);
		}
	}
	unlink(path);
}

static void hidden_addresses_have_none(void **state)
{
	(void)state;
	static const char text[] = "0000000000000000 T first\n0000000000000000 t second\n";
	char path[] = "/tmp/ecli-ksyms.XXXXXX";
	CLEANUP_FD int fd = mkstemp(path);
	CLEANUP(cleanup_ksyms) struct ecli_ksyms *ksyms = ecli_ksyms_new(path);
	CLEANUP(cleanup_ksyms) struct ecli_ksyms *missing = ecli_ksyms_new("/nowhere/kallsyms");
	struct ecli_ksym found;

	assert_int_equal(ecli_file_write_all(fd, text, strlen(text)), 0);
	assert_null(ecli_ksyms_problem(ksyms));
	assert_false(ecli_ksyms_find(ksyms, 0, &found));
	assert_false(ecli_ksyms_find(ksyms, 0xffffffff81000000, &found));
	assert_false(ecli_ksyms_find(missing, 0xffffffff81000000, &found));
	assert_non_null(strstr(ecli_ksyms_problem(ksyms), "kernel.kptr_restrict"));
	assert_non_null(strstr(ecli_ksyms_problem(missing), "cannot be read"));
	unlink(path);
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

#define TEN_O_CLOCK (1795341600 * 1000000000ull) /* 2026-11-22 10:00:00 UTC */

static void shows(enum ecli_format format, const struct record *record, const char *want)
{
	CLEANUP(cleanup_stack) struct ecli_render_stack *stack = NULL;
	CLEANUP_BUF struct ecli_buf out = { 0 };
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_render_stack_new(plan, format, NULL, usual, false, &err, &stack), 0);
	assert_int_equal(ecli_render_stack_row(stack, TEN_O_CLOCK, record, sizeof(*record), &out), 0);
	const char *text = ecli_buf_text(&out);
	assert_string_equal(format == ECLI_FORMAT_JSON ? strstr(text, ",\"pid\"") : text, want);
}

static void stacks_are_shown_as_text_and_json(void **state)
{
	(void)state;
	struct record record = { .pid = 4660,
				 .cpu = 22136,
				 .comm = "test-\x1b",
				 .kstack_sz = 16,
				 .ustack_sz = 800, /* more than the array holds */
				 .kstack = { 0x10000, 0x10001 },
				 .ustack = { 1, 2 } };

	shows(ECLI_FORMAT_TABLE, &record,
	      "10:00:00 COMM: test-\\e (pid=4660) @ CPU 22136\nKernel:\n  0 [<0000000000010000>]\n  1 "
	      "[<0000000000010001>]\n"
	      "Userspace:\n  0 [<0000000000000001>]\n  1 [<0000000000000002>]\n");
	shows(ECLI_FORMAT_JSON, &record,
	      ",\"pid\":4660,\"cpu_id\":22136,\"comm\":\"test-\\u001b\",\"kstack_sz\":16,\"ustack_sz\":800,"
	      "\"kstack\":[\"0x10000\",\"0x10001\"],\"ustack\":[\"0x1\",\"0x2\"]}\n");
	record.kstack_sz = -14;
	record.ustack_sz = 8;
	shows(ECLI_FORMAT_PLAIN, &record,
	      "10:00:00 COMM: test-\\e (pid=4660) @ CPU 22136\nNo Kernel Stack\nUserspace:\n  0 "
	      "[<0000000000000001>]\n");
	record.ustack_sz = 0;
	shows(ECLI_FORMAT_TABLE, &record, "");
	shows(ECLI_FORMAT_JSON, &record,
	      ",\"pid\":4660,\"cpu_id\":22136,\"comm\":\"test-\\u001b\",\"kstack_sz\":-14,\"ustack_sz\":0,"
	      "\"kstack\":[],\"ustack\":[]}\n");
}

static void a_member_that_is_missing_or_wrong_is_told(void **state)
{
	(void)state;
	static const struct {
		size_t role;
		const char *name, *what;
	} cases[] = {
		{ ECLI_RENDER_STACK_PID, "tgid", "a number" },
		{ ECLI_RENDER_STACK_PID, "comm", "a number" },
		{ ECLI_RENDER_STACK_COMM, "pid", "a char array" },
		{ ECLI_RENDER_STACK_USER, "pid", "an array of 64-bit numbers" },
		{ ECLI_RENDER_STACK_KERNEL, "halves", "an array of 64-bit numbers" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *fields[ARRAY_SIZE(usual)];
		struct ecli_render_stack *stack = NULL;
		struct ecli_err err = { 0 };
		char want[256];

		memcpy(fields, usual, sizeof(usual));
		fields[cases[i].role] = cases[i].name;
		assert_int_equal(ecli_render_stack_new(plan, ECLI_FORMAT_TABLE, NULL, fields, false, &err, &stack),
				 -EINVAL);
		snprintf(want, sizeof(want),
			 "a stack trace needs a member %s that is %s; name another one in the field_map of the map's "
			 "intepreter",
			 cases[i].name, cases[i].what);
		assert_string_equal(err.text, want);
	}
}

static void a_record_that_is_too_short_is_refused(void **state)
{
	(void)state;
	CLEANUP(cleanup_stack) struct ecli_render_stack *stack = NULL;
	CLEANUP_BUF struct ecli_buf out = { 0 };
	struct record record = { 0 };

	assert_int_equal(ecli_render_stack_new(plan, ECLI_FORMAT_JSON, "m", usual, true, NULL, &stack), 0);
	assert_int_equal(ecli_render_stack_row(stack, 0, &record, ecli_plan_size(plan) - 1, &out), -EBADMSG);
	assert_int_equal(out.len, 0);
}

static uint32_t array_of_two(void)
{
	for (uint32_t id = 1; id < ecli_types_count(fixture); id++) {
		const struct ecli_type *type = ecli_types_get(fixture, id);

		if (type->kind != ECLI_TYPE_ARRAY || type->count != 2)
			continue;
		const struct ecli_type *element = ecli_types_resolve(fixture, type->target_id);
		if (element->kind == ECLI_TYPE_POINTER)
			return id;
	}
	return 0;
}

/* An array of numbers that are no addresses. */
static uint32_t array_of_halves(void)
{
	for (uint32_t id = 1; id < ecli_types_count(fixture); id++) {
		const struct ecli_type *type = ecli_types_get(fixture, id);
		const struct ecli_type *element =
			type->kind == ECLI_TYPE_ARRAY ? ecli_types_resolve(fixture, type->target_id) : NULL;

		if (element && element->kind == ECLI_TYPE_INT && element->size_bytes == 4 && type->count > 1 &&
		    type->count <= 8)
			return id;
	}
	return 0;
}

static int make_plan(void **state)
{
	(void)state;
	uint32_t u32 = ecli_types_find(fixture, ECLI_TYPE_TYPEDEF, "u32")->id;
	uint32_t s32 = ecli_types_find(fixture, ECLI_TYPE_INT, "int")->id;
	uint32_t text = ecli_types_find(fixture, ECLI_TYPE_TYPEDEF, "name_t")->id;
	uint32_t addresses = array_of_two();
	const struct ecli_plan_member members[] = {
		{ "pid", u32, offsetof(struct record, pid) },
		{ "cpu_id", u32, offsetof(struct record, cpu) },
		{ "comm", text, offsetof(struct record, comm) },
		{ "kstack_sz", s32, offsetof(struct record, kstack_sz) },
		{ "ustack_sz", s32, offsetof(struct record, ustack_sz) },
		{ "kstack", addresses, offsetof(struct record, kstack) },
		{ "ustack", addresses, offsetof(struct record, ustack) },
		{ "halves", array_of_halves(), offsetof(struct record, halves) },
	};

	return ecli_plan_build_members(fixture, members, ARRAY_SIZE(members), NULL, &plan);
}

static int free_plan(void **state)
{
	(void)state;
	ecli_plan_free(plan);
	return 0;
}

int main(int argc, char **argv)
{
	setenv("TZ", "UTC0", 1);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_have_names),
		cmocka_unit_test(hidden_addresses_have_none),
		cmocka_unit_test(stacks_are_shown_as_text_and_json),
		cmocka_unit_test(a_member_that_is_missing_or_wrong_is_told),
		cmocka_unit_test(a_record_that_is_too_short_is_refused),
	};
	CLEANUP_BUF struct ecli_buf object = { 0 };

	if (argc < 2 || ecli_file_read(argv[1], 1 << 20, &object, NULL) ||
	    ecli_types_read_object(object.data, object.len, NULL, &fixture))
		return 1;
	int failed = cmocka_run_group_tests(tests, make_plan, free_plan);
	ecli_types_free(fixture);
	return failed;
}
