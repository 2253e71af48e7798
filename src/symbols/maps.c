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
	if (strnlen(line, 5) < 5 || line[2] != 'x' || line[4] != ' ')
		return false;
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

size_t ecli_maps_parse(char *text, struct ecli_map *ret_maps, size_t room)
{
	size_t count = 0;

	for (char *line = text, *next; line && *line && count < room; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		/* In order and apart, as the kernel has them, so that they can be searched. */
		if (parse_line(line, &ret_maps[count]) && (!count || ret_maps[count].start >= ret_maps[count - 1].end))
			count++;
	}
	return count;
}
