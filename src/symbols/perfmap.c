/* SPDX-License-Identifier: MIT */
/*
 * A perf map is text that its process appends to (tools/perf/Documentation/jit-interface.txt of Linux):
 *
 *     START SIZE name of the function         both in hexadecimal; the name is the rest of the line
 *
 * Code moves and its room is used anew, so of two functions at one address the later line wins. What a process writes there is its own
 * affair and costs us no more than the budget: what is kept counts, and how much is read of one map has a bound, too. Lines of another form are
 * passed over.
 */
#include "symbols/perfmap.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbols/now.h"

enum {
	MAX_NAME = 1 << 10,
	CHUNK = 64 << 10,
	AGAIN_MS = 500,
	MAX_READ = 32 << 20, /* bytes of one map */
	MAX_KEPT = 4 << 20,  /* memory of one map */
};

struct ecli_perfmap {
	int fd;
	uint64_t read_ms; /* when; 0: never */
	off_t at;         /* behind the last whole line that was read; lines that say nothing too */
	uint32_t left;    /* rank of the next line: the later, the lower */
	size_t *budget, taken;
	struct ecli_symtab functions;
};

struct ecli_perfmap *ecli_perfmap_new(int fd, size_t *budget_bytes)
{
	CLEANUP_FD int owned = fd;
	struct ecli_perfmap *map = calloc(1, sizeof(*map));

	if (map) {
		map->fd = TAKE_FD(owned);
		map->left = UINT32_MAX;
		map->budget = budget_bytes;
	}
	return map;
}

void ecli_perfmap_free(struct ecli_perfmap *map)
{
	if (!map)
		return;
	close(map->fd);
	*map->budget += map->taken;
	ecli_symtab_done(&map->functions);
	free(map);
}

static void read_line(struct ecli_perfmap *map, char *line)
{
	char *end;
	uint64_t start = strtoull(line, &end, 16), size;

	if (end == line || *end != ' ')
		return;
	line = end;
	size = strtoull(line, &end, 16);
	if (end == line || *end != ' ' || !end[1] || !size)
		return;
	size_t len = strnlen(end + 1, MAX_NAME), cost = sizeof(*map->functions.items) + len;
	if (cost > *map->budget || map->taken + cost > MAX_KEPT)
		return;
	if (!ecli_symtab_add(&map->functions, start, size, map->left--, end + 1, len))
		return;
	*map->budget -= cost;
	map->taken += cost;
}

/* Reads the whole lines that are there by now. */
static void read_more(struct ecli_perfmap *map)
{
	CLEANUP_FREE char *text = malloc(CHUNK + 1);
	size_t before = map->functions.count, kept = 0;
	ssize_t n;

	map->read_ms = ecli_now_ms();
	while (text && map->at < MAX_READ &&
	       (n = pread(map->fd, text + kept, CHUNK - kept, map->at + (off_t)kept)) > 0) {
		char *line = text, *newline, *end = text + kept + n;

		for (; (newline = memchr(line, '\n', (size_t)(end - line))); line = newline + 1) {
			*newline = '\0';
			read_line(map, line);
		}
		/* A line longer than everything is nobody's. */
		if (line == text && end == text + CHUNK)
			line = end;
		map->at += line - text;
		kept = (size_t)(end - line);
		memmove(text, line, kept);
	}
	if (map->functions.count > before)
		ecli_symtab_sort(&map->functions);
}

bool ecli_perfmap_find(struct ecli_perfmap *map, uint64_t address, struct ecli_symtab_function *ret)
{
	if (!map->read_ms || ecli_now_ms() - map->read_ms >= AGAIN_MS)
		read_more(map);
	return ecli_symtab_find(&map->functions, address, ret);
}
