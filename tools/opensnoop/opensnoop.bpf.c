/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * opensnoop: who opens which file, how, and with what result?
 *
 * Two ways to see an attempt, best first; the runner takes the first that this kernel can do:
 *
 *     do_sys_openat2   the kernel's own function behind all four system calls, since Linux 5.6. When it returns everything is known, so nothing
 *                      has to be kept; it sees 32-bit programs too
 *     syscalls         open(2), creat(2), openat(2), openat2(2) of 64-bit programs, where the kernel lets nobody hook its functions.
 *                      The arguments are kept from the beginning of a call to its end
 *
 * In both the path is read at the end: by then the kernel has read it too, so it is in memory. Not seen: files opened through io_uring, and by
 * the kernel for itself (a program that is executed).
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../include/runner.bpf.h"
#include "../include/text.bpf.h"
#include "opensnoop.h"

#define ANY_UID ((uid_t)-1)

/// report only this process (process id, 0: all)
/// @cmdarg {"long": "pid", "short": "p"}
/// @exists /proc/%
const volatile __u32 targ_pid = 0;
/// report only this thread (thread id, 0: all)
/// @cmdarg {"long": "tid", "short": "t"}
/// @exists /proc/%
const volatile __u32 targ_tid = 0;
/// report only this user
/// @cmdarg {"long": "uid", "short": "u"}
const volatile uid_t targ_uid = ANY_UID;
/// report only threads with this in their name
/// @cmdarg {"long": "name", "short": "n"}
const volatile char targ_name[COMM_SIZE] = "";
/// report only attempts that failed
/// @cmdarg {"long": "failed", "short": "x"}
const volatile bool failed_only = false;
/// show the columns FLAGS and MODE, too
/// @cmdarg {"long": "extended-fields", "short": "e"}
const volatile bool extended_fields = false;
/// show the column UID, too
/// @cmdarg {"long": "print-uid", "short": "U"}
const volatile bool print_uid = false;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1024 * 1024);
} events SEC(".maps");

/* Room for the row in work: it is too large for the stack of a program. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct event);
} rows SEC(".maps");

static bool is_wanted(void)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 uid = bpf_get_current_uid_gid();
	char comm[COMM_SIZE];

	if (is_runner(id >> 32) || (targ_pid && targ_pid != id >> 32) || (targ_tid && targ_tid != (__u32)id))
		return false;
	if (targ_uid != ANY_UID && targ_uid != uid)
		return false;
	if (!targ_name[0])
		return true;
	bpf_get_current_comm(comm, sizeof(comm));
	return comm_contains(comm, targ_name);
}

/* @path: in the memory of the process. @ret: a file descriptor or a negative error. */
static void report(const char *path, __u32 flags, __u32 mode, int ret)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 zero = 0;
	struct event *event = bpf_map_lookup_elem(&rows, &zero);

	if (!event || (failed_only && ret >= 0))
		return;
	event->time_ns = bpf_ktime_get_ns();
	event->pid = id >> 32;
	event->tid = id;
	event->uid = bpf_get_current_uid_gid();
	event->fd = ret < 0 ? -1 : ret;
	event->err = ret < 0 ? -ret : 0;
	event->flags = flags;
	event->mode = mode;
	bpf_get_current_comm(event->comm, sizeof(event->comm));

	/* No such memory: the call failed with EFAULT, and the path is empty. */
	__u64 size = text_size(bpf_probe_read_user_str(event->path, PATH_SIZE, path), PATH_SIZE);

	bpf_ringbuf_output(&events, event, offsetof(struct event, path) + size, 0);
}

/* ---- choice "do_sys_openat2": the kernel's function ---- */

/* Only arm64 has this type, and with it other numbers of flags. */
struct user_fpsimd_state___arm64 {
	__u32 fpsr;
} __attribute__((preserve_access_index));

/* What a 64-bit kernel adds to the flags by itself; a macro of the kernel: not in its types. */
static __u64 large_file_flag(void)
{
	return bpf_core_field_exists(struct user_fpsimd_state___arm64, fpsr) ? 0400000 : 0100000;
}

/// @alternative do_sys_openat2
SEC("fexit/do_sys_openat2")
int BPF_PROG(openat2_return, int dfd, const char *path, struct open_how *how, int ret)
{
	if (is_wanted())
		report(path, how->flags & ~large_file_flag(), how->mode, ret);
	return 0;
}

/* ---- choice "syscalls": the system calls ---- */

struct call {
	const char *path;
	const struct open_how *how; /* openat2(2), in the memory of the process; NULL: the next two count */
	__u32 flags;
	__u32 mode;
};

/* By thread id. A thread that was killed in the middle leaves its call behind; in time others take the place. */
/// @alternative syscalls
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct call);
} calls SEC(".maps");

#define O_CREAT_FLAG   00000100
#define O_TMPFILE_FLAG 020000000

/* As the kernel does: without one of these flags nobody looks at the mode, and what a process passes there is arbitrary. */
static __u32 mode_of(__u32 flags, __u32 mode)
{
	return flags & (O_CREAT_FLAG | O_TMPFILE_FLAG) ? mode & 07777 : 0;
}

static int begin(const struct call *call)
{
	__u32 tid = bpf_get_current_pid_tgid();

	if (is_wanted())
		bpf_map_update_elem(&calls, &tid, call, BPF_ANY);
	return 0;
}

static int end(struct trace_event_raw_sys_exit *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct call *call = bpf_map_lookup_elem(&calls, &tid);
	struct open_how how = {};

	if (!call)
		return 0;
	how.flags = call->flags;
	how.mode = call->mode;
	if (call->how)
		bpf_probe_read_user(&how, sizeof(how), call->how);
	report(call->path, how.flags & ~large_file_flag(), mode_of(how.flags, how.mode), ctx->ret);
	bpf_map_delete_elem(&calls, &tid);
	return 0;
}

/// @alternative syscalls
/// @optional
SEC("tracepoint/syscalls/sys_enter_open")
int open_enter(struct trace_event_raw_sys_enter *ctx)
{
	return begin(&(struct call){ .path = (void *)ctx->args[0], .flags = ctx->args[1], .mode = ctx->args[2] });
}

#define CREAT_FLAGS 01101 /* O_CREAT | O_WRONLY | O_TRUNC, what creat(2) stands for */

/// @alternative syscalls
/// @optional
SEC("tracepoint/syscalls/sys_enter_creat")
int creat_enter(struct trace_event_raw_sys_enter *ctx)
{
	return begin(&(struct call){ .path = (void *)ctx->args[0], .flags = CREAT_FLAGS, .mode = ctx->args[1] });
}

/// @alternative syscalls
SEC("tracepoint/syscalls/sys_enter_openat")
int openat_enter(struct trace_event_raw_sys_enter *ctx)
{
	return begin(&(struct call){ .path = (void *)ctx->args[1], .flags = ctx->args[2], .mode = ctx->args[3] });
}

/// @alternative syscalls
/// @optional
SEC("tracepoint/syscalls/sys_enter_openat2")
int openat2_enter(struct trace_event_raw_sys_enter *ctx)
{
	return begin(&(struct call){ .path = (void *)ctx->args[1], .how = (void *)ctx->args[2] });
}

/// @alternative syscalls
/// @optional
SEC("tracepoint/syscalls/sys_exit_open")
int open_exit(struct trace_event_raw_sys_exit *ctx)
{
	return end(ctx);
}

/// @alternative syscalls
/// @optional
SEC("tracepoint/syscalls/sys_exit_creat")
int creat_exit(struct trace_event_raw_sys_exit *ctx)
{
	return end(ctx);
}

/// @alternative syscalls
SEC("tracepoint/syscalls/sys_exit_openat")
int openat_exit(struct trace_event_raw_sys_exit *ctx)
{
	return end(ctx);
}

/// @alternative syscalls
/// @optional
SEC("tracepoint/syscalls/sys_exit_openat2")
int openat2_exit(struct trace_event_raw_sys_exit *ctx)
{
	return end(ctx);
}

/// @brief Shows who opens which file.
/// @description Reports each attempt to open a file by name: how, and with what result.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
