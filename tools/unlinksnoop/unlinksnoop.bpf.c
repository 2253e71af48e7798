/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unlinksnoop: who deletes which file, and with what result?
 *
 * The name is known when the call begins and the result when it ends, so each call is seen twice: the first half of the
 * row is kept in the task (task storage) in between. The name must be copied at the start: the kernel frees its own
 * copy before the call returns.
 *
 * Four ways to see a call, best first; the runner takes the first that this kernel can do:
 *
 *     do_unlinkat        the kernel's own function, up to Linux 6.19: sees every deletion by name, io_uring's too
 *     filename_unlinkat  the same since Linux 7.0
 *     syscalls           unlink(2) and unlinkat(2) of 64-bit programs, where the kernel lets nobody hook its functions
 *     syscalls_hash      the same with the first half in a hash, where tasks have no storage: before Linux 5.11
 *
 * Not seen: rmdir(2) and its twin unlinkat(AT_REMOVEDIR), which delete directories, and files replaced by rename(2).
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/runner.bpf.h"
#include "unlinksnoop.h"

/// report only this process (process id, 0: all)
/// @cmdarg {"short": "p"}
/// @exists /proc/%
const volatile __u32 targ_pid = 0;
/// report only attempts that failed
/// @cmdarg {"short": "x"}
const volatile bool failed_only = false;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1024 * 1024);
} events SEC(".maps");

struct call {
	struct event event;    /* the row so far */
	bool is_open;          /* between begin and end */
	const char *user_name; /* where the name is in the memory of the process; syscalls only */
};

/// @alternative do_unlinkat, filename_unlinkat, syscalls
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct call);
} calls SEC(".maps");

/* A thread that was killed in the middle leaves its call behind; in time others take the place. */
/// @alternative syscalls_hash
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct call);
} calls_by_pid SEC(".maps"); /* by thread id */

static const struct call no_call; /* too large for the stack of a program */

/* Where the call of the current task is kept, or NULL. @create: makes the place. */
static struct call *place_in_task(bool create)
{
	return bpf_task_storage_get(&calls, bpf_get_current_task_btf(), NULL,
				    create ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
}

static struct call *place_in_hash(bool create)
{
	__u32 pid = bpf_get_current_pid_tgid();

	if (create)
		bpf_map_update_elem(&calls_by_pid, &pid, &no_call, BPF_ANY);
	return bpf_map_lookup_elem(&calls_by_pid, &pid);
}

static bool is_wanted(void)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	return !is_runner(pid) && (!targ_pid || pid == targ_pid);
}

/* Starts a row without a name. */
static void begin(struct call *call)
{
	__builtin_memset(call, 0, sizeof(*call));
	call->is_open = true;
	call->event.pid = bpf_get_current_pid_tgid() >> 32;
	call->event.uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(call->event.comm, sizeof(call->event.comm));
}

/* @call: NULL when this one was not wanted. */
static void end(struct call *call, __s32 ret)
{
	if (!call || !call->is_open)
		return;
	call->is_open = false;
	if (failed_only && ret == 0)
		return;
	call->event.ret = ret;
	call->event.time_ns = bpf_ktime_get_ns();
	bpf_ringbuf_output(&events, &call->event, sizeof(call->event), 0);
}

/* @length: what a string read returned, the final NUL counted. A name that fills the array was (nearly always) longer.
 */
static void mark_if_cut(struct call *call, long length)
{
	char *tail = &call->event.filename[NAME_SIZE - 4];

	if (length == NAME_SIZE)
		tail[0] = tail[1] = tail[2] = '.';
}

/* ---- choices "do_unlinkat" and "filename_unlinkat": the kernel's function ---- */

static void on_entry(struct filename *name)
{
	struct call *call = is_wanted() ? place_in_task(true) : NULL;

	if (!call)
		return;
	begin(call);
	mark_if_cut(call, bpf_probe_read_kernel_str(call->event.filename, NAME_SIZE, BPF_CORE_READ(name, name)));
}

static void on_return(__s32 ret)
{
	end(place_in_task(false), ret);
}

/// @alternative do_unlinkat
SEC("fentry/do_unlinkat")
int BPF_PROG(do_unlinkat_entry, int dfd, struct filename *name)
{
	on_entry(name);
	return 0;
}

/// @alternative do_unlinkat
SEC("fexit/do_unlinkat")
int BPF_PROG(do_unlinkat_return, int dfd, struct filename *name, int ret)
{
	on_return(ret);
	return 0;
}

/// @alternative filename_unlinkat
SEC("fentry/filename_unlinkat")
int BPF_PROG(filename_unlinkat_entry, int dfd, struct filename *name)
{
	on_entry(name);
	return 0;
}

/// @alternative filename_unlinkat
SEC("fexit/filename_unlinkat")
int BPF_PROG(filename_unlinkat_return, int dfd, struct filename *name, int ret)
{
	on_return(ret);
	return 0;
}

/* ---- choices "syscalls" and "syscalls_hash": the two system calls ---- */

static void read_user_name(struct call *call)
{
	mark_if_cut(call, bpf_probe_read_user_str(call->event.filename, NAME_SIZE, call->user_name));
}

static int on_syscall_entry(struct call *call, const char *user_name)
{
	if (!call)
		return 0;
	begin(call);
	call->user_name = user_name;
	read_user_name(call);
	return 0;
}

static int on_syscall_exit(struct call *call, struct trace_event_raw_sys_exit *ctx)
{
	/* At entry the page with the name may not be in memory yet, and we may not wait for it. By now it was read. */
	if (call && call->is_open && !call->event.filename[0])
		read_user_name(call);
	end(call, ctx->ret);
	return 0;
}

/* AT_REMOVEDIR: unlinkat(2) of a directory. Any other flag is refused before a file is looked for. */
static bool is_file(struct trace_event_raw_sys_enter *ctx)
{
	return !(int)ctx->args[2];
}

/// @alternative syscalls
/// @optional
SEC("tracepoint/syscalls/sys_enter_unlink")
int unlink_enter(struct trace_event_raw_sys_enter *ctx)
{
	return is_wanted() ? on_syscall_entry(place_in_task(true), (const char *)ctx->args[0]) : 0;
}

/// @alternative syscalls
/// @optional
SEC("tracepoint/syscalls/sys_exit_unlink")
int unlink_exit(struct trace_event_raw_sys_exit *ctx)
{
	return on_syscall_exit(place_in_task(false), ctx);
}

/// @alternative syscalls
SEC("tracepoint/syscalls/sys_enter_unlinkat")
int unlinkat_enter(struct trace_event_raw_sys_enter *ctx)
{
	return is_wanted() && is_file(ctx) ? on_syscall_entry(place_in_task(true), (const char *)ctx->args[1]) : 0;
}

/// @alternative syscalls
SEC("tracepoint/syscalls/sys_exit_unlinkat")
int unlinkat_exit(struct trace_event_raw_sys_exit *ctx)
{
	return on_syscall_exit(place_in_task(false), ctx);
}

/// @alternative syscalls_hash
/// @optional
SEC("tracepoint/syscalls/sys_enter_unlink")
int unlink_enter_hash(struct trace_event_raw_sys_enter *ctx)
{
	return is_wanted() ? on_syscall_entry(place_in_hash(true), (const char *)ctx->args[0]) : 0;
}

/// @alternative syscalls_hash
/// @optional
SEC("tracepoint/syscalls/sys_exit_unlink")
int unlink_exit_hash(struct trace_event_raw_sys_exit *ctx)
{
	return on_syscall_exit(place_in_hash(false), ctx);
}

/// @alternative syscalls_hash
SEC("tracepoint/syscalls/sys_enter_unlinkat")
int unlinkat_enter_hash(struct trace_event_raw_sys_enter *ctx)
{
	return is_wanted() && is_file(ctx) ? on_syscall_entry(place_in_hash(true), (const char *)ctx->args[1]) : 0;
}

/// @alternative syscalls_hash
SEC("tracepoint/syscalls/sys_exit_unlinkat")
int unlinkat_exit_hash(struct trace_event_raw_sys_exit *ctx)
{
	return on_syscall_exit(place_in_hash(false), ctx);
}

/// @brief Shows who deletes which file.
/// @description Reports each attempt to delete a file by name, with its result.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
