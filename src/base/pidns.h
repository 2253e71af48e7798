/* SPDX-License-Identifier: MIT */
/*
 * Whose numbers process ids are. The kernel gives BPF programs those of the first PID namespace; in a container /proc has others, and there is no way from the
 * one to the other.
 */
#ifndef ECLI_BASE_PIDNS_H
#define ECLI_BASE_PIDNS_H

#include <ecli/base.h>

/* Whether the ids in the folder @proc ("/proc") are those of the first PID namespace; where nobody can tell: that they are. */
bool ecli_pidns_is_first(const char *proc);

/* Our own id in the first PID namespace; 0: not known. */
uint32_t ecli_pidns_own(void);

#endif
