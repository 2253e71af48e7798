/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What tcptop counts. Only types of fixed width; gaps are zero. */
#ifndef TCPTOP_H
#define TCPTOP_H

/* Shown as ADDRESS:PORT; the name and the members are what says so. */
struct gadget_l4endpoint_t {
	__u8 addr_raw[16];
	__u16 port;
	__u16 proto;
	__u8 version;
	__u8 zero[3];
};

struct connection {
	__u32 pid;
	/// @format endpoint
	struct gadget_l4endpoint_t laddr;
	/// @format endpoint
	struct gadget_l4endpoint_t raddr;
};

struct traffic {
	char comm[16];
	/// @format bytes_in_kib
	__u64 rx_kb;
	/// @format bytes_in_kib
	__u64 tx_kb;
};

#endif
