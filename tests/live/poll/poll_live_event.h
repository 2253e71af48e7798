/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What poll.bpf.c writes, for both sides. */
#ifndef ECLI_POLL_LIVE_EVENT_H
#define ECLI_POLL_LIVE_EVENT_H

#include <linux/types.h>

/* 48 bytes, the size of a runqslower event. */
struct poll_event {
	__u64 seq, ktime_ns;
	__u64 filler[4]; /* 0 and 3: ~seq */
};

#define POLL_DISCARD_SOME 4 /* in the flags: every thousandth record is taken back */

struct poll_key {
	__u32 a;
	__u8 b, c, d, e, f; /* 9 bytes used of 12, so that padding to 16 is seen */
};

struct poll_prefix {
	__u32 bits;
	__u32 address;
};

struct poll_task {
	__s32 pid, tgid;
};

#endif
