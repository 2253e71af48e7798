/* SPDX-License-Identifier: MIT */
/* compile/: the small parts with rules of their own: versions in names, cleaned paths, the seal of a cached header. */
#include "unit.h"

#include <errno.h>
#include <linux/btf.h>
#include <string.h>

#include "base/cleanup.h"
#include "compile/cache.h"
#include "compile/clang.h"
#include "compile/exports.h"
#include "compile/paths.h"
#include "compile/target.h"
#include "compile/vmlinux.h"

static void versions_are_in_names(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		unsigned int version;
	} cases[] = {
		{ "/usr/bin/clang-19", 19 },
		{ "/usr/lib/llvm-14/bin/clang", 14 },
		{ "/usr/lib64/llvm17/bin/clang", 17 },
		{ "/usr/lib/llvm-14/bin/clang-15", 15 },
		{ "/opt/clang-18.1.2/bin/clang", 18 },
		{ "/usr/bin/clang", 0 },
		{ "/usr/bin/ccache", 0 },
		{ "/usr/bin/clang-format", 0 },
		{ "/usr/bin/clang-19x", 0 },
		{ "/usr/bin/clang-99999999999999999999", 0 },
		{ "", 0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(ecli_clang_version_of(cases[i].path), cases[i].version);
}

/* A .BTF section that is only strings. */
static size_t make_btf(unsigned char *btf, const char *strings, size_t len)
{
	struct btf_header header = {
		.magic = BTF_MAGIC, .version = 1, .hdr_len = sizeof(header), .str_len = (uint32_t)len
	};

	memcpy(btf, &header, sizeof(header));
	memcpy(btf + sizeof(header), strings, len);
	return sizeof(header) + len;
}

static const struct ecli_path_rule rules[] = {
	{ "/home/me/.cache/include-1/", "ecc/" }, { "", "never/" }, { "/home/me/", "" }, { "sub/", "" }, { NULL, NULL },
};

static void paths_are_cleaned(void **state)
{
	(void)state;
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "./tool.bpf.c", "tool.bpf.c" },
		{ "././tool.h", "tool.h" },
		{ "./sub/tool.bpf.c", "tool.bpf.c" },
		{ "./sub/.//deeper/x.h", ".//deeper/x.h" },
		{ "/home/me/tool.bpf.c", "tool.bpf.c" },
		{ "/home/me/.cache/include-1/libbpf/x.h", "ecc/libbpf/x.h" },
		{ "/usr/include/x.h", "/usr/include/x.h" },
		{ "../other/x.h", "../other/x.h" },
		{ "sub/x", "sub/x" }, /* a section's name, not a path: those begin with "./" */
		{ "tp/sched/x", "tp/sched/x" },
		{ "/", "/" },
		{ "./", "" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char strings[64] = "";
		unsigned char btf[128];
		size_t len = 1 + strlen(cases[i].before) + 1;

		memcpy(strings + 1, cases[i].before, len - 1);
		size_t size = make_btf(btf, strings, len);
		ecli_paths_clean(rules, btf, size);
		assert_string_equal((char *)btf + sizeof(struct btf_header) + 1, cases[i].after);
	}
	CLEANUP_FREE char *none = ecli_paths_dir_of("tool.bpf.c"), *some = ecli_paths_dir_of(".//a/b/tool.bpf.c"),
			  *root = ecli_paths_dir_of("/tool.bpf.c");
	assert_string_equal(none, "");
	assert_string_equal(some, "a/b/");
	assert_string_equal(root, "/");
}

/* What is not whole is left as it is, and never read past its end. */
static void damaged_btf_is_left_alone(void **state)
{
	(void)state;
	static const char strings[] = "\0./a.c\0./b.c";
	unsigned char good[128], *exact;
	size_t size = make_btf(good, strings, sizeof(strings));

	for (size_t cut = 0; cut < size; cut++) {
		exact = malloc(cut + 1);
		assert_non_null(exact);
		memcpy(exact, good, cut);
		ecli_paths_clean(rules, exact, cut);
		assert_memory_equal(exact, good, cut);
		free(exact);
	}
	struct btf_header header;
	memcpy(&header, good, sizeof(header));
	for (int i = 0; i < 4; i++) {
		struct btf_header bad = header;

		*(i == 0   ? &bad.str_off
		  : i == 1 ? &bad.hdr_len
		  : i == 2 ? &bad.str_len
			   : &bad.str_off) = i == 3 ? 1 : UINT32_MAX - 8;
		exact = malloc(size);
		assert_non_null(exact);
		memcpy(exact, good, size);
		memcpy(exact, &bad, sizeof(bad));
		ecli_paths_clean(rules, exact, size);
		assert_memory_equal(exact + sizeof(bad), strings, sizeof(strings));
		free(exact);
	}
}

static void a_seal_shows_damage(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf buf = { 0 };

	assert_false(ecli_vmlinux_is_whole("", 0));
	ecli_buf_add_text(&buf, "typedef int x;\n");
	assert_false(ecli_vmlinux_is_whole(buf.data, buf.len));
	ecli_vmlinux_seal(&buf);
	assert_true(ecli_vmlinux_is_whole(buf.data, buf.len));
	for (size_t i = 0; i < buf.len; i++) {
		buf.data[i] ^= 1;
		assert_false(ecli_vmlinux_is_whole(buf.data, buf.len));
		buf.data[i] ^= 1;
		assert_false(ecli_vmlinux_is_whole(buf.data, i));
	}
}

static void structs_are_kept_once(void **state)
{
	(void)state;
	static const char header_text[] = "struct a { int x; };\nstruct b;\nstruct a { int x; };\n",
			  source_text[] = "/// @export\nstruct c { int x; };\nstruct d { int x; };\n";
	char *names[] = { "b", "a" };
	struct ecli_reports none = { 0 }, reports = { .names = names, .count = 2 };
	struct ecli_source source, header;
	CLEANUP_BUF struct ecli_buf text = { 0 };

	assert_int_equal(ecli_source_parse("x.h", header_text, strlen(header_text), NULL, &header), 0);
	assert_int_equal(ecli_source_parse("x.c", source_text, strlen(source_text), NULL, &source), 0);
	ecli_exports_keep(&source, &header, &none, &text);
	assert_string_equal(ecli_buf_text(&text),
			    "#pragma clang system_header\n"
			    "struct a;\nstruct a *ecli_export_a __attribute__((section(\"ecli.types\"), used));\n"
			    "struct c;\nstruct c *ecli_export_c __attribute__((section(\"ecli.types\"), used));\n");
	ecli_buf_clear(&text);
	ecli_exports_keep(&header, NULL, &none, &text);
	assert_int_equal(text.len, 0);
	/* What is reported comes first, and not once more for its header. */
	ecli_exports_keep(&source, &header, &reports, &text);
	assert_string_equal(ecli_buf_text(&text),
			    "#pragma clang system_header\n"
			    "struct b;\nstruct b *ecli_export_b __attribute__((section(\"ecli.types\"), used));\n"
			    "struct a;\nstruct a *ecli_export_a __attribute__((section(\"ecli.types\"), used));\n"
			    "struct c;\nstruct c *ecli_export_c __attribute__((section(\"ecli.types\"), used));\n");
	ecli_source_done(&source);
	ecli_source_done(&header);
}

/* BTF with one struct that has one member inside a union without a name, as the kernel wraps registers. */
static struct btf *registers(const char *type, const char *member)
{
	struct btf *btf = btf__new_empty();
	int u64 = btf__add_int(btf, "unsigned long", 8, 0);
	int inner = btf__add_struct(btf, NULL, 8);

	btf__add_field(btf, member, u64, 0, 0);
	int wrap = btf__add_union(btf, NULL, 8);
	btf__add_field(btf, NULL, inner, 0, 0);
	btf__add_struct(btf, type, 8);
	btf__add_field(btf, NULL, wrap, 0, 0);
	return btf;
}

static void architectures_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *type, *member, *target;
	} cases[] = {
		{ "pt_regs", "di", "x86_64" },   { "user_pt_regs", "pstate", "arm64" },
		{ "pt_regs", "epc", "riscv64" }, { "user_pt_regs", "nip", "ppc64le" },
		{ "pt_regs", "other", NULL },
	};
	const struct ecli_target *target;
	struct ecli_err err = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct btf *btf = registers(cases[i].type, cases[i].member);
		target = ecli_target_of_btf(btf);
		if (cases[i].target)
			assert_string_equal(target->name, cases[i].target);
		else
			assert_null(target);
		btf__free(btf);
	}
	assert_int_equal(ecli_target_find("aarch64", &err, &target), 0);
	assert_string_equal(target->name, "arm64");
	assert_int_equal(ecli_target_find("amd64", &err, &target), 0);
	assert_string_equal(target->define, "x86");
	assert_int_equal(ecli_target_find("s390x", &err, &target), -ENOTSUP);
	/* There, or told why not. */
	int loong = ecli_target_find("loongarch64", &err, &target);
	assert_true(loong ? loong == -ENOTSUP && strstr(err.text, "does not know the registers of loongarch64")
			  : !strcmp(target->define, "loongarch"));
	assert_int_equal(ecli_target_find("", &err, &target), -EINVAL);
	assert_int_equal(ecli_target_find("x86 amd64", &err, &target), -EINVAL);
	assert_int_equal(err.fail, ECLI_FAIL_USAGE);
	assert_true(ecli_target_is_registers("pt_regs") && ecli_target_is_registers("pt_regs___s390"));
	assert_false(ecli_target_is_registers("pt_regs_") || ecli_target_is_registers("task_struct"));
}

/* The registers of the machine whose types these are step aside for those of the target, and only for another one. */
static void another_architecture_has_other_registers(void **state)
{
	(void)state;
	char path[] = "/tmp/ecli-registers-XXXXXX";
	CLEANUP_BUF struct ecli_buf own = { 0 }, other = { 0 };
	const struct ecli_target *x86, *arm64;
	struct btf *btf = registers("pt_regs", "di");
	struct ecli_err err = { 0 };
	uint32_t size;
	const void *bytes = btf__raw_data(btf, &size);
	int fd = mkstemp(path);

	assert_true(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	close(fd);
	btf__free(btf);
	ecli_target_find("x86_64", NULL, &x86);
	ecli_target_find("arm64", NULL, &arm64);
	assert_int_equal(ecli_vmlinux_write(path, x86, &own, &err), 0);
	assert_null(strstr(ecli_buf_text(&own), "another_machine"));
	assert_int_equal(ecli_vmlinux_write(path, arm64, &other, &err), 0);
	const char *text = ecli_buf_text(&other), *away = strstr(text, "#define pt_regs pt_regs___of_another_machine");
	const char *theirs = away ? strstr(away, "unsigned long di") : NULL;
	const char *back = theirs ? strstr(theirs, "#undef pt_regs") : NULL;
	assert_non_null(back ? strstr(back, "struct user_pt_regs {") : NULL);
	unlink(path);
}

static void no_kernel_btf_is_no_error(void **state)
{
	(void)state;
	char dir[] = "/tmp/ecli-compile-XXXXXX";
	struct ecli_cache cache;
	struct ecli_err err = { 0 };

	assert_non_null(mkdtemp(dir));
	setenv("TMPDIR", dir, 1);
	setenv("HOME", "", 1);
	unsetenv("XDG_CACHE_HOME");
	assert_int_equal(ecli_cache_open(NULL, "/nonexistent/btf", ecli_target_here(), &err, &cache), 0);
	assert_null(cache.vmlinux_dir);
	assert_true(cache.is_temporary);
	assert_memory_equal(cache.root, dir, strlen(dir));
	ecli_cache_close(&cache);
	assert_int_equal(ecli_cache_open("/nonexistent/btf", "/nonexistent/btf", ecli_target_here(), &err, &cache),
			 -ENOENT);
	assert_int_equal(rmdir(dir), 0); /* empty: both took their folders with them */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_in_names),
		cmocka_unit_test(paths_are_cleaned),
		cmocka_unit_test(damaged_btf_is_left_alone),
		cmocka_unit_test(a_seal_shows_damage),
		cmocka_unit_test(structs_are_kept_once),
		cmocka_unit_test(no_kernel_btf_is_no_error),
		cmocka_unit_test(architectures_are_told_apart),
		cmocka_unit_test(another_architecture_has_other_registers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
