/* SPDX-License-Identifier: MIT */
/*
 * Programs started, or not, with known arguments, for execsnoop.
 *
 *     truth_exec_load DIR       DIR: an empty directory to work in, on a writable file system
 *
 * What is started is a copy of this program: with the environment variable of main() it ends at once. Prints the rows the tool must show, and no
 * others, for this process's children:
 *
 *     PID PPID UID RET PCOMM CUT FILE ARGS     as truth_rows does, bytes that are not UTF-8 as U+FFFD; RET: 0 or -ERRNO
 *
 * With up to MAX_ARGS arguments of at most MAX_BYTES in all, as the tool is told to show.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD       "TRUTH_EXEC_CHILD=1"
#define OTHER_UID   12345
#define MAX_ARGS    20
#define MAX_BYTES   4096
#define REPLACEMENT "\xef\xbf\xbd"
#define LONG_ARG    3000

static char *const child_env[] = { CHILD, NULL };

static void print_args(const char *const *args)
{
	if (!*args)
		putchar('%');
	for (; *args; args++) {
		if (**args)
			print_encoded(*args);
		printf("%%00");
	}
	putchar('\n');
}

/* How a child is started; 0 or -ERRNO. */
typedef int (*start_fn)(const char *file, char *const *args);

static int by_execve(const char *file, char *const *args)
{
	execve(file, args, child_env);
	return -errno;
}

static int by_execveat(const char *file, char *const *args)
{
	syscall(SYS_execveat, AT_FDCWD, file, args, child_env, 0);
	return -errno;
}

static char *const *thread_args;

static void *exec_thread(void *file)
{
	execve(file, thread_args, child_env);
	return NULL;
}

/* Not the first thread of its process: all others end, and it takes over the id. */
static int by_thread(const char *file, char *const *args)
{
	pthread_t thread;

	thread_args = args;
	if (pthread_create(&thread, NULL, exec_thread, (void *)file))
		die("cannot start a thread");
	pthread_join(thread, NULL);
	return -errno;
}

static int as_other_user(const char *file, char *const *args)
{
	if (setresuid(OTHER_UID, OTHER_UID, OTHER_UID))
		die("cannot become another user");
	return by_execve(file, args);
}

/*
 * A new process has no page of the program's constants in memory before it has read from it. The kernel reads arguments only when it has found the
 * file, and the tool cannot wait for a page; programs that start others have made their arguments just before.
 */
static void touch(const char *const *args)
{
	volatile size_t sum = 0;

	for (; *args; args++)
		if ((uintptr_t)*args > 4096)
			sum += strlen(*args);
}

/* Starts @file and prints the row. @ret: 0 or -ERRNO. @shown: the arguments of the row, NULL: all of them. */
static void start(start_fn how, const char *file, const char *const *args, int ret, const char *pcomm, bool is_cut,
		  const char *const *shown)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die("cannot fork");
	if (pid == 0) {
		touch(args);
		_exit(how(file, (char *const *)args) == ret ? 0 : 99);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die("starting %s went another way", file);
	printf("%d %d %d %d ", pid, getpid(), how == as_other_user ? OTHER_UID : 0, ret);
	print_encoded(pcomm);
	printf(" %s ", is_cut ? "true" : "false");
	print_encoded(file);
	putchar(' ');
	print_args(shown ? shown : args);
}

static void run_hostile(const char *self)
{
	static const char *const hostile[] = { "a b",
					       "  ",
					       "",
					       "it's",
					       "\"double\"",
					       "back\\slash\\n",
					       "new\nline\ttab\x1b[7m\x01\x7f",
					       "$HOME `id` *?[a]{b,c} ~ # ; & | < > ! %s %00",
					       "caf\xc3\xa9 \xe6\x96\x87 \xf0\x9f\x98\x80 \xe2\x80\xae",
					       "-",
					       "--",
					       "...",
					       "",
					       NULL };
	static const char *const latin[] = { "x", "latin1-\xe9-\xff-\x80", "\xc3", NULL };
	static const char *const latin_shown[] = { "x", "latin1-" REPLACEMENT "-" REPLACEMENT "-" REPLACEMENT,
						   REPLACEMENT, NULL };
	static const char *const one[] = { "one", NULL };
	static const char *const empty_first[] = { "", NULL };

	start(by_execve, self, hostile, 0, "program", false, NULL);
	start(by_execve, self, latin, 0, "program", false, latin_shown);
	start(by_execve, self, one, 0, "program", false, NULL);
	start(by_execve, self, empty_first, 0, "program", false, NULL);
	start(by_execveat, self, hostile, 0, "program", false, NULL);
	start(by_thread, self, one, 0, "program", false, NULL);
	start(as_other_user, self, one, 0, "program", false, NULL);
	start(by_execve, "odd \"na me\n", one, 0, "odd \"na me\n", false, NULL);
	start(by_execve, "./script", hostile, 0, "script", false,
	      (const char *const[]){ self, "one word", "./script", "  ", "", "it's", "\"double\"", "back\\slash\\n",
				     hostile[6], hostile[7], hostile[8], "-", "--", "...", "", NULL });
}

/* Exactly as many as are shown, one more, 100, and more bytes than there is room for. */
static void run_long(const char *self)
{
	static const char *many[101], *shown[MAX_ARGS + 1], *large[4];
	static char numbers[100][4], long_arg[LONG_ARG + 1];

	for (int i = 0; i < 100; i++) {
		snprintf(numbers[i], sizeof(numbers[i]), "%d", i);
		many[i] = numbers[i];
	}
	for (int i = 0; i < MAX_ARGS; i++)
		shown[i] = many[i];
	start(by_execve, self, shown, 0, "program", false, NULL);
	many[MAX_ARGS + 1] = NULL;
	start(by_execve, self, many, 0, "program", true, shown);
	many[MAX_ARGS + 1] = numbers[MAX_ARGS + 1];
	start(by_execve, self, many, 0, "program", true, shown);
	/* 3001 + 3001 bytes: the second one is begun below MAX_BYTES, so it is there whole; the third is not. */
	memset(long_arg, 'x', LONG_ARG);
	large[0] = large[1] = long_arg;
	start(by_execve, self, large, 0, "program", false, NULL);
	large[2] = "end";
	start(by_execve, self, large, 0, "program", true, (const char *const[]){ long_arg, long_arg, NULL });
}

static void run_failed(void)
{
	static const char *const args[] = { "zero", "a b", "", "line\nbreak", NULL };
	static const char *const none[] = { NULL };
	static const char *many[MAX_ARGS + 2], *shown[MAX_ARGS + 1];

	for (int i = 0; i <= MAX_ARGS; i++)
		many[i] = i < MAX_ARGS ? (shown[i] = "same") : "more";
	start(by_execve, "./missing", args, -ENOENT, "truth_exec_load", false, NULL);
	start(by_execveat, "./missing too", args, -ENOENT, "truth_exec_load", false, NULL);
	start(by_execve, "./not-executable", args, -EACCES, "truth_exec_load", false, NULL);
	start(by_execve, ".", args, -EACCES, "truth_exec_load", false, NULL);
	start(by_execve, "./no-format", args, -ENOEXEC, "truth_exec_load", false, NULL);
	start(by_execve, "./missing", none, -ENOENT, "truth_exec_load", false, NULL);
	start(by_execve, "./missing", many, -ENOENT, "truth_exec_load", true, shown);
	start(by_execve, "./program", (const char *const[]){ "good", (const char *)8, NULL }, -EFAULT,
	      "truth_exec_load", true, (const char *const[]){ "good", NULL });
}

static void write_file(const char *name, const char *text, unsigned int mode)
{
	int fd = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fchmod(fd, mode))
		die("cannot make the file %s", name);
	close(fd);
}

/* So that every user can start it: the folder it lies in may be closed to others. */
static void copy_program(const char *name)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0755);
	struct stat st;

	if (from < 0 || to < 0 || fstat(from, &st) || sendfile(to, from, NULL, (size_t)st.st_size) != st.st_size)
		die("cannot copy the program");
	close(from);
	close(to);
}

int main(int argc, char **argv)
{
	static const char self[] = "./program", script[] = "#!./program one word\n";

	if (getenv("TRUTH_EXEC_CHILD"))
		return 0;
	if (argc != 2 || chdir(argv[1]))
		die("usage: truth_exec_load DIR");
	setvbuf(stdout, NULL, _IOLBF, 0); /* nothing left over for a child to print again */
	umask(0);
	copy_program("program");
	write_file("script", script, 0755);
	write_file("not-executable", script, 0644);
	write_file("no-format", "neither a program nor a script\n", 0755);
	if (symlink(self, "odd \"na me\n"))
		die("cannot make a link");
	printf("self %d\n", getpid());
	run_hostile(self);
	run_long(self);
	run_failed();
	return 0;
}
