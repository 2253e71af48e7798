/* SPDX-License-Identifier: MIT */
/*
 * Names of numbers that no header for programs has, or only a newer one than this system's. All others are written by
 * packaging/system_names.sh.
 */
#include "base/names.h"

#include <linux/bpf.h>
#include <string.h>

#include "base/cleanup.h"

/* Codes that stay within the kernel, but are what its functions return: include/linux/errno.h, no header for programs. */
static const char *const internal_errors[] = {
	"ERESTARTSYS",
	"ERESTARTNOINTR",
	"ERESTARTNOHAND",
	"ENOIOCTLCMD",
	"ERESTART_RESTARTBLOCK",
	"EPROBE_DEFER",
	"EOPENSTALE",
	"ENOPARAM",
	NULL,
	"EBADHANDLE",
	"ENOTSYNC",
	"EBADCOOKIE",
	"ENOTSUPP",
	"ETOOSMALL",
	"ESERVERFAULT",
	"EBADTYPE",
	"EJUKEBOX",
	"EIOCBQUEUED",
	"ERECALLCONFLICT",
	"ENOGRACE",
};
const struct ecli_names ecli_names_internal_errno = { internal_errors, ARRAY_SIZE(internal_errors) };

/* Values from the header; the last one came with Linux 6.8, after many a header. */
static const char *const tcp_states[] = {
	[BPF_TCP_ESTABLISHED] = "ESTABLISHED",
	[BPF_TCP_SYN_SENT] = "SYN_SENT",
	[BPF_TCP_SYN_RECV] = "SYN_RECV",
	[BPF_TCP_FIN_WAIT1] = "FIN_WAIT1",
	[BPF_TCP_FIN_WAIT2] = "FIN_WAIT2",
	[BPF_TCP_TIME_WAIT] = "TIME_WAIT",
	[BPF_TCP_CLOSE] = "CLOSE",
	[BPF_TCP_CLOSE_WAIT] = "CLOSE_WAIT",
	[BPF_TCP_LAST_ACK] = "LAST_ACK",
	[BPF_TCP_LISTEN] = "LISTEN",
	[BPF_TCP_CLOSING] = "CLOSING",
	[BPF_TCP_NEW_SYN_RECV] = "NEW_SYN_RECV",
	[BPF_TCP_NEW_SYN_RECV + 1] = "BOUND_INACTIVE",
};
const struct ecli_names ecli_names_tcp_state = { tcp_states, ARRAY_SIZE(tcp_states) };

bool ecli_names_number(const struct ecli_names *names, const char *name, uint64_t *ret_number)
{
	for (size_t i = 0; i < names->count; i++)
		if (names->names[i] && !strcmp(names->names[i], name)) {
			*ret_number = i;
			return true;
		}
	return false;
}
