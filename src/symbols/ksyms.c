/* SPDX-License-Identifier: MIT */
/*
 * /proc/kallsyms, one symbol a line:
 *
 *     ffffffff81000000 T startup_64
 *     ffffffffc0201000 t init_once    [ext4]
 *     ffffffffc0300000 t bpf_prog_6deef7357e7b4530_handle [bpf]
 *
 * Of the file's text the functions' names are kept, each with its module behind it ("init_once\0ext4\0"), and a table of
 * {address, where the name is} by address. The file has no sizes, so a symbol reaches to the next one, but at most
 * MAX_REACH: what lies beyond the last function of a module is no part of it.
 */
#include "symbols/ksyms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "symbols/now.h"

enum {
	MAX_BYTES = 64 << 20,
	MAX_SYMBOLS = 2 << 20,
	MAX_REACH = 1 << 20, /* bytes from a symbol's start */
	READ_AGAIN_MS = 30000,
};

struct symbol {
	uint64_t address;
	uint32_t name; /* offset in text */
};

struct ecli_ksyms {
	const char *path;
	bool is_read;
	uint64_t read_ms; /* when */
	int code;         /* of reading: 0 or -errno */
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

static void forget(struct ecli_ksyms *ksyms)
{
	ecli_buf_done(&ksyms->text);
	free(ksyms->symbols);
	ksyms->symbols = NULL;
	ksyms->count = 0;
}

void ecli_ksyms_free(struct ecli_ksyms *ksyms)
{
	if (!ksyms)
		return;
	forget(ksyms);
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

/* Reads one line, which ends with a NUL, and moves name and module to @to, which is at the line or before; what they took, or 0 when it
 * is no function. */
static size_t read_line(char *line, char *to, uint64_t *ret_address)
{
	char *end;
	unsigned long long address = strtoull(line, &end, 16);

	if (end == line || !address || end[0] != ' ' || !end[1] || !strchr("tTwW", end[1]) || end[2] != ' ' || !end[3])
		return 0;
	char *name = end + 3, *rest = name + strcspn(name, "\t ");
	size_t name_len = (size_t)(rest - name), module_len;

	rest += strspn(rest, "\t [");
	module_len = strcspn(rest, "]");
	memmove(to, name, name_len);
	to[name_len] = '\0';
	memmove(to + name_len + 1, rest, module_len);
	to[name_len + 1 + module_len] = '\0';
	*ret_address = address;
	return name_len + module_len + 2;
}

static bool add(struct ecli_ksyms *ksyms, size_t *room, uint64_t address, uint32_t name)
{
	if (ksyms->count == *room) {
		size_t more = *room ? *room * 2 : 1 << 16;
		struct symbol *grown = reallocarray(ksyms->symbols, more, sizeof(*grown));

		if (!grown)
			return false;
		ksyms->symbols = grown;
		*room = more;
	}
	ksyms->symbols[ksyms->count++] = (struct symbol){ .address = address, .name = name };
	return true;
}

static bool is_sorted(const struct ecli_ksyms *ksyms)
{
	for (size_t i = 1; i < ksyms->count; i++) {
		if (ksyms->symbols[i].address < ksyms->symbols[i - 1].address)
			return false;
	}
	return true;
}

static void read_symbols(struct ecli_ksyms *ksyms)
{
	size_t room = 0, kept = 0;
	uint64_t address;

	forget(ksyms);
	ksyms->is_read = true;
	ksyms->read_ms = ecli_now_ms();
	ksyms->code = ecli_file_read(ksyms->path, MAX_BYTES, &ksyms->text, NULL);
	if (ksyms->code)
		return;
	ecli_buf_add_char(&ksyms->text, '\0');
	if (ecli_buf_failed(&ksyms->text)) {
		ksyms->code = -ENOMEM;
		return;
	}

	char *text = ksyms->text.data, *end = text + ksyms->text.len - 1;
	for (char *line = text; line < end && ksyms->count < MAX_SYMBOLS;) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		char *stop = newline ? newline : end;

		*stop = '\0';
		size_t taken = read_line(line, text + kept, &address);
		if (taken && !add(ksyms, &room, address, (uint32_t)kept))
			break;
		kept += taken;
		line = stop + 1;
	}
	if (!is_sorted(ksyms))
		qsort(ksyms->symbols, ksyms->count, sizeof(*ksyms->symbols), by_address);
	char *less = realloc(text, kept ? kept : 1);
	if (less)
		ksyms->text = (struct ecli_buf){ .data = less, .len = kept, .cap = kept ? kept : 1 };
}

static bool look(const struct ecli_ksyms *ksyms, uint64_t address, struct ecli_ksym *ret)
{
	size_t low = 0;

	/* The first symbol after the address. */
	for (size_t high = ksyms->count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (ksyms->symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return false;
	const struct symbol *symbol = &ksyms->symbols[low - 1];
	while (symbol > ksyms->symbols && symbol[-1].address == symbol->address)
		symbol--;
	if (address - symbol->address > MAX_REACH)
		return false;
	const char *name = ksyms->text.data + symbol->name;
	*ret = (struct ecli_ksym){ .name = name,
				   .module = name + strlen(name) + 1,
				   .offset = address - symbol->address };
	return true;
}

bool ecli_ksyms_find(struct ecli_ksyms *ksyms, uint64_t address, struct ecli_ksym *ret)
{
	if (!ksyms->is_read)
		read_symbols(ksyms);
	if (look(ksyms, address, ret))
		return true;
	if (!ksyms->count || ecli_now_ms() - ksyms->read_ms < READ_AGAIN_MS)
		return false;
	read_symbols(ksyms);
	return look(ksyms, address, ret);
}

const char *ecli_ksyms_problem(const struct ecli_ksyms *ksyms)
{
	if (!ksyms->is_read || ksyms->count)
		return NULL;
	if (ksyms->code == -ENOMEM)
		return "functions of the kernel have no names: there is not enough memory for /proc/kallsyms";
	if (ksyms->code)
		return "functions of the kernel have no names: /proc/kallsyms cannot be read";
	return "functions of the kernel have no names: /proc/kallsyms shows no addresses; run as root with the sysctl "
	       "kernel.kptr_restrict at 0 or 1";
}
