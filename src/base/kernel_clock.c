/* SPDX-License-Identifier: MIT */
/*
 * A process cannot change its time namespace once it runs (setns(2) counts for its children), so the offsets are read once, and only outside of the
 * first namespace. /proc/self/timens_offsets has "monotonic 1000000 0", seconds and nanoseconds, a line each.
 * Source: kernel/time/namespace.c; include/uapi... PROC_TIME_INIT_INO in include/linux/proc_ns.h; time_namespaces(7).
 */
#include "base/kernel_clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"

#define FIRST_TIME_NS 0xEFFFFFFAu
#define NS_PER_S      1000000000

static struct {
	bool is_read;
	int64_t mono_ns, boot_ns;
} offsets;

void ecli_kernel_clock_read(const char *text, int64_t *ret_mono_ns, int64_t *ret_boot_ns)
{
	long long seconds;
	char name[16];
	long ns;

	*ret_mono_ns = *ret_boot_ns = 0;
	for (; text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL) {
		if (sscanf(text, "%15s %lld %ld", name, &seconds, &ns) != 3)
			continue;
		if (!strcmp(name, "monotonic"))
			*ret_mono_ns = (int64_t)seconds * NS_PER_S + ns;
		else if (!strcmp(name, "boottime"))
			*ret_boot_ns = (int64_t)seconds * NS_PER_S + ns;
	}
}

static void read_once(void)
{
	struct stat ns;
	char text[256];

	if (offsets.is_read)
		return;
	offsets.is_read = true;
	if (stat("/proc/self/ns/time", &ns) || ns.st_ino == FIRST_TIME_NS)
		return;
	CLEANUP_FILE FILE *file = fopen("/proc/self/timens_offsets", "re");
	size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[len] = '\0';
	ecli_kernel_clock_read(text, &offsets.mono_ns, &offsets.boot_ns);
}

static uint64_t now_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t ecli_kernel_mono_ns(void)
{
	read_once();
	return now_ns(CLOCK_MONOTONIC) - (uint64_t)offsets.mono_ns;
}

uint64_t ecli_kernel_boot_ns(void)
{
	read_once();
	return now_ns(CLOCK_BOOTTIME) - (uint64_t)offsets.boot_ns;
}
