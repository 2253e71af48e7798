/* SPDX-License-Identifier: MIT */
/*
 * What stands around a failure: which file systems of the kernel are mounted, how far it is locked down, which rights this process has. Asked only
 * after something failed, so nothing here is remembered.
 */
#ifndef ECLI_LOAD_SURROUNDINGS_H
#define ECLI_LOAD_SURROUNDINGS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether sysfs is on /sys and procfs on /proc. */
bool ecli_has_sysfs(void);
bool ecli_has_procfs(void);

/* @kind: "kprobe" or "uprobe". False: both ways into the kernel are missing, the event source and the file in tracefs of kernels before 4.17. */
bool ecli_has_probes(const char *kind);

/* Whether kernel.perf_event_paranoid is 3 or more: a level that Debian adds. At it kernels up to 6.1 ask for CAP_SYS_ADMIN. */
bool ecli_is_paranoid(void);

/* "integrity" or "confidentiality"; NULL: the kernel is not locked down, or does not say. */
const char *ecli_lockdown(void);
/* The level that the text of /sys/kernel/security/lockdown names; apart for tests. */
const char *ecli_lockdown_read(const char *text);

/* Rights of Linux 5.8 that loading and attaching may take. CAP_SYS_ADMIN stands for the first two as well. */
enum ecli_right {
	ECLI_RIGHT_BPF,
	ECLI_RIGHT_PERFMON,
	ECLI_RIGHT_NETWORK,
	ECLI_RIGHT_ADMIN,
	ECLI_RIGHT_READ, /* files whatever their modes */
	ECLI_RIGHT_TRACE /* looking into other processes */
};
bool ecli_has_right(enum ecli_right right);
/* "CAP_BPF" */
const char *ecli_right_name(enum ecli_right right);

#endif
