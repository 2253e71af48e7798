/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Event types of several sizes, as a header names them. */
#ifndef SEVERAL_H
#define SEVERAL_H

struct small {
	__u32 index;
};
struct middle {
	__u32 index;
	__u32 twice;
};
struct wide {
	unsigned __int128 index;
	__int128 negative;
	char comm[16];
};

#endif
