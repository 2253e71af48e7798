/* SPDX-License-Identifier: MIT */
/*
 * A known number of requests to a disk of our own, for biolatency: a loop device over a file.
 *
 *     truth_block_load FILE      the file is made, and removed at the end
 *
 *     disk NAME                  at once, then "ready", and it waits
 *     requests READS WRITES READ_MS WRITE_MS READ_QUEUE_MS WRITE_QUEUE_MS
 *                                requests made, the time the kernel says they took (/sys/block/NAME/stat), and how long this program, which makes them
 *                                one after another, waited for a CPU meanwhile
 *
 * Reads and writes go past the page cache (O_DIRECT) one after another, each of one block: each is one request. What the kernel
 * itself counts of them must agree, else this says nothing of the tool. Status 77: this kernel has no loop devices.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define BLOCK  4096
#define BLOCKS 256
#define READS  700
#define WRITES 300

static int make_disk(const char *file, char *disk, size_t room)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), backing, loop, number;
	char path[32];

	if (control < 0)
		exit(77);
	backing = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (backing < 0 || ftruncate(backing, BLOCK * BLOCKS))
		die("cannot make %s", file);
	for (;;) {
		number = ioctl(control, LOOP_CTL_GET_FREE);
		if (number < 0)
			die("there is no free loop device");
		snprintf(path, sizeof(path), "/dev/loop%d", number);
		snprintf(disk, room, "loop%d", number);
		loop = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
		if (loop < 0 && errno == ENOENT && !mknod(path, S_IFBLK | 0600, makedev(7, (unsigned int)number)))
			loop = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
		if (loop < 0)
			die("cannot open %s", path);
		if (!ioctl(loop, LOOP_SET_FD, backing))
			break;
		if (errno != EBUSY)
			die("cannot set up %s", path);
		close(loop); /* someone else was faster */
	}
	unlink(file);
	close(backing);
	close(control);
	return loop;
}

struct counts {
	long long reads, read_ms, writes, write_ms;
};

static struct counts read_counts(const char *disk)
{
	struct counts counts;
	char path[64];
	FILE *stream;

	snprintf(path, sizeof(path), "/sys/block/%s/stat", disk);
	stream = fopen(path, "re");
	if (!stream || fscanf(stream, "%lld %*d %*d %lld %lld %*d %*d %lld", &counts.reads, &counts.read_ms,
			      &counts.writes, &counts.write_ms) != 4)
		die("cannot read %s", path);
	fclose(stream);
	return counts;
}

/* What the scheduler has counted of this thread: nanoseconds in its queue. */
static int64_t queue_ns(void)
{
	FILE *stream = fopen("/proc/thread-self/schedstat", "re");
	long long waited;

	if (!stream || fscanf(stream, "%*d %lld", &waited) != 1)
		die("this kernel has no schedstat");
	fclose(stream);
	return waited;
}

int main(int argc, char **argv)
{
	static char block[BLOCK] __attribute__((aligned(BLOCK)));
	struct counts before, after;
	int64_t began, between, ended;
	char disk[32];
	int loop;

	if (argc != 2)
		die("usage: truth_block_load FILE");
	setvbuf(stdout, NULL, _IOLBF, 0);
	loop = make_disk(argv[1], disk, sizeof(disk));
	printf("disk %s\n", disk);
	wait_for("ready");
	before = read_counts(disk);
	began = queue_ns();
	for (int i = 0; i < READS; i++)
		if (pread(loop, block, BLOCK, (off_t)(i * 7 % BLOCKS) * BLOCK) != BLOCK)
			die("cannot read a block");
	between = queue_ns();
	for (int i = 0; i < WRITES; i++)
		if (pwrite(loop, block, BLOCK, (off_t)(i % BLOCKS) * BLOCK) != BLOCK)
			die("cannot write a block");
	ended = queue_ns();
	after = read_counts(disk);
	if (after.reads - before.reads != READS || after.writes - before.writes != WRITES)
		die("the kernel counted %lld reads and %lld writes", after.reads - before.reads,
		    after.writes - before.writes);
	printf("requests %d %d %lld %lld %lld %lld\n", READS, WRITES, after.read_ms - before.read_ms,
	       after.write_ms - before.write_ms, (long long)((between - began) / NS_PER_MS),
	       (long long)((ended - between) / NS_PER_MS));
	wait_for("done");
	ioctl(loop, LOOP_CLR_FD);
	return 0;
}
