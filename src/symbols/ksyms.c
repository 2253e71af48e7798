/* SPDX-License-Identifier: MIT */
/*
 * /proc/kallsyms, one symbol a line:
 *
 *     ffffffff81000000 T startup_64
 *     ffffffffc0201000 t init_once    [ext4]
 *     ffffffffc0300000 t bpf_prog_6deef7357e7b4530_handle [bpf]
 *
 * Of the file's text the functions' names are kept, each with its module behind it ("init_once\0ext4\0"), and a table of
 * {address, where the name is} by address. The file has no sizes, so a symbol reaches to the next one, to the end of its module (/proc/modules), and at most
 * MAX_REACH.
 *
 * What comes later lies in room that was free, behind a symbol that has nothing to do with it. So of addresses outside of the kernel's own text it is asked first whether anything
 * came since: /proc/modules reads otherwise, the newest BPF program has another number. Until the file is read again, which must not happen all the time, such
 * addresses have no name.
 */
#include "symbols/ksyms.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "symbols/ktold.h"
#include "symbols/now.h"

enum {
	MAX_BYTES = 64 << 20,
	MAX_SYMBOLS = 2 << 20,
	MAX_REACH = 1 << 20, /* bytes from a symbol's start */
	READ_AGAIN_MS = 30000,
	CHECK_MS = 20,  /* whether something came */
	COST_PART = 20, /* of the time may be spent on reading again */
	MAX_MODULES_BYTES = 1 << 20,
	MAX_PROGRAMS = 1 << 20,
};

#define NS_PER_MS 1000000ull

struct symbol {
	uint64_t address;
	uint32_t name; /* offset in text */
};

struct module {
	uint64_t end; /* the first byte behind it */
	const char *name;
};

struct ecli_ksyms {
	const char *path;
	char *modules_path;
	bool is_read, is_old;      /* something came since */
	uint64_t read_ms, cost_ms; /* when, and how long that took */
	uint64_t checked_ms;
	struct ecli_buf modules_text;  /* names end with a NUL */
	uint32_t modules_sum, program; /* checksum of /proc/modules; number of the newest program */
	struct module *modules;
	size_t n_modules;
	struct ecli_ktold *told; /* NULL: nothing was */
	int code;                /* of reading: 0 or -errno */
	struct ecli_buf text;
	struct symbol *symbols; /* by address */
	size_t count;
};

struct ecli_ksyms *ecli_ksyms_new(const char *path)
{
	struct ecli_ksyms *ksyms = calloc(1, sizeof(*ksyms));
	const char *slash = strrchr(path, '/');

	if (ksyms && asprintf(&ksyms->modules_path, "%.*s/modules", (int)(slash ? slash - path : 0), path) < 0)
		ksyms->modules_path = NULL;
	if (ksyms && !ksyms->modules_path) {
		free(ksyms);
		return NULL;
	}
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

static void forget_modules(struct ecli_ksyms *ksyms)
{
	ecli_buf_done(&ksyms->modules_text);
	free(ksyms->modules);
	ksyms->modules = NULL;
	ksyms->n_modules = 0;
}

void ecli_ksyms_free(struct ecli_ksyms *ksyms)
{
	if (!ksyms)
		return;
	forget(ksyms);
	forget_modules(ksyms);
	ecli_ktold_free(ksyms->told);
	free(ksyms->modules_path);
	free(ksyms);
}

void ecli_ksyms_tell(struct ecli_ksyms *ksyms, const struct ecli_symbols_event *event)
{
	if (!ksyms->told)
		ksyms->told = ecli_ktold_new();
	if (ksyms->told)
		ecli_ktold_add(ksyms->told, event);
}

/* ---- what comes later ------------------------------------------------------------------------------------------ */

/* The number of the newest BPF program behind @number; @number: there is none, or we may not ask. */
static uint32_t newest_program(uint32_t number)
{
	for (int i = 0; i < MAX_PROGRAMS; i++) {
		union bpf_attr attr = { .start_id = number };

		if (syscall(SYS_bpf, BPF_PROG_GET_NEXT_ID, &attr, sizeof(attr)))
			break;
		number = attr.next_id;
	}
	return number;
}

/* "NAME SIZE USERS BY STATE ADDRESS ..." a line. */
static void read_modules(struct ecli_ksyms *ksyms)
{
	size_t room = 0;

	for (char *line = ksyms->modules_text.data, *next; line && *line; line = next) {
		struct module module = { .name = line };
		uint64_t start, size;

		next = strchrnul(line, '\n');
		if (*next)
			*next++ = '\0';
		char *rest = strchr(line, ' ');
		if (!rest || sscanf(rest, " %" SCNu64 " %*s %*s %*s 0x%" SCNx64, &size, &start) != 2 || !start)
			continue;
		*rest = '\0';
		module.end = start + size;
		if (ksyms->n_modules == room) {
			struct module *more = reallocarray(ksyms->modules, room = room ? 2 * room : 64, sizeof(*more));

			if (!more)
				return;
			ksyms->modules = more;
		}
		ksyms->modules[ksyms->n_modules++] = module;
	}
}

/* Whether modules or programs came or went since it was asked last. */
static bool has_changed(struct ecli_ksyms *ksyms)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };
	uint32_t sum = 2166136261u, program = ksyms->told ? ksyms->program : newest_program(ksyms->program);
	bool changed = program != ksyms->program;

	ksyms->program = program;
	if (ecli_file_read(ksyms->modules_path, MAX_MODULES_BYTES, &text, NULL))
		return changed;
	for (size_t i = 0; i < text.len; i++)
		sum = (sum ^ (unsigned char)text.data[i]) * 16777619u;
	if (sum == ksyms->modules_sum)
		return changed;
	ksyms->modules_sum = sum;
	ecli_buf_add_char(&text, '\0');
	if (ecli_buf_failed(&text))
		return true;
	forget_modules(ksyms);
	ksyms->modules_text = text;
	text = (struct ecli_buf){ 0 };
	read_modules(ksyms);
	return true;
}

/* ---- the file -------------------------------------------------------------------------------------------------- */

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
	for (size_t i = 0; i < ksyms->n_modules; i++)
		if (!strcmp(ksyms->modules[i].name, ret->module))
			return address < ksyms->modules[i].end;
	return true;
}

static uint64_t cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / NS_PER_MS;
}

static void read_all(struct ecli_ksyms *ksyms)
{
	uint64_t began_ms = cpu_ms();

	/* First what tells of changes, so that none is missed that comes meanwhile. */
	has_changed(ksyms);
	read_symbols(ksyms);
	ksyms->is_old = false;
	ksyms->checked_ms = ksyms->read_ms = ecli_now_ms();
	ksyms->cost_ms = cpu_ms() - began_ms;
}

/* Whether what the file said can be believed of addresses outside of the kernel's own text; reads it again where that is due. */
static bool is_true(struct ecli_ksyms *ksyms, bool is_found)
{
	uint64_t now_ms = ecli_now_ms();

	if (!ksyms->count)
		return true;
	if (!ksyms->is_old && now_ms - ksyms->checked_ms >= CHECK_MS) {
		ksyms->checked_ms = now_ms;
		ksyms->is_old = has_changed(ksyms);
	}
	uint64_t since_ms = now_ms - ksyms->read_ms;
	if ((ksyms->is_old && since_ms >= ksyms->cost_ms * COST_PART) || (!is_found && since_ms >= READ_AGAIN_MS))
		read_all(ksyms);
	return !ksyms->is_old;
}

bool ecli_ksyms_find(struct ecli_ksyms *ksyms, uint64_t address, struct ecli_ksym *ret)
{
	bool is_one = true;

	if (!ksyms->is_read)
		read_all(ksyms);
	if (ksyms->told && ecli_ktold_find(ksyms->told, address, ret, &is_one))
		return is_one;
	bool is_found = look(ksyms, address, ret);
	if (is_found && !*ret->module)
		return true;
	return is_true(ksyms, is_found) && look(ksyms, address, ret);
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
