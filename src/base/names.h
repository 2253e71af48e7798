/* SPDX-License-Identifier: MIT */
/*
 * Names of numbers that belong to the system: tables that packaging/system_names.sh writes from the headers of the
 * system that is built for, and the few that no header for programs has.
 */
#ifndef ECLI_BASE_NAMES_H
#define ECLI_BASE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* By number; NULL where there is a gap. */
struct ecli_names {
	const char *const *names;
	size_t count;
};

struct ecli_flag_name {
	uint64_t bits;
	const char *name; /* NULL: the end */
};

extern const struct ecli_names ecli_names_errno, ecli_names_signal, ecli_names_capability, ecli_names_syscall;
extern const struct ecli_names ecli_names_internal_errno; /* from ECLI_NAMES_INTERNAL_FIRST on */
extern const struct ecli_names ecli_names_tcp_state;
#define ECLI_NAMES_INTERNAL_FIRST 512u
#define ECLI_NAMES_RT_FIRST       34u /* SIGRTMIN as libc counts, which keeps the kernel's first two for itself */
#define ECLI_NAMES_RT_LAST        64u
extern const struct ecli_flag_name ecli_names_open_flags[];

static inline const char *ecli_names_get(const struct ecli_names *names, uint64_t number)
{
	return number < names->count ? names->names[number] : NULL;
}

/* The number of a name; false when none has it. */
bool ecli_names_number(const struct ecli_names *names, const char *name, uint64_t *ret_number);

#endif
