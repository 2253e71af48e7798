/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * biolatency: how long do disks take to answer, as a picture?
 *
 *     insert ────────> issue ────────> complete
 *      into a queue     to the disk
 *      |<--- waiting -->|<-- the disk -->|
 *      |<--------- --queued ------------>|
 *
 * The begin is noted by the address of the request; a request that goes to the disk again begins anew. One that is not put into a
 * queue begins when it is issued, with --queued too. Every answer counts once, in one bucket.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/bits.bpf.h"
#include "../include/maps.bpf.h"
#include "biolatency.h"

/// with the time that requests wait in the queue of the system
/// @cmdarg {"short": "Q"}
const volatile bool queued = false;
/// a histogram for each disk
/// @cmdarg {"short": "D"}
const volatile bool disks = false;
/// a histogram for each kind of request
/// @cmdarg {"short": "F"}
const volatile bool flags = false;
/// count milliseconds instead of microseconds
/// @cmdarg {"short": "m", "long": "milliseconds"}
const volatile bool ms = false;
/// only this disk, by name (sda; not sda1)
/// @cmdarg {"short": "d"}
/// @exists /sys/block/%
const volatile char disk[32] = "";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct request *);
	__type(value, __u64);
} begun SEC(".maps"); /* bpf_ktime_get_ns() */

/// @sample {"interval": 1000, "type": "log2_hist", "unit": "usecs", "unit_if": {"ms": "msecs"}, "sort": "+disk"}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct request_kind);
	__type(value, struct hist);
} hists SEC(".maps");

/* ---- what differs between kernels ---- */

/* Linux 5.11 and later: the hooks "insert" and "issue" have one argument; before, the queue came first. */
typedef void (*btf_trace_block_rq_issue___5_11)(void *, struct request *);

static struct request *request_of(unsigned long long *args)
{
	return (struct request *)(bpf_core_type_exists(btf_trace_block_rq_issue___5_11) ? args[0] : args[1]);
}

/* Until Linux 5.16 a request knows its disk; later its queue does. */
struct request___old {
	struct gendisk *rq_disk;
} __attribute__((preserve_access_index));

struct request_queue___new {
	struct gendisk *disk;
} __attribute__((preserve_access_index));

static void read_disk(struct request *request, char *name)
{
	struct request___old *old = (void *)request;
	struct request_queue___new *queue = (void *)BPF_CORE_READ(request, q);
	struct gendisk *at =
		bpf_core_field_exists(old->rq_disk) ? BPF_CORE_READ(old, rq_disk) : BPF_CORE_READ(queue, disk);

	if (at)
		bpf_probe_read_kernel_str(name, sizeof(disk), at->disk_name);
}

#define OPERATION_BITS 8 /* the lowest of cmd_flags, a macro of the kernel */

/* The bits that say how are at other places in other kernels. */
#define HOW(name, ours) (cmd_flags >> bpf_core_enum_value(enum req_flag_bits, name) & 1 ? (ours) : 0)

static void read_flags(struct request *request, struct request_kind *kind)
{
	__u32 cmd_flags = BPF_CORE_READ(request, cmd_flags);

	kind->operation = (cmd_flags & ((1 << OPERATION_BITS) - 1)) + 1;
	kind->flags = HOW(__REQ_SYNC, Sync) | HOW(__REQ_META, Metadata) | HOW(__REQ_PRIO, Priority) |
		      HOW(__REQ_FUA, ForcedUnitAccess) | HOW(__REQ_PREFLUSH, Preflush) | HOW(__REQ_RAHEAD, ReadAhead) |
		      HOW(__REQ_BACKGROUND, Background) | HOW(__REQ_NOWAIT, NoWait) | HOW(__REQ_IDLE, Idle) |
		      HOW(__REQ_NOMERGE, NoMerge);
}

/* ---- counting ---- */

static bool is_wanted(const char *name)
{
	for (unsigned int i = 0; i < sizeof(disk); i++) {
		if (name[i] != disk[i])
			return false;
		if (!name[i])
			break;
	}
	return true;
}

static void begin(struct request *request, __u64 how)
{
	struct request_kind kind = {};
	__u64 now;

	if (disk[0]) {
		read_disk(request, kind.disk);
		if (!is_wanted(kind.disk))
			return;
	}
	now = bpf_ktime_get_ns();
	bpf_map_update_elem(&begun, &request, &now, how);
}

/// @when queued
SEC("raw_tp/block_rq_insert")
int inserted(unsigned long long *args)
{
	begin(request_of(args), BPF_ANY);
	return 0;
}

SEC("raw_tp/block_rq_issue")
int issued(unsigned long long *args)
{
	begin(request_of(args), queued ? BPF_NOEXIST : BPF_ANY);
	return 0;
}

SEC("raw_tp/block_rq_complete")
int completed(unsigned long long *args)
{
	struct request *request = (struct request *)args[0];
	__u64 *since = bpf_map_lookup_elem(&begun, &request), now = bpf_ktime_get_ns();
	struct request_kind kind = {};
	struct hist *hist;
	__u64 ns;

	if (!since)
		return 0;
	ns = now > *since ? now - *since : 0;
	bpf_map_delete_elem(&begun, &request);
	if (disks)
		read_disk(request, kind.disk);
	if (flags)
		read_flags(request, &kind);
	hist = find_or_add(&hists, &kind);
	if (hist)
		log2_count(hist->slots, ns / (ms ? 1000000 : 1000));
	return 0;
}

/// @brief Shows how long disks take to answer, as a histogram.
/// @description Counts requests to disks and the like by the time until the answer, and draws them every second (--interval), since the
/// start or, with --clear, since the last time.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
