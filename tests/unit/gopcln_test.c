/* SPDX-License-Identifier: MIT */
/* symbols/gopcln.c over tables of each version of Go, in both orders of bytes and both sizes of pointers; and symbols/symtab.c where sizes are not known. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "symbols/gopcln.h"

enum { FUNCTIONS = 3, TEXT = 0x401000 };

static const struct function {
	uint64_t start, end;
	const char *name;
} functions[FUNCTIONS] = {
	{ TEXT, TEXT + 0x40, "internal/cpu.Initialize" },
	{ TEXT + 0x40, TEXT + 0x100, "main.(*Set[go.shape.int]).Add" },
	{ TEXT + 0x100, TEXT + 0x180, "main.main" },
};

enum go { GO_1_2, GO_1_16, GO_1_18, GO_1_20 };
static const uint32_t magics[] = { 0xfffffffb, 0xfffffffa, 0xfffffff0, 0xfffffff1 };

/* A table that is being written. */
struct writer {
	unsigned char data[1024];
	size_t size;
	bool is_big;
};

static void set(struct writer *writer, size_t at, unsigned width, uint64_t value)
{
	assert_true(at + width <= sizeof(writer->data));
	for (unsigned i = 0; i < width; i++)
		writer->data[at + i] = (unsigned char)(value >> 8 * (writer->is_big ? width - 1 - i : i));
	if (writer->size < at + width)
		writer->size = at + width;
}

static size_t text(struct writer *writer, const char *name)
{
	size_t at = writer->size;

	memcpy(writer->data + at, name, strlen(name) + 1);
	writer->size += strlen(name) + 1;
	return at;
}

static void write_table(struct writer *writer, enum go go, unsigned pointer, bool is_big, uint64_t text_start)
{
	unsigned width = go >= GO_1_18 ? 4 : pointer, words = go == GO_1_2 ? 1 : go == GO_1_16 ? 7 : 8;
	size_t names = 8 + words * pointer, table, base, records[FUNCTIONS], texts[FUNCTIONS];

	*writer = (struct writer){ .is_big = is_big };
	set(writer, 0, 4, magics[go]);
	set(writer, 6, 1, 1);
	set(writer, 7, 1, pointer);
	set(writer, 8, pointer, FUNCTIONS);
	if (go == GO_1_2) {
		table = names;
		writer->size = table + (2 * FUNCTIONS + 1) * width;
		for (int i = 0; i < FUNCTIONS; i++)
			texts[i] = text(writer, functions[i].name);
	} else {
		writer->size = names;
		for (int i = 0; i < FUNCTIONS; i++)
			texts[i] = text(writer, functions[i].name) - names;
		table = (writer->size + 15) & ~(size_t)15;
		writer->size = table + (2 * FUNCTIONS + 1) * width;
		set(writer, 8 + (words - 1) * pointer, pointer, table);
		set(writer, 8 + (go == GO_1_16 ? 2 : 3) * pointer, pointer, names);
		if (go >= GO_1_18)
			set(writer, 8 + 2 * pointer, pointer, text_start);
	}
	base = go == GO_1_2 ? 0 : table;
	for (int i = 0; i < FUNCTIONS; i++) {
		records[i] = writer->size;
		set(writer, records[i] + width, 4, texts[i]);
		set(writer, table + 2 * (size_t)i * width, width, functions[i].start - (go >= GO_1_18 ? TEXT : 0));
		set(writer, table + (2 * (size_t)i + 1) * width, width, records[i] - base);
	}
	set(writer, table + 2 * (size_t)FUNCTIONS * width, width,
	    functions[FUNCTIONS - 1].end - (go >= GO_1_18 ? TEXT : 0));
}

/* The name at an address; "": there is none. */
static const char *at(struct ecli_symtab *symtab, uint64_t address)
{
	struct ecli_symtab_function found;

	return ecli_symtab_find(symtab, address, &found) ? found.name : "";
}

static void check(struct writer *writer, uint64_t text_start)
{
	struct ecli_symtab symtab = { 0 };
	/* Its end is the end of memory. */
	unsigned char *copy = malloc(writer->size);

	memcpy(copy, writer->data, writer->size);
	assert_true(ecli_gopcln_read(copy, writer->size, writer->is_big, text_start, &symtab));
	ecli_symtab_sort(&symtab);
	assert_int_equal(symtab.count, FUNCTIONS);
	for (int i = 0; i < FUNCTIONS; i++) {
		assert_string_equal(at(&symtab, functions[i].start), functions[i].name);
		assert_string_equal(at(&symtab, functions[i].end - 1), functions[i].name);
	}
	assert_string_equal(at(&symtab, TEXT - 1), "");
	assert_string_equal(at(&symtab, functions[FUNCTIONS - 1].end), "");
	ecli_symtab_done(&symtab);
	free(copy);
}

static void every_version(void **state)
{
	(void)state;
	struct writer writer;

	for (int go = GO_1_2; go <= GO_1_20; go++)
		for (unsigned pointer = 4; pointer <= 8; pointer += 4)
			for (int is_big = 0; is_big < 2; is_big++) {
				write_table(&writer, go, pointer, is_big, TEXT);
				check(&writer, 0);
			}
	/* One that does not say where the text is. */
	write_table(&writer, GO_1_20, 8, false, 0);
	check(&writer, TEXT);
}

/* Cut off anywhere, and with any byte changed: reading ends, and what is named lies in the table. */
static void damaged_tables(void **state)
{
	(void)state;
	for (int go = GO_1_2; go <= GO_1_20; go++) {
		struct writer writer;

		write_table(&writer, go, 8, false, TEXT);
		for (size_t size = 0; size <= writer.size; size++) {
			struct ecli_symtab symtab = { 0 };
			unsigned char *copy = malloc(size + !size);

			memcpy(copy, writer.data, size);
			ecli_gopcln_read(copy, size, false, 0, &symtab);
			assert_true(symtab.count <= FUNCTIONS);
			ecli_symtab_done(&symtab);
			free(copy);
		}
		for (size_t i = 0; i < writer.size * 255; i++) {
			struct ecli_symtab symtab = { 0 };

			writer.data[i / 255] += 1 + i % 255;
			ecli_gopcln_read(writer.data, writer.size, false, 0, &symtab);
			writer.data[i / 255] -= 1 + i % 255;
			assert_true(symtab.count <= writer.size);
			ecli_symtab_done(&symtab);
		}
	}
}

/* ---- functions of unknown size --------------------------------------------------------------------------------- */

static void add(struct ecli_symtab *symtab, uint64_t start, uint64_t size, bool is_open, uint32_t rank,
		const char *name)
{
	assert_true(ecli_symtab_add(symtab, start, size, is_open, rank, name, strlen(name)));
}

static void open_ends(void **state)
{
	(void)state;
	struct ecli_symtab symtab = { 0 };

	add(&symtab, 0x1000, 0x100, true, 0, "open");
	add(&symtab, 0x1040, 0x10, false, 0, "closed");
	add(&symtab, 0x2000, 0x100, true, 0, "last");
	add(&symtab, 0x3000, 0x100, true, 0, "better_name");
	add(&symtab, 0x3000, 0x20, false, 1, "has_a_size");
	add(&symtab, 0x4000, 0, true, 0, "nothing");
	ecli_symtab_sort(&symtab);
	assert_string_equal(at(&symtab, 0x103f), "open");
	assert_string_equal(at(&symtab, 0x1040), "closed");
	assert_string_equal(at(&symtab, 0x1050), "");
	assert_string_equal(at(&symtab, 0x20ff), "last");
	assert_string_equal(at(&symtab, 0x2100), "");
	assert_string_equal(at(&symtab, 0x301f), "better_name");
	assert_string_equal(at(&symtab, 0x3020), "");
	assert_string_equal(at(&symtab, 0x4000), "");
	ecli_symtab_done(&symtab);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_version),
		cmocka_unit_test(damaged_tables),
		cmocka_unit_test(open_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
