/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every format on every kind of type that it can stand on, alone, in a struct and in arrays; the values are small numbers, all bits,
 * none, and chance: what the rows then say must be what the schema says.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define MARK 0x6d61726b /* mark.bpf.h */

union any_address {
	__u8 v6[16];
	__u32 v4;
};

struct gadget_l3endpoint_t {
	union any_address addr_raw;
	__u8 version;
};

struct gadget_l4endpoint_t {
	union any_address addr_raw;
	__u16 port;
	__u16 proto_raw;
	__u8 version;
};

enum how_set { HOW_READ = 1, HOW_WRITE = 2, HOW_EXEC = 4 };

typedef __u64 ecli_timestamp;
typedef __u64 ecli_timestamp_boot;
typedef __u64 ecli_timestamp_real;
typedef __s64 ecli_duration;
typedef __u32 ecli_duration_us;
typedef __u16 ecli_duration_ms;
typedef __u64 ecli_bytes;
typedef __s64 ecli_hex;
typedef __u16 ecli_octal;
typedef __u64 ecli_kernel_address;
typedef __u64 ecli_user_address;
typedef __s32 ecli_errno;
typedef __s16 ecli_signal;
typedef __u64 ecli_syscall;
typedef __u32 ecli_file_mode;
typedef __u32 ecli_file_flags;
typedef __u8 ecli_capability;
typedef __u8 ecli_tcp_state;
typedef __u32 ecli_uid;
typedef __u32 ecli_gid;
typedef __u32 ecli_ifindex;
typedef __u64 ecli_cgroup_id;
typedef __u32 ecli_dev;
typedef __be16 ecli_port;
typedef __be32 ecli_ipv4;
typedef __u8 ecli_ipv6[16];
typedef __u8 ecli_mac[6];
typedef char ecli_argv[16];
typedef __u8 ecli_ip[16];
typedef __u64 ecli_ns_in_us;
typedef __s64 ecli_ns_in_ms;
typedef __u32 ecli_us_in_ms;
typedef __u64 ecli_bytes_in_kib;

struct parts {
	ecli_errno code;
	__u32 plain;
	ecli_port ports[3];
};

struct row {
	ecli_timestamp timestamp;
	ecli_timestamp_boot timestamp_boot;
	ecli_timestamp_real timestamp_real;
	ecli_duration duration;
	ecli_duration_us duration_us;
	ecli_duration_ms duration_ms;
	ecli_bytes bytes;
	ecli_hex hex;
	ecli_octal octal;
	ecli_kernel_address kernel;
	ecli_user_address user;
	ecli_errno code;
	ecli_signal sig;
	ecli_syscall call;
	ecli_file_mode mode;
	ecli_file_flags open_flags;
	ecli_capability cap;
	ecli_tcp_state state;
	ecli_uid uid;
	ecli_gid gid;
	ecli_ifindex device;
	ecli_cgroup_id cgroup;
	ecli_dev dev;
	ecli_port port;
	ecli_ipv4 v4;
	ecli_ipv6 v6;
	struct in6_addr kernel_v6;
	ecli_mac mac;
	ecli_argv words;
	ecli_argv lists[2];
	ecli_ip ip;
	ecli_ns_in_us us;
	ecli_ns_in_ms ms;
	ecli_us_in_ms short_ms;
	ecli_bytes_in_kib kib;
	struct gadget_l3endpoint_t l3;
	struct gadget_l4endpoint_t l4;
	enum how_set how;
	struct task_struct *task_raw;
	ecli_ipv4 hops[2][2];
	struct parts parts[2];
	__u32 index;
};

/// @export
struct unused {
	int x;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
	__type(value, struct row);
} rows SEC(".maps");

SEC("raw_tp/sys_enter")
int enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	__u32 index = PT_REGS_PARM2_CORE_SYSCALL(regs);
	struct row *row;
	__u32 *words;

	if (PT_REGS_PARM1_CORE_SYSCALL(regs) != MARK)
		return 0;
	row = bpf_ringbuf_reserve(&rows, sizeof(*row), 0);
	if (!row)
		return 0;
	words = (__u32 *)row;
	for (int i = 0; i < sizeof(*row) / sizeof(*words); i++)
		words[i] = index == 0   ? 0
			   : index == 1 ? 0xffffffff
			   : index < 70 ? i % 2 ? 0 : index - 2
					: bpf_get_prandom_u32() >> index % 32;
	row->l3.version = index % 3 * 2 + 2;
	row->l4.version = index % 3 * 2 + 2;
	row->index = index;
	bpf_ringbuf_submit(row, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
