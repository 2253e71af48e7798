/* SPDX-License-Identifier: MIT */
/*
 * Names that only the running kernel knows, remembered for a few seconds: network interfaces, control groups.
 */
#ifndef ECLI_RENDER_LOOKUP_H
#define ECLI_RENDER_LOOKUP_H

#include <ecli/base.h>

#define ECLI_LOOKUP_SLOTS    64 /* a power of two */
#define ECLI_LOOKUP_NAME_MAX 4096

/* Asks the system: writes a NUL-terminated name of at most ECLI_LOOKUP_NAME_MAX bytes, or returns false. */
typedef bool (*ecli_lookup_fn)(uint64_t key, char *ret_name);

struct ecli_lookup {
	ecli_lookup_fn ask;
	struct {
		bool is_used;
		uint64_t key, asked_ns;
		char *name; /* owned; NULL: it has none */
	} slots[ECLI_LOOKUP_SLOTS];
};

void ecli_lookup_init(struct ecli_lookup *lookup, ecli_lookup_fn ask);
void ecli_lookup_done(struct ecli_lookup *lookup);
/* The name or NULL; at most 5 s old by the clock that @now_ns is of. Valid until the next call. */
const char *ecli_lookup_name(struct ecli_lookup *lookup, uint64_t key, uint64_t now_ns);

/* A network interface by its index, in the network namespace of this process. */
bool ecli_lookup_interface(uint64_t index, char *ret_name);
/* A control group's path below the place where version 2 is mounted, by its id (bpf_get_current_cgroup_id()); "/" is the root. */
bool ecli_lookup_cgroup(uint64_t id, char *ret_name);

#endif
