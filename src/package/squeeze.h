/* SPDX-License-Identifier: MIT */
/*
 * zlib streams (RFC 1950) in memory, with a bound on what a small input may become.
 */
#ifndef ECLI_PACKAGE_SQUEEZE_H
#define ECLI_PACKAGE_SQUEEZE_H

#include <ecli/base.h>

/* Whether the bytes begin as a zlib stream does. */
bool ecli_squeeze_is(const void *data, size_t size);

/*
 * Appends what the stream holds, never more than @limit + 1 bytes: one byte too many is how the caller sees that there
 * is more, and is not an error here. -EINVAL with a sentence about @what ("bpf_object"); -ENOMEM.
 */
int ecli_squeeze_read(const char *what, const void *data, size_t size, size_t limit, struct ecli_buf *out,
		      struct ecli_err *err);

/* Appends the stream of @data at the highest level; the same bytes in give the same bytes out. 0 or -ENOMEM. */
int ecli_squeeze_write(const void *data, size_t size, struct ecli_buf *out);

#endif
