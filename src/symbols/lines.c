/* SPDX-License-Identifier: MIT */
/*
 * DWARF by libdw, in two steps: where each unit's code lies, at the first question of a file; a unit's scopes and line table
 * at the first question of that unit. Both stay.
 *
 *     spans  by address ─> unit { scopes: who was inlined where; line table (kept by libdw) }
 *
 * libdw is asked with care. It opens files by itself, whose names the debug information chooses, where that is split (.dwo,
 * .gnu_debugaltlink): such information is not used. It reads a line program into memory as a whole: the program's length
 * is looked at first. It decompresses sections as large as they say: so are they.
 */
#include "symbols/lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "symbols/image.h"
#include "symbols/scopes.h"

enum {
	MAX_DEBUG_BYTES = 512 << 20,
	MAX_UNITS = 200000,
	MAX_SPANS = 1 << 20,
	MAX_LINE_PROGRAM = 2 << 20,
	MAX_BYTES = 128 << 20, /* of what was made of the sections; then it is made anew */
	MAX_BACK = 16,
	MAX_HOLDERS = 32,
	MAX_NAME = 1 << 10,
	LINE_BYTES = 64, /* a row of a line table in libdw, about */
};

struct unit {
	Dwarf_Off die;
	bool is_read, has_lines;
	struct ecli_scopes scopes;
};

struct span {
	uint64_t low, high;
	uint32_t unit;
};

struct ecli_lines {
	int fd;
	struct ecli_image image;
	Dwarf *dwarf;
	size_t section_bytes, bytes;
	const Elf_Data *programs; /* .debug_line */
	struct unit *units;
	size_t n_units, units_room;
	struct span *spans; /* by low */
	size_t n_spans, spans_room;
	struct ecli_buf text; /* of names put together for the question in work */
};

/* ---- the file -------------------------------------------------------------------------------------------------- */

/* What reading the debug sections takes; SIZE_MAX: not to be used. */
static size_t debug_bytes(const struct ecli_image *image)
{
	Elf_Scn *section = NULL;
	size_t names, total = 0;
	bool has_info = false;

	if (elf_getshdrstrndx(image->elf, &names))
		return SIZE_MAX;
	while ((section = elf_nextscn(image->elf, section))) {
		GElf_Shdr header;
		GElf_Chdr compressed;
		const char *name =
			gelf_getshdr(section, &header) ? elf_strptr(image->elf, names, header.sh_name) : NULL;

		if (!name || header.sh_type == SHT_NOBITS)
			continue;
		/* Compressed as before 2015, or parts of it lie in another file. */
		if (!strncmp(name, ".zdebug", 7) || !strcmp(name, ".gnu_debugaltlink"))
			return SIZE_MAX;
		if (strncmp(name, ".debug_", 7) != 0)
			continue;
		uint64_t size = header.sh_size;
		if (size > MAX_DEBUG_BYTES)
			return SIZE_MAX;
		if (header.sh_flags & SHF_COMPRESSED)
			size += gelf_getchdr(section, &compressed) ? compressed.ch_size : MAX_DEBUG_BYTES;
		if (size > MAX_DEBUG_BYTES || (total += size) > MAX_DEBUG_BYTES)
			return SIZE_MAX;
		has_info |= !strcmp(name, ".debug_info");
	}
	return has_info ? total : SIZE_MAX;
}

static void forget_units(struct ecli_lines *lines)
{
	for (size_t i = 0; i < lines->n_units; i++)
		ecli_scopes_done(&lines->units[i].scopes);
	free(lines->units);
	free(lines->spans);
	lines->units = NULL;
	lines->spans = NULL;
	lines->n_units = lines->units_room = lines->n_spans = lines->spans_room = 0;
	if (lines->dwarf)
		dwarf_end(lines->dwarf);
	lines->dwarf = NULL;
	ecli_image_close(&lines->image);
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
		if (low < high && !add_span(lines, low, high))
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

static bool open_dwarf(struct ecli_lines *lines)
{
	if (!ecli_image_open(lines->fd, &lines->image))
		return false;
	lines->section_bytes = debug_bytes(&lines->image);
	if (lines->section_bytes == SIZE_MAX ||
	    !(lines->dwarf = dwarf_begin_elf(lines->image.elf, DWARF_C_READ, NULL))) {
		ecli_image_close(&lines->image);
		return false;
	}
	/* After libdw has decompressed it. */
	lines->programs = ecli_image_section(&lines->image, ".debug_line", MAX_DEBUG_BYTES);
	read_units(lines);
	return true;
}

struct ecli_lines *ecli_lines_open(int fd)
{
	struct ecli_lines *lines = calloc(1, sizeof(*lines));

	if (!lines)
		return NULL;
	lines->fd = fd;
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
	ecli_buf_done(&lines->text);
	free(lines);
}

size_t ecli_lines_bytes(const struct ecli_lines *lines)
{
	return lines->section_bytes + lines->bytes;
}

/* ---- one unit -------------------------------------------------------------------------------------------------- */

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

static void read_unit(struct ecli_lines *lines, struct unit *unit)
{
	Dwarf_Die die;
	Dwarf_Lines *rows;
	size_t n_rows;

	unit->is_read = true;
	if (!dwarf_offdie(lines->dwarf, unit->die, &die))
		return;
	ecli_scopes_read(&die, &unit->scopes);
	lines->bytes += ecli_scopes_bytes(&unit->scopes);
	unit->has_lines = is_program_small(lines, &die) && !dwarf_getsrclines(&die, &rows, &n_rows);
	if (unit->has_lines)
		lines->bytes += n_rows * LINE_BYTES;
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

static const char *text_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;

	return dwarf_attr_integrate(die, name, &attribute) ? dwarf_formstring(&attribute) : NULL;
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
		const char *text = text_of(&at, DW_AT_name);
		if (text || dwarf_tag(&at) == DW_TAG_namespace)
			parts[count++] = text ? text : "(anonymous namespace)";
	}
	size_t start = lines->text.len, len = 0;
	for (size_t i = 0; i < count; i++)
		len += strnlen(parts[i], MAX_NAME) + 2;
	if (count == 1 || len >= MAX_NAME)
		return name;
	while (count-- > 0) {
		ecli_buf_add_text(&lines->text, parts[count]);
		ecli_buf_add(&lines->text, count ? "::" : "", count ? 2 : 1);
	}
	ecli_buf_add_char(&lines->text, '\0');
	return ecli_buf_failed(&lines->text) ? name : lines->text.data + start;
}

static const char *name_of(struct ecli_lines *lines, const struct unit *unit, Dwarf_Off offset)
{
	Dwarf_Die die;
	const char *name;

	if (!dwarf_offdie(lines->dwarf, offset, &die))
		return NULL;
	if ((name = text_of(&die, DW_AT_linkage_name)) || (name = text_of(&die, DW_AT_MIPS_linkage_name)))
		return name;
	name = text_of(&die, DW_AT_name);
	return name && unit->scopes.n_holders ? qualified(lines, unit, &die, name) : name;
}

static uint64_t start_of(struct ecli_lines *lines, const struct ecli_scope *scope)
{
	Dwarf_Die die;
	Dwarf_Addr start;

	if (scope->is_inlined || !dwarf_offdie(lines->dwarf, scope->die, &die) || dwarf_entrypc(&die, &start))
		return 0;
	return start;
}

/* The path of a file by its number in the unit; NULL: there is none. */
static const char *file_of(Dwarf_Die *unit, uint32_t number)
{
	Dwarf_Files *files;
	size_t count;

	if (dwarf_getsrcfiles(unit, &files, &count) || number >= count)
		return NULL;
	return dwarf_filesrc(files, number, NULL, NULL);
}

size_t ecli_lines_find(struct ecli_lines *lines, uint64_t address, struct ecli_lines_frame *ret_frames)
{
	Dwarf_Die die;
	size_t count = 0;

	/* All names of one question stay where they are. */
	ecli_buf_clear(&lines->text);
	if (!ecli_buf_reserve(&lines->text, (size_t)ECLI_LINES_MAX_FRAMES * MAX_NAME))
		return 0;
	if (lines->bytes > MAX_BYTES) {
		forget_units(lines);
		open_dwarf(lines);
	}
	struct unit *unit = lines->dwarf ? unit_of(lines, address) : NULL;
	if (!unit)
		return 0;
	if (!unit->is_read)
		read_unit(lines, unit);
	if (!dwarf_offdie(lines->dwarf, unit->die, &die))
		return 0;

	const char *file = NULL;
	int line = 0;
	Dwarf_Line *row = unit->has_lines ? dwarf_getsrc_die(&die, address) : NULL;
	if (row && !dwarf_lineno(row, &line))
		file = dwarf_linesrc(row, NULL, NULL);

	uint32_t at = ecli_scopes_find(&unit->scopes, address);
	while (at != ECLI_SCOPE_NONE && count < ECLI_LINES_MAX_FRAMES) {
		const struct ecli_scope *scope = &unit->scopes.items[at];

		ret_frames[count++] = (struct ecli_lines_frame){ .function = name_of(lines, unit, scope->die),
								 .file = file,
								 .line = line > 0 ? (uint32_t)line : 0,
								 .start = start_of(lines, scope),
								 .is_inlined = scope->is_inlined };
		if (scope->is_inlined) {
			file = unit->has_lines ? file_of(&die, scope->call_file) : NULL;
			line = (int)scope->call_line;
		}
		at = scope->parent;
	}
	if (!count && file)
		ret_frames[count++] = (struct ecli_lines_frame){ .file = file, .line = line > 0 ? (uint32_t)line : 0 };
	return count;
}
