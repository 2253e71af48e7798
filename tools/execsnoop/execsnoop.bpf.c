/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * execsnoop: which programs are started, by whom, and with which arguments?
 *
 * A program that was started has its arguments on its stack, where the kernel has just put them: one list, each argument ended by a NUL, the same
 * that /proc/PID/cmdline shows. So nothing is kept from the beginning of the call, no page is missing, and execve, execveat, 32-bit
 * programs and a thread that is not the first of its process are all the same.
 *
 * An attempt that failed (-x only) leaves no such list. Then what the system call was given is read from the memory of the process when the
 * call ends: a pointer to an array of pointers to arguments. What cannot be read ends the list with "...".
 *
 *     tracepoint   never misses one; needs tracefs
 *     raw          without tracefs
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "../include/text.bpf.h"
#include "execsnoop.h"

#define ANY_UID   ((uid_t)-1)
#define MOST_ARGS 128 /* a verifier wants an end */

/// report only processes with this in their name
/// @cmdarg {"long": "name", "short": "n"}
const volatile char targ_name[COMM_SIZE] = "";
/// report only this user
/// @cmdarg {"long": "uid", "short": "u"}
const volatile uid_t targ_uid = ANY_UID;
/// report attempts that failed, too
/// @cmdarg {"long": "failed", "short": "x"}
const volatile bool with_failed = false;
/// show the column UID, too
/// @cmdarg {"long": "print-uid", "short": "U"}
const volatile bool print_uid = false;
/// most arguments shown, up to 128
/// @cmdarg {"long": "max-args"}
const volatile __u32 max_args = 20;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1024 * 1024);
} events SEC(".maps");

enum { ROW_STARTED, ROW_FAILED, ROW_COUNT };

/* Room for the row in work, one for each kind of program: one of them may interrupt the other. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ROW_COUNT);
	__type(key, __u32);
	__type(value, struct event);
} rows SEC(".maps");

/* The row with everything but file and arguments; NULL when it is not wanted. */
static struct event *begin(__u32 row, int ret)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct event *event = bpf_map_lookup_elem(&rows, &row);
	__u32 uid = bpf_get_current_uid_gid();

	if (!event || (targ_uid != ANY_UID && targ_uid != uid))
		return NULL;
	bpf_get_current_comm(event->pcomm, sizeof(event->pcomm));
	if (targ_name[0] && !comm_contains(event->pcomm, targ_name))
		return NULL;
	event->time_ns = bpf_ktime_get_ns();
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->ppid = BPF_CORE_READ(task, real_parent, tgid);
	event->uid = uid;
	event->ret = ret;
	return event;
}

/* @length: what a string read returned, the final NUL counted. A name that fills the array was (nearly always) longer. */
static void end_file(struct event *event, long length)
{
	char *tail = &event->file[FILE_SIZE - 4];

	if (length < 0)
		event->file[0] = '\0';
	else if (length == FILE_SIZE)
		tail[0] = tail[1] = tail[2] = '.';
}

/*
 * Adds the argument at @arg in the memory of the process. 0, or 1 when the list ends here, cut: there is no room for more, or nothing to read.
 * @len: bytes of the list so far, moved on.
 */
static int add_arg(struct event *event, __u64 arg, __u64 *len, long *ret_read)
{
	__u64 at = *len;

	asm volatile("" : "+r"(at));
	if (at >= ARGS_SIZE)
		return 1;
	*ret_read = bpf_probe_read_user_str(&event->args[at], ARG_SIZE, (void *)arg);
	if (*ret_read < 0)
		return 1;
	/* An empty text: older kernels do not count its NUL (6.12 does not, 6.18 does). */
	if (*ret_read == 0) {
		event->args[at] = '\0';
		*ret_read = 1;
	}
	*len = at + *ret_read;
	return *ret_read == ARG_SIZE; /* cut, most likely */
}

/* @is_cut: not all arguments are there. A list that does not end in a NUL says so. */
static void send(struct event *event, __u64 len, bool is_cut)
{
	/* It never is more; but only this shows it to every verifier, and the compiler must not see through it. */
	asm volatile("" : "+r"(len));
	if (len > ARGS_SIZE + ARG_SIZE)
		len = ARGS_SIZE + ARG_SIZE;
	event->args[len] = event->args[len + 1] = event->args[len + 2] = '.';
	if (is_cut)
		len += CUT_SIZE;
	bpf_ringbuf_output(&events, event, offsetof(struct event, args) + len, 0);
}

/* ---- programs that were started ---- */

/* @file: the name, in the kernel's memory. */
static int on_start(const char *file)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct event *event = begin(ROW_STARTED, 0);
	__u64 arg = BPF_CORE_READ(task, mm, arg_start), end = BPF_CORE_READ(task, mm, arg_end);
	__u64 len = 0;
	long read = 0;

	if (!event)
		return 0;
	end_file(event, bpf_probe_read_kernel_str(event->file, FILE_SIZE, file));
	for (__u32 i = 0; i < MOST_ARGS && i < max_args && arg < end; i++) {
		if (add_arg(event, arg, &len, &read))
			break;
		arg += read;
	}
	send(event, len, arg < end);
	return 0;
}

/// @alternative tracepoint
SEC("tracepoint/sched/sched_process_exec")
int exec_tracepoint(struct trace_event_raw_sched_process_exec *record)
{
	return on_start((const char *)record + (record->__data_loc_filename & 0xffff));
}

/// @alternative raw
SEC("raw_tp/sched_process_exec")
int exec_raw(unsigned long long *args)
{
	struct linux_binprm *program = (struct linux_binprm *)args[2];

	return on_start(BPF_CORE_READ(program, filename));
}

/* ---- attempts that failed ---- */

struct call {
	const char *file;
	const __u64 *args;
};

/* By thread id. A call that was no failure stays behind; in time others take the place. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct call);
} calls SEC(".maps");

static int on_enter(struct call call)
{
	__u32 tid = bpf_get_current_pid_tgid();

	bpf_map_update_elem(&calls, &tid, &call, BPF_ANY);
	return 0;
}

static int on_exit(long ret)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct call *call = bpf_map_lookup_elem(&calls, &tid);
	struct event *event = call && ret < 0 ? begin(ROW_FAILED, ret) : NULL;
	bool is_cut = true;
	__u64 arg = 0, len = 0;
	long read = 0;

	if (!event)
		return 0;
	end_file(event, bpf_probe_read_user_str(event->file, FILE_SIZE, call->file));
	for (__u32 i = 0; i <= MOST_ARGS && i <= max_args; i++) {
		is_cut = call->args && bpf_probe_read_user(&arg, sizeof(arg), &call->args[i]);
		if (is_cut || !call->args || !arg)
			break;
		is_cut = true;
		if (i == max_args || add_arg(event, arg, &len, &read))
			break;
	}
	send(event, len, is_cut);
	bpf_map_delete_elem(&calls, &tid);
	return 0;
}

/// @when with_failed
SEC("tracepoint/syscalls/sys_enter_execve")
int execve_enter(struct trace_event_raw_sys_enter *ctx)
{
	return on_enter((struct call){ (void *)ctx->args[0], (void *)ctx->args[1] });
}

/// @when with_failed
SEC("tracepoint/syscalls/sys_enter_execveat")
int execveat_enter(struct trace_event_raw_sys_enter *ctx)
{
	return on_enter((struct call){ (void *)ctx->args[1], (void *)ctx->args[2] });
}

/// @when with_failed
SEC("tracepoint/syscalls/sys_exit_execve")
int execve_exit(struct trace_event_raw_sys_exit *ctx)
{
	return on_exit(ctx->ret);
}

/// @when with_failed
SEC("tracepoint/syscalls/sys_exit_execveat")
int execveat_exit(struct trace_event_raw_sys_exit *ctx)
{
	return on_exit(ctx->ret);
}

/// @brief Shows which programs are started, with their arguments.
/// @description Reports each program that is started: by whom, from which file, with which arguments.
char LICENSE[] SEC("license") = "Dual BSD/GPL";
