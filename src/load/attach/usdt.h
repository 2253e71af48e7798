/* SPDX-License-Identifier: MIT */
/* USDT probes of a program or library: which of its notes are meant, and what cannot be read of their arguments. */
#ifndef ECLI_LOAD_ATTACH_USDT_H
#define ECLI_LOAD_ATTACH_USDT_H

#include "load/attach/place.h"

/* Whether the file has the probe place->what, "PROVIDER:NAME"; a sentence where it has not. */
int ecli_usdt_look(const struct ecli_attach *job, const struct ecli_place *place, struct ecli_err *err);

int ecli_usdt_attach(const struct ecli_attach *job, const struct ecli_place *place, struct ecli_err *err);

#endif
