/* SPDX-License-Identifier: MIT */
/*
 * Functions that were told one after the other and may lie over each other in any way: at each address the one that was told last. Added to,
 * then settled, then asked; and again.
 */
#ifndef ECLI_SYMBOLS_SPANS_H
#define ECLI_SYMBOLS_SPANS_H

#include "symbols/symtab.h"

/* Zeroed: empty. Not to be touched from outside. */
struct ecli_spans {
	struct ecli_span {
		uint64_t start, end;
		uint64_t function; /* where the function starts that this is a part of */
		uint32_t name;     /* offset in names */
	} * items;                 /* settled: by address, none over another */
	size_t count, room;
	size_t n_settled;
	struct ecli_buf names;
};

void ecli_spans_done(struct ecli_spans *spans);

/* False when memory is out. */
bool ecli_spans_add(struct ecli_spans *spans, uint64_t start, uint64_t size, const char *name, size_t len);
/* Lets what was added lie over what was there; what is covered whole is forgotten. False when memory is out: what was added is forgotten. */
bool ecli_spans_settle(struct ecli_spans *spans);
/* Of what is settled. */
bool ecli_spans_find(const struct ecli_spans *spans, uint64_t address, struct ecli_symtab_function *ret);

/* Memory that it takes, or will take when it is settled, at most. */
size_t ecli_spans_bytes(const struct ecli_spans *spans);
size_t ecli_spans_cost(size_t len);

#endif
