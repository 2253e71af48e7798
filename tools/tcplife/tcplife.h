/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One row of tcplife: one connection that ended. Only types of fixed width; gaps are zero. */
#ifndef TCPLIFE_H
#define TCPLIFE_H

struct event {
	/// id of the process that connected or closed; 0: the connection was broken before this end closed it
	__u32 pid;
	/// its name
	char comm[16];
	/// 4 or 6
	/// @hidden
	__u8 ip;
	/// local address
	/// @format ip
	__u8 laddr[16];
	__u16 lport;
	/// remote address
	/// @format ip
	__u8 raddr[16];
	__u16 rport;
	/// bytes sent, each counted once, in KiB
	/// @format bytes_in_kib
	__u64 tx_kb;
	/// bytes received, in KiB
	/// @format bytes_in_kib
	__u64 rx_kb;
	/// how long the connection was there, in milliseconds
	/// @format ns_in_ms
	__u64 ms;
	/// @time
	__u64 time_ns;
};

#endif
