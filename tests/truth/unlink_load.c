/* SPDX-License-Identifier: MIT */
/*
 * A list of attempts to delete files with known results, for unlinksnoop.
 *
 *     truth_unlink_load DIR       DIR: an empty directory to work in, on a writable file system
 *
 * Prints "self PID", then the rows the tool must show, and no others, for this process and its children:
 *
 *     PID UID RET COMM FILENAME     texts encoded as truth_rows does, bytes that are not UTF-8 as U+FFFD
 *
 * Every result is compared with the script: when the kernel does not do what it says, the workload itself fails.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OTHER_UID    12345
#define NAME_SIZE    512 /* of the tool: from NAME_SIZE - 1 bytes on a name is cut */
#define CUT          "..."
#define REPLACEMENT  "\xef\xbf\xbd"
#define PER_THREAD   100
#define HOSTILE_COMM "u\"n\\l\n\x1b[7m\x7f"

enum setup { NOTHING, A_FILE, A_DIRECTORY };

struct attempt {
	const char *name;
	enum setup setup; /* what to make under that name first */
	int ret;
	const char *shown; /* when not the name itself */
};

static const struct attempt attempts[] = {
	{ "plain", A_FILE, 0, NULL },
	{ "./with/../dots", A_FILE, 0, NULL },
	{ "missing", NOTHING, -ENOENT, NULL },
	{ "", NOTHING, -ENOENT, NULL },
	{ "directory", A_DIRECTORY, -EISDIR, NULL },
	{ "plain-2/below", NOTHING, -ENOENT, NULL },
	{ "keep/below", NOTHING, -ENOTDIR, NULL },
	{ "space in  it", A_FILE, 0, NULL },
	{ " ", A_FILE, 0, NULL },
	{ "line\nbreak", A_FILE, 0, NULL },
	{ "tab\tand\rreturn", A_FILE, 0, NULL },
	{ "\"quoted\"", A_FILE, 0, NULL },
	{ "it's", A_FILE, 0, NULL },
	{ "back\\slash\\n", A_FILE, 0, NULL },
	{ "{\"pid\":1}", A_FILE, 0, NULL },
	{ "%s%n%41", A_FILE, 0, NULL },
	{ "\x1b]0;title\x07\x1b[2J", A_FILE, 0, NULL },
	{ "\x01\x1f\x7f", A_FILE, 0, NULL },
	{ "caf\xc3\xa9-\xe6\x96\x87-\xf0\x9f\x98\x80", A_FILE, 0, NULL },
	{ "right\xe2\x80\xaeleft", A_FILE, 0, NULL },
	{ "latin1-\xe9-end", A_FILE, 0, "latin1-" REPLACEMENT "-end" },
	{ "lone-\x80-byte", A_FILE, 0, "lone-" REPLACEMENT "-byte" },
	{ "never-\xff-valid", A_FILE, 0, "never-" REPLACEMENT "-valid" },
};

static void expect(pid_t pid, uid_t uid, int ret, const char *comm, const char *name)
{
	printf("%d %u %d ", pid, uid, ret);
	print_encoded(comm);
	putchar(' ');
	print_encoded(name);
	putchar('\n');
}

static const char *my_name(void)
{
	static char name[16];

	prctl(PR_GET_NAME, name);
	return name;
}

/* Compares what a call returned with the script and prints the row it must give. */
static void check(int result, int want, const char *shown)
{
	int got = result < 0 ? -errno : result;

	if (got != want)
		die("deleting %s: %d instead of %d", shown, got, want);
	expect(getpid(), getuid(), want, my_name(), shown);
}

static void make_file(const char *name)
{
	int fd = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);

	if (fd < 0)
		die("cannot make the file %s: %s", name, strerror(errno));
	close(fd);
}

static void make_directory(const char *name, mode_t mode)
{
	if (mkdir(name, mode) || chmod(name, mode))
		die("cannot make the directory %s", name);
}

static void run_list(void)
{
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		const struct attempt *attempt = &attempts[i];

		if (attempt->setup == A_FILE)
			make_file(attempt->name);
		if (attempt->setup == A_DIRECTORY)
			make_directory(attempt->name, 0755);
		check(unlink(attempt->name), attempt->ret, attempt->shown ? attempt->shown : attempt->name);
	}
}

/* A path to @file of exactly @len bytes: "././././file", with one slash more where @len asks for it. */
static void long_path(char *out, size_t len, const char *file)
{
	size_t at = 0, tail = strlen(file);

	if ((len - tail) % 2) {
		memcpy(out, ".//", 3);
		at = 3;
	}
	while (at + tail < len) {
		out[at++] = '.';
		out[at++] = '/';
	}
	memcpy(out + at, file, tail + 1);
}

static void run_lengths(void)
{
	static const size_t lengths[] = { NAME_SIZE - 3, NAME_SIZE - 2, NAME_SIZE - 1, NAME_SIZE, 3000 };
	char name[4096], shown[NAME_SIZE];

	memset(name, 'n', 256);
	name[255] = '\0';
	make_file(name);
	check(unlink(name), 0, name);
	name[255] = 'n';
	name[256] = '\0';
	check(unlink(name), -ENAMETOOLONG, name);

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		long_path(name, lengths[i], "long");
		if (strlen(name) != lengths[i])
			die("a path of %zu bytes has %zu", lengths[i], strlen(name));
		make_file("long");
		memcpy(shown, name, NAME_SIZE);
		if (lengths[i] >= NAME_SIZE - 1)
			memcpy(shown + NAME_SIZE - 1 - strlen(CUT), CUT, sizeof(CUT));
		check(unlink(name), 0, shown);
	}
}

/* Relative to an open directory, and the calls that delete no file: those must not be seen. */
static void run_unlinkat(void)
{
	int dir;

	make_directory("sub", 0755);
	make_file("sub/inside");
	dir = open("sub", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	check(unlinkat(dir, "inside", 0), 0, "inside");
	check(unlinkat(dir, "inside", 0), -ENOENT, "inside");
	close(dir);
	check(unlinkat(dir, "inside", 0), -EBADF, "inside");
	check(unlinkat(AT_FDCWD, "sub", 0), -EISDIR, "sub");
	if (unlinkat(AT_FDCWD, "sub", AT_REMOVEDIR))
		die("cannot remove a directory");
	make_directory("sub", 0755);
	if (rmdir("sub") || rmdir("sub") != -1 || unlinkat(AT_FDCWD, "keep", AT_REMOVEDIR) != -1 ||
	    unlinkat(AT_FDCWD, "keep", 0x4000) != -1)
		die("removing directories went another way");
	make_file("moved");
	if (rename("moved", "keep"))
		die("cannot rename");
}

/* Names the tool cannot read when the call begins: in a page not loaded yet, and in no page at all. */
static void run_unreadable(void)
{
	const char *lazy;
	int fd;

	make_file("holder");
	make_file("lazy-name");
	fd = open("holder", O_RDWR | O_CLOEXEC);
	if (fd < 0 || write(fd, "lazy-name", 10) != 10)
		die("cannot write a name into a file");
	lazy = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	if (lazy == MAP_FAILED)
		die("cannot map a file");
	check((int)syscall(SYS_unlinkat, AT_FDCWD, lazy, 0), 0, "lazy-name");
	munmap((void *)lazy, 4096);
	close(fd);
	check(unlink("holder"), 0, "holder");
	check((int)syscall(SYS_unlinkat, AT_FDCWD, (const char *)8, 0), -EFAULT, "");
}

/* Another user: may not delete from a directory of root's, nor root's file from a sticky one; its own it may. */
static void run_as_other_user(void)
{
	int status;
	pid_t pid;

	make_directory("private", 0755);
	make_file("private/file");
	make_directory("sticky", 01777);
	make_file("sticky/file");
	pid = fork();
	if (pid < 0)
		die("cannot fork");
	if (pid == 0) {
		if (setresuid(OTHER_UID, OTHER_UID, OTHER_UID))
			die("cannot become another user");
		prctl(PR_SET_NAME, "other-user");
		check(unlink("private/file"), -EACCES, "private/file");
		check(unlink("sticky/file"), -EPERM, "sticky/file");
		make_file("sticky/own");
		check(unlink("sticky/own"), 0, "sticky/own");
		exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die("the other user failed");
	check(unlink("private/file"), 0, "private/file");
	check(unlink("sticky/file"), 0, "sticky/file");
}

static void *delete_many(void *arg)
{
	const char *prefix = arg;
	char name[32];

	prctl(PR_SET_NAME, prefix);
	for (int i = 0; i < PER_THREAD; i++) {
		snprintf(name, sizeof(name), "%s-%d", prefix, i);
		if (i % 2)
			make_file(name);
		if (unlink(name) != (i % 2 ? 0 : -1))
			die("deleting %s went another way", name);
	}
	return NULL;
}

/* Two threads at the same time: name and result of one must not get into a row of the other. */
static void run_threads(void)
{
	static char *const prefixes[] = { "left", "right" };
	pthread_t threads[2];
	char name[32];

	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, delete_many, prefixes[i]))
			die("cannot start a thread");
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		for (int n = 0; n < PER_THREAD; n++) {
			snprintf(name, sizeof(name), "%s-%d", prefixes[i], n);
			expect(getpid(), getuid(), n % 2 ? 0 : -ENOENT, prefixes[i], name);
		}
	}
}

int main(int argc, char **argv)
{
	char cwd[256], path[512];

	if (argc != 2 || chdir(argv[1]) || !getcwd(cwd, sizeof(cwd)))
		die("usage: truth_unlink_load DIR");
	setvbuf(stdout, NULL, _IOLBF, 0); /* nothing left over for a child to print again */
	umask(0);
	printf("self %d\n", getpid());
	make_file("keep");
	make_directory("with", 0755);

	run_list();
	snprintf(path, sizeof(path), "%s/absolute", cwd);
	make_file(path);
	check(unlink(path), 0, path);
	run_lengths();
	run_unlinkat();
	run_unreadable();
	run_as_other_user();
	prctl(PR_SET_NAME, HOSTILE_COMM);
	check(unlink("keep"), 0, "keep");
	run_threads();
	return 0;
}
