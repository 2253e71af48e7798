/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unlinksnoop: who deletes which file, and with what result?
 *
 * The name is known when the call begins and the result when it ends, so each call is seen twice: the first half of the
 * row is kept in the task (task storage) in between. The name must be copied at the start: the kernel frees its own
 * copy before the call returns.
 *
 * Three ways to see a call, best first; the runner takes the first that this kernel can do:
 *
 *     do_unlinkat        the kernel's own function, up to Linux 6.19: sees every deletion by name, io_uring's too
 *     filename_unlinkat  the same since Linux 7.0
 *     syscalls           unlink(2) and unlinkat(2) of 64-bit programs, where the kernel lets nobody hook its functions
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
const volatile __u32 targ_pid = 0;
/// report only attempts that failed
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

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct call);
} calls SEC(".maps");

/* Starts a row without a name. NULL: not wanted. */
static struct call *begin(void)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct call *call;

	if (is_runner(pid) || (targ_pid && pid != targ_pid))
		return NULL;
	call = bpf_task_storage_get(&calls, bpf_get_current_task_btf(), NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!call)
		return NULL;

	__builtin_memset(call, 0, sizeof(*call));
	call->is_open = true;
	call->event.pid = pid;
	call->event.uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(call->event.comm, sizeof(call->event.comm));
	return call;
}

/* The call of this task that is going on, or NULL. */
static struct call *current_call(void)
{
	struct call *call = bpf_task_storage_get(&calls, bpf_get_current_task_btf(), NULL, 0);

	return call && call->is_open ? call : NULL;
}

static void end(struct call *call, __s32 ret)
{
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
	struct call *call = begin();

	if (call)
		mark_if_cut(call,
			    bpf_probe_read_kernel_str(call->event.filename, NAME_SIZE, BPF_CORE_READ(name, name)));
}

static void on_return(__s32 ret)
{
	struct call *call = current_call();

	if (call)
		end(call, ret);
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

/* ---- choice "syscalls": the two system calls ---- */

static void read_user_name(struct call *call)
{
	mark_if_cut(call, bpf_probe_read_user_str(call->event.filename, NAME_SIZE, call->user_name));
}

static int on_syscall_entry(const char *user_name)
{
	struct call *call = begin();

	if (call) {
		call->user_name = user_name;
		read_user_name(call);
	}
	return 0;
}

static int on_syscall_exit(struct trace_event_raw_sys_exit *ctx)
{
	struct call *call = current_call();

	if (!call)
		return 0;
	/* At entry the page with the name may not be in memory yet, and we may not wait for it. By now it was read. */
	if (!call->event.filename[0])
		read_user_name(call);
	end(call, ctx->ret);
	return 0;
}

/// @alternative syscalls
/// @optional
SEC("tracepoint/syscalls/sys_enter_unlink")
int unlink_enter(struct trace_event_raw_sys_enter *ctx)
{
	return on_syscall_entry((const char *)ctx->args[0]);
}

/// @alternative syscalls
/// @optional
SEC("tracepoint/syscalls/sys_exit_unlink")
int unlink_exit(struct trace_event_raw_sys_exit *ctx)
{
	return on_syscall_exit(ctx);
}

/// @alternative syscalls
SEC("tracepoint/syscalls/sys_enter_unlinkat")
int unlinkat_enter(struct trace_event_raw_sys_enter *ctx)
{
	if ((int)ctx->args[2]) /* AT_REMOVEDIR: a directory. Any other flag is refused before a file is looked for. */
		return 0;
	return on_syscall_entry((const char *)ctx->args[1]);
}

/// @alternative syscalls
SEC("tracepoint/syscalls/sys_exit_unlinkat")
int unlinkat_exit(struct trace_event_raw_sys_exit *ctx)
{
	return on_syscall_exit(ctx);
}

/// @brief Shows who deletes which file.
/// @description Reports each attempt to delete a file by name, with its result.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
