/* SPDX-License-Identifier: MIT */
/*
 * A package from an input in two parts, so that changes reach both text and object, not the compressed bytes:
 *
 *     text of a package with "@@" where the object's base64 goes and "@#" where its size goes, a NUL, object
 */
#ifndef ECLI_TESTS_FUZZ_COMPOSED_H
#define ECLI_TESTS_FUZZ_COMPOSED_H

#include <string.h>

#include "base/cleanup.h"
#include "package/base64.h"
#include "package/squeeze.h"
#include "plain.h"

/* The package's bytes in @out; false: the input is not of two parts. */
static inline bool fuzz_compose(const uint8_t *data, size_t size, struct ecli_buf *out)
{
	enum { MAX_COMPOSED = 1 << 20 };
	const uint8_t *nul = size && *data == '{' ? memchr(data, 0, size) : NULL;
	CLEANUP_BUF struct ecli_buf squeezed = { 0 };

	if (!nul)
		return false;
	size_t len = (size_t)(nul - data), object_len = size - len - 1;
	const char *text = (const char *)data;
	CHECK(!ecli_squeeze_write(nul + 1, object_len, &squeezed));
	for (size_t i = 0; i < len; i++) {
		char next = i + 1 < len && text[i] == '@' ? text[i + 1] : 0;

		if (next == '@' && out->len < MAX_COMPOSED)
			ecli_base64_encode(squeezed.data, squeezed.len, out);
		else if (next == '#')
			ecli_buf_add_format(out, "%zu", object_len);
		else
			ecli_buf_add_char(out, text[i]);
		i += next == '@' || next == '#';
	}
	return true;
}

#endif
