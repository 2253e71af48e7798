/* SPDX-License-Identifier: MIT */
/*
 * Where the control groups of version 2 are mounted. That is /sys/fs/cgroup only where nothing else is: hosts of both versions have it at
 * /sys/fs/cgroup/unified, and a container may have it anywhere, or nowhere.
 */
#ifndef ECLI_BASE_CGROUP_H
#define ECLI_BASE_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The folder of the topmost group that this process can see, without a / at its end. False: it is mounted nowhere. */
bool ecli_cgroup_root(char ret_path[PATH_MAX]);
/* The same of the text of a mountinfo file; @is_there says of a path whether it is that file system. */
bool ecli_cgroup_find_root(FILE *mountinfo, bool (*is_there)(const char *path), char ret_path[PATH_MAX]);

/* The path below that root of the group with that id (bpf_get_current_cgroup_id()), "/" for the root itself. False: there is none that this
 * process can see, or may ask for (CAP_DAC_READ_SEARCH). */
bool ecli_cgroup_path(uint64_t id, char ret_path[PATH_MAX]);
/* The other way round. -ENODEV: it is mounted nowhere; -EINVAL: no group has that path. */
int ecli_cgroup_id(const char *path, uint64_t *ret_id);

#endif
