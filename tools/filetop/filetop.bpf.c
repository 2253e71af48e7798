/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * filetop: which files are read and written most, by whom?
 *
 * Reads and writes are counted when they end, with the bytes that really went, for each file and thread. Through fexit, which knows
 * arguments and result together; or through kprobes, which need two: what is read is noted at the begin, for the thread.
 *
 * Not seen: what goes past vfs_read() and vfs_write(), such as readv(2), sendfile(2), io_uring and memory-mapped files. A call
 * that fails is no read.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/arguments.bpf.h"
#include "../include/maps.bpf.h"
#include "../include/runner.bpf.h"
#include "filetop.h"

/* Kinds of files in i_mode; macros of the kernel: not in its types. */
#define S_IFMT   0170000
#define S_IFREG  0100000
#define S_IFSOCK 0140000

/// only this process (process id, 0: all)
/// @cmdarg {"short": "p"}
/// @exists /proc/%
const volatile __u32 pid = 0;
/// also what is no regular file: sockets, pipes, devices
/// @cmdarg {"short": "a", "long": "all"}
const volatile bool all_files = false;

/// @alternative kprobe
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, struct file *);
} reading SEC(".maps"), writing SEC(".maps"); /* by thread id, between begin and end */

/// @sample {"interval": 1000, "type": "default_kv", "sort": "r_kb", "top": 20, "clear_map": true,
///  "counters": ["reads", "writes", "r_kb", "w_kb"], "columns": ["tid", "comm", "reads", "writes", "r_kb", "w_kb", "t = type", "file"]}
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct file_of_thread);
	__type(value, struct transfers);
} files SEC(".maps");

/* The entry of the current thread and this file; NULL: not wanted. */
static struct transfers *entry_of(struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	__u64 ids = bpf_get_current_pid_tgid();
	struct file_of_thread key = { .tid = ids };
	__u16 kind = BPF_CORE_READ(inode, i_mode) & S_IFMT;
	struct transfers *entry;

	if ((pid && ids >> 32 != pid) || is_runner(ids >> 32) || (!all_files && kind != S_IFREG))
		return NULL;
	key.inode = BPF_CORE_READ(inode, i_ino);
	key.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	entry = find_or_add(&files, &key);
	if (!entry || entry->type[0])
		return entry; /* none: full, and the runner tells how many were lost */
	entry->pid = ids >> 32;
	bpf_get_current_comm(entry->comm, sizeof(entry->comm));
	entry->type[0] = kind == S_IFREG ? 'R' : kind == S_IFSOCK ? 'S' : 'O';
	bpf_probe_read_kernel_str(entry->file, sizeof(entry->file), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return entry;
}

static int count_read(struct file *file, long bytes)
{
	struct transfers *entry = bytes >= 0 ? entry_of(file) : NULL;

	if (entry) {
		__sync_fetch_and_add(&entry->reads, 1);
		__sync_fetch_and_add(&entry->r_kb, bytes);
	}
	return 0;
}

static int count_write(struct file *file, long bytes)
{
	struct transfers *entry = bytes >= 0 ? entry_of(file) : NULL;

	if (entry) {
		__sync_fetch_and_add(&entry->writes, 1);
		__sync_fetch_and_add(&entry->w_kb, bytes);
	}
	return 0;
}

/// @alternative fexit
SEC("fexit/vfs_read")
int BPF_PROG(read_exit, struct file *file, char *buffer, size_t count, loff_t *at, ssize_t bytes)
{
	return count_read(file, bytes);
}

/// @alternative fexit
SEC("fexit/vfs_write")
int BPF_PROG(write_exit, struct file *file, const char *buffer, size_t count, loff_t *at, ssize_t bytes)
{
	return count_write(file, bytes);
}

static void note(void *notes, struct pt_regs *ctx)
{
	struct file *file = (struct file *)argument_1(ctx);
	__u32 tid = bpf_get_current_pid_tgid();

	bpf_map_update_elem(notes, &tid, &file, BPF_ANY);
}

/* NULL: the call began before the tool did. */
static struct file *take_note(void *notes)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct file **at = bpf_map_lookup_elem(notes, &tid), *file = at ? *at : NULL;

	bpf_map_delete_elem(notes, &tid);
	return file;
}

/// @alternative kprobe
SEC("kprobe/vfs_read")
int read_begins(struct pt_regs *ctx)
{
	note(&reading, ctx);
	return 0;
}

/// @alternative kprobe
SEC("kretprobe/vfs_read")
int read_ends(struct pt_regs *ctx)
{
	struct file *file = take_note(&reading);

	return file ? count_read(file, result(ctx)) : 0;
}

/// @alternative kprobe
SEC("kprobe/vfs_write")
int write_begins(struct pt_regs *ctx)
{
	note(&writing, ctx);
	return 0;
}

/// @alternative kprobe
SEC("kretprobe/vfs_write")
int write_ends(struct pt_regs *ctx)
{
	struct file *file = take_note(&writing);

	return file ? count_write(file, result(ctx)) : 0;
}

/// @brief Shows which files are read and written most, by whom.
/// @description Counts reads and writes of each file and thread and shows the largest ones every second (--interval), each time anew.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
