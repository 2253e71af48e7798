/* SPDX-License-Identifier: MIT */
/*
 * serve DEVICE FOLDER PROGRAM SILENT: mounts a file system that it serves itself (FUSE) on FOLDER, with one file "program" of PROGRAM's bytes, and
 * says so. Once the file SILENT is there it takes every request and answers none. Run in a mount namespace of one's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ROOT = 1, PROGRAM = 2, MAX_READ = 1 << 17 };

static struct stat program;
static int device, file;

static void answer(const struct fuse_in_header *request, int error, const void *data, size_t size)
{
	struct fuse_out_header head = { .len = (unsigned int)(sizeof(head) + size),
					.error = error,
					.unique = request->unique };
	struct iovec parts[] = { { &head, sizeof(head) }, { (void *)data, size } };

	if (writev(device, parts, size ? 2 : 1) < 0)
		perror("answer");
}

static struct fuse_attr attributes(unsigned long node)
{
	struct fuse_attr attr = { .ino = node, .mode = S_IFDIR | 0755, .nlink = 1, .blksize = 4096 };

	if (node == PROGRAM) {
		attr.mode = S_IFREG | 0755;
		attr.size = (unsigned long)program.st_size;
		attr.blocks = attr.size / 512 + 1;
	}
	return attr;
}

static void answer_read(const struct fuse_in_header *request, const struct fuse_read_in *in)
{
	static char bytes[MAX_READ];
	ssize_t n = pread(file, bytes, in->size < MAX_READ ? in->size : MAX_READ, (off_t)in->offset);

	answer(request, n < 0 ? -EIO : 0, bytes, n < 0 ? 0 : (size_t)n);
}

static void serve(const struct fuse_in_header *request, const void *in)
{
	struct fuse_init_out init = { .major = 7, .minor = 31, .max_write = 4096 };
	struct fuse_entry_out entry = { .nodeid = PROGRAM, .attr = attributes(PROGRAM) };
	struct fuse_attr_out attr = { .attr = attributes(request->nodeid) };
	struct fuse_open_out opened = { 0 };
	struct fuse_statfs_out statfs = { .st = { .bsize = 4096, .namelen = 255 } };

	switch (request->opcode) {
	case FUSE_INIT:
		init.max_readahead = ((const struct fuse_init_in *)in)->max_readahead;
		answer(request, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		if (!strcmp(in, "program"))
			answer(request, 0, &entry, sizeof(entry));
		else
			answer(request, -ENOENT, NULL, 0);
		break;
	case FUSE_GETATTR:
		answer(request, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		answer(request, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		answer_read(request, in);
		break;
	case FUSE_STATFS:
		answer(request, 0, &statfs, sizeof(statfs));
		break;
	case FUSE_ACCESS:
	case FUSE_FLUSH:
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
		answer(request, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		answer(request, -ENOSYS, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	static _Alignas(8) char request[1 << 18];
	char options[128];

	if (argc != 5 || (device = open(argv[1], O_RDWR)) < 0 || (file = open(argv[3], O_RDONLY)) < 0 ||
	    fstat(file, &program)) {
		perror("serve");
		return 1;
	}
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", device);
	if (mount("serve", argv[2], "fuse", MS_NOSUID | MS_NODEV, options)) {
		perror("mount");
		return 1;
	}
	puts("served");
	fflush(stdout);
	for (;;) {
		ssize_t n = read(device, request, sizeof(request));

		if (n < 0 && errno == ENODEV)
			return 0;
		if (n < (ssize_t)sizeof(struct fuse_in_header))
			continue;
		const struct fuse_in_header *head = (const void *)request;
		if (head->opcode != FUSE_INIT && !access(argv[4], F_OK))
			continue;
		serve(head, request + sizeof(*head));
	}
}
