/* SPDX-License-Identifier: MIT */
/*
 * Lists of CPUs as the kernel prints them (Documentation/admin-guide/cputopology.rst): numbers and ranges, ascending,
 * with commas. Strict: what is not exactly that is an error, so that a container's odd file is told and not guessed at.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "poll/cpus.h"

#define ONLINE_PATH "/sys/devices/system/cpu/online"

static int parse_number(const char **text, uint32_t *ret)
{
	const char *p = *text;
	uint32_t value = 0;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++) {
		value = value * 10 + (uint32_t)(*p - '0');
		if (value >= POLL_CPUS_LIMIT)
			return -EINVAL;
	}
	*text = p;
	*ret = value;
	return 0;
}

int poll_cpus_parse(const char *text, uint32_t **ret_cpus, uint32_t *ret_count)
{
	CLEANUP_FREE uint32_t *cpus = NULL;
	uint32_t count = 0;

	for (;;) {
		uint32_t first, last;

		if (parse_number(&text, &first) < 0)
			return -EINVAL;
		last = first;
		if (*text == '-') {
			text++;
			if (parse_number(&text, &last) < 0)
				return -EINVAL;
		}
		/* Ascending also bounds the count. */
		if (last < first || (count && first <= cpus[count - 1]))
			return -EINVAL;

		uint32_t *more = reallocarray(cpus, count + (last - first) + 1, sizeof(*cpus));
		if (!more)
			return -ENOMEM;
		cpus = more;
		while (first <= last)
			cpus[count++] = first++;

		if (*text != ',')
			break;
		text++;
	}
	if (*text == '\n')
		text++;
	if (*text)
		return -EINVAL;
	*ret_cpus = TAKE_PTR(cpus);
	*ret_count = count;
	return 0;
}

/* The kernel makes this folder anew each time (drivers/base/topology.c), also when the machine slept, and no number of a file comes twice. */
uint64_t poll_cpus_life(uint32_t cpu)
{
	char path[64];
	struct stat found;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/topology", cpu);
	return stat(path, &found) ? 0 : found.st_ino;
}

int poll_cpus_online(struct ecli_err *err, uint32_t **ret_cpus, uint32_t *ret_count)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	int r = ecli_file_read(ONLINE_PATH, 65536, &text, err);

	if (r < 0)
		return r;
	r = poll_cpus_parse(ecli_buf_text(&text), ret_cpus, ret_count);
	if (r < 0)
		return ecli_err_set(err, r, "cannot read the list of running CPUs in %s: %s", ONLINE_PATH,
				    strerror(-r));
	return 0;
}
