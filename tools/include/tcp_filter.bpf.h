/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which connections a tool reports: by their ports and by the family of their addresses, asked of the two ends when a row is about to be made.
 *
 * A tool that includes this has the options -L, -D, -4 and -6. Both families given is as none given.
 *
 * Include after what tcp.bpf.h wants.
 */
#ifndef TOOLS_TCP_FILTER_BPF_H
#define TOOLS_TCP_FILTER_BPF_H

#include "lists.bpf.h"
#include "tcp.bpf.h"

/// report only connections from or to these local ports
/// @cmdarg {"long": "localport", "short": "L"}
/// @count n_local_ports
const volatile __u16 local_ports[PORTS_MAX] = {};
const volatile __u32 n_local_ports = 0;
/// report only connections with these remote ports
/// @cmdarg {"long": "remoteport", "short": "D"}
/// @count n_remote_ports
const volatile __u16 remote_ports[PORTS_MAX] = {};
const volatile __u32 n_remote_ports = 0;
/// report only IPv4
/// @cmdarg {"long": "ipv4", "short": "4"}
const volatile bool ipv4_only = false;
/// report only IPv6
/// @cmdarg {"long": "ipv6", "short": "6"}
const volatile bool ipv6_only = false;

static bool has_wanted_ends(const struct ends *ends)
{
	if (ipv4_only != ipv6_only && is_ipv4(ends) != ipv4_only)
		return false;
	return has_port(local_ports, n_local_ports, ends->local_port) &&
	       has_port(remote_ports, n_remote_ports, ends->remote_port);
}

#endif
