/* SPDX-License-Identifier: MIT */
/*
 * What cannot run here is refused with one plain sentence and the right meaning: 3 when the kernel lacks it, 1
 * otherwise.
 */
#include "harness.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

DEFINE_CLEANUP(package, struct ecli_package *, ecli_package_free)
#define OWN_PACKAGE CLEANUP(cleanup_package) struct ecli_package *

#define BTF_FILE "/sys/kernel/btf/vmlinux"

static void sentences_say_what_is_missing(void **state)
{
	(void)state;
	static const struct {
		const char *prog;
		enum ecli_fail fail;
		const char *sentence;
	} cases[] = {
		{ "tp_missing", ECLI_FAIL_KERNEL,
		  "this kernel has no tracepoint sched/ecli_no_such_event (program tp_missing)" },
		{ "tp_btf_missing", ECLI_FAIL_KERNEL,
		  "this kernel has no tracepoint ecli_no_such_event (program tp_btf_missing)" },
		{ "raw_tp_missing", ECLI_FAIL_KERNEL,
		  "this kernel has no tracepoint ecli_no_such_event (program raw_tp_missing)" },
		{ "fentry_missing", ECLI_FAIL_KERNEL,
		  "this kernel has no function ecli_no_such_function (program fentry_missing)" },
		{ "iter_missing", ECLI_FAIL_KERNEL,
		  "this kernel has no iterator ecli_no_such_thing (program iter_missing)" },
		{ "uprobe_no_file", ECLI_FAIL_ERROR,
		  "there is no file /ecli/no/such/file, which program uprobe_no_file traces" },
		{ "uprobe_no_symbol", ECLI_FAIL_ERROR,
		  "/proc/self/exe has no function ecli_no_such_function (program uprobe_no_symbol)" },
		{ "unknown_helper", ECLI_FAIL_KERNEL,
		  "this kernel does not have helper number 100000 for program unknown_helper" },
		{ "unknown_member", ECLI_FAIL_KERNEL,
		  "this kernel has no struct task_struct___ecli.ecli_no_such_member, which program unknown_member "
		  "reads" },
		{ "not_supported", ECLI_FAIL_ERROR,
		  "program not_supported: attaching SEC(\"lwt_in\") programs is not supported by this version" },
		{ "no_target", ECLI_FAIL_ERROR,
		  "program no_target: SEC(\"fentry\") does not say what to attach to: give "
		  "--attach no_target=FUNCTION" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		OWN_PACKAGE package = open_package("kinds");
		struct ecli_err err = { 0 };
		struct ecli_load *load = NULL;

		take_prog(package, cases[i].prog, "it");
		assert_true(load_package(package, &err, &load) < 0);
		assert_string_equal(err.text, cases[i].sentence);
		assert_int_equal(err.fail, cases[i].fail);
		assert_null(load);
	}
}

static void missing_probes_are_the_kernels_lack(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("kinds");
	struct ecli_err err = { 0 };
	struct ecli_load *load = NULL;

	take_prog(package, "kprobe_missing", "it");
	assert_true(load_package(package, &err, &load) < 0);
	assert_int_equal(err.fail, ECLI_FAIL_KERNEL);
	assert_true(!strcmp(err.text, "this kernel has no kprobes (program kprobe_missing)") ||
		    !strcmp(err.text, "this kernel has no function ecli_no_such_function that can be probed "
				      "(program kprobe_missing)"));
}

static void rejections_show_line_and_log(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("kinds");
	struct ecli_err err = { 0 };
	struct ecli_load *load = NULL;
	unsigned int lines = 0;

	take_prog(package, "rejected", "it");
	assert_true(load_package(package, &err, &load) < 0);
	note("%s\n", err.text);
	assert_int_equal(err.fail, ECLI_FAIL_ERROR);
	assert_memory_equal(err.text, "the kernel rejected program rejected at `return *count; /* not checked */`", 73);
	const char *end = strchr(err.text, '\n');
	assert_non_null(end);
	const char *reason = strstr(err.text, "R0 invalid mem access 'map_value_or_null'");
	assert_true(reason && reason < end);
	for (const char *p = end; p; p = strchr(p + 1, '\n'))
		lines++;
	assert_in_range(lines, 3, 8);
	assert_null(strstr(end, "processed "));
}

static void failing_alternatives_are_all_named(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("kinds");
	struct ecli_err err = { 0 };
	struct ecli_load *load = NULL;

	take_prog(package, "tp_missing", "x/one");
	take_prog(package, "raw_tp_missing", "x/two");
	assert_true(load_package(package, &err, &load) < 0);
	assert_int_equal(err.fail, ECLI_FAIL_KERNEL);
	assert_string_equal(err.text,
			    "none of the alternatives for x works here\n"
			    "one: this kernel has no tracepoint sched/ecli_no_such_event (program tp_missing)\n"
			    "two: this kernel has no tracepoint ecli_no_such_event (program raw_tp_missing)");
}

static void maps_are_named(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("kinds");
	struct ecli_err err = { 0 };
	struct ecli_load *load = NULL;

	take_prog(package, "raw_tp_enter", "it");
	tag_map(package, "strange", "it");
	assert_true(load_package(package, &err, &load) < 0);
	note("%s\n", err.text);
	assert_non_null(strstr(err.text, "map strange"));

	/* A choice fails in its map as it would in its program. */
	take_prog(package, "uses_spare", "other");
	assert_int_equal(load_package(package, &err, &load), 0);
	assert_non_null(strstr(log_text(), "; trying other\nother: taken\n"));
	ecli_load_close(load);
}

static void the_library_is_silent(void **state)
{
	(void)state;
	static const char *const progs[] = { "rejected", "fentry_missing", "tp_missing", "uprobe_no_symbol" };
	CLEANUP_FD int fd = memfd_create("output", MFD_CLOEXEC);
	CLEANUP_FD int out = dup(STDOUT_FILENO), err_fd = dup(STDERR_FILENO);

	fflush(NULL);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	for (size_t i = 0; i < ARRAY_SIZE(progs); i++) {
		OWN_PACKAGE package = open_package("kinds");
		struct ecli_load *load = NULL;

		take_prog(package, progs[i], "it");
		if (!ecli_load_open(package, NULL, NULL, &load))
			ecli_load_close(load);
	}
	fflush(NULL);
	dup2(out, STDOUT_FILENO);
	dup2(err_fd, STDERR_FILENO);
	assert_int_equal(lseek(fd, 0, SEEK_END), 0);
}

/* ---- in other circumstances: a child changes its own and loads ------------------------------------------------- */

static void become_nobody(void)
{
	if (setgid(65534) || setuid(65534))
		_exit(2);
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capset, &header, data))
		_exit(2);
}

static void hide_kernel_btf(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/sys/kernel/btf", "tmpfs", 0, NULL))
		_exit(2);
}

static void break_debugfs(void)
{
	/* A debugfs whose tracing folder exists and is empty: libbpf will look there and nowhere else. */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/sys/kernel/debug", "tmpfs", 0, NULL))
		_exit(2);
	if (ecli_file_make_dirs("/sys/kernel/debug/tracing", NULL))
		_exit(2);
}

static void forbid_locked_memory(void)
{
	struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_MEMLOCK, &none))
		_exit(2);
}

/* Where "/" is closed to others (a chroot of a private folder) they see no kernel type information either. */
static bool others_may_enter_root(void)
{
	struct stat st;

	return stat("/", &st) == 0 && (st.st_mode & S_IXOTH);
}

static void rights_are_asked_for(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("kinds");
	struct outcome o;

	/* With choices left: no other choice would help, so none is tried. */
	take_prog(package, "tp_btf_enter", "one");
	take_prog(package, "raw_tp_enter", "two");
	if (others_may_enter_root()) {
		load_in_child(package, NULL, become_nobody, &o);
		assert_int_equal(o.r, -EPERM);
		assert_string_equal(o.err.text, "needs root (CAP_BPF and CAP_PERFMON): try sudo");
		assert_int_equal(o.err.fail, ECLI_FAIL_ERROR);
		assert_string_equal(o.log, "");
	}

	load_in_child(package, NULL, drop_capabilities, &o);
	assert_int_equal(o.r, -EPERM);
	assert_non_null(strstr(o.err.text, "needs CAP_BPF and CAP_PERFMON"));
}

static void kernels_without_type_information(void **state)
{
	(void)state;
	enum ecli_loader usual = test_loader;
	OWN_PACKAGE package = open_package("kinds");
	CLEANUP_BUF struct ecli_buf btf = { 0 };
	char copy[] = "/tmp/ecli-load-btf-XXXXXX";
	struct outcome o;

	take_prog(package, "raw_tp_enter", "it");
	/* Only the file is hidden: a loader program asks the kernel itself, which still knows. */
	test_loader = ECLI_LOADER_LIBBPF;
	load_in_child(package, NULL, hide_kernel_btf, &o);
	assert_true(o.r < 0);
	assert_int_equal(o.err.fail, ECLI_FAIL_KERNEL);
	assert_non_null(strstr(o.err.text, "this kernel has no type information"));
	assert_non_null(strstr(o.err.text, "--btf FILE"));

	/* With a file of it, what needs no type information inside the kernel runs. */
	CLEANUP_FD int fd = mkstemp(copy);
	assert_int_equal(ecli_file_read(BTF_FILE, 1 << 26, &btf, NULL), 0);
	assert_int_equal(ecli_file_write_all(fd, btf.data, btf.len), 0);
	take_prog(package, "tp_btf_enter", "tp_btf");
	take_prog(package, "raw_tp_enter", "raw_tp"); /* now after the other */
	load_in_child(package, copy, hide_kernel_btf, &o);
	unlink(copy);
	note("%s", o.log);
	assert_int_equal(o.r, 0);
	assert_non_null(strstr(o.log, "tp_btf: this kernel has no type information"));
	assert_non_null(strstr(o.log, "raw_tp: taken\n"));

	load_in_child(package, "/ecli/no/file", hide_kernel_btf, &o);
	assert_string_equal(o.err.text, "cannot read /ecli/no/file (--btf): No such file or directory");
	ecli_package_extra_set_text(&find_prog(package, "tp_btf_enter")->extras, "alternative", "unused/nothing");
	make_optional(package, "tp_btf_enter");
	load_in_child(package, "/etc/passwd", hide_kernel_btf, &o);
	assert_string_equal(o.err.text, "/etc/passwd does not hold type information (BTF) of a kernel (--btf)");
	test_loader = usual;
}

static void machines_are_odd(void **state)
{
	(void)state;
	OWN_PACKAGE package = open_package("kinds");
	struct outcome o;

	take_prog(package, "tp_enter", "it");
	load_in_child(package, NULL, forbid_locked_memory, &o);
	assert_string_equal(o.err.text, "");
	assert_int_equal(o.r, 0);
	load_in_child(package, NULL, break_debugfs, &o);
	assert_string_equal(o.err.text, "");
	assert_int_equal(o.r, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences_say_what_is_missing),
		cmocka_unit_test(missing_probes_are_the_kernels_lack),
		cmocka_unit_test(rejections_show_line_and_log),
		cmocka_unit_test(failing_alternatives_are_all_named),
		cmocka_unit_test(maps_are_named),
		cmocka_unit_test(the_library_is_silent),
		cmocka_unit_test(rights_are_asked_for),
		cmocka_unit_test(kernels_without_type_information),
		cmocka_unit_test(machines_are_odd),
	};
	return skip_without_root() ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
