/* SPDX-License-Identifier: MIT */
/* The sizes of a run's buffers. See buffers.c. */
#ifndef ECLI_SESSION_BUFFERS_H
#define ECLI_SESSION_BUFFERS_H

#include <ecli/load.h>

#include "session/sources.h"

/* Of the largest record that the source can have; 0 when it has no types. */
uint64_t buffers_record_bytes(const struct records *records);

/* What such a record takes in a buffer. */
uint64_t buffers_in_buffer(bool is_perf, uint64_t record_bytes);

/* What load/ is told of the ring buffers: room for sources->count in @ret_buffers, whose names are borrowed. @own_bytes: asked
 * for by the person, or 0. Returns how many. */
size_t buffers_of_rings(const struct sources *sources, uint64_t own_bytes, struct ecli_load_buffer *ret_buffers);

/* The pages of each CPU's perf buffer. @package_pages: a power of two. */
uint32_t buffers_perf_pages(const struct source *source, uint64_t own_bytes, uint32_t package_pages);

#endif
