/* SPDX-License-Identifier: MIT */
/*
 * A perf map is text that its process appends to (tools/perf/Documentation/jit-interface.txt of Linux):
 *
 *     START SIZE name of the function         both in hexadecimal; the name is the rest of the line
 *
 * Code moves and its room is used anew, so at each address the last line wins that covers it (spans.c).
 *
 * Some runtimes write the whole file again (Java: jcmd PID Compiler.perfmap). Then it says what is true now, and what the former text said is
 * forgotten. The file is another one (process.c opens it again), or it is shorter than what was read, or what was read does not stand there any more: a checksum of
 * it tells, which is made again when the file was written to, as seldom as it needs to be for one part in a hundred of the time.
 *
 * What a process writes there is its own affair and costs us no more than the budget: what is kept counts, and how much is read of one map has a
 * bound, too. Lines of another form are passed over.
 */
#include "symbols/perfmap.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbols/now.h"
#include "symbols/spans.h"

enum {
	MAX_NAME = 1 << 10,
	CHUNK = 64 << 10,
	AGAIN_MS = 500,
	SUMMED_MS = 10 << 10,     /* bytes whose checksum may be made again every ms */
	MAX_READ = 32 << 20,      /* bytes of one map */
	MAX_KEPT = 4 << 20,       /* memory of one map */
	MAX_ADDED = 1 << 20,      /* memory of what is not settled yet */
	FREE_PART = MAX_KEPT / 8, /* what must be left after settling, or the map is full */
};
#define NO_TEXT 14695981039346656037ull /* FNV-1a of nothing */

struct ecli_perfmap {
	int fd;
	uint64_t read_ms, summed_ms; /* when; 0: never */
	struct timespec written;     /* when the file was, as it was read last */
	off_t at;                    /* behind the last whole line that was read; lines that say nothing too */
	uint64_t sum;                /* of the text up to there */
	size_t *budget, taken;
	bool is_full;
	struct ecli_spans functions;
};

struct ecli_perfmap *ecli_perfmap_new(int fd, size_t *budget_bytes)
{
	CLEANUP_FD int owned = fd;
	struct ecli_perfmap *map = calloc(1, sizeof(*map));

	if (map) {
		map->fd = TAKE_FD(owned);
		map->sum = NO_TEXT;
		map->budget = budget_bytes;
	}
	return map;
}

/* Pays for what is there now. */
static void pay(struct ecli_perfmap *map)
{
	size_t bytes = ecli_spans_bytes(&map->functions);

	*map->budget += map->taken;
	map->taken = bytes < *map->budget ? bytes : *map->budget;
	*map->budget -= map->taken;
}

static void forget(struct ecli_perfmap *map)
{
	ecli_spans_done(&map->functions);
	pay(map);
	map->is_full = false;
	map->at = 0;
	map->sum = NO_TEXT;
}

void ecli_perfmap_free(struct ecli_perfmap *map)
{
	if (!map)
		return;
	forget(map);
	close(map->fd);
	free(map);
}

bool ecli_perfmap_is(const struct ecli_perfmap *map, const struct stat *st)
{
	struct stat its;

	return !fstat(map->fd, &its) && its.st_ino == st->st_ino && its.st_dev == st->st_dev;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static void settle(struct ecli_perfmap *map)
{
	ecli_spans_settle(&map->functions);
	pay(map);
}

/* Whether there is room for a line that costs so much; what lies under others makes some. */
static bool has_room(struct ecli_perfmap *map, size_t cost)
{
	size_t bytes = ecli_spans_bytes(&map->functions), most = map->taken + *map->budget;

	most = most < MAX_KEPT ? most : MAX_KEPT;
	if (map->is_full)
		return false;
	if (bytes + cost <= most && bytes - map->taken < MAX_ADDED)
		return true;
	settle(map);
	bytes = ecli_spans_bytes(&map->functions);
	map->is_full = bytes + cost > most || (bytes + FREE_PART > most);
	return !map->is_full;
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
	size_t len = strnlen(end + 1, MAX_NAME);
	if (has_room(map, ecli_spans_cost(len)))
		ecli_spans_add(&map->functions, start, size, end + 1, len);
}

static uint64_t sum_of(uint64_t sum, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)text[i]) * 1099511628211ull;
	return sum;
}

/* Reads the whole lines that are there by now. */
static void read_more(struct ecli_perfmap *map, char *text)
{
	size_t kept = 0;
	ssize_t n;

	while (map->at < MAX_READ && (n = pread(map->fd, text + kept, CHUNK - kept, map->at + (off_t)kept)) > 0) {
		char *line = text, *newline, *end = text + kept + n;
		size_t len = kept + (size_t)n;

		newline = memrchr(text, '\n', len);
		/* A line longer than everything is nobody's. */
		size_t whole = newline ? (size_t)(newline + 1 - text) : len == CHUNK ? len : 0;
		map->sum = sum_of(map->sum, text, whole);
		map->at += (off_t)whole;
		for (; (newline = memchr(line, '\n', (size_t)(text + whole - line))); line = newline + 1) {
			*newline = '\0';
			read_line(map, line);
		}
		kept = len - whole;
		memmove(text, end - kept, kept);
	}
	settle(map);
}

/* Whether what was read still stands there. */
static bool is_same_text(struct ecli_perfmap *map, char *text)
{
	uint64_t sum = NO_TEXT;
	ssize_t n;

	for (off_t at = 0; at < map->at; at += n) {
		off_t left = map->at - at;

		n = pread(map->fd, text, left < CHUNK ? (size_t)left : CHUNK, at);
		if (n <= 0)
			return false;
		sum = sum_of(sum, text, (size_t)n);
	}
	return sum == map->sum;
}

static void look(struct ecli_perfmap *map, uint64_t now)
{
	CLEANUP_FREE char *text = malloc(CHUNK + 1);
	struct stat st;

	map->read_ms = now;
	if (!text || fstat(map->fd, &st))
		return;
	bool is_written = st.st_mtim.tv_sec != map->written.tv_sec || st.st_mtim.tv_nsec != map->written.tv_nsec;
	if (st.st_size < map->at) {
		forget(map);
	} else if (is_written) {
		/* A checksum that has to wait is made at a later look: the time stays the old one. */
		is_written = now - map->summed_ms >= (uint64_t)map->at / SUMMED_MS;
		if (is_written && !is_same_text(map, text))
			forget(map);
		if (is_written)
			map->summed_ms = now;
	}
	if (is_written)
		map->written = st.st_mtim;
	read_more(map, text);
}

bool ecli_perfmap_find(struct ecli_perfmap *map, uint64_t address, struct ecli_symtab_function *ret)
{
	uint64_t now = ecli_now_ms();

	if (!map->read_ms || now - map->read_ms >= AGAIN_MS)
		look(map, now);
	return ecli_spans_find(&map->functions, address, ret);
}
