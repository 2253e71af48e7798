/* SPDX-License-Identifier: MIT */
/* Who can have mounted what a file lies on: see mounts.c. Asks proc only, never a file system. */
#ifndef ECLI_BASE_MOUNTS_H
#define ECLI_BASE_MOUNTS_H

#include <ecli/base.h>

/*
 * Whether the mount namespace of the process whose folder in /proc is @folder_fd belongs to our own user namespace, so that nothing in it was mounted
 * without a right that we would ask for too. False also when that cannot be told.
 */
bool ecli_mounts_are_ours(int folder_fd);

/* Whether paths of the process may be followed: its mounts are ours, or none of them can make us wait. */
bool ecli_mounts_may_follow(int folder_fd);

/* Whether the file of @fd (O_PATH is enough), which the process has mapped or open, may be looked at: not one of a file system that another user
 * namespace has stacked on others. */
bool ecli_mounts_may_look(int fd, int folder_fd);

/* For tests: whether a mount of a mountinfo can make us wait, or is not understood. */
bool ecli_mounts_wait(const char *mountinfo);
/* For tests: the type of file system of mount @id in the text of a mountinfo. False: it is not there. */
bool ecli_mounts_find(const char *mountinfo, int id, char ret_type[32]);

#endif
