/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One row of tcpstates: one change of the state of a socket. Only types of fixed width; gaps are zero. */
#ifndef TCPSTATES_H
#define TCPSTATES_H

struct event {
	/// address of the socket in the kernel: the same in all rows of its life
	/// @format kernel_address
	__u64 skaddr;
	/// id of the process that has listened, connected or closed; 0: it has not done so yet
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
	/// @format tcp_state
	__u8 oldstate;
	/// @format tcp_state
	__u8 newstate;
	/// time in the old state, in milliseconds; 0 when its begin was not seen
	/// @format ns_in_ms
	__u64 ms;
	/// @time
	__u64 time_ns;
};

#endif
