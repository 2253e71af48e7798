/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vfsstat: how many operations on files and directories a second?
 *
 * Each counter is one function of the kernel's layer above the file systems (VFS), counted when it is called, also when it fails. It
 * is called through fentry, or through kprobes where the kernel has no other way. A file that open(2) creates does not
 * go through vfs_create(): it is told by a mark (FMODE_CREATED) that the file carries when it is opened.
 *
 * Not seen: what goes past these functions, such as readv(2), sendfile(2), io_uring and memory-mapped files.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/arguments.bpf.h"
#include "vfsstat.h"

#define FMODE_CREATED 0x100000 /* since Linux 4.19; a macro of the kernel: not in its types */

/// @sample {"interval": 1000, "type": "default_kv", "columns": ["read_s = rate(read)", "write_s = rate(write)", "fsync_s = rate(fsync)",
///  "open_s = rate(open)", "create_s = rate(create)", "unlink_s = rate(unlink)", "mkdir_s = rate(mkdir)", "rmdir_s = rate(rmdir)"]}
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct calls);
} counts SEC(".maps");

#define COUNTER(member) __builtin_offsetof(struct calls, member)

/* @counter: a constant. Each CPU counts for itself. */
static int count(__u32 counter)
{
	__u32 only = 0;
	void *calls = bpf_map_lookup_elem(&counts, &only);

	if (calls)
		__sync_fetch_and_add((__u64 *)(calls + counter), 1);
	return 0;
}

static int count_open(struct file *file)
{
	if (BPF_CORE_READ(file, f_mode) & FMODE_CREATED)
		count(COUNTER(create));
	return count(COUNTER(open));
}

/// @alternative fentry
SEC("fentry/vfs_read")
int fentry_read(void *ctx)
{
	return count(COUNTER(read));
}

/// @alternative fentry
SEC("fentry/vfs_write")
int fentry_write(void *ctx)
{
	return count(COUNTER(write));
}

/// @alternative fentry
SEC("fentry/vfs_fsync_range")
int fentry_fsync(void *ctx)
{
	return count(COUNTER(fsync));
}

/// @alternative fentry
SEC("fentry/vfs_create")
int fentry_create(void *ctx)
{
	return count(COUNTER(create));
}

/// @alternative fentry
SEC("fentry/vfs_unlink")
int fentry_unlink(void *ctx)
{
	return count(COUNTER(unlink));
}

/// @alternative fentry
SEC("fentry/vfs_mkdir")
int fentry_mkdir(void *ctx)
{
	return count(COUNTER(mkdir));
}

/// @alternative fentry
SEC("fentry/vfs_rmdir")
int fentry_rmdir(void *ctx)
{
	return count(COUNTER(rmdir));
}

/// @alternative fentry
SEC("fentry/vfs_open")
int BPF_PROG(fentry_open, const struct path *path, struct file *file)
{
	return count_open(file);
}

/// @alternative kprobe
SEC("kprobe/vfs_read")
int kprobe_read(void *ctx)
{
	return count(COUNTER(read));
}

/// @alternative kprobe
SEC("kprobe/vfs_write")
int kprobe_write(void *ctx)
{
	return count(COUNTER(write));
}

/// @alternative kprobe
SEC("kprobe/vfs_fsync_range")
int kprobe_fsync(void *ctx)
{
	return count(COUNTER(fsync));
}

/// @alternative kprobe
SEC("kprobe/vfs_create")
int kprobe_create(void *ctx)
{
	return count(COUNTER(create));
}

/// @alternative kprobe
SEC("kprobe/vfs_unlink")
int kprobe_unlink(void *ctx)
{
	return count(COUNTER(unlink));
}

/// @alternative kprobe
SEC("kprobe/vfs_mkdir")
int kprobe_mkdir(void *ctx)
{
	return count(COUNTER(mkdir));
}

/// @alternative kprobe
SEC("kprobe/vfs_rmdir")
int kprobe_rmdir(void *ctx)
{
	return count(COUNTER(rmdir));
}

/// @alternative kprobe
SEC("kprobe/vfs_open")
int kprobe_open(struct pt_regs *ctx)
{
	return count_open((struct file *)argument_2(ctx));
}

/// @brief Counts operations on files and directories.
/// @description Shows every second (--interval) how often files were read, written, opened and so on, in the whole machine.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
