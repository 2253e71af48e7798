/* SPDX-License-Identifier: MIT */
/*
 * Whether sysfs and procfs are where they belong is told by their magic numbers, because a container may have a plain folder of that name. The
 * level of a lockdown stands in securityfs, which small systems do not mount: then it is opened without being mounted anywhere (fsmount(2), 5.2).
 * Sources: include/uapi/linux/magic.h, security/lockdown/lockdown.c of the Linux kernel.
 */
#include "load/surroundings.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define LOCKDOWN_FILE "lockdown"
#define SECURITY_DIR  "/sys/kernel/security"

/* Capabilities of Linux 5.8; older headers may lack the names. */
#define CAPABILITY_PERFMON 38
#define CAPABILITY_BPF     39

static const struct {
	unsigned int bit;
	bool is_of_admin; /* CAP_SYS_ADMIN is as good */
	const char *name;
} rights[] = {
	[ECLI_RIGHT_BPF] = { CAPABILITY_BPF, true, "CAP_BPF" },
	[ECLI_RIGHT_PERFMON] = { CAPABILITY_PERFMON, true, "CAP_PERFMON" },
	[ECLI_RIGHT_NETWORK] = { CAP_NET_ADMIN, false, "CAP_NET_ADMIN" },
	[ECLI_RIGHT_ADMIN] = { CAP_SYS_ADMIN, false, "CAP_SYS_ADMIN" },
	[ECLI_RIGHT_READ] = { CAP_DAC_READ_SEARCH, false, "CAP_DAC_READ_SEARCH" },
	[ECLI_RIGHT_TRACE] = { CAP_SYS_PTRACE, false, "CAP_SYS_PTRACE" },
};

static const char *const levels[] = { "integrity", "confidentiality" };

static bool is_mounted(const char *path, uint64_t magic)
{
	struct statfs info;

	return !statfs(path, &info) && (uint64_t)info.f_type == magic;
}

bool ecli_has_sysfs(void)
{
	return is_mounted("/sys", SYSFS_MAGIC);
}

bool ecli_has_procfs(void)
{
	return is_mounted("/proc", PROC_SUPER_MAGIC);
}

/* ---- lockdown -------------------------------------------------------------------------------------------------- */

/* "none [integrity] confidentiality" */
const char *ecli_lockdown_read(const char *text)
{
	const char *open = strchr(text, '[');

	for (size_t i = 0; open && i < ARRAY_SIZE(levels); i++) {
		size_t len = strlen(levels[i]);

		if (!strncmp(open + 1, levels[i], len) && open[1 + len] == ']')
			return levels[i];
	}
	return NULL;
}

/* The folder of securityfs, or -1. */
static int open_security(void)
{
	int fd = open(SECURITY_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs info;

	if (fd >= 0 && !fstatfs(fd, &info) && info.f_type == SECURITYFS_MAGIC)
		return fd;
	if (fd >= 0)
		close(fd);
	CLEANUP_FD int context = (int)syscall(SYS_fsopen, "securityfs", FSOPEN_CLOEXEC);
	if (context < 0 || syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -1;
	return (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
}

const char *ecli_lockdown(void)
{
	CLEANUP_FD int folder = open_security();
	CLEANUP_FD int fd = folder < 0 ? -1 : openat(folder, LOCKDOWN_FILE, O_RDONLY | O_CLOEXEC);
	char text[128];
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (len <= 0)
		return NULL;
	text[len] = '\0';
	return ecli_lockdown_read(text);
}

/* ---- rights ---------------------------------------------------------------------------------------------------- */

/* A bit for each capability in effect. */
static uint64_t held_rights(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &header, data) < 0)
		return geteuid() == 0 ? UINT64_MAX : 0;
	return (uint64_t)data[1].effective << 32 | data[0].effective;
}

bool ecli_has_right(enum ecli_right right)
{
	uint64_t enough = UINT64_C(1) << rights[right].bit;

	if (rights[right].is_of_admin)
		enough |= UINT64_C(1) << CAP_SYS_ADMIN;
	return held_rights() & enough;
}

const char *ecli_right_name(enum ecli_right right)
{
	return rights[right].name;
}

bool ecli_is_paranoid(void)
{
	CLEANUP_FD int fd = open("/proc/sys/kernel/perf_event_paranoid", O_RDONLY | O_CLOEXEC);
	char text[16];
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	text[len > 0 ? len : 0] = '\0';
	return strtol(text, NULL, 10) >= 3;
}

bool ecli_has_probes(const char *kind)
{
	static const char *const places[] = { "/sys/bus/event_source/devices/%s", "/sys/kernel/tracing/%s_events",
					      "/sys/kernel/debug/tracing/%s_events" };
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), places[i], kind);
		if (!euidaccess(path, F_OK))
			return true;
	}
	return false;
}
