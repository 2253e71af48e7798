/* SPDX-License-Identifier: MIT */
/*
 * Kernels gain helpers and let more kinds of programs call them, and never take one back; so what the newest kernel does not allow no kernel does, and the
 * author is at fault, not the kernel. The bits were asked of Linux 6.18, helper by helper. Only kinds whose helpers do not depend on how that kernel was
 * configured are here; bpf_override_return() (58) was added by hand.
 * Sources: kernel/trace/bpf_trace.c, net/core/filter.c; for the lockdown kernel/bpf/helpers.c (bpf_base_func_proto) and bpf_trace.c.
 */
#include "load/helpers.h"

#include <stddef.h>

#include "base/cleanup.h"

#define LAST 211 /* bpf_cgrp_storage_delete, 6.2: newer functions are kfuncs */

static const struct {
	enum bpf_prog_type type;
	uint64_t allowed[4]; /* a bit for each helper */
} kinds[] = {
	{ BPF_PROG_TYPE_KPROBE, { 0x48024280a43d1fe, 0x296f260063810008, 0x8073fe307630207c, 0xf0fec } },
	{ BPF_PROG_TYPE_TRACEPOINT, { 0x8024280a43d1fe, 0x296f260063810008, 0x8073fe307630207c, 0xf0fec } },
	{ BPF_PROG_TYPE_PERF_EVENT, { 0x18024280a43d1fe, 0x29ef260063810008, 0x8073fe307630207c, 0xf0fec } },
	{ BPF_PROG_TYPE_RAW_TRACEPOINT, { 0x8024280a43d1fe, 0x296f260063810008, 0x8073fe307630207c, 0xf0fec } },
	{ BPF_PROG_TYPE_SOCKET_FILTER, { 0x80c4280643d1ee, 0x2d6f260063810010, 0x80779e3176303f7c, 0xf0ffc } },
	{ BPF_PROG_TYPE_XDP, { 0xc8142812c3d1ee, 0x296f661863f10022, 0xf0779e3976303f7c, 0xffffc } },
};

/* bpf_probe_read, _read_str, _read_kernel, _read_kernel_str */
static const uint8_t reads[] = { 4, 45, 113, 115 };
#define PROBE_WRITE_USER 36

bool ecli_helper_is_nowhere(enum bpf_prog_type type, uint64_t number)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].type == type)
			return number && number <= LAST && !(kinds[i].allowed[number / 64] >> number % 64 & 1);
	return false;
}

bool ecli_helper_is_locked(uint64_t number, bool is_confidential)
{
	for (size_t i = 0; is_confidential && i < ARRAY_SIZE(reads); i++)
		if (reads[i] == number)
			return true;
	return number == PROBE_WRITE_USER;
}
