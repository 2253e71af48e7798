/* SPDX-License-Identifier: MIT */
/* What of a process's memory is code, from /proc/PID/maps. */
#ifndef ECLI_SYMBOLS_MAPS_H
#define ECLI_SYMBOLS_MAPS_H

#include <ecli/base.h>

enum { ECLI_MAPS_MAX = 4096 }; /* mappings kept of one process; the kernel's usual limit for all of them is 65,530 */

struct ecli_map {
	uint64_t start, end; /* end is the first byte behind it */
	uint64_t offset;     /* in the file */
	uint32_t device_major, device_minor;
	uint64_t inode;   /* 0: no file */
	const char *path; /* "" when it has none; points into the text */
	bool is_code;     /* false: of a file, beside code that is of none */
};

/* Code of no file: of a compiler, or a program's own that was moved to memory of larger pages. */
bool ecli_map_is_anonymous(const struct ecli_map *map);

/*
 * Reads the text of a maps file, ended by a NUL, and cuts its lines apart. Executable mappings go to @ret_maps, at most @room of them, as
 * they come: by address; and the mapping of a file before and behind such as are of none. Lines of any other form are left out. How many there are.
 */
size_t ecli_maps_parse(char *text, struct ecli_map *ret_maps, size_t room);

#endif
