/* SPDX-License-Identifier: MIT */
/*
 * DWARF by libdw, in two steps: where each unit's code lies, at the first question of a file; a unit's scopes and line table
 * at the first question of that unit. Both stay.
 *
 *     spans  by address ─> unit { scopes: who was inlined where; rows: which address is which line, 16 bytes each }
 *
 * libdw keeps what it made until it is closed, and a line table of its takes six times as much as ours: when that has become much, it is
 * closed and opened anew, and what we made of it stays.
 *
 * libdw is asked with care. It opens files by itself, whose names the debug information chooses, where that is split (.dwo,
 * .gnu_debugaltlink): such information is not used. It reads a line program into memory as a whole: the program's length
 * is looked at first. It decompresses sections as large as they say: so are they. Where memory runs out it ends the process.
 */
#include "symbols/lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbols/demangle.h"
#include "symbols/image.h"
#include "symbols/rows.h"
#include "symbols/scopes.h"

enum {
	MAX_DEBUG_BYTES = 32 << 20,
	MAX_UNITS = 40000,
	MAX_SPANS = 128 << 10,
	MAX_LOOKED = 1 << 20, /* ranges of units that are looked at, also those that are empty */
	MAX_LINE_PROGRAM = 1 << 20,
	MAX_BYTES = 36 << 20, /* of the sections and what was made of them; then it is made anew, */
	MAX_MADE = 16,        /* so often */
	MAX_BACK = 16,
	MAX_HOLDERS = 32,
	MAX_NAME = 4 << 10,
	LINE_BYTES = 96,            /* a row of a line table in libdw, about */
	MAX_LIBDW_BYTES = 16 << 20, /* of those; then it is opened anew */
};

/* Where strings of entries lie; some are made of nothing else. */
static const struct {
	const char *name;
	bool is_all_text;
} text_sections[] = { { ".debug_str", true }, { ".debug_line_str", true }, { ".debug_info" }, { ".debug_types" } };
enum { TEXTS = ARRAY_SIZE(text_sections) };

struct unit {
	Dwarf_Off die;
	bool is_read;
	struct ecli_scopes scopes;
	struct ecli_rows rows;
};

struct span {
	uint64_t low, high;
	uint32_t unit;
};

struct ecli_lines {
	int fd;
	struct ecli_names *names;
	struct ecli_image image;
	Dwarf *dwarf;
	size_t section_bytes, bytes, libdw_bytes;
	const Elf_Data *programs; /* .debug_line */
	const Elf_Data *texts[TEXTS];
	struct unit *units;
	size_t n_units, units_room;
	struct span *spans; /* by low */
	size_t n_spans, spans_room;
	size_t n_looked; /* ranges */
	unsigned n_made;
};

/* ---- the file -------------------------------------------------------------------------------------------------- */

static size_t refuse(enum ecli_left_out why, enum ecli_left_out *ret_why)
{
	if (ret_why)
		*ret_why = why;
	return SIZE_MAX;
}

size_t ecli_lines_cost(const struct ecli_image *image, enum ecli_left_out *ret_why)
{
	Elf_Scn *section = NULL;
	size_t names, total = 0;
	bool has_info = false;

	if (elf_getshdrstrndx(image->elf, &names))
		return refuse(ECLI_LEFT_NOTHING, ret_why);
	while ((section = elf_nextscn(image->elf, section))) {
		GElf_Shdr header;
		GElf_Chdr compressed;
		const char *name =
			gelf_getshdr(section, &header) ? elf_strptr(image->elf, names, header.sh_name) : NULL;

		if (!name || header.sh_type == SHT_NOBITS)
			continue;
		/* Compressed as before 2015, or parts of it lie in another file. */
		if (!strncmp(name, ".zdebug", 7) || !strcmp(name, ".gnu_debugaltlink"))
			return refuse(ECLI_LEFT_LINES_ELSEWHERE, ret_why);
		if (strncmp(name, ".debug_", 7) != 0)
			continue;
		uint64_t size = header.sh_size;
		if (size > MAX_DEBUG_BYTES)
			return refuse(ECLI_LEFT_LINES, ret_why);
		if (header.sh_flags & SHF_COMPRESSED)
			size += gelf_getchdr(section, &compressed) ? compressed.ch_size : MAX_DEBUG_BYTES;
		if (size > MAX_DEBUG_BYTES || (total += size) > MAX_DEBUG_BYTES)
			return refuse(ECLI_LEFT_LINES, ret_why);
		has_info |= !strcmp(name, ".debug_info");
	}
	return has_info ? total : refuse(ECLI_LEFT_NOTHING, ret_why);
}

static void close_libdw(struct ecli_lines *lines)
{
	if (lines->dwarf)
		dwarf_end(lines->dwarf);
	lines->dwarf = NULL;
	lines->libdw_bytes = 0;
	ecli_image_close(&lines->image);
}

static void forget_units(struct ecli_lines *lines)
{
	for (size_t i = 0; i < lines->n_units; i++) {
		ecli_scopes_done(&lines->units[i].scopes);
		ecli_rows_done(&lines->units[i].rows);
	}
	free(lines->units);
	free(lines->spans);
	lines->units = NULL;
	lines->spans = NULL;
	lines->n_units = lines->units_room = lines->n_spans = lines->spans_room = 0;
	lines->bytes = 0;
	close_libdw(lines);
}

static bool add_span(struct ecli_lines *lines, uint64_t low, uint64_t high)
{
	if (lines->n_spans >= MAX_SPANS)
		return false;
	if (lines->n_spans == lines->spans_room) {
		size_t more = lines->spans_room ? lines->spans_room * 2 : 64;
		struct span *grown = reallocarray(lines->spans, more, sizeof(*grown));

		if (!grown)
			return false;
		lines->spans = grown;
		lines->spans_room = more;
	}
	lines->spans[lines->n_spans++] = (struct span){ .low = low, .high = high, .unit = (uint32_t)lines->n_units };
	return true;
}

static bool add_unit(struct ecli_lines *lines, Dwarf_Die *die)
{
	Dwarf_Addr base = 0, low, high;
	ptrdiff_t at = 0;

	if (lines->n_units == lines->units_room) {
		size_t more = lines->units_room ? lines->units_room * 2 : 16;
		struct unit *grown = reallocarray(lines->units, more, sizeof(*grown));

		if (!grown)
			return false;
		lines->units = grown;
		lines->units_room = more;
	}
	while ((at = dwarf_ranges(die, at, &base, &low, &high)) > 0) {
		if (++lines->n_looked > MAX_LOOKED || (low < high && !add_span(lines, low, high)))
			return false;
	}
	lines->units[lines->n_units++] = (struct unit){ .die = dwarf_dieoffset(die) };
	return true;
}

static int by_low(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	return x->unit < y->unit ? -1 : x->unit > y->unit;
}

static void read_units(struct ecli_lines *lines)
{
	Dwarf_Off at = 0, next;
	size_t head;
	Dwarf_Die die;

	for (size_t i = 0; i < MAX_UNITS && !dwarf_nextcu(lines->dwarf, at, &next, &head, NULL, NULL, NULL); i++) {
		if (dwarf_offdie(lines->dwarf, at + head, &die) && dwarf_tag(&die) == DW_TAG_compile_unit &&
		    !add_unit(lines, &die))
			break;
		if (next <= at)
			break;
		at = next;
	}
	/* A span may have been added whose unit was not. */
	while (lines->n_spans && lines->spans[lines->n_spans - 1].unit >= lines->n_units)
		lines->n_spans--;
	if (lines->n_spans)
		qsort(lines->spans, lines->n_spans, sizeof(*lines->spans), by_low);
	lines->bytes = lines->units_room * sizeof(*lines->units) + lines->spans_room * sizeof(*lines->spans);
}

/* libdw takes for granted that their last string ends. */
static bool are_texts_ended(const struct ecli_lines *lines)
{
	for (size_t i = 0; i < TEXTS; i++) {
		const Elf_Data *data = lines->texts[i];

		if (text_sections[i].is_all_text && data && data->d_size && ((char *)data->d_buf)[data->d_size - 1])
			return false;
	}
	return true;
}

/* What libdw would do is to print and to exit(3). */
__attribute__((noreturn)) static void out_of_memory(void)
{
	_exit(ECLI_LINES_OUT_OF_MEMORY);
}

static bool open_libdw(struct ecli_lines *lines)
{
	if (!ecli_image_open(lines->fd, &lines->image))
		return false;
	lines->section_bytes = ecli_lines_cost(&lines->image, NULL);
	if (lines->section_bytes == SIZE_MAX ||
	    !(lines->dwarf = dwarf_begin_elf(lines->image.elf, DWARF_C_READ, NULL))) {
		ecli_image_close(&lines->image);
		return false;
	}
	dwarf_new_oom_handler(lines->dwarf, out_of_memory);
	/* After libdw has decompressed it. */
	lines->programs = ecli_image_section(&lines->image, ".debug_line", MAX_DEBUG_BYTES);
	for (size_t i = 0; i < TEXTS; i++)
		lines->texts[i] = ecli_image_section(&lines->image, text_sections[i].name, MAX_DEBUG_BYTES);
	if (!are_texts_ended(lines)) {
		close_libdw(lines);
		return false;
	}
	return true;
}

static bool open_dwarf(struct ecli_lines *lines)
{
	lines->n_looked = 0;
	if (++lines->n_made > MAX_MADE || !open_libdw(lines))
		return false;
	read_units(lines);
	return true;
}

struct ecli_lines *ecli_lines_open(int fd, struct ecli_names *names)
{
	struct ecli_lines *lines = calloc(1, sizeof(*lines));

	if (!lines)
		return NULL;
	lines->fd = fd;
	lines->names = names;
	if (!open_dwarf(lines)) {
		free(lines);
		return NULL;
	}
	return lines;
}

void ecli_lines_close(struct ecli_lines *lines)
{
	if (!lines)
		return;
	forget_units(lines);
	free(lines);
}

size_t ecli_lines_bytes(const struct ecli_lines *lines)
{
	return lines->section_bytes + lines->bytes;
}

/* ---- one unit -------------------------------------------------------------------------------------------------- */

/* libdw does not ask whether a string that stands in .debug_info ends there. */
static bool is_ended(const struct ecli_lines *lines, const char *text)
{
	for (size_t i = 0; i < TEXTS; i++) {
		const Elf_Data *data = lines->texts[i];
		const char *start = data ? data->d_buf : NULL;

		if (start && text >= start && text < start + data->d_size)
			return memchr(text, '\0', (size_t)(start + data->d_size - text));
	}
	return false;
}

static const char *text_of(const struct ecli_lines *lines, Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	const char *text = dwarf_attr_integrate(die, name, &attribute) ? dwarf_formstring(&attribute) : NULL;

	return text && is_ended(lines, text) ? text : NULL;
}

/* The first word or two of a line program say how long it is. */
static bool is_program_small(const struct ecli_lines *lines, Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	Dwarf_Word at;
	uint32_t length;

	if (!lines->programs || !dwarf_attr(die, DW_AT_stmt_list, &attribute) || dwarf_formudata(&attribute, &at) ||
	    at > lines->programs->d_size || lines->programs->d_size - at < sizeof(length))
		return false;
	memcpy(&length, (char *)lines->programs->d_buf + at, sizeof(length));
	return length <= MAX_LINE_PROGRAM;
}

/* Where inlined calls stand. */
static void copy_calls(struct ecli_lines *lines, struct unit *unit, Dwarf_Files *files, size_t n_files)
{
	for (size_t i = 0; i < unit->scopes.count; i++) {
		struct ecli_scope *scope = &unit->scopes.items[i];

		if (scope->is_inlined && scope->call_file < n_files)
			scope->call_path =
				ecli_rows_keep_path(dwarf_filesrc(files, scope->call_file, NULL, NULL), lines->names);
	}
}

static void read_unit(struct ecli_lines *lines, struct unit *unit)
{
	Dwarf_Files *files;
	Dwarf_Lines *rows;
	size_t count;
	Dwarf_Die die;

	unit->is_read = true;
	if (!dwarf_offdie(lines->dwarf, unit->die, &die))
		return;
	ecli_scopes_read(&die, &unit->scopes);
	lines->bytes += ecli_scopes_bytes(&unit->scopes);
	/* libdw puts the folder of the unit in front of paths: one that does not end would be read on and on. */
	if (!is_program_small(lines, &die) ||
	    (dwarf_hasattr(&die, DW_AT_comp_dir) && !text_of(lines, &die, DW_AT_comp_dir)))
		return;
	if (!dwarf_getsrclines(&die, &rows, &count)) {
		ecli_rows_copy(&unit->rows, rows, count, lines->names);
		lines->bytes += ecli_rows_bytes(&unit->rows);
		lines->libdw_bytes += count * LINE_BYTES;
	}
	if (!dwarf_getsrcfiles(&die, &files, &count))
		copy_calls(lines, unit, files, count);
}

static struct unit *unit_of(struct ecli_lines *lines, uint64_t address)
{
	size_t low = 0;

	for (size_t high = lines->n_spans; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (lines->spans[middle].low <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t back = 0; low && back < MAX_BACK; back++) {
		if (address < lines->spans[--low].high)
			return &lines->units[lines->spans[low].unit];
	}
	return NULL;
}

/* The entry that stands where the function was declared: in its namespace or type. */
static Dwarf_Off declared_at(Dwarf_Die *die)
{
	static const unsigned links[] = { DW_AT_abstract_origin, DW_AT_specification };
	Dwarf_Attribute attribute;
	Dwarf_Die at = *die, next;

	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		if (dwarf_attr(&at, links[i], &attribute) && dwarf_formref_die(&attribute, &next))
			at = next;
	}
	return dwarf_dieoffset(&at);
}

/* A function that no linker sees has no linkage name: what it stands in is put in front, as the demangler writes it. */
static const char *qualified(struct ecli_lines *lines, const struct unit *unit, Dwarf_Die *die, const char *name)
{
	uint32_t holder = ecli_scopes_holder(&unit->scopes, declared_at(die));
	const char *parts[MAX_HOLDERS] = { name };
	Dwarf_Die at;
	size_t count = 1;

	for (; holder != ECLI_SCOPE_NONE && count < MAX_HOLDERS; holder = unit->scopes.holders[holder].up) {
		if (!dwarf_offdie(lines->dwarf, unit->scopes.holders[holder].die, &at))
			break;
		const char *text = text_of(lines, &at, DW_AT_name);
		if (text || dwarf_tag(&at) == DW_TAG_namespace)
			parts[count++] = text ? text : "(anonymous namespace)";
	}
	CLEANUP_BUF struct ecli_buf text = { 0 };
	while (count-- > 0) {
		if (strnlen(parts[count], MAX_NAME) == MAX_NAME)
			return NULL;
		ecli_buf_add_text(&text, parts[count]);
		ecli_buf_add_text(&text, count ? "::" : "");
	}
	return ecli_buf_failed(&text) ? NULL : ecli_names_add(lines->names, ecli_buf_text(&text));
}

static const char *name_of(struct ecli_lines *lines, const struct unit *unit, Dwarf_Die *die)
{
	const char *name;

	if ((name = text_of(lines, die, DW_AT_linkage_name)) || (name = text_of(lines, die, DW_AT_MIPS_linkage_name)))
		return ecli_demangle_keep(name, lines->names);
	name = text_of(lines, die, DW_AT_name);
	return name ? qualified(lines, unit, die, name) : NULL;
}

/* Finds out what a scope is called, once. */
static void tell(struct ecli_lines *lines, const struct unit *unit, struct ecli_scope *scope)
{
	Dwarf_Die die;
	Dwarf_Addr start;

	if (scope->is_told || !dwarf_offdie(lines->dwarf, scope->die, &die))
		return;
	scope->is_told = true;
	scope->function = name_of(lines, unit, &die);
	if (!scope->is_inlined)
		scope->start = dwarf_entrypc(&die, &start) ? 0 : start;
}

size_t ecli_lines_find(struct ecli_lines *lines, uint64_t address, struct ecli_lines_frame *ret_frames)
{
	size_t count = 0;

	if (lines->dwarf && lines->section_bytes + lines->bytes > MAX_BYTES) {
		forget_units(lines);
		open_dwarf(lines);
	} else if (lines->libdw_bytes > MAX_LIBDW_BYTES) {
		close_libdw(lines);
		if (!open_libdw(lines))
			forget_units(lines);
	}
	struct unit *unit = lines->dwarf ? unit_of(lines, address) : NULL;
	if (!unit)
		return 0;
	if (!unit->is_read)
		read_unit(lines, unit);

	const char *file = NULL;
	uint32_t line = 0;
	ecli_rows_find(&unit->rows, address, &file, &line);

	uint32_t at = ecli_scopes_find(&unit->scopes, address);
	while (at != ECLI_SCOPE_NONE && count < ECLI_LINES_MAX_FRAMES) {
		struct ecli_scope *scope = &unit->scopes.items[at];

		tell(lines, unit, scope);
		ret_frames[count++] = (struct ecli_lines_frame){ .function = scope->function,
								 .file = file,
								 .line = line,
								 .start = scope->start,
								 .is_inlined = scope->is_inlined };
		file = scope->call_path;
		line = scope->call_line;
		at = scope->parent;
	}
	if (!count && file)
		ret_frames[count++] = (struct ecli_lines_frame){ .file = file, .line = line };
	return count;
}
