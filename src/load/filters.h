/* SPDX-License-Identifier: MIT */
/*
 * What the kernel side asks of a record before it sends it, written into the call sites that ecc's prelude left in an object
 * (docs/formats/prelude.md).
 */
#ifndef ECLI_LOAD_FILTERS_H
#define ECLI_LOAD_FILTERS_H

#include <bpf/libbpf.h>

#include <ecli/load.h>

struct ecli_filters {
	uint32_t *sites; /* by filter: call sites that ask */
	bool *sampled;   /* by filter */
	size_t count;
};

/*
 * Writes into the opened object, which is not loaded yet. @first_slot: of the counters that sampling may use, one a filter; @has_slots: there
 * are any. -ENOMEM; an object without call sites, or with such that are not understood, leaves zeros. ecli_filters_done() always.
 */
int ecli_filters_assign(struct ecli_filters *filters, struct bpf_object *object, const struct ecli_load_opts *opts,
			uint32_t first_slot, bool has_slots, struct ecli_err *err);
/*
 * Has the kernel side wake the reader whenever a quarter of a ring buffer was written; after the sizes of the rings are known. False: not all
 * that sends can do that. It takes the right to subtract pointers (CAP_PERFMON).
 */
bool ecli_filters_wake(struct bpf_object *object);
void ecli_filters_done(struct ecli_filters *filters);

#endif
