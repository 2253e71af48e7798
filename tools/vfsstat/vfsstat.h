/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What vfsstat counts. Only types of fixed width; no gaps. */
#ifndef VFSSTAT_H
#define VFSSTAT_H

struct calls {
	__u64 read;
	__u64 write;
	__u64 fsync;
	__u64 open;
	__u64 create;
	__u64 unlink;
	__u64 mkdir;
	__u64 rmdir;
};

#endif
