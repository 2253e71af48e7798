/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target for symbols/: everything it reads is written by others.
 *
 *     input = 'E', bytes of an ELF file      loads, functions, build id, debug link, .gnu_debugdata, DWARF at many addresses
 *             'W', count of addresses, what the symbolizer says to its parent
 *             'G', flags, a .gopclntab       1: of the other order of bytes
 *             'M', text as /proc/PID/maps    'K', as /proc/kallsyms    'P', as /tmp/perf-PID.map    'D', a mangled name
 *
 * Whatever the bytes, reading ends; a function starts at or before the address that was asked for; of frames inlined into each
 * other the last one is not; mappings are in order and apart; the same question has the same answer.
 */
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "plain.h"
#include "symbols/demangle.h"
#include "symbols/gopcln.h"
#include "symbols/image.h"
#include "symbols/ksyms.h"
#include "symbols/lines.h"
#include "symbols/maps.h"
#include "symbols/perfmap.h"
#include "symbols/separate.h"
#include "symbols/wire.h"

enum { MAX_INPUT = 1 << 17, ASKED = 64, MAX_MAPS = 64 };

static int file_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	CHECK(fd >= 0 && !ecli_file_write_all(fd, data, size));
	return fd;
}

static void ask_functions(const struct ecli_symtab *functions, uint64_t address)
{
	struct ecli_symtab_function found, again;

	if (!ecli_symtab_find(functions, address, &found))
		return;
	CHECK(found.start <= address && strlen(found.name) > 0);
	CHECK(ecli_symtab_find(functions, address, &again) && again.name == found.name);
}

static void ask_lines(struct ecli_lines *lines, uint64_t address)
{
	struct ecli_lines_frame frames[ECLI_LINES_MAX_FRAMES], again[ECLI_LINES_MAX_FRAMES];
	size_t count = ecli_lines_find(lines, address, frames);

	CHECK(count <= ECLI_LINES_MAX_FRAMES);
	CHECK(ecli_lines_find(lines, address, again) == count);
	for (size_t i = 0; i < count; i++) {
		CHECK(frames[i].function == again[i].function && frames[i].line == again[i].line);
		CHECK(!frames[i].function || strlen(frames[i].function) < 1 << 16);
		CHECK(!frames[i].file || strlen(frames[i].file) < 1 << 16);
	}
}

static void read_elf(const uint8_t *data, size_t size)
{
	CLEANUP_FD int fd = file_of(data, size);
	struct ecli_names *names = ecli_names_new();
	struct ecli_lines *lines = ecli_lines_open(fd, names);
	struct ecli_symtab functions = { 0 };
	unsigned char id[ECLI_IMAGE_ID];
	struct ecli_image image;
	struct ecli_checked checked = { 0 };
	uint64_t address;

	if (ecli_image_open(fd, &image)) {
		ecli_image_functions(&image, SHT_SYMTAB, &functions);
		ecli_image_functions(&image, SHT_DYNSYM, &functions);
		ecli_separate_packed(&image, &functions);
		ecli_gopcln_functions(&image, &functions);
		ecli_symtab_sort(&functions);
		CHECK(ecli_image_build_id(&image, id) <= ECLI_IMAGE_ID);
		CLEANUP_FD int debug = ecli_separate_open(&image, "/nowhere/file", -1, 0, &checked);
		for (size_t i = 0; i < ASKED; i++) {
			if (!ecli_image_address(image.loads, image.n_loads, i * size / ASKED, &address))
				address = i * size / ASKED;
			ask_functions(&functions, address);
			if (lines)
				ask_lines(lines, address);
		}
		ecli_image_close(&image);
	} else {
		CHECK(!lines);
	}
	for (size_t i = 0; i < functions.count && i < ASKED; i++) {
		ask_functions(&functions, functions.items[i].start);
		if (lines)
			ask_lines(lines, functions.items[i].start + i);
	}
	ecli_symtab_done(&functions);
	ecli_lines_close(lines);
	ecli_names_free(names);
}

static void read_gopcln(const uint8_t *data, size_t size)
{
	struct ecli_symtab functions = { 0 };
	CLEANUP_FREE uint8_t *table = size ? malloc(size) : NULL; /* its end is the end of memory */

	if (!table)
		return;
	memcpy(table, data + 1, size - 1);
	CHECK(ecli_gopcln_read(table, size - 1, data[0] & 1, 0x401000, &functions) == (functions.count > 0));
	ecli_symtab_sort(&functions);
	for (size_t i = 0; i < functions.count; i++) {
		CHECK(strlen(functions.names.data + functions.items[i].name) < size);
		if (i < ASKED)
			ask_functions(&functions, functions.items[i].start);
	}
	ecli_symtab_done(&functions);
}

static void read_maps(const uint8_t *data, size_t size)
{
	CLEANUP_FREE char *text = strndup((const char *)data, size);
	struct ecli_map maps[MAX_MAPS];

	CHECK(text);
	size_t count = ecli_maps_parse(text, maps, MAX_MAPS);
	CHECK(count <= MAX_MAPS);
	for (size_t i = 0; i < count; i++) {
		CHECK(maps[i].start < maps[i].end && (!i || maps[i - 1].end <= maps[i].start));
		CHECK(strlen(maps[i].path) <= size);
	}
}

static void read_kallsyms(const uint8_t *data, size_t size)
{
	CLEANUP_FD int fd = file_of(data, size);
	char path[64];
	struct ecli_ksym found;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct ecli_ksyms *ksyms = ecli_ksyms_new(path);
	CHECK(ksyms && !ecli_ksyms_problem(ksyms));
	for (uint64_t i = 0; i < ASKED; i++) {
		uint64_t address = 0xffffffff81000000 + i * i * 64;

		if (ecli_ksyms_find(ksyms, address, &found))
			CHECK(found.offset <= address && strlen(found.name) + strlen(found.module) <= size);
	}
	ecli_ksyms_free(ksyms);
}

static void read_perfmap(const uint8_t *data, size_t size)
{
	size_t budget = 1 << 20;
	struct ecli_perfmap *map = ecli_perfmap_new(file_of(data, size), &budget);
	struct ecli_symtab_function found;

	CHECK(map);
	for (uint64_t i = 0; i < ASKED; i++) {
		uint64_t address = 0x7f0000000000 + i * 8;

		if (ecli_perfmap_find(map, address, &found))
			CHECK(found.start <= address && strlen(found.name) <= size);
	}
	CHECK(budget <= 1 << 20);
	ecli_perfmap_free(map);
	CHECK(budget == 1 << 20);
}

static void read_name(const uint8_t *data, size_t size)
{
	CLEANUP_FREE char *name = strndup((const char *)data, size);
	CLEANUP_BUF struct ecli_buf out = { 0 };

	CHECK(name);
	ecli_buf_add_char(&out, '.');
	bool is_mangled = ecli_demangle(name, &out);
	CHECK(out.len <= 1 + (4 << 10) && out.data[0] == '.' && (is_mangled || out.len == 1));
}

/* Heads and what follows them, one answer behind the other. */
static void read_answers(const uint8_t *data, size_t size)
{
	struct ecli_names *names = ecli_names_new();
	struct ecli_wire_texts texts = { 0 };
	struct ecli_frames frames = { 0 };
	struct ecli_wire_head head;
	size_t ends[ECLI_WIRE_ADDRESSES], count = size ? *data : 0;
	uint64_t addresses[ECLI_WIRE_ADDRESSES] = { 0 };
	bool is_final[ECLI_WIRE_ADDRESSES];

	CHECK(names);
	for (size_t at = 1; at + sizeof(head) <= size; at += head.size_bytes) {
		memcpy(&head, data + at, sizeof(head));
		at += sizeof(head);
		if (!ecli_wire_head_is_sane(&head) || head.size_bytes > size - at)
			break;
		CLEANUP_FREE char *body = malloc(head.size_bytes + 1); /* its end is the end of memory */
		CHECK(body);
		memcpy(body, data + at, head.size_bytes);
		size_t before = frames.count;
		if (ecli_wire_read(&head, body, addresses, count, names, &texts, &frames, ends, is_final)) {
			CHECK(frames.count == before);
			break;
		}
		CHECK(count && ends[count - 1] == frames.count);
		for (size_t i = 0; i < count; i++)
			CHECK(ends[i] > (i ? ends[i - 1] : before));
		for (size_t i = before; i < frames.count; i++)
			CHECK(!frames.items[i].function || strlen(frames.items[i].function) <= ECLI_WIRE_TEXT_BYTES);
	}
	ecli_frames_done(&frames);
	ecli_wire_forget(&texts);
	ecli_names_free(names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		char letter;
		void (*read)(const uint8_t *data, size_t size);
	} kinds[] = {
		{ 'E', read_elf },  { 'M', read_maps },    { 'K', read_kallsyms }, { 'P', read_perfmap },
		{ 'D', read_name }, { 'W', read_answers }, { 'G', read_gopcln },
	};

	if (!size || size > MAX_INPUT)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (data[0] == (uint8_t)kinds[i].letter)
			kinds[i].read(data + 1, size - 1);
	}
	return 0;
}
