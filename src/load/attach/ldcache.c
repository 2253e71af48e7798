/* SPDX-License-Identifier: MIT */
/*
 * The cache is read directly: asking ldconfig would mean running a program of somebody's PATH.
 *
 *     ld.so.cache   [old cache, ignored] "glibc-ld.so.cache1.1" count, size of strings, ... entries {flags, key, value, ...} strings
 *
 * Offsets of key and value count from the magic. Source of the format: sysdeps/generic/dl-cache.h of glibc 2.36. Nothing in it is believed:
 * an entry whose texts do not end within the bytes is passed over. The work is bounded: a text longer than any path is no text.
 */
#include "load/attach/ldcache.h"

#include <limits.h>
#include <string.h>

#define CACHE_MAGIC  "glibc-ld.so.cache1.1"
#define CACHE_HEADER 48u
#define CACHE_ENTRY  24u

static uint32_t u32_at(const char *data, size_t offset)
{
	uint32_t value;

	memcpy(&value, data + offset, sizeof(value));
	return value;
}

/* NULL when it does not end in time. */
static const char *text_at(const struct ecli_ldcache *cache, uint32_t offset)
{
	if (offset >= cache->size)
		return NULL;
	size_t room = cache->size - offset < PATH_MAX ? cache->size - offset : PATH_MAX;
	return memchr(cache->data + offset, '\0', room) ? cache->data + offset : NULL;
}

void ecli_ldcache_open(struct ecli_ldcache *cache, const void *data, size_t size)
{
	const char *found = size ? memmem(data, size, CACHE_MAGIC, strlen(CACHE_MAGIC)) : NULL;

	*cache = (struct ecli_ldcache){ .data = found };
	if (!found)
		return;
	cache->size = size - (size_t)(found - (const char *)data);
	if (cache->size < CACHE_HEADER)
		return;
	uint64_t fit = (cache->size - CACHE_HEADER) / CACHE_ENTRY, count = u32_at(found, strlen(CACHE_MAGIC));
	cache->count = count < fit ? count : fit;
}

bool ecli_ldcache_next(struct ecli_ldcache *cache, const char **ret_name, const char **ret_path)
{
	while (cache->next < cache->count) {
		size_t entry = CACHE_HEADER + (size_t)cache->next++ * CACHE_ENTRY;
		const char *name = text_at(cache, u32_at(cache->data, entry + 4));
		const char *path = text_at(cache, u32_at(cache->data, entry + 8));

		if (!name || !path)
			continue;
		*ret_name = name;
		*ret_path = path;
		return true;
	}
	return false;
}
