/* SPDX-License-Identifier: MIT */
/*
 * plan/: which format a field has. The dump says it ("as errno"); what does not fit must leave the plan as it would be
 * without the name.
 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include <ecli/plan.h>

#include "base/cleanup.h"
#include "support/spec.h"

/* The dump of the plan of a struct with these members, after the definitions, separated by ';'. */
static char *dump(const char *definitions, const struct ecli_plan_note *notes, size_t n_notes)
{
	CLEANUP_BUF struct ecli_buf buf = { 0 };
	CLEANUP_FREE char *copy = strdup(definitions);
	struct spec *spec = spec_new();
	struct ecli_plan *plan = NULL;
	struct ecli_err err = { 0 };
	uint32_t id = 0;
	char *save;

	for (char *line = strtok_r(copy, ";", &save); line; line = strtok_r(NULL, ";", &save))
		id = spec_define(spec, line);
	struct ecli_types *types = spec_types(spec);
	if (ecli_plan_build(types, id, notes, n_notes, &err, &plan) < 0)
		fail_msg("%s", err.text);
	ecli_plan_dump(plan, &buf);
	ecli_plan_free(plan);
	ecli_types_free(types);
	spec_free(spec);
	return ecli_buf_take(&buf);
}

static void expect_dump(const char *definitions, const char *format, const char *want)
{
	struct ecli_plan_note note = { .field = "f", .format = format };
	CLEANUP_FREE char *got = dump(definitions, &note, 1);

	assert_string_equal(got, want);
}

static void type_names_give_formats(void **state)
{
	(void)state;
	static const struct {
		const char *name, *type, *want;
	} cases[] = {
		{ "gadget_timestamp", "u64", "uint   f @0 8 as timestamp_boot\n" },
		{ "gadget_duration", "u64", "uint   f @0 8 as duration\n" },
		{ "gadget_bytes", "u64", "uint   f @0 8 as bytes\n" },
		{ "gadget_errno", "u32", "uint   f @0 4 as errno\n" },
		{ "gadget_signal", "u32", "uint   f @0 4 as signal\n" },
		{ "gadget_syscall", "u64", "uint   f @0 8 as syscall\n" },
		{ "gadget_file_mode", "u32", "uint   f @0 4 as file_mode\n" },
		{ "gadget_file_flags", "u32", "uint   f @0 4 as file_flags\n" },
		{ "gadget_uid", "u32", "uint   f @0 4 as uid\n" },
		{ "gadget_gid", "u32", "uint   f @0 4 as gid\n" },
		{ "gadget_mntns_id", "u64", "uint   f @0 8\n" },
		{ "gadget_netns_id", "u32", "uint   f @0 4\n" },
		{ "gadget_comm", "char[16]", "string f @0 16\n" },
		{ "ecli_mac", "u8[6]", "bytes  f @0 6 as mac\n" },
		{ "ecli_ipv6", "u128", "bytes  f @0 16 as ipv6\n" },
		{ "ecli_port", "u16", "uint   f @0 2 as port\n" },
		{ "ecli_hex", "ptr", "pointer f @0 8 as hex\n" },
		{ "ecli_nothing", "u32", "uint   f @0 4\n" },
		/* bumblebee's is an integer of 4 bytes, whatever it meant. */
		{ "ipv6_addr", "u32", "uint   f @0 4\n" },
		{ "gadget_timestamp", "u32", "uint   f @0 4\n" },
		{ "gadget_signal", "f64", "float  f @0 8\n" },
		{ "ecli_port", "u32", "uint   f @0 4\n" },
		{ "ecli_flags", "u32", "uint   f @0 4\n" },
		{ "ecli_endpoint", "u64", "uint   f @0 8\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_BUF struct ecli_buf text = { 0 };

		ecli_buf_add_format(&text, "typedef %s %s;struct event %s:f", cases[i].name, cases[i].type,
				    cases[i].name);
		expect_dump(ecli_buf_text(&text), NULL, cases[i].want);
	}
	/* Through another typedef. */
	expect_dump("typedef gadget_errno u32;typedef my_error gadget_errno;struct event my_error:f", NULL,
		    "uint   f @0 4 as errno\n");
}

static void tags_come_before_names(void **state)
{
	(void)state;
	expect_dump("struct event s32:f", "errno", "sint   f @0 4 as errno\n");
	expect_dump("struct event s32:f", "no_such_format", "sint   f @0 4\n");
	expect_dump("struct event s32:f", "", "sint   f @0 4\n");
	expect_dump("struct event s32:f", "mac", "sint   f @0 4\n");
	expect_dump("typedef gadget_errno u32;struct event gadget_errno:f", "signal", "uint   f @0 4 as signal\n");
	expect_dump("typedef gadget_errno u32;struct event gadget_errno:f", "mac", "uint   f @0 4 as errno\n");
	expect_dump("typedef gadget_errno u32;struct event gadget_errno:f", "number", "uint   f @0 4\n");
	expect_dump("enum x A=1 B=2 C=4;struct event x:f", NULL, "enum   f @0 4 unsigned names 3 as flags\n");
	expect_dump("enum x A=1 B=2 C=4;struct event x:f", "number", "enum   f @0 4 unsigned names 3\n");
	expect_dump("enum x A=1 B=2;struct event x:f", NULL, "enum   f @0 4 unsigned names 2\n");
	expect_dump("enum x A=1 B=2 C=3 D=4;struct event x:f", NULL, "enum   f @0 4 unsigned names 4\n");
	expect_dump("enum _set A=1;struct event _set:f", NULL, "enum   f @0 4 unsigned names 1\n");
	expect_dump("struct event u32/5:f", "ipv4", "uint   f @0.0 bits 5\n");
	expect_dump("struct event u32/5:f", "errno", "uint   f @0.0 bits 5 as errno\n");
	expect_dump("struct event u16:f", "port_be", "uint   f @0 2 as port\n");
}

static void arrays_pass_a_tag_to_their_elements(void **state)
{
	(void)state;
	expect_dump("struct event u8[4]:f", "ipv4", "bytes  f @0 4 as ipv4\n");
	expect_dump("struct event u32[2]:f", "ipv4", "loop   f @0 stride 4 x 2\nuint   @0 4 as ipv4\nnext   f\n");
	expect_dump("struct event u8[2][6]:f", "mac", "loop   f @0 stride 6 x 2\nbytes  @0 6 as mac\nnext   f\n");
	expect_dump("struct event u8[5]:f", "mac", "loop   f @0 stride 1 x 5\nuint   @0 1\nnext   f\n");
	expect_dump("struct event u8[0]:e u32:f", "signal", "uint   f @0 4 as signal\n");
}

static void tags_within_structs(void **state)
{
	(void)state;
	static const struct ecli_plan_note notes[] = { { .parent = "inner", .field = "a", .format = "hex" },
						       { .parent = "other", .field = "b", .format = "hex" } };
	CLEANUP_FREE char *got = dump("struct inner u32:a u32:b;struct event inner:i u32:a", notes, 2);

	assert_string_equal(got, "open   i\nuint   a @0 4 as hex\nuint   b @4 4\nclose  i\nuint   a @8 4\n");
}

static void endpoints_are_known_by_their_parts(void **state)
{
	(void)state;
	static const char *const whole[] = {
		"union a u8[16]:v6 u32:v4;struct gadget_l3endpoint_t a:addr_raw u8:version;"
		"struct event gadget_l3endpoint_t:f",
		"union a u8[16]:v6 u32:v4;struct l3 a:addr u8:version u8[3]:pad;struct gadget_l4endpoint_t l3:l3 "
		"u16:port u16:proto;struct event gadget_l4endpoint_t:f",
	};
	static const char *const not_whole[] = {
		"struct gadget_l3endpoint_t u8[4]:addr_raw u8:version;struct event gadget_l3endpoint_t:f",
		"struct gadget_l3endpoint_t u8[16]:addr_raw u32:version;struct event gadget_l3endpoint_t:f",
		"struct gadget_l4endpoint_t u8[16]:addr_raw u16:port;struct event gadget_l4endpoint_t:f",
		"struct gadget_l4endpoint_t u8[16]:addr_raw u32/3:version;struct event gadget_l4endpoint_t:f",
	};

	for (size_t i = 0; i < ARRAY_SIZE(whole); i++) {
		CLEANUP_FREE char *got = dump(whole[i], NULL, 0);

		assert_non_null(strstr(got, " as endpoint\n"));
	}
	for (size_t i = 0; i < ARRAY_SIZE(not_whole); i++) {
		CLEANUP_FREE char *got = dump(not_whole[i], NULL, 0);

		assert_null(strstr(got, " as "));
	}
}

static void what_does_not_fit_is_explained(void **state)
{
	(void)state;
	static const struct {
		const char *type, *format;
		uint32_t bits;
		int want;
		const char *text;
	} cases[] = {
		{ "u32", "errno", 0, 0, "" },
		{ "u32", "errno", 5, 0, "" },
		{ "u32[3]", "errno", 0, 0, "" },
		{ "u8[16]", "ipv6", 0, 0, "" },
		{ "ptr", "hex", 0, 0, "" },
		{ "f64", "number", 0, 0, "" },
		{ "u32", "ernno", 0, -ENOENT, "there is no format ernno" },
		{ "u32", "", 0, -ENOENT, "there is no format without a name" },
		{ "u32", "mac", 0, -EINVAL, "the format mac is for an array of 6 bytes, not for u32" },
		{ "u32", "ipv4", 5, -EINVAL, "the format ipv4 is for 4 bytes, not for a bit-field of u32" },
		{ "u8[5]", "ipv6", 0, -EINVAL, "the format ipv6 is for 16 bytes, not for u8[5]" },
		{ "u64", "flags", 0, -EINVAL, "the format flags is for an enum, not for u64" },
		{ "char[16]", "errno", 0, -EINVAL, "the format errno is for an integer, not for char[16]" },
		{ "bool", "errno", 0, -EINVAL, "the format errno is for an integer, not for bool" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec *spec = spec_new();
		uint32_t id = spec_type(spec, cases[i].type);
		struct ecli_types *types = spec_types(spec);
		struct ecli_err err = { 0 };

		assert_int_equal(ecli_plan_format_check(types, id, cases[i].bits, cases[i].format, &err),
				 cases[i].want);
		assert_string_equal(err.text, cases[i].text);
		ecli_types_free(types);
		spec_free(spec);
	}
}

static void every_format_has_a_name(void **state)
{
	(void)state;
	for (enum ecli_as as = 0; as < ECLI_AS_COUNT; as++)
		assert_non_null(ecli_as_name(as));
	assert_null(ecli_as_name(ECLI_AS_COUNT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type_names_give_formats),
		cmocka_unit_test(tags_come_before_names),
		cmocka_unit_test(arrays_pass_a_tag_to_their_elements),
		cmocka_unit_test(tags_within_structs),
		cmocka_unit_test(endpoints_are_known_by_their_parts),
		cmocka_unit_test(what_does_not_fit_is_explained),
		cmocka_unit_test(every_format_has_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
