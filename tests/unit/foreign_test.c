/* SPDX-License-Identifier: MIT */
/* base/foreign.c: what is opened of what others put under a path, and what is not. A folder of ours plays another process's root. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/foreign.h"
#include "base/mounts.h"

static char root[] = "/tmp/ecli-foreign-XXXXXX";
static int root_fd = -1;

static const char *const folders[] = { "sub", "sub/deep" };
static const char *const texts[] = { "file", "sub/file", "secret" };
static const struct {
	const char *name, *to;
} links[] = {
	{ "inside", "file" },
	{ "rooted", "/sub/file" },                /* of that root */
	{ "out", "/etc/passwd" },                 /* of ours only */
	{ "device", "/dev/null" },                /* the same */
	{ "sub/up", "../../../../secret" },       /* ".." ends at the root */
	{ "sub/proc", "../../../proc/self/exe" }, /* the same */
	{ "ring", "ring" },
};

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(root));
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root_fd >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		assert_int_equal(mkdirat(root_fd, folders[i], 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP_FD int fd = openat(root_fd, texts[i], O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

		assert_int_equal(write(fd, texts[i], strlen(texts[i])), strlen(texts[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		assert_int_equal(symlinkat(links[i].to, root_fd, links[i].name), 0);
	return mkfifoat(root_fd, "fifo", 0600);
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		unlinkat(root_fd, links[i].name, 0);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		unlinkat(root_fd, texts[i], 0);
	unlinkat(root_fd, "fifo", 0);
	for (size_t i = ARRAY_SIZE(folders); i--;)
		unlinkat(root_fd, folders[i], AT_REMOVEDIR);
	close(root_fd);
	return rmdir(root);
}

/* What comes back: the code, or 0 with the first bytes in @ret. */
static int opened(int from, const char *path, char ret[16])
{
	struct stat st = { 0 }, own;
	CLEANUP_FD int fd = ecli_foreign_open(from, path, &st);

	memset(ret, 0, 16);
	if (fd < 0)
		return fd;
	assert_int_equal(fstat(fd, &own), 0);
	assert_true(own.st_ino == st.st_ino && own.st_dev == st.st_dev);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	return read(fd, ret, 15) < 0 ? -errno : 0;
}

static void paths_stay_in_their_root(void **state)
{
	(void)state;
	static const struct {
		const char *path, *text;
		int code;
	} cases[] = {
		{ "/file", "file", 0 },
		{ "file", "file", 0 },
		{ "/inside", "file", 0 },
		{ "/rooted", "sub/file", 0 },
		{ "/sub/../file", "file", 0 },
		{ "/../../secret", "secret", 0 },
		{ "/sub/up", "secret", 0 },
		{ "/sub/deep/../../../../../../secret", "secret", 0 },
		{ "/out", "", -ENOENT },
		{ "/device", "", -ENOENT },
		{ "/etc/passwd", "", -ENOENT },
		{ "/sub/proc", "", -ENOENT },
		{ "/ring", "", -ELOOP },
		{ "/sub", "", -ENXIO },
		{ "/", "", -ENXIO },
		{ "/fifo", "", -ENXIO },
		{ "/none", "", -ENOENT },
		{ "/file/none", "", -ENOTDIR },
	};
	char text[16];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int r = opened(root_fd, cases[i].path, text);

		if (r != cases[i].code || strcmp(text, cases[i].text) != 0)
			fail_msg("%s: %d and \"%s\", not %d and \"%s\"", cases[i].path, r, text, cases[i].code,
				 cases[i].text);
	}
}

static void what_is_no_stored_file_stays_closed(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		int code;
	} cases[] = {
		{ "/proc/kmsg", -ENOTSUP },
		{ "/proc/self/maps", -ENOTSUP },
		{ "/proc/self/root", -ENXIO },
		{ "/sys/devices/system/cpu/online", -ENOTSUP },
		{ "/sys/kernel/tracing/trace_pipe", -ENOTSUP },
		{ "/sys/kernel/debug/sleep_time", -ENOTSUP },
		{ "/proc/self/ns/net", -ENOTSUP },
		{ "/dev/null", -ENXIO },
		{ "/dev", -ENXIO },
		{ "dev/null", -EINVAL }, /* not from the current folder on */
	};
	char text[16];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int r = opened(AT_FDCWD, cases[i].path, text);

		if (r != cases[i].code && ((r != -ENOENT && r != -EACCES) || strncmp(cases[i].path, "/sys/", 5) != 0))
			fail_msg("%s: %d, not %d", cases[i].path, r, cases[i].code);
		assert_string_equal(text, "");
	}
}

static void links_that_the_kernel_makes(void **state)
{
	(void)state;
	CLEANUP_FD int slash = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP_FD int folder = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP_FD int memory = memfd_create("it", MFD_CLOEXEC);
	int pipe_fds[2];
	char text[16], name[32];

	/* In another's root they could lead out of it; where we look ourselves they are files as others. */
	assert_int_equal(opened(slash, "/proc/self/exe", text), -ELOOP);
	assert_int_equal(opened(AT_FDCWD, "/proc/self/exe", text), 0);
	assert_memory_equal(text, "\177ELF", 4);
	int fd = ecli_foreign_open_proc(folder, "exe", NULL);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(ecli_foreign_open_proc(folder, "maps", NULL), -ENOTSUP);
	snprintf(name, sizeof(name), "fd/%d", memory);
	fd = ecli_foreign_open_proc(folder, name, NULL);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	snprintf(name, sizeof(name), "fd/%d", pipe_fds[0]);
	assert_int_equal(ecli_foreign_open_proc(folder, name, NULL), -ENXIO);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	/* No folder at all. */
	assert_int_equal(opened(memory, "/file", text), -ENOTDIR);
	assert_int_equal(opened(-1, "/file", text), -EBADF);
}

/* Opening a FIFO for reading would let a writer in, and one for writing would be let in by it: neither happens. */
static void a_fifo_sees_nobody(void **state)
{
	(void)state;
	CLEANUP_FD int watch = openat(root_fd, "fifo", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	char text[16];

	assert_int_equal(write(watch, "x", 1), 1);
	assert_int_equal(opened(root_fd, "/fifo", text), -ENXIO);
	assert_int_equal(read(watch, text, sizeof(text)), 1); /* nobody took it */
	close(TAKE_FD(watch));
	assert_int_equal(openat(root_fd, "fifo", O_WRONLY | O_NONBLOCK), -1);
	assert_int_equal(errno, ENXIO);
}

static void regular_files_wait_for_nobody(void **state)
{
	(void)state;
	int fd;
	char path[ECLI_FOREIGN_PATH], text[8];

	/* With a lease of another, an open that waits would wait. */
	CLEANUP_FD int lease = openat(root_fd, "file", O_RDWR | O_CLOEXEC);
	assert_int_equal(fcntl(lease, F_SETSIG, SIGURG), 0);
	assert_int_equal(fcntl(lease, F_SETLEASE, F_WRLCK), 0);
	assert_int_equal(ecli_foreign_open(root_fd, "/file", NULL), -EWOULDBLOCK);
	assert_int_equal(fcntl(lease, F_SETLEASE, F_UNLCK), 0);
	fd = ecli_foreign_open(root_fd, "/file", NULL);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, text, sizeof(text), 0), 4);
	ecli_foreign_path(fd, path);
	assert_int_equal(unlinkat(root_fd, "file", 0), 0);
	CLEANUP_FD int again = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(pread(again, text, sizeof(text), 0), 4);
}

static void things_of_one_file_system(void **state)
{
	(void)state;
	char path[64];

	int fd = ecli_foreign_open_of("/proc/self/ns/net", S_IFREG, NSFS_MAGIC);
	assert_true(fd >= 0);
	close(fd);
	fd = ecli_foreign_open_of("/proc/self/task", S_IFDIR, PROC_SUPER_MAGIC);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(ecli_foreign_open_of("/proc/kmsg", S_IFREG, NSFS_MAGIC), -EMEDIUMTYPE);
	assert_int_equal(ecli_foreign_open_of("/dev/null", S_IFREG, NSFS_MAGIC), -EMEDIUMTYPE);
	assert_int_equal(ecli_foreign_open_of("/dev/null", S_IFDIR, CGROUP2_SUPER_MAGIC), -ENOTDIR);
	assert_int_equal(ecli_foreign_open_of("/tmp", S_IFDIR, CGROUP2_SUPER_MAGIC), -EMEDIUMTYPE);
	assert_int_equal(ecli_foreign_open_of("/tmp", S_IFREG, NSFS_MAGIC), -EMEDIUMTYPE);
	assert_int_equal(ecli_foreign_open_of("/no/such", S_IFREG, NSFS_MAGIC), -ENOENT);
	snprintf(path, sizeof(path), "%s/fifo", root);
	assert_int_equal(ecli_foreign_open_of(path, S_IFREG, NSFS_MAGIC), -EMEDIUMTYPE);
	assert_int_equal(ecli_foreign_open_of(path, S_IFDIR, CGROUP2_SUPER_MAGIC), -ENOTDIR);
}

static void files_of_proc_are_bounded(void **state)
{
	(void)state;
	CLEANUP_FD int folder = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP_BUF struct ecli_buf text = { 0 }, small = { 0 }, none = { 0 };

	assert_true(ecli_foreign_read_proc(folder, "status", 1 << 20, &text));
	assert_non_null(strstr(text.data, "VmHWM:"));
	assert_true(ecli_foreign_read_proc(folder, "maps", 16, &small));
	assert_int_equal(small.data[small.len - 1], 0);
	assert_false(ecli_foreign_read_proc(folder, "no-such", 16, &none));
}

static void codes_have_words(void **state)
{
	(void)state;
	assert_string_equal(ecli_foreign_words(-ENXIO), "it is not a regular file");
	assert_non_null(strstr(ecli_foreign_words(-ENOTSUP), "not a stored one"));
	assert_non_null(strstr(ecli_foreign_words(-ENODEV), "/proc"));
	assert_non_null(strstr(ecli_foreign_words(-ENOSYS), "5.6"));
	assert_string_equal(ecli_foreign_words(-EACCES), "Permission denied");
}

static void mounts_are_found(void **state)
{
	(void)state;
	static const char text[] = "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
				   "29 22 0:26 / /a\\040-\\040b rw - overlay overlay rw,lowerdir=/x\n"
				   "290 22 0:27 / /short rw\n"
				   "31 22 0:28 / /end rw - tmpfs tmpfs";
	static const struct {
		int id;
		const char *type; /* NULL: it is not there */
	} cases[] = { { 22, "ext4" }, { 29, "overlay" }, { 31, "tmpfs" }, { 290, NULL }, { 2, NULL }, { 0, NULL } };
	char type[32];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(ecli_mounts_find(text, cases[i].id, type), cases[i].type != NULL);
		if (cases[i].type)
			assert_string_equal(type, cases[i].type);
	}
	assert_false(ecli_mounts_find("", 1, type));
	assert_true(ecli_mounts_wait(text));
	assert_false(ecli_mounts_wait("22 1 254:1 / / rw - ext4 /dev/vda1 rw\n31 22 0:28 / /x rw - tmpfs tmpfs rw\n"));
	assert_true(ecli_mounts_wait("22 1 254:1 / / rw - fuse.sshfs x rw\n"));
	assert_true(ecli_mounts_wait("what is this\n"));
}

/* Our own files may be looked at, memory too; what has no mount that is known may not. */
static void files_on_our_mounts(void **state)
{
	(void)state;
	CLEANUP_FD int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP_FD int file = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	CLEANUP_FD int memory = memfd_create("test", MFD_CLOEXEC);
	int pipes[2];

	assert_true(ecli_mounts_are_ours(self));
	assert_true(ecli_mounts_may_look(file, self));
	assert_true(ecli_mounts_may_look(memory, self));
	assert_int_equal(pipe(pipes), 0);
	assert_false(ecli_mounts_may_look(pipes[0], self));
	close(pipes[0]);
	close(pipes[1]);
	assert_false(ecli_mounts_may_look(-1, self));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts_are_found),
		cmocka_unit_test(files_on_our_mounts),
		cmocka_unit_test(paths_stay_in_their_root),
		cmocka_unit_test(what_is_no_stored_file_stays_closed),
		cmocka_unit_test(links_that_the_kernel_makes),
		cmocka_unit_test(a_fifo_sees_nobody),
		cmocka_unit_test(things_of_one_file_system),
		cmocka_unit_test(files_of_proc_are_bounded),
		cmocka_unit_test(codes_have_words),
		cmocka_unit_test(regular_files_wait_for_nobody),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
