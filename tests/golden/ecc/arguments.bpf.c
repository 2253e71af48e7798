/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/// @brief Tags of options: those that fit are silent, the others are told
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

/// Shortest time to report.
/// @unit us
const volatile __u64 min_us = 1000;

/// Ports to watch, all of them when none is given.
/// @count n_ports
const volatile __u16 ports[8] = {};
const volatile __u32 n_ports = 0;

/// @format ipv4
const volatile __u32 address = 0;

/// @format port
const volatile __be16 port = 0;

/// @unit ms
const volatile _Bool quick = 0;

/// @unit fortnight
const volatile __u32 rarely = 0;

/// @format ipv6
const volatile __u32 short_address = 0;

/// @uint us
const volatile __u32 misspelt = 0;

/// @count ports
const volatile __u32 single = 0;

/// @count nobody
const volatile __u32 several[2] = {};

/// @at_most most
/// @exists /proc/%
const volatile __u32 least = 0;
const volatile __u32 most = 9;

/// @at_most nothing
const volatile __u32 lonely = 0;

/// @at_most minus
const volatile __u32 unlike = 0;
const volatile __s32 minus = 0;

/// @exists /etc/%
const volatile char place[8] = {};

/// @exists /proc/%
const volatile _Bool yes = 0;

SEC("raw_tp/sched_switch")
int on_switch(void *ctx)
{
	return min_us + ports[0] + n_ports + address + port + quick + rarely + short_address + misspelt + single + several[1] + least + most + lonely + unlike + minus + place[0] + yes;
}

/// @unit us
char LICENSE[] SEC("license") = "GPL";
