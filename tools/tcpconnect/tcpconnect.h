/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One row of tcpconnect: one attempt to connect. Only types of fixed width; gaps are zero. */
#ifndef TCPCONNECT_H
#define TCPCONNECT_H

struct event {
	/// id of the user it runs as
	/// @when print_uid
	/// @format uid
	__u32 uid;
	/// id of the process
	__u32 pid;
	/// name of the thread
	char comm[16];
	/// 4 or 6
	__u8 ip;
	/// local address
	/// @format ip
	__u8 saddr[16];
	/// local port; without --result it is not chosen yet: 0
	/// @measured result
	__u16 sport;
	/// remote address
	/// @format ip
	__u8 daddr[16];
	__u16 dport;
	/// 0: connected; else why not
	/// @measured result
	/// @format errno
	__u32 err;
	/// until that was known, in milliseconds
	/// @measured result
	/// @format ns_in_ms
	__u64 ms;
	/// @time
	__u64 time_ns;
};

/* What --count counts by. */
struct target {
	/// @format ip
	__u8 laddr[16];
	/// @format ip
	__u8 raddr[16];
	__u32 rport;
};

#endif
