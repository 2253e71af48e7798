/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Columns that are there for an option, and a list of words of a length of its own. */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define MARK_OPTION 0x6d61726b /* mark.bpf.h */

/// show the column INDEX
/// @cmdarg {"long": "with-index", "short": "x"}
const volatile bool with_index = false;
/// show the column PARITY; not for 0
const volatile __u32 parity_wanted = 1;

/// @export
struct marked {
	/// @when with_index
	__u32 index;
	/// @when parity_wanted
	__u32 parity;
	/// @when !with_index
	__u32 number;
	/// @format argv
	char words[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} marks SEC(".maps");

SEC("raw_tp/sys_enter")
int enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	struct marked marked = {};

	if (PT_REGS_PARM1_CORE_SYSCALL(regs) != MARK_OPTION)
		return 0;
	marked.index = PT_REGS_PARM2_CORE_SYSCALL(regs);
	marked.parity = marked.index % 2;
	marked.number = ctx->args[1];
	__builtin_memcpy(marked.words, "a b\0\0c", 7);
	/* Two words, the second of them empty; or three; or, cut, a piece of the first. */
	__u64 length = marked.index == 0 ? 5 : marked.index == 1 ? 7 : 2;
	bpf_ringbuf_output(&marks, &marked, offsetof(struct marked, words) + length, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
