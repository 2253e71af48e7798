/* SPDX-License-Identifier: MIT */
/*
 * The code of an object: which functions and programs libbpf would see, and what no compiler makes. The object is that of object_fixture.h
 * with some bytes changed:
 *
 *     .text  helper, local [0, 16)      ?raw_tp/sched_switch  on_switch_raw [0, 16)      tp_btf/sched_switch  on_switch [0, 16)
 *     each   b7 00 .. (r0 = 0)  95 00 .. (exit)
 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/code.h"
#include "object_fixture.h"

enum { ON_SWITCH = 1, ON_SWITCH_RAW, HELPER, LOCAL }; /* symbols of the fixture */

struct subject {
	struct ecli_buf bytes;
	struct ecli_elf elf;
	struct ecli_code code;
	struct ecli_err err;
};

static void make(struct subject *subject)
{
	*subject = (struct subject){ 0 };
	fixture_object(&subject->bytes, true);
	assert_int_equal(ecli_elf_open(&subject->elf, subject->bytes.data, subject->bytes.len, NULL), 0);
}

static int look(struct subject *subject)
{
	ecli_code_done(&subject->code);
	subject->err = (struct ecli_err){ 0 };
	return ecli_code_read(&subject->elf, &subject->err, &subject->code);
}

static void done(struct subject *subject)
{
	ecli_code_done(&subject->code);
	ecli_buf_done(&subject->bytes);
}

static unsigned char *bytes_of(struct subject *subject, const char *name)
{
	struct ecli_elf_section section;

	assert_true(ecli_elf_find_section(&subject->elf, name, &section));
	return (unsigned char *)section.data;
}

static Elf64_Sym *symbol(struct subject *subject, size_t index)
{
	return (Elf64_Sym *)bytes_of(subject, ".symtab") + index;
}

static Elf64_Shdr *header(struct subject *subject, const char *name)
{
	struct ecli_elf_section section;

	assert_true(ecli_elf_find_section(&subject->elf, name, &section));
	return (Elf64_Shdr *)(subject->bytes.data + subject->elf.table_offset) + section.index;
}

static void functions_are_those_of_libbpf(void **state)
{
	static const struct {
		const char *name, *section;
		bool is_program, is_again;
	} rows[] = {
		{ "helper", ".text", false, false },
		{ "local", ".text", false, true },
		{ "on_switch_raw", "?raw_tp/sched_switch", true, false },
		{ "on_switch", "tp_btf/sched_switch", true, false },
	};
	struct subject subject;

	(void)state;
	make(&subject);
	assert_int_equal(look(&subject), 0);
	assert_int_equal(subject.code.n_functions, ARRAY_SIZE(rows));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_string_equal(subject.code.functions[i].name, rows[i].name);
		assert_string_equal(subject.code.functions[i].section, rows[i].section);
		assert_int_equal(subject.code.functions[i].is_program, rows[i].is_program);
		assert_int_equal(subject.code.functions[i].is_again, rows[i].is_again);
		assert_int_equal(subject.code.functions[i].size, 16);
	}
	/* Neither is seen by libbpf: a symbol that is no function, a section that is no code. */
	symbol(&subject, ON_SWITCH)->st_info = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE);
	header(&subject, "?raw_tp/sched_switch")->sh_flags = SHF_ALLOC;
	assert_int_equal(look(&subject), 0);
	assert_int_equal(subject.code.n_functions, 3);
	assert_string_equal(subject.code.functions[2].name, "");
	assert_string_equal(subject.code.functions[2].section, "tp_btf/sched_switch");
	assert_false(subject.code.functions[2].is_program);
	done(&subject);
}

/* What bpftool leaves behind when one definition of a function replaces a weak one. */
static void code_of_no_function_is_looked_at(void **state)
{
	struct subject subject;

	(void)state;
	make(&subject);
	symbol(&subject, HELPER)->st_size = symbol(&subject, LOCAL)->st_size = 8;
	symbol(&subject, HELPER)->st_value = symbol(&subject, LOCAL)->st_value = 8;
	assert_int_equal(look(&subject), 0);
	assert_int_equal(subject.code.n_functions, 5);
	assert_string_equal(subject.code.functions[0].name, "");
	assert_int_equal(subject.code.functions[0].offset, 0);
	assert_int_equal(subject.code.functions[0].size, 8);
	/* The first half of a constant that would swallow the function's first instruction. */
	bytes_of(&subject, ".text")[0] = 0x18;
	assert_int_equal(look(&subject), -EINVAL);
	assert_non_null(strstr(subject.err.text, ".text has half of a 64-bit constant"));
	done(&subject);
}

static void what_no_compiler_makes_is_refused(void **state)
{
	enum { VALUE, SIZE, BIND, NAME_BYTE };
	static const struct {
		size_t symbol;
		int what;
		uint64_t number;
		const char *text;
	} rows[] = {
		{ ON_SWITCH, SIZE, 0, "function on_switch of the object is not made of whole instructions" },
		{ ON_SWITCH, SIZE, 12, "function on_switch of the object is not made of whole instructions" },
		{ ON_SWITCH, VALUE, 4, "function on_switch of the object is not made of whole instructions" },
		{ ON_SWITCH, SIZE, 24, "function on_switch lies outside its section" },
		{ ON_SWITCH, VALUE, UINT64_MAX - 7, "function on_switch lies outside its section" },
		{ ON_SWITCH, BIND, STB_LOCAL, "function on_switch in SEC(\"tp_btf/sched_switch\") is static" },
		{ ON_SWITCH, NAME_BYTE, 0x1b, "has a program whose name or section is no plain text" },
		{ ON_SWITCH, NAME_BYTE, 0, "has a program whose name or section is no plain text" },
		{ LOCAL, SIZE, 8, "functions local and helper of the object overlap" },
		{ LOCAL, VALUE, 8, "function local lies outside its section" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct subject subject;

		make(&subject);
		Elf64_Sym *changed = symbol(&subject, rows[i].symbol);
		switch (rows[i].what) {
		case VALUE:
			changed->st_value = rows[i].number;
			break;
		case SIZE:
			changed->st_size = rows[i].number;
			break;
		case BIND:
			changed->st_info = ELF64_ST_INFO((unsigned char)rows[i].number, STT_FUNC);
			break;
		default:
			bytes_of(&subject, ".strtab")[changed->st_name] = (unsigned char)rows[i].number;
		}
		assert_int_equal(look(&subject), -EINVAL);
		if (!strstr(subject.err.text, rows[i].text))
			fail_msg("row %zu: expected \"%s\", got \"%s\"", i, rows[i].text, subject.err.text);
		done(&subject);
	}
}

static void names_are_of_one(void **state)
{
	struct subject subject;

	(void)state;
	make(&subject);
	symbol(&subject, ON_SWITCH_RAW)->st_name = symbol(&subject, ON_SWITCH)->st_name;
	assert_int_equal(look(&subject), -EINVAL);
	assert_non_null(strstr(subject.err.text, "the object has two programs on_switch"));
	done(&subject);
	make(&subject);
	header(&subject, ".rodata.ecli")->sh_name = header(&subject, ".BTF")->sh_name;
	assert_int_equal(look(&subject), -EINVAL);
	assert_non_null(strstr(subject.err.text, "the object has two sections .BTF"));
	done(&subject);
}

static void forms_are_those_of_compilers(void **state)
{
	static const struct {
		unsigned char code[16];
		const char *text; /* NULL: fine */
	} rows[] = {
		{ { 0x85, 0, 0, 0, 109 }, NULL },
		{ { 0x85, 0x10, 0, 0, 0xff, 0xff, 0xff, 0xff }, NULL },
		{ { 0x85, 0x20, 0, 0, 1 }, "helper calls a function of the kernel by number (1)" },
		{ { 0x85, 0x20, 0, 0, 0xff, 0xff, 0xff, 0xff },
		  "helper calls a function of the kernel by number (-1)" },
		{ { 0x85, 0x30, 0, 0, 1 }, "helper has a call of an unknown form (3)" },
		{ { 0x85, 0x01, 0, 0, 1 }, "helper has a call of an unknown form (0)" },
		{ { 0x18, 0x01, 0, 0, 1 }, NULL },
		{ { 0x18, 0x11, 0, 0, 3 }, "helper names a map or something of the kernel by number (3)" },
		{ { 0x18, 0x31, 0, 0, 7 }, "helper names a map or something of the kernel by number (7)" },
		{ { 0x18, 0x41, 0, 0, 7 }, "helper names a map or something of the kernel by number (7)" },
		{ { 0x18, 0, 0, 0, 0, 0, 0, 0, 0x85 }, "helper has half of a 64-bit constant" },
		{ { 0xb7, 0, 0, 0, 0, 0, 0, 0, 0x18 }, "helper has half of a 64-bit constant" },
	};
	struct subject subject;

	(void)state;
	make(&subject);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memcpy(bytes_of(&subject, ".text"), rows[i].code, 16);
		assert_int_equal(look(&subject), rows[i].text ? -EINVAL : 0);
		if (rows[i].text && !strstr(subject.err.text, rows[i].text))
			fail_msg("row %zu: expected \"%s\", got \"%s\"", i, rows[i].text, subject.err.text);
	}
	done(&subject);
}

/* A call by number is one of a helper, also when no path leads to it; half of a constant, a function of the object and one of the kernel are none. */
static void calls_of_helpers_are_found(void **state)
{
	static const struct {
		unsigned char code[16];
		bool calls;
	} rows[] = {
		{ { 0x85, 0, 0, 0, 6, 0, 0, 0, 0x95 }, true },
		{ { 0x95, 0, 0, 0, 0, 0, 0, 0, 0x85, 0, 0, 0, 6 }, true },
		{ { 0x85, 0, 0, 0, 7, 0, 0, 0, 0x95 }, false },
		{ { 0x85, 0x10, 0, 0, 6, 0, 0, 0, 0x95 }, false },
		{ { 0x18, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 6 }, false },
	};
	struct subject subject;

	(void)state;
	make(&subject);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memcpy(bytes_of(&subject, ".text"), rows[i].code, 16);
		assert_int_equal(look(&subject), 0);
		assert_int_equal(ecli_code_calls(&subject.code, 6), rows[i].calls);
	}
	done(&subject);
}

/* The kernel's own list (BPF_INSN_MAP of kernel/bpf/core.c), by class. */
static void instructions_are_those_of_the_kernel(void **state)
{
	static const unsigned char some[] = { 0x04, 0x0c, 0xdc, 0xd4, 0x84, 0x07, 0xcf, 0xd7, 0x05, 0x06, 0x85,
					      0x95, 0xe5, 0x15, 0x1e, 0xdd, 0xd6, 0x18, 0x20, 0x28, 0x30, 0x40,
					      0x48, 0x50, 0x61, 0x69, 0x71, 0x79, 0x81, 0x89, 0x91, 0x62, 0x6a,
					      0x72, 0x7a, 0x63, 0x6b, 0x73, 0x7b, 0xc3, 0xcb, 0xd3, 0xdb };
	static const unsigned char none[] = { 0x00, 0x10, 0x38, 0x8c, 0x8f, 0xdf, 0xe4, 0x0d, 0x8d, 0x9d,
					      0x86, 0x96, 0xed, 0x99, 0x82, 0xc2, 0x83, 0xe3, 0xff };
	unsigned int count = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(some); i++)
		assert_true(ecli_code_is_known(&(struct ecli_instruction){ .opcode = some[i] }));
	for (size_t i = 0; i < sizeof(none); i++)
		assert_false(ecli_code_is_known(&(struct ecli_instruction){ .opcode = none[i] }));
	for (unsigned int op = 0; op < 256; op++)
		count += ecli_code_is_known(&(struct ecli_instruction){ .opcode = (unsigned char)op });
	assert_int_equal(count, 27 + 26 + 26 + 23 + 7 + 7 + 4 + 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_are_those_of_libbpf),
		cmocka_unit_test(code_of_no_function_is_looked_at),
		cmocka_unit_test(what_no_compiler_makes_is_refused),
		cmocka_unit_test(names_are_of_one),
		cmocka_unit_test(forms_are_those_of_compilers),
		cmocka_unit_test(calls_of_helpers_are_found),
		cmocka_unit_test(instructions_are_those_of_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
