/* SPDX-License-Identifier: MIT */
/* Which CPUs run: the lists of /sys/devices/system/cpu/, e.g. "0-3,8". */
#ifndef ECLI_POLL_CPUS_H
#define ECLI_POLL_CPUS_H

#include <ecli/base.h>

#define POLL_CPUS_LIMIT 65536u /* a larger number is taken for nonsense */

/* Ascending; the caller frees @ret_cpus. -EINVAL: not such a list, or not ascending. -ENOMEM. */
int poll_cpus_parse(const char *text, uint32_t **ret_cpus, uint32_t *ret_count);
/* Changes when a CPU goes and comes back, however soon. 0: it is not there, or that cannot be known. */
uint64_t poll_cpus_life(uint32_t cpu);
int poll_cpus_online(struct ecli_err *err, uint32_t **ret_cpus, uint32_t *ret_count);

#endif
