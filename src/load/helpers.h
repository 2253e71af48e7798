/* SPDX-License-Identifier: MIT */
/* Which helpers which kinds of programs may call, apart from what the running kernel says. */
#ifndef ECLI_LOAD_HELPERS_H
#define ECLI_LOAD_HELPERS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/bpf.h>

/* No kernel up to 6.18 lets programs of @type call helper @number. False also for kinds and numbers that are not known here. */
bool ecli_helper_is_nowhere(enum bpf_prog_type type, uint64_t number);

/* A lockdown of the kernel takes it away: reading the kernel's memory (confidentiality), writing to a process's (integrity). */
bool ecli_helper_is_locked(uint64_t number, bool is_confidential);

#endif
