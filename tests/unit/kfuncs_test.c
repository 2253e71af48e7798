/* SPDX-License-Identifier: MIT */
/* compile/kfuncs: which functions of the kernel vmlinux.h declares, and which of them a source declares itself. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "compile/kfuncs.h"

/* ---- writing --------------------------------------------------------------------------------------------------- */

static int int_id, pointer_id;

/* A function of the kernel's, with a tag; @param: the type of its only parameter, 0 for none. */
static int add_function(struct btf *btf, const char *name, int param, const char *tag, int component)
{
	int proto = btf__add_func_proto(btf, int_id);

	if (param)
		assert_int_equal(btf__add_func_param(btf, "task", param), 0);
	int function = btf__add_func(btf, name, BTF_FUNC_STATIC, proto);
	return btf__add_decl_tag(btf, tag, function, component);
}

static void add_text(void *ctx, const char *format, va_list args)
{
	char text[256];

	vsnprintf(text, sizeof(text), format, args);
	ecli_buf_add_text(ctx, text);
}

static void tagged_functions_are_declared(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf text = { 0 };
	struct btf *btf = btf__new_empty();

	int_id = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int task = btf__add_struct(btf, "task_struct", 4);
	btf__add_field(btf, "pid", int_id, 0, 0);
	pointer_id = btf__add_ptr(btf, task);
	int arena = btf__add_ptr(btf, btf__add_type_tag(btf, "address_space(1)", int_id));

	add_function(btf, "bpf_release", pointer_id, "bpf_kfunc", -1);
	add_function(btf, "bpf_lock", 0, "bpf_kfunc", -1);
	add_function(btf, "bpf_pages", arena, "bpf_kfunc", -1);
	add_function(btf, "bpf_lock", pointer_id, "bpf_kfunc", -1);
	add_function(btf, "bpf_other", 0, "bpf_fastcall", -1);
	add_function(btf, "bpf_parameter", pointer_id, "bpf_kfunc", 0);
	add_function(btf, "bad;name", 0, "bpf_kfunc", -1);
	btf__add_decl_tag(btf, "bpf_kfunc", task, -1);
	struct btf_dump *dump = btf_dump__new(btf, add_text, &text, NULL);
	assert_int_equal(ecli_kfuncs_write(btf, dump, &text), 0);
	assert_string_equal(ecli_buf_text(&text), "#ifndef BPF_NO_KFUNC_PROTOTYPES\n"
						  "#define ECLI_KFUNC __attribute__((weak, section(\".ksyms\")))\n"
						  "#ifndef ECLI_OWN_bpf_release\n"
						  "extern int bpf_release(struct task_struct *task) ECLI_KFUNC;\n"
						  "#endif\n"
						  "#ifndef ECLI_OWN_bpf_lock\n"
						  "extern int bpf_lock(void) ECLI_KFUNC;\n"
						  "#endif\n"
						  "#undef ECLI_KFUNC\n"
						  "#endif\n\n");
	btf_dump__free(dump);
	btf__free(btf);
}

/* ---- what a source declares itself ----------------------------------------------------------------------------- */

static char folder[] = "/tmp/ecli-kfuncs.XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[2][128];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

static void write_text(const char *name, const char *text)
{
	assert_int_equal(ecli_file_write(in_folder(name), text, strlen(text), NULL), 0);
}

static void expect_with(const char *const *cflags, const char *names)
{
	CLEANUP_BUF struct ecli_buf found = { 0 }, want = { 0 };
	CLEANUP_FREE char *copy = strdup(names);
	char *save = NULL;

	for (char *name = strtok_r(copy, " ", &save); name; name = strtok_r(NULL, " ", &save))
		ecli_buf_add_format(&want, "#define ECLI_OWN_%s\n", name);
	assert_int_equal(ecli_kfuncs_find_own(in_folder("tool.bpf.c"), cflags, folder, &found), 0);
	assert_string_equal(ecli_buf_text(&found), ecli_buf_text(&want));
}

static void expect(const char *text, const char *names)
{
	write_text("tool.bpf.c", text);
	expect_with(NULL, names);
}

static int make_folder(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(mkdir(in_folder("more"), 0700), 0);
	write_text("vmlinux.h",
		   "int x;\n#ifndef ECLI_OWN_not_of_the_section\n#endif\n"
		   "#ifndef BPF_NO_KFUNC_PROTOTYPES\n#define ECLI_KFUNC\n"
		   "#ifndef ECLI_OWN_bpf_strlen\nextern int bpf_strlen(const char *s) ECLI_KFUNC;\n#endif\n"
		   "#ifndef ECLI_OWN_bpf_rdonly_cast\n#endif\n"
		   "#ifndef ECLI_OWN_tcp_init\n#endif\n#endif\n");
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	static const char *const names[] = { "tool.bpf.c", "vmlinux.h", "vmlinux_64.h", "tool.h", "more/more.h",
					     "more",       "" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		remove(in_folder(names[i]));
	return 0;
}

static void what_stands_at_file_scope_is_own(void **state)
{
	(void)state;
	expect("", "");
	expect("extern int bpf_strlen(char *s) __ksym;", "bpf_strlen");
	expect("static inline int bpf_strlen(char *s)\n{\n\treturn 0;\n}", "bpf_strlen");
	expect("void BPF_PROG(tcp_init, struct sock *sk) { } DECLARE(void *, bpf_rdonly_cast)",
	       "bpf_rdonly_cast tcp_init");
	expect("int f(void) { extern int bpf_strlen(char *); return bpf_strlen(0); }", "bpf_strlen");
	expect("int bpf_iter_num_new(void *, int, int);", "bpf_iter_num_new");
	expect("#ifdef A\nint bpf_strlen(void);\n#else\nlong bpf_strlen(void);\n#endif", "bpf_strlen");
}

static void what_is_only_called_is_not(void **state)
{
	(void)state;
	expect("int f(void) { return bpf_strlen(\"x\"); }", "");
	expect("#define LEN(s) bpf_strlen(s)\n// int bpf_strlen(void);\n#if 0\nint bpf_strlen(void);\n#endif", "");
	expect("int bpf_strlen_2(void); int not_of_the_section(void); int bpf_str(void);", "");
	expect("int f(void) { extern int x; bpf_strlen(0); }", "");
	expect("}}} int f(void) { bpf_strlen(0); }", "");
	expect("char *s = \"bpf_strlen\";", "");
}

static void files_that_are_included_count(void **state)
{
	(void)state;
	CLEANUP_FREE char *path = strdup(in_folder("more"));
	CLEANUP_FREE char *joined = NULL;
	assert_true(asprintf(&joined, "-isystem%s", path) > 0);
	const char *const apart[] = { "-O2", "-I", path, NULL }, *const together[] = { joined, NULL };
	const char *const cut[] = { "-I", NULL };

	write_text("more/more.h", "#include \"more.h\"\n#include \"../tool.bpf.c\"\nint bpf_strlen(void);");
	write_text("tool.h", "#include <more.h>\nint tcp_init(void);\n");
	write_text("vmlinux_64.h", "int bpf_iter_num_next(void);\n");
	write_text("tool.bpf.c",
		   "#include \"vmlinux_64.h\"\n#include <absent.h>\n#include \"more\"\n # include <tool.h>\n");
	expect_with(NULL, "tcp_init");
	expect_with(cut, "tcp_init");
	expect_with(apart, "bpf_strlen tcp_init");
	expect_with(together, "bpf_strlen tcp_init");
	write_text("tool.bpf.c", "#include \"more/more.h\"\n");
	expect_with(NULL, "bpf_strlen");
}

static void what_cannot_be_read_is_left_to_clang(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf found = { 0 };

	assert_int_equal(ecli_kfuncs_find_own("/nonexistent/tool.bpf.c", NULL, "/nonexistent", &found), 0);
	assert_int_equal(ecli_kfuncs_find_own(folder, NULL, NULL, &found), 0);
	assert_int_equal(found.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tagged_functions_are_declared),
		cmocka_unit_test(what_stands_at_file_scope_is_own),
		cmocka_unit_test(what_is_only_called_is_not),
		cmocka_unit_test(files_that_are_included_count),
		cmocka_unit_test(what_cannot_be_read_is_left_to_clang),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
