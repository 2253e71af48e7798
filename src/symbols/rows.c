/* SPDX-License-Identifier: MIT */
/*
 * libdw keeps a line table for as long as it is open, in six times the room: so a table is copied once, and libdw may be closed.
 *
 *     { 401000, 7, main.c }  { 401004, 8, main.c }  { 401010, END }       an address is of the last row at or before it
 *
 * A file may say that each of its rows is of another source file; more than MAX_PATHS are not told apart, since each row looks for its own.
 */
#include "symbols/rows.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PATHS = 1 << 10, MAX_PATH = 8 << 10 };

/* For a row's file: no code from here on; not known. */
#define END     UINT32_MAX
#define UNKNOWN (UINT32_MAX - 1)

const char *ecli_rows_keep_path(const char *path, struct ecli_names *names)
{
	return path && strnlen(path, MAX_PATH) < MAX_PATH ? ecli_names_add(names, path) : NULL;
}

void ecli_rows_done(struct ecli_rows *rows)
{
	free(rows->items);
	free(rows->paths);
	*rows = (struct ecli_rows){ 0 };
}

/* The number of a text of libdw, which has each path once; @texts, by number, has room for MAX_PATHS. The last ones are the likeliest. */
static uint32_t number_of(struct ecli_rows *rows, const char **texts, const char *text, struct ecli_names *names)
{
	for (size_t i = rows->n_paths; i-- > 0;)
		if (texts[i] == text)
			return (uint32_t)i;
	if (!text || rows->n_paths == MAX_PATHS)
		return UNKNOWN;
	if (rows->n_paths == rows->paths_room) {
		size_t more = rows->paths_room ? rows->paths_room * 2 : 16;
		const char **grown = reallocarray(rows->paths, more, sizeof(*grown));

		if (!grown)
			return UNKNOWN;
		rows->paths = grown;
		rows->paths_room = more;
	}
	texts[rows->n_paths] = text;
	rows->paths[rows->n_paths] = ecli_rows_keep_path(text, names);
	return (uint32_t)rows->n_paths++;
}

void ecli_rows_copy(struct ecli_rows *rows, Dwarf_Lines *from, size_t count, struct ecli_names *names)
{
	const char *texts[MAX_PATHS], *last = NULL;
	uint32_t file = UNKNOWN;

	rows->items = count ? reallocarray(NULL, count, sizeof(*rows->items)) : NULL;
	for (size_t i = 0; rows->items && i < count; i++) {
		Dwarf_Line *line = dwarf_onesrcline(from, i);
		const char *text = dwarf_linesrc(line, NULL, NULL);
		Dwarf_Addr address;
		int number = 0;
		bool is_end;

		if (dwarf_lineaddr(line, &address) || dwarf_lineendsequence(line, &is_end))
			continue;
		dwarf_lineno(line, &number);
		if (text != last)
			file = number_of(rows, texts, text, names);
		last = text;
		rows->items[rows->count++] = (struct ecli_row){ .address = address,
								.line = number > 0 ? (uint32_t)number : 0,
								.file = is_end ? END : file };
	}
}

bool ecli_rows_find(const struct ecli_rows *rows, uint64_t address, const char **ret_file, uint32_t *ret_line)
{
	size_t low = 0;

	for (size_t high = rows->count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (rows->items[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || rows->items[low - 1].file == END)
		return false;
	const struct ecli_row *row = &rows->items[low - 1];
	*ret_file = row->file == UNKNOWN ? NULL : rows->paths[row->file];
	*ret_line = row->line;
	return true;
}

size_t ecli_rows_bytes(const struct ecli_rows *rows)
{
	return rows->count * sizeof(*rows->items) + rows->paths_room * sizeof(*rows->paths);
}
