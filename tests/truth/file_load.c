/* SPDX-License-Identifier: MIT */
/*
 * Operations on files of known number and size, for vfsstat and filetop.
 *
 *     truth_file_load DIR
 *
 *     process PID                      at once, then "ready", and it waits
 *     count NAME N                     at the end: how often each operation of vfsstat was made
 *     file NAME TID READS WRITES READ_BYTES WRITE_BYTES
 *
 * Reads are shorter than what they ask for, some fail, some are at the end of the file (a read of no bytes). A second thread
 * works on one of the same files.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILES    500
#define SYNCS    40
#define CHUNK    1000
#define CHUNKS   300
#define TAIL     123
#define FAILURES 50

static long reads, writes, opens, creates;
static char buffer[2 * CHUNK];

static int open_file(const char *name, int flags)
{
	int fd = open(name, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		die("cannot open %s", name);
	opens++;
	creates += (flags & O_CREAT) != 0;
	return fd;
}

static void *other_thread(void *name)
{
	int fd = open_file(name, O_WRONLY);

	for (int i = 0; i < CHUNKS; i++)
		if (pwrite(fd, buffer, TAIL, 0) != TAIL)
			die("cannot write");
	close(fd);
	printf("file %s %d 0 %d 0 %d\n", (char *)name, (int)syscall(SYS_gettid), CHUNKS, CHUNKS * TAIL);
	return NULL;
}

static void transfer(void)
{
	int fd = open_file("large-file", O_RDWR | O_CREAT);
	long done = 0, got;

	for (int i = 0; i < CHUNKS; i++)
		done += write(fd, buffer, i ? CHUNK : TAIL);
	for (int i = 0; i < FAILURES; i++)
		if (syscall(SYS_write, fd, 8, CHUNK) != -1 || errno != EFAULT)
			die("a write of nothing did not fail");
	lseek(fd, 0, SEEK_SET);
	for (long left = done; left > 0; left -= got) {
		got = read(fd, buffer, sizeof(buffer));
		if (got <= 0)
			die("cannot read");
		reads++;
	}
	if (read(fd, buffer, 1) != 0)
		die("the file does not end");
	for (int i = 0; i < SYNCS; i++)
		if (fsync(fd))
			die("cannot sync");
	close(fd);
	printf("file large-file %d %ld %d %ld %ld\n", getpid(), reads + 1, CHUNKS, done, done);
	reads++;
	writes += CHUNKS + FAILURES;
}

static void make_and_remove(void)
{
	char name[32];

	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		close(open_file(name, O_WRONLY | O_CREAT | O_EXCL));
		if (i % 2 && mknod("node", S_IFREG | 0600, 0))
			die("cannot make a node");
		creates += i % 2;
		if (unlink(name) || (i % 2 && unlink("node")))
			die("cannot remove %s", name);
		if (mkdir(name, 0700) || rmdir(name))
			die("cannot make and remove a directory");
	}
}

int main(int argc, char **argv)
{
	pthread_t other;

	if (argc != 2 || chdir(argv[1]))
		die("usage: truth_file_load DIR");
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("process %d\n", getpid());
	wait_for("ready");
	transfer();
	if (pthread_create(&other, NULL, other_thread, (char[]){ "large-file" }))
		die("cannot start a thread");
	pthread_join(other, NULL);
	writes += CHUNKS;
	make_and_remove();
	unlink("large-file");
	printf("count read %ld\ncount write %ld\ncount fsync %d\ncount open %ld\ncount create %ld\n", reads, writes,
	       SYNCS, opens, creates);
	printf("count unlink %d\ncount mkdir %d\ncount rmdir %d\n", FILES + FILES / 2 + 1, FILES, FILES);
	wait_for("done");
	return 0;
}
