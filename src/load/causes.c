/* SPDX-License-Identifier: MIT */
/*
 * Rows are tried in order, so the cause that explains most stands first: rights, then a lockdown, then what is not mounted, then what the kernel
 * lacks. In a sentence "%1$s" is the program or map, "%2$s" what it is about, "%3$s" the errno in words or the kind of program; for probes in files
 * "%2$s" is the file and "%3$s" what is in it. A sentence uses them without gaps (%3$s only with %2$s), as printf wants it.
 * ECLI_FAIL_KERNEL: another kernel is needed. ECLI_FAIL_ERROR: the tool, the package, a right or a mount is missing here.
 * Sources: security/lockdown/lockdown.c, kernel/bpf/helpers.c, kernel/events/core.c, Linux 6.18.
 */
#include "load/causes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "load/kernel.h"
#include "load/surroundings.h"

#define ANY_CODE   0
#define REFUSED    1 /* EPERM or EACCES */
#define ANY_TARGET ECLI_TARGET_NONE

#define OBJECT  ECLI_STAGE_OBJECT
#define PROGRAM ECLI_STAGE_PROGRAM
#define ATTACH  ECLI_STAGE_ATTACH
#define TRACEFS ECLI_STAGE_TRACEFS
#define ANY     ECLI_STAGE_ANY
#define F(name) ECLI_FACT_##name
#define KERNEL  ECLI_FAIL_KERNEL
#define ERROR   ECLI_FAIL_ERROR

#define USDT_ARGUMENTS                                                                                                 \
	"program %1$s: probe %3$s of %2$s has arguments, or more sites, than can be read: probe the function that it " \
	"is in"

static const struct {
	uint32_t stages;
	enum ecli_target target;
	int code;
	uint32_t facts; /* all of these */
	enum ecli_fail fail;
	const char *sentence;
} rows[] = {
	/* Rights. */
	{ ANY, ANY_TARGET, REFUSED, F(NO_BPF) | F(NO_PERFMON) | F(ROOT), ERROR,
	  "needs CAP_BPF and CAP_PERFMON, which root does not have here: in a container, run it with --privileged" },
	{ ANY, ANY_TARGET, REFUSED, F(NO_BPF) | F(NO_PERFMON), ERROR,
	  "needs root (CAP_BPF and CAP_PERFMON): try sudo" },
	{ ANY, ANY_TARGET, REFUSED, F(NO_BPF), ERROR, "needs CAP_BPF beside CAP_PERFMON: try sudo" },
	{ PROGRAM, ANY_TARGET, ANY_CODE, F(HELPER_REFUSED) | F(NO_PERFMON), ERROR,
	  "needs CAP_PERFMON beside CAP_BPF, for program %1$s calls %2$s: try sudo" },
	{ ANY, ANY_TARGET, REFUSED, F(NO_PERFMON), ERROR, "needs CAP_PERFMON beside CAP_BPF: try sudo" },
	{ OBJECT | PROGRAM | ECLI_STAGE_MAP, ANY_TARGET, REFUSED, F(LOCKED_MEMORY), ERROR,
	  "may lock too little memory, against which kernels before Linux 5.11 count maps and "
	  "programs%1$.0s%2$.0s%3$.0s: "
	  "ulimit -l unlimited, as root, or CAP_SYS_RESOURCE" },
	{ ANY, ANY_TARGET, REFUSED, F(ABOUT_NETWORK) | F(NO_NETWORK) | F(ROOT), ERROR,
	  "needs CAP_NET_ADMIN for programs of packets, sockets and cgroups: in a container, run it with "
	  "--privileged" },
	{ ANY, ANY_TARGET, REFUSED, F(ABOUT_NETWORK) | F(NO_NETWORK), ERROR,
	  "needs CAP_NET_ADMIN for programs of packets, sockets and cgroups: try sudo" },
	{ ATTACH, ECLI_TARGET_UPROBE, REFUSED, F(NO_ADMIN), ERROR,
	  "needs CAP_SYS_ADMIN for a probe of a function of a file (program %1$s): try sudo" },
	{ ATTACH, ECLI_TARGET_USDT, REFUSED, F(NO_ADMIN), ERROR,
	  "needs CAP_SYS_ADMIN for a probe in a file (program %1$s): try sudo" },
	{ ATTACH, ANY_TARGET, -EACCES, F(NO_ADMIN) | F(PARANOID), ERROR,
	  "needs CAP_SYS_ADMIN, because program %1$s attaches by a perf event and /proc/sys/kernel/perf_event_paranoid "
	  "is 3 or more here: try sudo, or set it to 2" },
	/* A lockdown. */
	{ PROGRAM, ANY_TARGET, ANY_CODE, F(HELPER_REFUSED) | F(HELPER_LOCKED) | F(CONFIDENTIAL), KERNEL,
	  "this kernel is locked down (lockdown=confidentiality): no program may read its memory, as %1$s does with "
	  "%2$s" },
	{ PROGRAM, ANY_TARGET, ANY_CODE, F(HELPER_REFUSED) | F(HELPER_LOCKED) | F(INTEGRITY), KERNEL,
	  "this kernel is locked down (lockdown=integrity): no program may write to processes, as %1$s does with "
	  "%2$s" },
	{ ATTACH, ECLI_TARGET_KPROBE, REFUSED, F(CONFIDENTIAL), KERNEL,
	  "this kernel is locked down (lockdown=confidentiality): no kprobes, as program %1$s is" },
	{ ATTACH, ECLI_TARGET_SYSCALL, REFUSED, F(CONFIDENTIAL), KERNEL,
	  "this kernel is locked down (lockdown=confidentiality): no kprobes, as program %1$s is" },
	/* The machine as a whole. */
	{ OBJECT | PROGRAM | ATTACH, ANY_TARGET, REFUSED, F(NOTHING_LOADS), KERNEL,
	  "this system does not let even root load BPF programs: a security module forbids it, or this is a container "
	  "without the right to" },
	{ OBJECT, ANY_TARGET, ANY_CODE, F(NOTHING_LOADS), KERNEL,
	  "this kernel cannot run BPF programs%1$.0s%2$.0s: %3$s" },
	{ OBJECT, ANY_TARGET, ANY_CODE, F(BAD_TARGET_BTF), ERROR,
	  "%1$.0s%2$s does not hold type information (BTF) of a kernel" },
	{ OBJECT | PROGRAM, ANY_TARGET, ANY_CODE, F(NO_KERNEL_BTF) | F(NO_SYSFS), ERROR,
	  "/sys is not mounted, where the kernel's type information (BTF) lies, which the tool needs: mount -t sysfs "
	  "sysfs "
	  "/sys" },
	{ OBJECT, ANY_TARGET, ANY_CODE, F(NO_KERNEL_BTF), KERNEL,
	  "this kernel has no type information of itself (/sys/kernel/btf/vmlinux; CONFIG_DEBUG_INFO_BTF), which the "
	  "tool needs to fit itself to it: take a kernel that has it, or name a file with it (--btf FILE)" },
	{ PROGRAM, ANY_TARGET, ANY_CODE, F(NO_KERNEL_BTF), KERNEL,
	  "this kernel has no type information of itself (/sys/kernel/btf/vmlinux; CONFIG_DEBUG_INFO_BTF), which "
	  "program %1$s needs" },
	{ ECLI_STAGE_MACHINE, ANY_TARGET, ANY_CODE, F(NO_SYSFS), ERROR,
	  "/sys is not mounted, where the kernel says what CPUs and events there are: mount -t sysfs sysfs /sys" },
	{ ECLI_STAGE_MACHINE, ANY_TARGET, ANY_CODE, F(NO_PROCFS), ERROR,
	  "/proc is not mounted, which the tool needs: mount -t proc proc /proc" },
	{ TRACEFS, ANY_TARGET, ANY_CODE, F(NO_SYSFS), ERROR,
	  "/sys is not mounted, below which the kernel lists its tracepoints: mount -t sysfs sysfs /sys" },
	{ TRACEFS, ANY_TARGET, REFUSED, F(CONFIDENTIAL), KERNEL,
	  "this kernel is locked down (lockdown=confidentiality): it does not show its tracepoints" },
	{ TRACEFS, ANY_TARGET, REFUSED, F(MOUNTED), ERROR,
	  "%1$.0smay not read %2$s, where the kernel lists its tracepoints: try sudo (CAP_DAC_READ_SEARCH)" },
	{ TRACEFS, ANY_TARGET, REFUSED, F(NO_ADMIN) | F(ROOT), ERROR,
	  "tracefs, which tracepoints need, is not mounted, and that takes CAP_SYS_ADMIN, which root does not have "
	  "here: in a container, run it with --privileged, or mount the host's /sys/kernel/tracing" },
	{ TRACEFS, ANY_TARGET, REFUSED, F(NO_ADMIN), ERROR,
	  "tracefs, which tracepoints need, is not mounted, and that takes root (CAP_SYS_ADMIN): try sudo" },
	{ TRACEFS, ANY_TARGET, -ENODEV, 0, KERNEL, "this kernel has no tracefs, which tracepoints need" },
	{ TRACEFS, ANY_TARGET, -ENOENT, 0, KERNEL, "this kernel has no tracefs, which tracepoints need" },
	{ TRACEFS, ANY_TARGET, ANY_CODE, 0, ERROR,
	  "%1$.0s%2$.0stracefs, which tracepoints need, is not mounted and cannot be (%3$s): mount -t tracefs tracefs "
	  "/sys/kernel/tracing" },
	{ OBJECT, ANY_TARGET, ANY_CODE, F(MISSING_EXTERN), KERNEL,
	  "%1$.0sthis kernel has no function or variable %2$s, which the tool uses" },
	{ OBJECT, ANY_TARGET, ANY_CODE, F(UNSET_CONFIG) | F(NO_CONFIG_FILE), ERROR,
	  "%1$.0sthe tool reads %2$s of the kernel's configuration, and there is neither /proc/config.gz nor %3$s" },
	{ OBJECT, ANY_TARGET, ANY_CODE, F(UNSET_CONFIG), KERNEL,
	  "%1$.0sthis kernel is built without %2$s, which the tool reads from its configuration" },
	/* Helpers. */
	{ PROGRAM, ANY_TARGET, ANY_CODE, F(HELPER_UNKNOWN), KERNEL, "this kernel does not have %2$s for program %1$s" },
	{ PROGRAM, ANY_TARGET, ANY_CODE, F(HELPER_REFUSED) | F(HELPER_NOWHERE), ERROR,
	  "program %1$s calls %2$s, which no kernel (up to Linux 6.18) lets %3$s programs call" },
	{ PROGRAM, ANY_TARGET, ANY_CODE, F(HELPER_REFUSED), KERNEL,
	  "this kernel does not have the helper %2$s for %3$s programs (program %1$s)" },
	/* Attaching: what is not mounted is why nothing of its kind is there. */
	{ ATTACH, ECLI_TARGET_KPROBE, ANY_CODE, F(NO_KPROBES) | F(NO_SYSFS), ERROR,
	  "/sys is not mounted, which kprobes need (program %1$s): mount -t sysfs sysfs /sys" },
	{ ATTACH, ECLI_TARGET_SYSCALL, ANY_CODE, F(NO_KPROBES) | F(NO_SYSFS), ERROR,
	  "/sys is not mounted, which kprobes need (program %1$s): mount -t sysfs sysfs /sys" },
	{ ATTACH, ECLI_TARGET_UPROBE, ANY_CODE, F(NO_UPROBES) | F(NO_SYSFS), ERROR,
	  "/sys is not mounted, which uprobes need (program %1$s): mount -t sysfs sysfs /sys" },
	{ ATTACH, ECLI_TARGET_USDT, ANY_CODE, F(NO_UPROBES) | F(NO_SYSFS), ERROR,
	  "/sys is not mounted, which uprobes need (program %1$s): mount -t sysfs sysfs /sys" },
	{ ATTACH, ECLI_TARGET_TRACEPOINT, -ENOENT, F(NO_SYSCALL_EVENTS), KERNEL,
	  "this kernel is built without CONFIG_FTRACE_SYSCALLS: it has no tracepoint %2$s (program %1$s)" },
	{ ATTACH, ECLI_TARGET_TRACEPOINT, -ENOENT, 0, KERNEL, "this kernel has no tracepoint %2$s (program %1$s)" },
	{ ATTACH, ECLI_TARGET_TRACEPOINT, -EINVAL, 0, ERROR,
	  "program %1$s: \"%2$s\" does not name a tracepoint; write SEC(\"tp/CATEGORY/NAME\") (%3$s)" },
	{ ATTACH, ECLI_TARGET_TRACEPOINT_NAME, -ENOENT, 0, KERNEL,
	  "this kernel has no tracepoint %2$s (program %1$s)" },
	{ ATTACH, ECLI_TARGET_TRACEPOINT_NAME, -EINVAL, 0, KERNEL,
	  "tracepoint %2$s of this kernel has fewer arguments than program %1$s reads (%3$s)" },
	{ ATTACH, ECLI_TARGET_KPROBE, ANY_CODE, F(NO_KPROBES), KERNEL, "this kernel has no kprobes (program %1$s)" },
	{ ATTACH, ECLI_TARGET_SYSCALL, ANY_CODE, F(NO_KPROBES), KERNEL, "this kernel has no kprobes (program %1$s)" },
	{ ATTACH, ECLI_TARGET_KPROBE, -ENOENT, 0, KERNEL,
	  "this kernel has no function %2$s that can be probed (program %1$s)" },
	{ ATTACH, ECLI_TARGET_KPROBE, -EADDRNOTAVAIL, 0, KERNEL,
	  "this kernel has several functions %2$s and does not say where they are (program %1$s): probe one by its own "
	  "name" },
	{ ATTACH, ECLI_TARGET_KPROBE, -ENOTSUP, 0, KERNEL,
	  "this kernel cannot probe %2$s in this way (program %1$s: %3$s)" },
	{ ATTACH, ECLI_TARGET_KPROBE, -EINVAL, F(RETURNS) | F(AT_OFFSET), ERROR,
	  "program %1$s: a probe of a return has no offset (%2$s)" },
	{ ATTACH, ECLI_TARGET_KPROBE, -EINVAL, F(AT_OFFSET), ERROR,
	  "program %1$s: %2$s is not the beginning of an instruction (%3$s)" },
	{ ATTACH, ECLI_TARGET_KPROBE, -EILSEQ, F(AT_OFFSET), ERROR,
	  "program %1$s: %2$s is not the beginning of an instruction (%3$s)" },
	{ ATTACH, ECLI_TARGET_KPROBE, -EINVAL, 0, KERNEL,
	  "this kernel does not let %2$s be probed (program %1$s: %3$s)" },
	{ ATTACH, ECLI_TARGET_SYSCALL, -ENOENT, 0, KERNEL, "this kernel has no system call %2$s (program %1$s)" },
	{ ATTACH, ECLI_TARGET_UPROBE, ANY_CODE, F(NO_UPROBES), KERNEL, "this kernel has no uprobes (program %1$s)" },
	{ ATTACH, ECLI_TARGET_UPROBE, -EINVAL, 0, ERROR,
	  "program %1$s: the kernel does not take a probe at \"%2$s:%3$s\": no instruction that can be probed begins "
	  "there" },
	{ ATTACH, ECLI_TARGET_USDT, ANY_CODE, F(NO_USDT_MAPS), ERROR,
	  "program %1$s: a USDT program has to include bpf/usdt.bpf.h" },
	{ ATTACH, ECLI_TARGET_USDT, ANY_CODE, F(NO_UPROBES), KERNEL, "this kernel has no uprobes (program %1$s)" },
	/* That it is there was seen before: this is about what stands in it. */
	{ ATTACH, ECLI_TARGET_USDT, -ENOENT, 0, ERROR, USDT_ARGUMENTS },
	{ ATTACH, ECLI_TARGET_USDT, -EINVAL, 0, ERROR, USDT_ARGUMENTS },
	{ ATTACH, ECLI_TARGET_USDT, -E2BIG, 0, ERROR, USDT_ARGUMENTS },
	{ ATTACH, ECLI_TARGET_FUNCTION, ANY_CODE, 0, KERNEL,
	  "this kernel does not let program %1$s attach to %2$s (%3$s)" },
	{ ATTACH, ECLI_TARGET_LSM, ANY_CODE, 0, KERNEL,
	  "this kernel does not let program %1$s attach to security hook %2$s (%3$s)" },
	{ ATTACH, ECLI_TARGET_ITER, ANY_CODE, 0, KERNEL,
	  "this kernel does not run iterator %2$s for program %1$s (%3$s)" },
};

static bool fits_code(int row, int code)
{
	return row == ANY_CODE || row == code || (row == REFUSED && (code == -EPERM || code == -EACCES));
}

int ecli_cause_find(const struct ecli_question *question, struct ecli_err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!(rows[i].stages & question->stage) || !fits_code(rows[i].code, question->code) ||
		    (rows[i].target != ANY_TARGET && rows[i].target != question->target) ||
		    (rows[i].facts & question->facts) != rows[i].facts)
			continue;
		return ecli_err_set_fail(err, rows[i].fail, question->code, rows[i].sentence, question->prog,
					 question->what, question->detail);
	}
	return 0;
}

size_t ecli_cause_count(void)
{
	return ARRAY_SIZE(rows);
}

/* ---- the facts ------------------------------------------------------------------------------------------------- */

/* Where tracefs can be read and lists no system call. */
static bool lacks_syscall_events(void)
{
	static const char *const places[] = { "/sys/kernel/tracing/events", "/sys/kernel/debug/tracing/events" };
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s/syscalls/sys_enter_read", places[i]);
		if (!euidaccess(places[i], R_OK | X_OK))
			return euidaccess(path, F_OK);
	}
	return false;
}

uint32_t ecli_cause_facts(void)
{
	const char *level = ecli_lockdown();
	uint32_t facts = 0;

	facts |= geteuid() == 0 ? F(ROOT) : 0;
	facts |= ecli_has_right(ECLI_RIGHT_BPF) ? 0 : F(NO_BPF);
	facts |= ecli_has_right(ECLI_RIGHT_PERFMON) ? 0 : F(NO_PERFMON);
	facts |= ecli_has_right(ECLI_RIGHT_NETWORK) ? 0 : F(NO_NETWORK);
	facts |= ecli_has_right(ECLI_RIGHT_ADMIN) ? 0 : F(NO_ADMIN);
	/* The second level holds all that the first holds. */
	facts |= level ? F(INTEGRITY) : 0;
	facts |= level && *level == 'c' ? F(CONFIDENTIAL) : 0;
	facts |= ecli_has_sysfs() ? 0 : F(NO_SYSFS);
	facts |= ecli_has_procfs() ? 0 : F(NO_PROCFS);
	facts |= ecli_has_probes("kprobe") ? 0 : F(NO_KPROBES);
	facts |= ecli_has_probes("uprobe") ? 0 : F(NO_UPROBES);
	facts |= ecli_kernel_limits_memory() ? F(LOCKED_MEMORY) : 0;
	facts |= ecli_is_paranoid() ? F(PARANOID) : 0;
	facts |= lacks_syscall_events() ? F(NO_SYSCALL_EVENTS) : 0;
	return facts;
}
