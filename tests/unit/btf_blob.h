/* SPDX-License-Identifier: MIT */
/*
 * Writes BTF by hand, also such as no compiler would: nothing is checked here, that is the point. Ids count from 1 in
 * the order of the calls.
 */
#ifndef ECLI_TESTS_BTF_BLOB_H
#define ECLI_TESTS_BTF_BLOB_H

#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#include <ecli/base.h>

struct blob {
	struct ecli_buf types, strings;
};

#define BLOB_FLAG 0x80000000u

static inline uint32_t blob_name(struct blob *blob, const char *name)
{
	if (!blob->strings.len)
		ecli_buf_add_char(&blob->strings, '\0');
	if (!*name)
		return 0;
	uint32_t at = (uint32_t)blob->strings.len;
	ecli_buf_add(&blob->strings, name, strlen(name) + 1);
	return at;
}

static inline void blob_words(struct blob *blob, const uint32_t *words, size_t n)
{
	ecli_buf_add(&blob->types, words, n * sizeof(*words));
}

/* A record: kind, count (and BLOB_FLAG), size or type, then further words. */
#define blob_add(blob, name, kind, vlen, size_or_type, ...)                                                            \
	do {                                                                                                           \
		uint32_t words_[] = { blob_name(blob, name), (uint32_t)(kind) << 24 | (uint32_t)(vlen), size_or_type,  \
				      ##__VA_ARGS__ };                                                                 \
		blob_words(blob, words_, sizeof(words_) / sizeof(words_[0]));                                          \
	} while (0)

#define blob_int(blob, name, size)       blob_add(blob, name, BTF_KIND_INT, 0, size, (size)*8)
#define blob_typedef(blob, name, target) blob_add(blob, name, BTF_KIND_TYPEDEF, 0, target)
#define blob_pointer(blob, target)       blob_add(blob, "", BTF_KIND_PTR, 0, target)
#define blob_array(blob, element, n)     blob_add(blob, "", BTF_KIND_ARRAY, 0, 0, element, element, n)

/* The section's bytes, malloc'ed; the blob is empty afterwards. */
static inline unsigned char *blob_take(struct blob *blob, size_t *ret_size)
{
	struct btf_header header = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(header),
		.type_len = (uint32_t)blob->types.len,
		.str_off = (uint32_t)blob->types.len,
	};
	struct ecli_buf out = { 0 };

	blob_name(blob, "");
	header.str_len = (uint32_t)blob->strings.len;
	ecli_buf_add(&out, &header, sizeof(header));
	ecli_buf_add(&out, blob->types.data, blob->types.len);
	ecli_buf_add(&out, blob->strings.data, blob->strings.len);
	*ret_size = out.len;
	ecli_buf_done(&blob->types);
	ecli_buf_done(&blob->strings);
	return (unsigned char *)ecli_buf_take(&out);
}

#endif
