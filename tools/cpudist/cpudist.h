/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What cpudist counts, and for whom. Only types of fixed width; gaps are zero. */
#ifndef CPUDIST_H
#define CPUDIST_H

struct whom {
	/// the process or thread, 0: all
	/// @measured pids, tids
	__u32 pid;
	/// the namespace of process ids, 0: all
	/// @measured pidnss
	__u32 pidns;
};

struct hist {
	/// turns of 2^i to 2^(i+1) - 1 units, the first also 0
	__u32 slots[32];
	/// name of the process or thread
	/// @measured pids, tids
	char comm[16];
};

#endif
