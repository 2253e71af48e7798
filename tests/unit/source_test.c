/* SPDX-License-Identifier: MIT */
/* compile/: declarations and doc comments of sources, usual and odd ones. */
#include "unit.h"

#include <string.h>

#include "base/cleanup.h"
#include "compile/source.h"

static struct ecli_source parse(const char *text)
{
	struct ecli_source source;

	assert_int_equal(ecli_source_parse("x.bpf.c", text, strlen(text), NULL, &source), 0);
	return source;
}

/* The whole source as text: kind name[.member]:line "text" @tag=value ..., one declaration a line. */
static char *describe(const struct ecli_source *source)
{
	static const char *const kinds[] = { "object", "function", "struct", "member", "macro" };
	struct ecli_buf buf = { 0 };

	for (size_t i = 0; i < source->n_decls; i++) {
		const struct ecli_decl *decl = &source->decls[i];

		ecli_buf_add_format(&buf, "%s %s%s%s:%u%s", kinds[decl->kind], decl->parent ? decl->parent : "",
				    decl->parent ? "." : "", decl->name, decl->line, decl->is_open ? "+" : "");
		if (decl->doc.line && *decl->doc.text)
			ecli_buf_add_format(&buf, " \"%s\"", decl->doc.text);
		for (size_t k = 0; k < decl->doc.n_tags; k++)
			ecli_buf_add_format(&buf, " @%s=%s", decl->doc.tags[k].name, decl->doc.tags[k].value);
		ecli_buf_add_char(&buf, '\n');
	}
	if (source->file_doc.line)
		ecli_buf_add_format(&buf, "file:%u \"%s\"\n", source->file_doc.line, source->file_doc.text);
	for (size_t i = 0; i < source->n_stray; i++)
		ecli_buf_add_format(&buf, "stray:%u @%s\n", source->stray[i].line, source->stray[i].tags[0].name);
	return ecli_buf_take(&buf);
}

static void expect(const char *text, const char *description)
{
	struct ecli_source source = parse(text);
	CLEANUP_FREE char *got = describe(&source);

	ecli_source_done(&source);
	assert_string_equal(got, description);
}

static void declarations_of_every_form(void **state)
{
	(void)state;
	expect("int a, *b, c[3] = { 1, 2 }, d = f(1, 2);", "object a:1\nobject b:1\nobject c:1\nobject d:1\n");
	expect("const volatile __u32 min_us SEC(\".rodata\") = 5;\nchar LICENSE[] SEC(\"license\") = \"GPL\";",
	       "object min_us:1\nobject LICENSE:2\n");
	expect("struct { __uint(type, 1); } events SEC(\".maps\");", "object events:1\n");
	expect("struct inner { int x; } m SEC(\".maps\"), n;",
	       "struct inner:1\nmember inner.x:1\nobject m:1\nobject n:1\n");
	expect("struct event *p;\nstruct event e;\nstruct event f(int x);\n", "object p:1\nobject e:2\n");
	expect("typedef struct pair { int a; } pair_t;\ntypedef int number;", "struct pair:1\nmember pair.a:1\n");
	expect("struct __attribute__((packed)) event { int a; } __attribute__((aligned(8)));",
	       "struct event:1\nmember event.a:1\n");
	expect("struct event;\nunion u { int a; };\nenum e { A, B };\nenum { C } x;", "object x:4\n");
	expect("extern int LINUX_KERNEL_VERSION __kconfig;", "object LINUX_KERNEL_VERSION:1\n");
	expect("int (*fp)(int);\nint proto(int a);\n", "");
}

static void functions_and_libbpf_macros(void **state)
{
	(void)state;
	expect("SEC(\"tp/x\")\nint handle(void *ctx)\n{ if (1) { return 0; } }\nint y;",
	       "function handle:2\nobject y:4\n");
	expect("SEC(\"kprobe/x\") int BPF_KPROBE(probe, struct file *f, int (*g)(int)) { return 0; }",
	       "function probe:1\n");
	expect("int BPF_PROG ( sw , bool p ) { }\nstatic __always_inline int help(void) { }",
	       "function sw:1\nfunction help:2\n");
	expect("struct event *make(void) { return 0; }", "function make:1\n");
	expect("MACRO(x, y)\n/// @sample\nstruct { int x; } m SEC(\".maps\");",
	       "macro x y .MACRO:1+\nobject m:3 @sample=\n");
	expect("extern \"C\" {\nint a;\n}\nint b;", "object a:2\nobject b:4\n");
	expect("int f(void) { char c = '{'; const char *s = \"}}\\\"}\"; /* } */ // }\n}\nint z;",
	       "function f:1\nobject z:3\n");
}

/* What they declare is asked of the object, with the names of their arguments. */
static void macros(void **state)
{
	(void)state;
	expect("/// how many\nKNOB(__u32, limit, 0);\nKNOB(__u32, other, f(1)); ///< more",
	       "macro __u32 limit .KNOB:2 \"how many\"\nmacro __u32 other f .KNOB:3 \"more\"\n");
	expect("/// @sample\nPER_CPU(const volatile int, (a), \"b\");\nint c;",
	       "macro a .PER_CPU:2 @sample=\nobject c:3\n");
	expect("PROGRAM(one) ///< first\nPROGRAM(two)\n/// text\nchar LICENSE[] SEC(\"license\") = \"GPL\";\n",
	       "macro one .PROGRAM:1+ \"first\"\nmacro two .PROGRAM:2+\nobject LICENSE:4 \"text\"\n");
	expect("/// one\nKNOB(one)\n/// two\nSEC(\"tp/x\") int f(void *c) { }\nint x;",
	       "macro one .KNOB:2+ \"one\"\nfunction f:4 \"two\"\nobject x:5\n");
	expect("/// text\nMARKED(yes)\nstruct event { int a; };",
	       "macro yes .MARKED:2+ \"text\"\nstruct event:3\nmember event.a:3\n");
	expect("/// text\nTP(\"x\") int f(void *c) { return 0; }", "macro .TP:2+ \"text\"\nfunction f:2\n");
	expect("/// text\nPROBE(work, 1) { return 0; }\nint x;", "macro work .PROBE:2 \"text\"\nobject x:3\n");
	expect("/// text\nSEC(\"tp/x\") PROBE(work) { return 0; }", "macro work .PROBE:2 \"text\"\n");
	expect("/// text\nRING(events, 1) SEC(\".maps\");\nint x;", "macro events .RING:2+ \"text\"\nobject x:3\n");
	expect("/// text\nARRAY(int) values;", "macro .ARRAY:2+ \"text\"\nobject values:2\n");
	expect("int a;\n/// text\nLAST(one)\n", "object a:1\nmacro one .LAST:3 \"text\"\n");
	expect("/// text\nKNOB(", "");
}

static void members_with_their_comments(void **state)
{
	(void)state;
	expect("struct event {\n"
	       "\t/// @time\n"
	       "\t__u64 time_ns;\n"
	       "\t__u32 pid; ///< process id\n"
	       "\t__u32 a:3, b : 5;\n"
	       "\tchar comm[16]; /**< @hidden */\n"
	       "\tstruct { int inside; } nested;\n"
	       "\tunion { int u; };\n"
	       "\tint (*call)(int);\n"
	       "\t__u8 packed __attribute__((packed));\n"
	       "};",
	       "struct event:1\nmember event.time_ns:3 @time=\nmember event.pid:4 \"process id\"\nmember event.a:5\n"
	       "member event.b:5\nmember event.comm:6 @hidden=\nmember event.nested:7\nmember event.packed:10\n");
}

static void comments_attach_to_what_follows(void **state)
{
	(void)state;
	expect("/// one\n/// two\nint a;\n/** three\n * four */\nint b;\n/** @cmdarg {\"a\": 1} */ int c;",
	       "object a:3 \"one two\"\nobject b:6 \"three four\"\nobject c:7 @cmdarg={\"a\": 1}\n");
	expect("int first;\n/// @value 1\n\n/// @value 2\nint a;",
	       "object first:1\nobject a:5 @value=2\nstray:2 @value\n");
}

static void comments_that_are_none(void **state)
{
	(void)state;
	expect("// a\n/* b */\n//// c\n/*** d */\n/**/\nint x;", "object x:6\n");
	expect("const char *s = \"/// @export\";\nint y; // \"\nint z;", "object s:1\nobject y:2\nobject z:3\n");
	/* A backslash at the end makes a line longer, whichever way lines end. */
	expect("#define A 1 \\\n int gone;\nint x; // \\\n int gone;\nint y;", "object x:3\nobject y:5\n");
	expect("#define A 1 \\\r\n int gone;\r\nint x; // \\\r\n int gone;\r\nint y;", "object x:3\nobject y:5\n");
	expect("// struct gone { int x; };\n/* struct gone { int x; }; */\nstruct kept { int x; };",
	       "struct kept:3\nmember kept.x:3\n");
}

static void the_tool_and_strays(void **state)
{
	(void)state;
	expect("// SPDX\n/// @brief A tool\n/// of mine\n#include \"vmlinux.h\"\nint a;", "object a:5\nfile:2 \"\"\n");
	expect("/// \\brief A tool\n/// \\param is text\nint a;", "object a:3 @brief=A tool \\param is text\n");
	expect("#include <x>\nint a;\n/// @sample\n#define X 1\nint b;", "object a:2\nobject b:5\nstray:3 @sample\n");
	expect("int f(void)\n{\n\t/// @value 3\n\tint x;\n}", "function f:1\nstray:3 @value\n");
	expect("int a;\n/// @export", "object a:1\nstray:2 @export\n");
}

static void values_over_several_lines(void **state)
{
	(void)state;
	expect("/// @cmdarg {\"long\": \"min\",\n///  \"help\": \"a } @b\"}\n/// text\nint a;",
	       "object a:4 \"text\" @cmdarg={\"long\": \"min\", \"help\": \"a } @b\"}\n");
	expect("/// @cmdarg {\"long\":\n/// @value 1\nint a;", "object a:3 @cmdarg={\"long\": @value=1\n");
	expect("/** @description one\n *  two\n *\n * three\n */\nint a;",
	       "object a:6 \"three\" @description=one two\n");
	expect("/// mail me@here, @ or @x@y\n/// @flag\nint a;", "object a:3 \"mail me@here, @ or @x@y\" @flag=\n");
	expect("/// @x@y is no tag\nint a;", "object a:2 \"@x@y is no tag\"\n");
}

static void conditions_keep_braces_balanced(void **state)
{
	(void)state;
	expect("#ifdef A\nint f(int a) {\n#else\nint f(int b) {\n#endif\n}\nint z;", "function f:2\nobject z:7\n");
	expect("#if 0\nint gone;\n{{{\n#elif 0\nint gone;\n#else\nint kept;\n#endif\nint z;",
	       "object kept:7\nobject z:9\n");
	expect("#if 1\nint kept;\n#elif X\nint gone;\n#else\nint gone;\n#endif\nint z;", "object kept:2\nobject z:8\n");
	expect("#if 0\n#if X\n#else\n#endif\nint gone;\n#endif\nint z;", "object z:7\n");
	expect("#if X\nint a;\n#else\nint b;\n#endif\n#endif\n#else\nint c;", "object a:2\nobject b:4\nobject c:8\n");
	expect("#define M { \\\n { \\\n {\nint z;\n#define N /* {\n{ */ {\nint y;", "object z:4\nobject y:7\n");
	expect("#error it's \"odd\nint z;", "object z:2\n");
}

static void odd_bytes(void **state)
{
	(void)state;
	expect("/// \xe7\xba\xbf\xe7\xa8\x8b @x\r\n/// @description \xe6\x97\xb6\xe9\x97\xb4\r\nint a;\r\n",
	       "object a:3 \"\xe7\xba\xbf\xe7\xa8\x8b @x\" @description=\xe6\x97\xb6\xe9\x97\xb4\n");
	expect("/// bad \xff\xc3 bytes\nint a;", "object a:2 \"bad \xef\xbf\xbd\xef\xbf\xbd bytes\"\n");
	expect("\xef\xbb\xbfint a;", "object a:1\n");
	expect("int a;\n/** never closed\nint b;", "object a:1\n");
	expect("int a = \"never closed;\nint b;", "object a:1\n");
	expect("struct x { int a;", "struct x:1\nmember x.a:1\n");
	expect("struct x { /// @hidden", "struct x:1\nstray:1 @hidden\n");
	expect("}}})))]];int a;", "object a:1\n");
	expect("int a\\\nb;\nint c;", "object b:2\nobject c:3\n");
	expect("", "");

	struct ecli_source source;
	static const char with_nul[] = "int a;\0/// @x\0\nint b;";
	assert_int_equal(ecli_source_parse("x", with_nul, sizeof(with_nul) - 1, NULL, &source), 0);
	assert_int_equal(source.n_decls, 2);
	ecli_source_done(&source);
}

static void vmlinux_is_seen(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool is_included;
	} cases[] = {
		{ "#include \"vmlinux.h\"\n", true },   { "#  include <vmlinux.h> // x", true },
		{ "#include \"my_vmlinux.h\"", false }, { "// #include \"vmlinux.h\"", false },
		{ "#include \"vmlinux.h", false },      { "#if 0\n#include \"vmlinux.h\"\n#endif", false },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ecli_source source = parse(cases[i].text);

		assert_int_equal(source.includes.vmlinux, cases[i].is_included);
		ecli_source_done(&source);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(declarations_of_every_form),
		cmocka_unit_test(functions_and_libbpf_macros),
		cmocka_unit_test(macros),
		cmocka_unit_test(members_with_their_comments),
		cmocka_unit_test(comments_attach_to_what_follows),
		cmocka_unit_test(comments_that_are_none),
		cmocka_unit_test(the_tool_and_strays),
		cmocka_unit_test(values_over_several_lines),
		cmocka_unit_test(conditions_keep_braces_balanced),
		cmocka_unit_test(odd_bytes),
		cmocka_unit_test(vmlinux_is_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
