/* SPDX-License-Identifier: MIT */
/*
 * The symbolizer: a child process that answers questions about other processes (wire.h) with an engine of its own, and may hang, crash or run
 * out of memory over what strangers wrote. It has one descriptor, a bound on its memory, and ends when its parent does.
 */
#ifndef ECLI_SYMBOLS_CHILD_H
#define ECLI_SYMBOLS_CHILD_H

#include <sys/types.h>

#include "symbols/engine.h"

enum { ECLI_CHILD_BYTES = 80 << 20 }; /* that it may have more than its parent had when it was started */

/* Starts one; everything is borrowed, and the child sees it as it is now. @opts->page must be memory that is shared. Its process id, and
 * the parent's end of the socket (it does not wait) in *@ret_fd; -errno. */
pid_t ecli_child_start(const struct ecli_engine_opts *opts, int *ret_fd);

#endif
