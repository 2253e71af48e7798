/* SPDX-License-Identifier: MIT */
/*
 * The loss counters that ecc's prelude puts into an object (docs/formats/prelude.md): giving each call site the slot of
 * its map before loading, and reading the counts.
 */
#ifndef ECLI_LOAD_PRELUDE_H
#define ECLI_LOAD_PRELUDE_H

#include <bpf/libbpf.h>

#include <ecli/base.h>
#include <ecli/load.h>

#include "load/fds.h"

/* Whose losses a slot counts. */
struct ecli_prelude_slot {
	char *map;         /* "": one that the call site does not name */
	uint32_t map_type; /* of a map without a name: what the call is for; 0: not known either */
};

struct ecli_prelude {
	bool present;
	struct ecli_prelude_slot *slots;
	size_t count;
	uint64_t *values; /* room for one slot's counts, one a possible CPU */
	size_t n_values;
	int fd; /* of the counters' map, borrowed from the object; -1 before it is loaded */
};

/* Writes slots into the opened object and sizes the counters' map: one for each map, one for each kind of call on maps without a name, and @n_extra behind them, which are nobody's losses.
 * @prelude is filled; ecli_prelude_done() always. */
int ecli_prelude_assign(struct ecli_prelude *prelude, struct bpf_object *object, size_t n_extra, struct ecli_err *err);

/* After loading: takes the descriptor of the counters, @fds of @object. */
int ecli_prelude_loaded(struct ecli_prelude *prelude, const struct bpf_object *object, const struct ecli_fds *fds,
			struct ecli_err *err);

/* Sum over all CPUs. 0, -ENOENT past the end, -ENOTSUP without a prelude, another -errno when the kernel refuses. */
int ecli_prelude_read(const struct ecli_prelude *prelude, size_t index, struct ecli_load_lost *ret_lost);

void ecli_prelude_done(struct ecli_prelude *prelude);

#endif
