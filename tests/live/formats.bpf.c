/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Fields with a format: by our tag, by names of types that other tools brought, by an enum of bits. */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define MARK 0x6d61726b /* mark.bpf.h */

typedef __u64 gadget_timestamp;
typedef __u64 gadget_syscall;
typedef __u32 gadget_signal;
typedef __u32 gadget_uid;

union gadget_ip_addr_t {
	__u8 v6[16];
	__u32 v4;
};

struct gadget_l4endpoint_t {
	union gadget_ip_addr_t addr_raw;
	__u16 port;
	__u16 proto_raw;
	__u8 version;
};

enum how_set { HOW_READ = 1, HOW_WRITE = 2, HOW_EXEC = 4 };

/// @export
struct place {
	/// @format ifindex
	__u32 device;
	/// @format dev
	__u32 dev;
};

struct row {
	gadget_timestamp boot_raw;
	/// @format timestamp
	__u64 mono;
	gadget_syscall call;
	gadget_signal sig;
	gadget_uid uid;
	/// @format cgroup_id
	__u64 cgroup;
	struct gadget_l4endpoint_t src;
	/// @format errno
	__s32 ret;
	/// @format mac
	__u8 mac[6];
	enum how_set how;
	struct place place;
	__u32 index;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct row);
} rows SEC(".maps");

SEC("raw_tp/sys_enter")
int enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	struct row *row;

	if (PT_REGS_PARM1_CORE_SYSCALL(regs) != MARK)
		return 0;
	row = bpf_ringbuf_reserve(&rows, sizeof(*row), 0);
	if (!row)
		return 0;
	__builtin_memset(row, 0, sizeof(*row));
	row->boot_raw = bpf_ktime_get_boot_ns();
	row->mono = bpf_ktime_get_ns();
	row->call = ctx->args[1];
	row->sig = 9;
	row->uid = (__u32)bpf_get_current_uid_gid();
	row->cgroup = bpf_get_current_cgroup_id();
	row->src.addr_raw.v6[15] = 1;
	row->src.port = 443;
	row->src.version = 6;
	row->ret = -2;
	row->mac[0] = 2;
	row->how = HOW_READ | HOW_EXEC;
	row->place.device = 1;
	row->place.dev = 8 << 20 | 1;
	row->index = PT_REGS_PARM2_CORE_SYSCALL(regs);
	bpf_ringbuf_submit(row, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
