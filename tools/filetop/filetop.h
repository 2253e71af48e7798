/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What filetop counts. Only types of fixed width; gaps are zero. */
#ifndef FILETOP_H
#define FILETOP_H

struct file_of_thread {
	/// @hidden
	__u64 inode;
	/// @hidden
	/// @format dev
	__u32 dev;
	__u32 tid;
};

struct transfers {
	/// @hidden
	__u32 pid;
	char comm[16];
	__u64 reads;
	__u64 writes;
	/// @format bytes_in_kib
	__u64 r_kb;
	/// @format bytes_in_kib
	__u64 w_kb;
	/// R: a regular file, S: a socket, O: other
	char type[2];
	/// the name alone, without its directory
	char file[64];
};

#endif
