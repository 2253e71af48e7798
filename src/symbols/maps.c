/* SPDX-License-Identifier: MIT */
/*
 * One line of /proc/PID/maps (Documentation/filesystems/proc.rst):
 *
 *     55d3a729c000-55d3a72a1000 r-xp 00002000 fe:00 248056                     /usr/bin/sleep
 *
 * The path is the rest of the line; the kernel writes a newline in it as \012. A process chooses the names of its files and, with
 * prctl(2), of other memory: nothing is concluded from a path but what [vdso] is, and there the inode is 0.
 */
#include "symbols/maps.h"

#include <stdlib.h>
#include <string.h>

/* A number of @base at *@at, which is moved behind it and behind the @after that must follow. */
static bool number(char **at, int base, char after, uint64_t *ret)
{
	char *end;

	/* No sign, no space, no 0x: strtoull() would take them. */
	if (!strchr("0123456789abcdef", **at) || !**at)
		return false;
	*ret = strtoull(*at, &end, base);
	if (*end != after)
		return false;
	*at = end + 1;
	return true;
}

static bool parse_line(char *line, struct ecli_map *ret)
{
	struct ecli_map map;
	uint64_t major, minor;

	if (!number(&line, 16, '-', &map.start) || !number(&line, 16, ' ', &map.end) || map.start >= map.end)
		return false;
	if (strnlen(line, 5) < 5 || line[4] != ' ')
		return false;
	map.is_code = line[2] == 'x';
	line += 5;
	if (!number(&line, 16, ' ', &map.offset) || !number(&line, 16, ':', &major) || !number(&line, 16, ' ', &minor))
		return false;
	char *end;
	map.inode = strtoull(line, &end, 10);
	if (end == line)
		return false;
	map.path = end + strspn(end, " ");
	map.device_major = (uint32_t)major;
	map.device_minor = (uint32_t)minor;
	*ret = map;
	return true;
}

bool ecli_map_is_anonymous(const struct ecli_map *map)
{
	/* Pages that were asked for as huge are a file of the kernel's own. */
	return map->is_code && (map->inode ? !strncmp(map->path, "/anon_hugepage", strlen("/anon_hugepage"))
					   : strncmp(map->path, "[v", 2) != 0);
}

/* In order and apart, as the kernel has them, so that they can be searched. */
static void keep(const struct ecli_map *map, struct ecli_map *ret_maps, size_t room, size_t *count)
{
	if (*count < room && (!*count || map->start >= ret_maps[*count - 1].end))
		ret_maps[(*count)++] = *map;
}

size_t ecli_maps_parse(char *text, struct ecli_map *ret_maps, size_t room)
{
	struct ecli_map before = { 0 }, map; /* of a file, and not kept; of none: there is none */
	bool is_behind = false;              /* the last code was of no file */
	size_t count = 0;

	for (char *line = text, *next; line && *line && count < room; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!parse_line(line, &map) || (!map.is_code && !map.inode))
			continue;
		bool is_anonymous = ecli_map_is_anonymous(&map);
		if (is_anonymous && before.inode)
			keep(&before, ret_maps, room, &count);
		if (map.is_code || is_behind)
			keep(&map, ret_maps, room, &count);
		before = map.is_code || is_behind ? (struct ecli_map){ 0 } : map;
		is_behind = is_anonymous;
	}
	return count;
}
