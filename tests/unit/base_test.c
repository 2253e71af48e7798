/* SPDX-License-Identifier: MIT */
/* base/: numbers told apart, buffers that grow, errors that wrap, files that are whole or absent. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecli/base.h>

#include "base/cgroup.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"

static void numbers_are_digits_only(void **state)
{
	(void)state;
	uint64_t u = 7;
	int64_t s = 7;

	static const struct {
		const char *text;
		int r;
		uint64_t value;
	} cases[] = {
		{ "0", 0, 0 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "0xff", 0, 255 },
		{ "010", 0, 10 },
		{ "18446744073709551616", -ERANGE, 7 },
		{ "", -EINVAL, 7 },
		{ "-1", -EINVAL, 7 },
		{ " 1", -EINVAL, 7 },
		{ "1x", -EINVAL, 7 },
		{ "0x", -EINVAL, 7 },
		{ "99999999999999999999999x", -EINVAL, 7 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		u = 7;
		assert_int_equal(ecli_num_parse_u64(cases[i].text, &u), cases[i].r);
		assert_true(u == cases[i].value);
	}
	assert_int_equal(ecli_num_parse_s64("-9223372036854775808", &s), 0);
	assert_true(s == INT64_MIN);
	assert_int_equal(ecli_num_parse_s64("9223372036854775808", &s), -ERANGE);
	assert_int_equal(ecli_num_parse_s64("--1", &s), -EINVAL);
	assert_true(ecli_num_min_signed(1) == -128 && ecli_num_max_signed(8) == INT64_MAX);
	assert_true(ecli_num_min_signed(8) == INT64_MIN && ecli_num_max_unsigned(4) == UINT32_MAX);

	double d = 7;
	assert_int_equal(ecli_num_parse_double("1e400", &d), -ERANGE);
	assert_int_equal(ecli_num_parse_double("nan", &d), -EINVAL);
	assert_int_equal(ecli_num_parse_double("-2.5", &d), 0);
	assert_true(d == -2.5);
}

static void buffer_grows_and_keeps(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf buf = { 0 };

	assert_string_equal(ecli_buf_text(&buf), "");
	for (int i = 0; i < 1000; i++)
		ecli_buf_add_format(&buf, "%d,", i);
	assert_int_equal(buf.len, 10 * 2 + 90 * 3 + 900 * 4);
	assert_memory_equal(ecli_buf_text(&buf) + buf.len - 4, "999,", 5);
	assert_false(ecli_buf_reserve(&buf, SIZE_MAX - 1));
	assert_true(ecli_buf_failed(&buf));
	ecli_buf_add_text(&buf, "ignored");
	assert_null(ecli_buf_take(&buf));
}

static void errors_wrap_and_keep_meaning(void **state)
{
	(void)state;
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_err_set(NULL, -EIO, "x"), -EIO);
	assert_int_equal(ecli_err_set_fail(&err, ECLI_FAIL_KERNEL, -ENOENT, "no %s", "tracepoint"), -ENOENT);
	assert_int_equal(ecli_err_wrap(&err, -EINVAL, "%s", "tool.json"), -ENOENT);
	assert_string_equal(err.text, "tool.json: no tracepoint");
	assert_int_equal(err.fail, ECLI_FAIL_KERNEL);

	char longer[6000];
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ecli_err_set(&err, -EIO, "%s", longer);
	ecli_err_wrap(&err, -EIO, "%s", "front");
	assert_memory_equal(err.text, "front: aaa", 10);
	assert_true(strlen(err.text) < sizeof(err.text));
}

static void files_are_whole_or_absent(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf buf = { 0 };
	struct ecli_err err = { 0 };
	char dir[] = "/tmp/ecli-base-XXXXXX";
	char path[128];

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a/b", dir);
	assert_int_equal(ecli_file_make_dirs(path, &err), 0);
	snprintf(path, sizeof(path), "%s/a/b/file", dir);
	assert_int_equal(ecli_file_write(path, "one\0two", 7, &err), 0);
	assert_int_equal(ecli_file_read(path, 100, &buf, &err), 0);
	assert_int_equal(buf.len, 7);
	assert_int_equal(ecli_file_read(path, 6, &buf, &err), -EFBIG);

	char none[128], expected[256];
	snprintf(none, sizeof(none), "%s/none/file", dir);
	snprintf(expected, sizeof(expected), "cannot read %s: No such file or directory", none);
	assert_int_equal(ecli_file_read(none, 6, &buf, &err), -ENOENT);
	assert_string_equal(err.text, expected);
	assert_int_equal(ecli_file_write(none, "x", 1, &err), -ENOENT);

	unlink(path);
	snprintf(path, sizeof(path), "%s/a/b", dir);
	assert_int_equal(rmdir(path), 0); /* empty: no temporary file was left */
	snprintf(path, sizeof(path), "%s/a", dir);
	rmdir(path);
	rmdir(dir);
}

static bool is_over_at_third(void *ctx)
{
	return ++*(int *)ctx == 3;
}

/* A pipe is written to, not replaced, and its reader is not waited for for ever. */
static void pipes_are_not_waited_for(void **state)
{
	(void)state;
	struct ecli_err err = { 0 };
	char dir[] = "/tmp/ecli-base-XXXXXX", path[64], expected[192], *data = calloc(1, 1 << 20);
	int asked = 0, fd;
	const struct ecli_file_wait wait = { .is_over = is_over_at_third, .ctx = &asked };

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pipe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(ecli_file_try_write(path, &err), 0);
	assert_int_equal(ecli_file_write(path, "x", 1, &err), -ENXIO);
	snprintf(expected, sizeof(expected), "cannot write %s: nobody reads this pipe; start its reader first", path);
	assert_string_equal(err.text, expected);

	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ecli_file_write(path, "seven", 5, &err), 0);
	assert_int_equal(read(fd, data, 100), 5);
	assert_memory_equal(data, "seven", 5);
	assert_int_equal(ecli_file_write_waiting(path, data, 1 << 20, &wait, &err), -ETIMEDOUT);
	assert_int_equal(asked, 3);
	close(fd);
	unlink(path);
	assert_int_equal(rmdir(dir), 0);
	free(data);
}

static bool is_not_covered(const char *path)
{
	return strcmp(path, "/covered") != 0;
}

/* Version 2 is where it is mounted, as a whole if that is somewhere; roots and paths of any length. */
static void control_groups_are_where_they_are_mounted(void **state)
{
	(void)state;
	static const struct {
		const char *mountinfo, *root;
	} cases[] = {
		{ "35 25 0:30 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n", "/sys/fs/cgroup" },
		{ "33 32 0:28 / /sys/fs/cgroup ro shared:9 - tmpfs tmpfs ro,mode=755\n"
		  "34 33 0:29 / /sys/fs/cgroup/pids rw shared:1 master:2 - cgroup cgroup rw,pids\n"
		  "35 33 0:30 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw\n",
		  "/sys/fs/cgroup/unified" },
		{ "40 25 0:30 /system.slice/docker-0123456789.scope /part rw - cgroup2 cgroup2 rw\n"
		  "41 25 0:30 / /whole\\040here rw - cgroup2 cgroup2 rw\n",
		  "/whole here" },
		{ "40 25 0:30 /../../../outside /part rw - cgroup2 cgroup2 rw\n", "/part" },
		{ "40 25 0:30 / /covered rw - cgroup2 cgroup2 rw\n"
		  "41 25 0:30 / /other rw - cgroup2 cgroup2 rw\n",
		  "/other" },
		{ "34 33 0:29 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n", NULL },
		{ "cgroup2 - cgroup2 x\n - cgroup2 \n", NULL },
		{ "\n", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_FILE FILE *file = fmemopen((char *)cases[i].mountinfo, strlen(cases[i].mountinfo), "r");
		char path[PATH_MAX];

		assert_non_null(file);
		assert_int_equal(ecli_cgroup_find_root(file, is_not_covered, path), cases[i].root != NULL);
		if (cases[i].root)
			assert_string_equal(path, cases[i].root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_digits_only),
		cmocka_unit_test(buffer_grows_and_keeps),
		cmocka_unit_test(errors_wrap_and_keep_meaning),
		cmocka_unit_test(files_are_whole_or_absent),
		cmocka_unit_test(pipes_are_not_waited_for),
		cmocka_unit_test(control_groups_are_where_they_are_mounted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
