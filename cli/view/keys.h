/* SPDX-License-Identifier: MIT */
/* Keys and what they do: one table, from which keys are served and the help is written. */
#ifndef ECLI_CLI_VIEW_KEYS_H
#define ECLI_CLI_VIEW_KEYS_H

#include "state.h"

/* Serves every key that waits. True: the end. */
bool keys_serve(struct view *view);
/* The @index-th line of the help, NULL after the last: what the keys are called, and what they do. */
const char *keys_help(size_t index, const char **ret_keys);

#endif
