/* SPDX-License-Identifier: MIT */
/*
 * Events that the kernel did not run a program for, as the kernel counts them:
 *
 *     recursion   the program was running on that CPU already, or (kprobes, tracepoints) any other program was
 *                 (bpf_prog_info.recursion_misses: Linux 5.12; raw tracepoints 6.1, kprobes and tracepoints 6.7)
 *     probe       a probe was hit while one was handled, or too many returns were awaited
 *                 (bpf_link_info: kprobe_multi 6.7, kprobe behind a perf event 6.7)
 *
 * An older kernel leaves the fields out, which reads as nothing missed. The link structure is written down here because headers
 * of kernels before 6.7 do not have it (include/uapi/linux/bpf.h, struct bpf_link_info).
 */
#include "load/missed.h"

#include <assert.h>
#include <linux/bpf.h>
#include <stddef.h>

#include <bpf/bpf.h>

#define LINK_PERF_EVENT   7 /* BPF_LINK_TYPE_PERF_EVENT */
#define LINK_KPROBE_MULTI 8
#define PERF_KPROBE       3 /* BPF_PERF_EVENT_KPROBE */
#define PERF_KRETPROBE    4

struct link_info {
	uint32_t type, id, prog_id;
	union {
		struct {
			uint64_t addrs;
			uint32_t count, flags;
			uint64_t missed;
		} multi;
		struct {
			uint32_t kind, unused;
			uint64_t name;
			uint32_t name_len, offset;
			uint64_t addr, missed;
		} perf;
	};
	uint64_t room[16]; /* the kernel fills what it knows */
};
static_assert(offsetof(struct link_info, multi.missed) == 32 && offsetof(struct link_info, perf.missed) == 48,
	      "struct bpf_link_info of Linux 6.7");

uint64_t ecli_missed_by_recursion(int prog_fd)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);

	return prog_fd < 0 || bpf_obj_get_info_by_fd(prog_fd, &info, &size) ? 0 : info.recursion_misses;
}

uint64_t ecli_missed_by_probe(int link_fd)
{
	struct link_info info = { 0 };
	uint32_t size = sizeof(info);

	if (link_fd < 0 || bpf_obj_get_info_by_fd(link_fd, &info, &size))
		return 0;
	if (info.type == LINK_KPROBE_MULTI)
		return info.multi.missed;
	if (info.type == LINK_PERF_EVENT && (info.perf.kind == PERF_KPROBE || info.perf.kind == PERF_KRETPROBE))
		return info.perf.missed;
	return 0;
}
