/* SPDX-License-Identifier: MIT */
/* Where programs attach, without a kernel: targets are set and shown, files of programs are found, and hostile ones read. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecli/load.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "load/attach/binary.h"

static struct ecli_package_prog progs[3];
static struct ecli_package package = { .progs = progs, .n_progs = ARRAY_SIZE(progs) };

static int make_package(void **state)
{
	(void)state;
	static const char *const names[] = { "ingress", "probe", "guard" };
	static const char *const sections[] = { "tc", "kprobe/vfs_read", "cgroup/connect4" };

	for (size_t i = 0; i < ARRAY_SIZE(progs); i++)
		progs[i] = (struct ecli_package_prog){ .name = (char *)names[i], .attach = (char *)sections[i] };
	return 0;
}

static int free_package(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(progs); i++)
		ecli_package_extras_done(&progs[i].extras);
	return 0;
}

static void assert_present(size_t prog, const char *text)
{
	CLEANUP_BUF struct ecli_buf out = { 0 };

	ecli_attach_present(&progs[prog], &out);
	assert_string_equal(ecli_buf_text(&out), text);
}

static void targets_are_set_and_shown(void **state)
{
	(void)state;
	static const char *const words[] = { "ingress=eth0:egress", "p*=vfs_read", "p*=vfs_write" };
	struct ecli_err err = { 0 };

	assert_present(0, "lo:ingress");
	assert_present(1, "vfs_read");
	assert_present(2, "the whole machine");
	assert_int_equal(ecli_attach_set(&package, ECLI_ATTACH_INTERFACE, "eth9", &err), 0);
	assert_int_equal(ecli_attach_set(&package, ECLI_ATTACH_CGROUP, "user.slice", &err), 0);
	assert_present(0, "eth9:ingress");
	assert_present(2, "user.slice");
	assert_int_equal(ecli_package_set_targets(&package, words, ARRAY_SIZE(words), &err), 0);
	assert_present(0, "eth0:egress");
	assert_present(1, "vfs_read, vfs_write");
	assert_string_equal(ecli_attach_form(&progs[0]), "IFACE[:ingress|:egress]");
	assert_int_equal(ecli_attach_set(&package, ECLI_ATTACH_PROCESS, "1", &err), -EINVAL);
	assert_int_equal(err.fail, ECLI_FAIL_USAGE);
}

static void wrong_targets_are_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = { "", "=", "ingress", "ingress=", "=lo", "nosuch=lo", "ingress=\xff" };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct ecli_err err = { 0 };

		assert_int_equal(ecli_package_set_targets(&package, &wrong[i], 1, &err), -EINVAL);
		assert_int_equal(err.fail, ECLI_FAIL_USAGE);
	}
	static const char *const json[] = { "true", "{}", "[1]", "[\"none\",\"lo\"]" };
	for (size_t i = 0; i < ARRAY_SIZE(json); i++) {
		struct ecli_package_targets targets;
		struct ecli_err err = { 0 };

		assert_int_equal(ecli_package_extra_set(&progs[0].extras, "target", json[i]), 0);
		assert_int_equal(ecli_package_targets_read(&progs[0].extras, "ingress", &err, &targets), -EINVAL);
	}
}

/* Functions that only this program has, and that no compiler clones or splits. */
__attribute__((noinline, noclone, used)) static int to_be_found_a(void)
{
	return 1;
}

__attribute__((noinline, noclone, used)) static int to_be_found_b(void)
{
	return 2;
}

static void files_are_found(void **state)
{
	(void)state;
	char path[PATH_MAX];
	uint64_t *offsets = NULL;
	size_t count = 0;

	assert_true(ecli_binary_find("/proc/self/exe", -1, path));
	assert_int_equal(ecli_binary_functions(path, "to_be_found_*", &offsets, &count), 0);
	assert_int_equal(count, 2);
	assert_true(offsets[0] < offsets[1]);
	free(offsets);
	assert_true(ecli_binary_find("c", getpid(), path));
	assert_non_null(strstr(path, "libc.so.6"));
	assert_false(ecli_binary_find("ecli-no-such-thing", -1, path));
	assert_string_equal(path, "ecli-no-such-thing");
	assert_int_equal(ecli_binary_functions("/dev/null", "*", &offsets, &count), -ENOEXEC);
}

/* Our own file with bytes of its headers broken, one after the other: any answer, and no read outside. */
static void hostile_files_are_read(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf file = { 0 };
	char path[] = "/tmp/ecli-target-XXXXXX";
	struct ecli_err err;

	assert_int_equal(ecli_file_read("/proc/self/exe", 64u << 20, &file, &err), 0);
	CLEANUP_FD int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(ecli_file_write_all(fd, file.data, file.len), 0);
	for (off_t i = 16; i < 64; i++) {
		uint64_t *offsets = NULL;
		size_t count = 0;

		assert_int_equal(pwrite(fd, "\xff", 1, i), 1);
		if (!ecli_binary_functions(path, "ecli_binary_f*", &offsets, &count))
			free(offsets);
		assert_int_equal(pwrite(fd, file.data + i, 1, i), 1);
	}
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(targets_are_set_and_shown, make_package, free_package),
		cmocka_unit_test_setup_teardown(wrong_targets_are_refused, make_package, free_package),
		cmocka_unit_test(files_are_found),
		cmocka_unit_test(hostile_files_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
