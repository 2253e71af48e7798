/* SPDX-License-Identifier: MIT */
/*
 * From what a package reports through to what the loop reads: the tables of its sampled maps as the person wants them, and each buffer, map, iterator
 * and trace pipe once it is there.
 */
#ifndef ECLI_SESSION_FEEDS_H
#define ECLI_SESSION_FEEDS_H

#include <ecli/load.h>

struct session;

/* Before anything is loaded: intervals, orders and totals of the tables. Errors: options that the package has no table for (-EINVAL). */
int feeds_prepare(struct session *session, struct ecli_err *err);
/* Callbacks of load/, with the session. A map is there and nothing is attached yet; NULL: another try begins, with other maps. */
int feeds_on_map(void *ctx, const struct ecli_load_map *map, struct ecli_err *err);
int feeds_on_loaded(void *ctx, struct ecli_err *err);
/* Once attached. What an alternative left out has no descriptor: its source stays silent. */
int feeds_add_iterators(struct session *session, struct ecli_err *err);
/* Nothing is read any more. */
void feeds_close(struct session *session);

#endif
