/* SPDX-License-Identifier: MIT */
/*
 * /proc/kallsyms, one symbol a line:
 *
 *     ffffffff81000000 T startup_64
 *     ffffffffc0201000 t init_once    [ext4]
 *
 * The file's text is kept with its lines cut into names, and a table of {address, where the name is} is sorted once. The
 * file has no sizes, so a symbol reaches to the next one, but at most MAX_REACH: what lies beyond the last function of a
 * module is no part of it.
 */
#include "symbols/ksyms.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"

enum {
	MAX_BYTES = 64 << 20,
	MAX_SYMBOLS = 2 << 20,
	MAX_REACH = 1 << 20, /* bytes from a symbol's start */
};

struct symbol {
	uint64_t address;
	uint32_t name; /* offset in text */
};

struct ecli_ksyms {
	const char *path;
	bool is_read;
	struct ecli_buf text;
	struct symbol *symbols; /* by address */
	size_t count;
};

struct ecli_ksyms *ecli_ksyms_new(const char *path)
{
	struct ecli_ksyms *ksyms = calloc(1, sizeof(*ksyms));

	if (ksyms)
		ksyms->path = path;
	return ksyms;
}

void ecli_ksyms_free(struct ecli_ksyms *ksyms)
{
	if (!ksyms)
		return;
	ecli_buf_done(&ksyms->text);
	free(ksyms->symbols);
	free(ksyms);
}

/* Of several names of one address the one that comes first in the file. */
static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

/* Reads one line, which ends with a NUL; false when it is no function. Ends the name. */
static bool read_line(char *line, const char *text, struct symbol *ret)
{
	char *end;
	unsigned long long address = strtoull(line, &end, 16);

	if (end == line || !address || end[0] != ' ' || !end[1] || !strchr("tTwW", end[1]) || end[2] != ' ' || !end[3])
		return false;
	end[3 + strcspn(end + 3, "\t ")] = '\0';
	*ret = (struct symbol){ .address = address, .name = (uint32_t)(end + 3 - text) };
	return true;
}

static void read_symbols(struct ecli_ksyms *ksyms)
{
	size_t room = 0;

	ksyms->is_read = true;
	if (ecli_file_read(ksyms->path, MAX_BYTES, &ksyms->text, NULL))
		return;
	ecli_buf_add_char(&ksyms->text, '\0');
	if (ecli_buf_failed(&ksyms->text))
		return;

	char *text = ksyms->text.data, *end = text + ksyms->text.len - 1;
	for (char *line = text; line < end && ksyms->count < MAX_SYMBOLS;) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		char *stop = newline ? newline : end;

		*stop = '\0';
		if (ksyms->count == room) {
			room = room ? room * 2 : 1 << 16;
			struct symbol *grown = reallocarray(ksyms->symbols, room, sizeof(*grown));
			if (!grown)
				break;
			ksyms->symbols = grown;
		}
		ksyms->count += read_line(line, text, &ksyms->symbols[ksyms->count]);
		line = stop + 1;
	}
	if (ksyms->count)
		qsort(ksyms->symbols, ksyms->count, sizeof(*ksyms->symbols), by_address);
}

const char *ecli_ksyms_find(struct ecli_ksyms *ksyms, uint64_t address, uint64_t *ret_offset)
{
	size_t low = 0;

	if (!ksyms->is_read)
		read_symbols(ksyms);

	/* The first symbol after the address. */
	for (size_t high = ksyms->count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (ksyms->symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	const struct symbol *symbol = &ksyms->symbols[low - 1];
	while (symbol > ksyms->symbols && symbol[-1].address == symbol->address)
		symbol--;
	if (address - symbol->address > MAX_REACH)
		return NULL;
	*ret_offset = address - symbol->address;
	return ksyms->text.data + symbol->name;
}
