/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What biolatency counts, and of what. Only types of fixed width; gaps are zero. */
#ifndef BIOLATENCY_H
#define BIOLATENCY_H

/* What is asked of the disk: the kernel's number (since 4.10) and one more; 0: all. */
enum operation {
	Read = 1,
	Write = 2,
	Flush = 3,
	Discard = 4,
	SecureErase = 6,
	WriteZeroes = 10,
	DriverIn = 35,
	DriverOut = 36,
};

/* How; numbers of our own, for those of the kernel move. */
enum flags_set {
	Sync = 1,
	Metadata = 2,
	Priority = 4,
	ForcedUnitAccess = 8,
	Preflush = 16,
	ReadAhead = 32,
	Background = 64,
	NoWait = 128,
	Idle = 256,
	NoMerge = 512,
};

struct request_kind {
	/// name of the disk, empty: all disks
	/// @measured disks
	char disk[32];
	/// @measured flags
	enum operation operation;
	/// @measured flags
	enum flags_set flags;
};

struct hist {
	/// requests of 2^i to 2^(i+1) - 1 units, the first also 0
	__u32 slots[32];
};

#endif
