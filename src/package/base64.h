/* SPDX-License-Identifier: MIT */
/*
 * Base64 as RFC 4648 section 4 defines it, with padding. Reading is strict but for white space, which older packages
 * have every 76 characters.
 */
#ifndef ECLI_PACKAGE_BASE64_H
#define ECLI_PACKAGE_BASE64_H

#include <ecli/base.h>

/* Appends the bytes that @text stands for. -EINVAL with a sentence that begins with @what ("bpf_object") and gives the
 * offset in @text; -ENOMEM. */
int ecli_base64_decode(const char *what, const char *text, size_t len, struct ecli_buf *out, struct ecli_err *err);

/* Appends one line of text without a line break. */
void ecli_base64_encode(const void *data, size_t size, struct ecli_buf *out);

#endif
