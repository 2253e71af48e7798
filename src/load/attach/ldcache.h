/* SPDX-License-Identifier: MIT */
/* The dynamic linker's cache of libraries, /etc/ld.so.cache, as bytes: names and where their files lie. */
#ifndef ECLI_LOAD_ATTACH_LDCACHE_H
#define ECLI_LOAD_ATTACH_LDCACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ecli_ldcache {
	const char *data; /* from the magic on; NULL: no cache of this format */
	size_t size;
	uint64_t count, next;
};

/* @data is borrowed. Bytes of any other format are a cache without entries. */
void ecli_ldcache_open(struct ecli_ldcache *cache, const void *data, size_t size);

/* The next entry whose texts are whole; false: there is none. @ret_name ("libc.so.6") and @ret_path point into the bytes. */
bool ecli_ldcache_next(struct ecli_ldcache *cache, const char **ret_name, const char **ret_path);

#endif
