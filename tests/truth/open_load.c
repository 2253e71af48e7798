/* SPDX-License-Identifier: MIT */
/*
 * A list of attempts to open files with known results, for opensnoop.
 *
 *     truth_open_load DIR       DIR: an empty directory to work in, on a writable file system
 *
 * Prints "self PID", then the rows the tool must show, and no others, for this process and its children from the one with the path BEGIN on (what
 * the dynamic linker opens comes before it):
 *
 *     PID TID UID FD ERR FLAGS MODE COMM PATH     texts encoded as truth_rows does, bytes that are not UTF-8 as U+FFFD
 *
 * Every result is compared with the script: when the kernel does not do what it says, the workload itself fails.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BEGIN       "/truth-begin"
#define OTHER_UID   12345
#define REPLACEMENT "\xef\xbf\xbd"
#define PER_THREAD  100
#define PATH_MOST   4096

#ifdef SYS_open
#define HAS_OPEN 1
#else
#define HAS_OPEN  0
#define SYS_open  -1
#define SYS_creat -1
#endif

/* Prints the row that a call must give. @want: -ERRNO or 0; @flags, @mode: as the tool shows them. */
static void expect(long result, int want, int flags, unsigned int mode, const char *comm, const char *shown)
{
	int got = result < 0 ? -errno : 0;

	if (got != want)
		die("opening %s: %d instead of %d", shown, got, want);
	printf("%d %d %d %ld %d %d %u ", getpid(), (int)syscall(SYS_gettid), getuid(), result < 0 ? -1 : result, -want,
	       flags, mode);
	print_encoded(comm);
	putchar(' ');
	print_encoded(shown);
	putchar('\n');
}

/* The same for what the calling thread has just done. */
static long expect_mine(long result, int want, int flags, unsigned int mode, const char *shown)
{
	char comm[16];
	int code = errno;

	prctl(PR_GET_NAME, comm);
	errno = code;
	expect(result, want, flags, mode, comm, shown);
	return result;
}

static void check(long result, int want, int flags, unsigned int mode, const char *shown)
{
	if (expect_mine(result, want, flags, mode, shown) >= 0)
		close((int)result);
}

static long do_openat(int dir, const char *path, int flags, unsigned int mode)
{
	return syscall(SYS_openat, dir, path, flags, mode);
}

/* As the calls are known to fail and succeed; the file "there" exists, so do the directory "dir" and the link "link". */
static void run_results(void)
{
	check(do_openat(AT_FDCWD, "there", O_RDONLY, 0), 0, O_RDONLY, 0, "there");
	check(do_openat(AT_FDCWD, "there", O_RDWR | O_APPEND | O_CLOEXEC, 0), 0, O_RDWR | O_APPEND | O_CLOEXEC, 0,
	      "there");
	check(do_openat(AT_FDCWD, "missing", O_RDONLY, 0777), -ENOENT, O_RDONLY, 0,
	      "missing"); /* a mode nobody looks at */
	check(do_openat(AT_FDCWD, "there", O_WRONLY | O_CREAT | O_EXCL, 0600), -EEXIST, O_WRONLY | O_CREAT | O_EXCL,
	      0600, "there");
	check(do_openat(AT_FDCWD, "made", O_WRONLY | O_CREAT | O_TRUNC, 04751), 0, O_WRONLY | O_CREAT | O_TRUNC, 04751,
	      "made");
	check(do_openat(AT_FDCWD, "there/below", O_RDONLY, 0), -ENOTDIR, O_RDONLY, 0, "there/below");
	check(do_openat(AT_FDCWD, "there", O_RDONLY | O_DIRECTORY, 0), -ENOTDIR, O_RDONLY | O_DIRECTORY, 0, "there");
	check(do_openat(AT_FDCWD, "dir", O_WRONLY, 0), -EISDIR, O_WRONLY, 0, "dir");
	check(do_openat(AT_FDCWD, "link", O_RDONLY | O_NOFOLLOW, 0), -ELOOP, O_RDONLY | O_NOFOLLOW, 0, "link");
	check(do_openat(AT_FDCWD, "", O_RDONLY, 0), -ENOENT, O_RDONLY, 0, "");
	check(do_openat(99, "there", O_RDONLY, 0), -EBADF, O_RDONLY, 0, "there");
	check(do_openat(AT_FDCWD, (const char *)8, O_RDONLY, 0), -EFAULT, O_RDONLY, 0, "");
	check(do_openat(AT_FDCWD, "dir", O_RDONLY | O_DIRECTORY | O_PATH, 0), 0, O_RDONLY | O_DIRECTORY | O_PATH, 0,
	      "dir");
}

static void run_calls(void)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
	int dir = (int)expect_mine(do_openat(AT_FDCWD, "dir", O_DIRECTORY | O_RDONLY, 0), 0, O_DIRECTORY | O_RDONLY, 0,
				   "dir");

	check(do_openat(dir, "inner", O_RDONLY, 0), -ENOENT, O_RDONLY, 0, "inner");
	close(dir);
	check(syscall(SYS_openat2, AT_FDCWD, "there", &how, sizeof(how)), 0, O_RDONLY | O_CLOEXEC, 0, "there");
	check(syscall(SYS_openat2, AT_FDCWD, "link", &how, sizeof(how)), -ELOOP, O_RDONLY | O_CLOEXEC, 0, "link");
	how = (struct open_how){ .flags = O_WRONLY | O_CREAT, .mode = 0640 };
	check(syscall(SYS_openat2, AT_FDCWD, "made2", &how, sizeof(how)), 0, O_WRONLY | O_CREAT, 0640, "made2");
	if (!HAS_OPEN)
		return;
	check(syscall(SYS_open, "there", O_RDONLY | O_NONBLOCK, 0), 0, O_RDONLY | O_NONBLOCK, 0, "there");
	check(syscall(SYS_open, "missing", O_RDONLY, 0), -ENOENT, O_RDONLY, 0, "missing");
	check(syscall(SYS_creat, "made3", 0604), 0, O_CREAT | O_WRONLY | O_TRUNC, 0604, "made3");
	check(syscall(SYS_creat, "dir", 0644), -EISDIR, O_CREAT | O_WRONLY | O_TRUNC, 0644, "dir");
}

static const char *cut_at(const char *path, size_t len)
{
	static char text[PATH_MOST];

	memcpy(text, path, len);
	text[len] = '\0';
	return text;
}

static void run_names(void)
{
	static const struct {
		const char *name, *shown;
	} names[] = {
		{ " two  spaces ", NULL },
		{ "line\nbreak\ttab", NULL },
		{ "\"quoted\" it's \\n {\"pid\":1} %s%41", NULL },
		{ "\x1b]0;title\x07\x1b[2J\x01\x7f", NULL },
		{ "caf\xc3\xa9-\xe6\x96\x87-\xf0\x9f\x98\x80-\xe2\x80\xae", NULL },
		{ "latin1-\xe9-\xff-\x80", "latin1-" REPLACEMENT "-" REPLACEMENT "-" REPLACEMENT },
	};
	char path[PATH_MOST + 1];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *shown = names[i].shown ? names[i].shown : names[i].name;

		check(do_openat(AT_FDCWD, names[i].name, O_RDONLY, 0), -ENOENT, O_RDONLY, 0, shown);
		check(do_openat(AT_FDCWD, names[i].name, O_WRONLY | O_CREAT, 0644), 0, O_WRONLY | O_CREAT, 0644, shown);
	}
	/* The longest path there can be, and one more byte: "./././/there". */
	for (size_t i = 0; i < PATH_MOST - 8; i += 2)
		memcpy(path + i, "./", 2);
	memcpy(path + PATH_MOST - 8, ".//there", 9);
	check(do_openat(AT_FDCWD, path, O_RDONLY, 0), -ENAMETOOLONG, O_RDONLY, 0, cut_at(path, PATH_MOST - 1));
	check(do_openat(AT_FDCWD, path + 2, O_RDONLY, 0), 0, O_RDONLY, 0, path + 2);
}

/* The path is in a page that is not in memory when the call begins. */
static void run_lazy(void)
{
	static const char name[] = "missing-lazy";
	const char *lazy;
	int fd = (int)expect_mine(do_openat(AT_FDCWD, "holder", O_RDWR | O_CREAT, 0600), 0, O_RDWR | O_CREAT, 0600,
				  "holder");

	if (write(fd, name, sizeof(name)) != sizeof(name))
		die("cannot write a name into a file");
	lazy = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	if (lazy == MAP_FAILED)
		die("cannot map a file");
	check(do_openat(AT_FDCWD, lazy, O_RDONLY, 0), -ENOENT, O_RDONLY, 0, name);
	munmap((void *)lazy, 4096);
	close(fd);
}

static void run_as_other_user(void)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die("cannot fork");
	if (pid == 0) {
		if (setresuid(OTHER_UID, OTHER_UID, OTHER_UID))
			die("cannot become another user");
		prctl(PR_SET_NAME, "other user");
		check(do_openat(AT_FDCWD, "private", O_RDONLY, 0), -EACCES, O_RDONLY, 0, "private");
		check(do_openat(AT_FDCWD, "there", O_RDONLY, 0), 0, O_RDONLY, 0, "there");
		exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die("the other user failed");
}

static pthread_mutex_t print_lock = PTHREAD_MUTEX_INITIALIZER;

static void *open_many(void *arg)
{
	const char *prefix = arg;
	char name[32];

	prctl(PR_SET_NAME, prefix);
	for (int i = 0; i < PER_THREAD; i++) {
		snprintf(name, sizeof(name), "%s-%d", prefix, i);
		long fd = do_openat(AT_FDCWD, name, i % 2 ? O_WRONLY | O_CREAT : O_RDONLY, 0644);
		int code = errno;

		pthread_mutex_lock(&print_lock);
		errno = code;
		expect(fd, i % 2 ? 0 : -ENOENT, i % 2 ? O_WRONLY | O_CREAT : O_RDONLY, i % 2 ? 0644 : 0, prefix, name);
		pthread_mutex_unlock(&print_lock);
		if (fd >= 0)
			close((int)fd);
	}
	return NULL;
}

/* Two threads at the same time: path and result of one must not get into a row of the other. */
static void run_threads(void)
{
	static char *const prefixes[] = { "left", "right" };
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, open_many, prefixes[i]))
			die("cannot start a thread");
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

static void make(const char *name, unsigned int mode)
{
	if (mknod(name, S_IFREG | mode, 0))
		die("cannot make the file %s", name);
}

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1]))
		die("usage: truth_open_load DIR");
	setvbuf(stdout, NULL, _IOLBF, 0); /* nothing left over for a child to print again */
	umask(0);
	make("there", 0644);
	make("private", 0600);
	if (mkdir("dir", 0755) || symlink("there", "link"))
		die("cannot prepare the directory");
	printf("self %d\n", getpid());
	prctl(PR_SET_NAME, "open \"load\"");
	if (do_openat(AT_FDCWD, BEGIN, O_RDONLY, 0) >= 0)
		die(BEGIN " exists");
	run_results();
	run_calls();
	run_names();
	run_lazy();
	run_as_other_user();
	run_threads();
	return 0;
}
