/* SPDX-License-Identifier: MIT */
/*
 * jansson takes some 140 instructions for a byte of text. Of runqslower's package 15 of 24 KB are its object, and reading those byte by byte
 * was a fourth of what ecli computes before it is attached. So that text is found by hand and jansson gets the rest:
 *
 *     {"bpf_object":"eNrtfXmc...","bpf_object_size":39512,...      the file
 *     {"bpf_object":"            ","bpf_object_size":39512,...     what jansson reads, in two pieces
 *
 * Invariant: what is read so is what reading the whole would give. Only plain base64 is left out, only as the first member of the outermost
 * object, and a key that comes twice, in whichever spelling, makes the way through jansson alone the right one.
 */
#include "package/split.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "package/json.h"

struct pieces {
	const char *at[2];
	size_t left[2];
};

/* jansson's json_load_callback_t */
static size_t next_bytes(void *buffer, size_t size, void *ctx)
{
	struct pieces *pieces = ctx;
	size_t i = pieces->left[0] ? 0 : 1;
	size_t n = pieces->left[i] < size ? pieces->left[i] : size;

	memcpy(buffer, pieces->at[i], n);
	pieces->at[i] += n;
	pieces->left[i] -= n;
	return n;
}

static bool skip(const char **at, const char *end, const char *word)
{
	size_t len = strlen(word);

	while (*at < end && strchr(" \t\r\n", **at) && **at)
		(*at)++;
	if ((size_t)(end - *at) < len || memcmp(*at, word, len) != 0)
		return false;
	*at += len;
	return true;
}

bool ecli_split_read(const char *key, const char *text, size_t size, struct ecli_split *ret)
{
	const char *at = text, *end = text + size, *object;

	if (!skip(&at, end, "{") || !skip(&at, end, "\"") || (size_t)(end - at) < strlen(key) ||
	    memcmp(at, key, strlen(key)) != 0)
		return false;
	at += strlen(key);
	if (at == end || *at++ != '"' || !skip(&at, end, ":") || !skip(&at, end, "\""))
		return false;
	object = at;
	while (at < end && (isalnum((unsigned char)*at) || *at == '+' || *at == '/' || *at == '='))
		at++;
	if (at == end || *at != '"')
		return false;

	struct pieces pieces = { { text, at }, { (size_t)(object - text), (size_t)(end - at) } };
	CLEANUP_JSON json_t *root = json_load_callback(next_bytes, &pieces, JSON_REJECT_DUPLICATES, NULL);
	if (!root)
		return false;
	*ret = (struct ecli_split){ .root = root, .object = object, .object_len = (size_t)(at - object) };
	root = NULL;
	return true;
}
