/* SPDX-License-Identifier: MIT */
/*
 * types/ against hostile bytes: what is wrong is refused with a sentence that says what; what is accepted survives
 * being walked over whole, planned and run (walk_model.h). Meant to be run under AddressSanitizer too.
 */
#include "unit.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <ecli/types.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "btf_blob.h"
#include "types/model.h"
#include "walk_model.h"

static const char *fixture_path;

/* ---- each rule of the checker, broken alone -------------------------------------------------------------------- */

#define STRUCT(n)      BTF_KIND_STRUCT, n
#define FLAG_STRUCT(n) BTF_KIND_STRUCT, (n) | BLOB_FLAG
#define FIELD(bits)    ((uint32_t)(bits) << 24)

/* Type 1 is always int, 4 bytes; the case begins with type 2. */
static void refuse(const char *phrase, struct blob *blob)
{
	struct ecli_types *types = NULL;
	struct ecli_err err = { 0 };
	size_t size;
	CLEANUP_FREE unsigned char *bytes = blob_take(blob, &size);

	int r = ecli_types_read(bytes, size, &err, &types);
	ecli_types_free(types);
	assert_int_equal(r, -EINVAL);
	if (!strstr(err.text, phrase))
		fail_msg("wanted \"%s\", got \"%s\"", phrase, err.text);
}

#define REFUSE(phrase, ...)                                                                                            \
	do {                                                                                                           \
		struct blob blob = { 0 };                                                                              \
		blob_int(&blob, "int", 4);                                                                             \
		__VA_ARGS__;                                                                                           \
		refuse(phrase, &blob);                                                                                 \
	} while (0)
#define ADD(name, ...) blob_add(&blob, name, __VA_ARGS__)

static void broken_records_are_refused(void **state)
{
	(void)state;
	REFUSE("kind 0", ADD("", 0, 0, 0));
	REFUSE("kind 20", ADD("", 20, 0, 0));
	REFUSE("cannot say", ADD("", BTF_KIND_PTR, 1, 1));
	REFUSE("cannot say", ADD("", BTF_KIND_PTR, BLOB_FLAG, 1));
	REFUSE("cannot say", ADD("", BTF_KIND_PTR, 1u << 16, 1));
	REFUSE("cannot say", ADD("", BTF_KIND_FUNC, 3, 1));
	REFUSE("cut off", ADD("s", STRUCT(2), 8, 0, 1, 0));
	REFUSE("cut off", ADD("a", BTF_KIND_ARRAY, 0, 0, 1, 1));
	REFUSE("cut off", blob_words(&blob, (uint32_t[]){ 0, 0 }, 2));
	REFUSE("0 bytes", ADD("i", BTF_KIND_INT, 0, 0, 0));
	REFUSE("17 bytes", ADD("i", BTF_KIND_INT, 0, 17, 8));
	REFUSE("bits 0 to 0", ADD("i", BTF_KIND_INT, 0, 4, 0));
	REFUSE("bits 8 to 40", ADD("i", BTF_KIND_INT, 0, 4, 8 << 16 | 32));
	REFUSE("float of 5", ADD("f", BTF_KIND_FLOAT, 0, 5));
	REFUSE("enum of 3", ADD("e", BTF_KIND_ENUM, 0, 3));
	REFUSE("linkage", ADD("v", BTF_KIND_VAR, 0, 1, 3));
	REFUSE("characters", ADD("a\033[2J", BTF_KIND_TYPEDEF, 0, 1));
	REFUSE("characters", ADD("a\302\233b", BTF_KIND_TYPEDEF, 0, 1));
	REFUSE("outside the strings", blob_words(&blob, (uint32_t[]){ 99, BTF_KIND_TYPEDEF << 24, 1 }, 3));
	REFUSE("outside the strings", ADD("s", STRUCT(1), 4, 99, 1, 0));
	REFUSE("outside the strings", ADD("e", BTF_KIND_ENUM, 1, 4, 99, 1));
	REFUSE("parameter", ADD("", BTF_KIND_FUNC_PROTO, 1, 1, 0, 77));
	REFUSE("indexed", ADD("", BTF_KIND_ARRAY, 0, 0, 1, 77, 1));
}

static void broken_references_are_refused(void **state)
{
	(void)state;
	REFUSE("type 77, which does not exist", ADD("t", BTF_KIND_TYPEDEF, 0, 77));
	REFUSE("type 77, which does not exist", ADD("s", STRUCT(1), 4, 0, 77, 0));
	REFUSE("type 3, which does not exist", ADD("t", BTF_KIND_TYPEDEF, 0, 3)); /* itself is type 2, the last */
	REFUSE("wrong kind", ADD("f", BTF_KIND_FUNC, 0, 1));
	REFUSE("wrong kind", ADD("", BTF_KIND_ARRAY, 0, 0, 0, 1, 4));
	REFUSE("wrong kind", ADD("s", STRUCT(1), 4, 0, 0, 0));
	REFUSE("wrong kind", ADD(".data", BTF_KIND_DATASEC, 1, 4, 1, 0, 4));
	REFUSE("wrong kind", ADD("v", BTF_KIND_VAR, 0, 1, 0); blob_pointer(&blob, 2));
	REFUSE("without a size", ADD("t", BTF_KIND_TYPEDEF, 0, 0); blob_array(&blob, 2, 4));
	REFUSE("without a size", ADD("t", BTF_KIND_TYPEDEF, 0, 0); ADD("s", STRUCT(1), 4, 0, 2, 0));
	REFUSE("wrong kind", ADD("x", BTF_KIND_FWD, 0, 0); ADD("s", STRUCT(1), 4, 0, 2, 0));
}

static void loops_are_refused(void **state)
{
	(void)state;
	REFUSE("defined by itself", blob_typedef(&blob, "t", 2));
	REFUSE("defined by itself", blob_typedef(&blob, "a", 3); blob_typedef(&blob, "b", 2));
	REFUSE("defined by itself", blob_pointer(&blob, 2));
	REFUSE("defined by itself", blob_typedef(&blob, "t", 3); blob_pointer(&blob, 2));
	REFUSE("defined by itself", blob_array(&blob, 2, 4));
	REFUSE("defined by itself", blob_pointer(&blob, 3); ADD("", BTF_KIND_FUNC_PROTO, 0, 2));
	REFUSE("contains itself", ADD("s", STRUCT(1), 4, 0, 2, 0));
	REFUSE("contains itself", ADD("a", STRUCT(1), 4, 0, 3, 0); ADD("b", BTF_KIND_UNION, 1, 4, 0, 2, 0));
	REFUSE("contains itself", ADD("s", STRUCT(1), 4, 0, 3, 0); blob_array(&blob, 4, 1);
	       blob_typedef(&blob, "t", 2));
	/* A list node is no loop. */
	struct blob blob = { 0 };
	struct ecli_types *types = NULL;
	size_t size;

	blob_add(&blob, "node", BTF_KIND_STRUCT, 1, 8, 0, 2, 0);
	blob_pointer(&blob, 1);
	CLEANUP_FREE unsigned char *bytes = blob_take(&blob, &size);
	assert_int_equal(ecli_types_read(bytes, size, NULL, &types), 0);
	ecli_types_free(types);
}

static void impossible_sizes_are_refused(void **state)
{
	(void)state;
	REFUSE("outside of it", ADD("s", STRUCT(1), 4, 0, 1, 8));
	REFUSE("outside of it", ADD("s", STRUCT(1), 4, 0, 1, 0xfffffff8));
	REFUSE("outside of it", ADD("s", STRUCT(1), 4, 0, 1, 1)); /* an older bit-field, one bit too far */
	REFUSE("outside of it", ADD("s", FLAG_STRUCT(1), 4, 0, 1, FIELD(3) | 30));
	REFUSE("cannot be one", ADD("s", FLAG_STRUCT(1), 64, 0, 1, FIELD(33)));
	REFUSE("cannot be one", blob_pointer(&blob, 1); ADD("s", FLAG_STRUCT(1), 64, 0, 2, FIELD(3)));
	REFUSE("between two bytes", blob_pointer(&blob, 1); ADD("s", STRUCT(1), 64, 0, 2, 4));
	REFUSE("more bytes than there can be", blob_array(&blob, 1, UINT32_MAX); blob_array(&blob, 2, UINT32_MAX));
	REFUSE("outside of it", ADD("v", BTF_KIND_VAR, 0, 1, 0); ADD(".data", BTF_KIND_DATASEC, 1, 4, 2, 1, 4));
	REFUSE("outside of it", ADD("v", BTF_KIND_VAR, 0, 1, 0);
	       ADD(".data", BTF_KIND_DATASEC, 1, 4, 2, UINT32_MAX, 4));
	REFUSE("less room", ADD("v", BTF_KIND_VAR, 0, 1, 0); ADD(".data", BTF_KIND_DATASEC, 1, 4, 2, 0, 3));
}

/* ---- bytes damaged anywhere ------------------------------------------------------------------------------------ */

/* One of each kind, as small as can be. */
static unsigned char *make_small(size_t *ret_size)
{
	struct blob blob = { 0 };

	blob_int(&blob, "int", 4);                                                  /* 1 */
	blob_add(&blob, "char", BTF_KIND_INT, 0, 1, BTF_INT_SIGNED << 24 | 8);      /* 2 */
	blob_array(&blob, 2, 16);                                                   /* 3 */
	blob_add(&blob, "e", BTF_KIND_ENUM, 2 | BLOB_FLAG, 4, 1, UINT32_MAX, 2, 7); /* 4 */
	blob_add(&blob, "w", BTF_KIND_ENUM64, 1, 8, 3, 1, 1);                       /* 5 */
	blob_add(&blob, "", BTF_KIND_UNION, 2, 4, 1, 1, 0, 2, 2, 0);                /* 6 */
	blob_add(&blob, "in", BTF_KIND_STRUCT, 3 | BLOB_FLAG, 12, 3, 1, FIELD(5) | 3, 4, 1, FIELD(30) | 20, 2, 4,
		 64);                              /* 7 */
	blob_array(&blob, 7, 2);                   /* 8 */
	blob_typedef(&blob, "t", 8);               /* 9 */
	blob_add(&blob, "", BTF_KIND_CONST, 0, 9); /* 10 */
	blob_add(&blob, "", BTF_KIND_FLOAT, 0, 8); /* 11 */
	blob_add(&blob, "event", BTF_KIND_STRUCT, 6, 80, 1, 3, 0, 2, 10, 128, 0, 6, 320, 3, 5, 384, 4, 11, 448, 5, 13,
		 512);
	blob_pointer(&blob, 12);                                          /* 13 */
	blob_add(&blob, "", BTF_KIND_FUNC_PROTO, 1, 1, 1, 13);            /* 14 */
	blob_add(&blob, "f", BTF_KIND_FUNC, 1, 14);                       /* 15 */
	blob_pointer(&blob, 3);                                           /* 16 */
	blob_add(&blob, "", BTF_KIND_STRUCT, 2, 16, 1, 16, 0, 5, 13, 64); /* 17 */
	blob_add(&blob, "m", BTF_KIND_VAR, 0, 17, 1);                     /* 18 */
	blob_add(&blob, ".maps", BTF_KIND_DATASEC, 1, 16, 18, 0, 16);     /* 19 */
	blob_add(&blob, "note", BTF_KIND_DECL_TAG, 0, 12, 1);             /* 20 */
	blob_add(&blob, "tag", BTF_KIND_TYPE_TAG, 0, 1);                  /* 21 */
	blob_add(&blob, "fwd", BTF_KIND_FWD, BLOB_FLAG, 0);               /* 22 */
	return blob_take(&blob, ret_size);
}

/* Reads from a block of exactly that size; returns whether it was accepted. */
static bool try_bytes(const unsigned char *bytes, size_t size)
{
	static const unsigned char record[] = "\x01\xff\x00 abcdefgh\x80\x7f";
	CLEANUP_FREE unsigned char *copy = malloc(size ? size : 1);
	CLEANUP(cleanup_types) struct ecli_types *types = NULL;
	struct ecli_err err = { 0 };
	struct walk walk = { 0 };

	memcpy(copy, bytes, size);
	int r = size >= 4 && !memcmp(copy, ELFMAG, 4) ? ecli_types_read_object(copy, size, &err, &types)
						      : ecli_types_read(copy, size, &err, &types);
	if (r < 0) {
		assert_null(types);
		assert_true(err.text[0] != '\0');
		return false;
	}
	walk_model(&walk, types, record, sizeof(record));
	return true;
}

static void every_truncation_is_refused(void **state)
{
	(void)state;
	size_t size;
	CLEANUP_FREE unsigned char *bytes = make_small(&size);

	assert_true(try_bytes(bytes, size));
	for (size_t len = 0; len < size; len++)
		assert_false(try_bytes(bytes, len));
}

static void every_flipped_byte_is_survived(void **state)
{
	(void)state;
	static const unsigned char masks[] = { 0xff, 0x80, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40 };
	size_t size, accepted = 0;
	CLEANUP_FREE unsigned char *bytes = make_small(&size);

	for (size_t at = 0; at < size; at++)
		for (size_t m = 0; m < ARRAY_SIZE(masks); m++) {
			bytes[at] ^= masks[m];
			accepted += try_bytes(bytes, size);
			bytes[at] ^= masks[m];
		}
	/* Some flips only change a name or a number: if none passed, this test would test nothing. */
	assert_true(accepted > 100 && accepted < size * ARRAY_SIZE(masks));
}

static void header_is_checked(void **state)
{
	(void)state;
	struct ecli_types *types = NULL;
	struct ecli_err err = { 0 };
	size_t size;
	CLEANUP_FREE unsigned char *bytes = make_small(&size);
	unsigned char swapped[24] = { 0xeb, 0x9f };

	assert_int_equal(ecli_types_read(swapped, sizeof(swapped), &err, &types), -ENOTSUP);
	assert_non_null(strstr(err.text, "big-endian"));
	assert_int_equal(ecli_types_read("hello, this is some text", 24, &err, &types), -EINVAL);
	assert_non_null(strstr(err.text, "not type information"));
	bytes[2] = 2;
	assert_int_equal(ecli_types_read(bytes, size, &err, &types), -EINVAL);
	assert_non_null(strstr(err.text, "version 2"));
	bytes[2] = 1;
	bytes[size - 1] = 'x'; /* the last name no longer ends */
	assert_int_equal(ecli_types_read(bytes, size, &err, &types), -EINVAL);
	assert_non_null(strstr(err.text, "names"));
	assert_null(types);
}

/* ---- objects --------------------------------------------------------------------------------------------------- */

static void objects_that_are_none_are_refused(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf buf = { 0 };
	struct ecli_types *types = NULL;
	struct ecli_err err = { 0 };

	assert_int_equal(ecli_file_read(fixture_path, 1 << 24, &buf, &err), 0);
	assert_int_equal(ecli_types_read_object("{}", 2, &err, &types), -EINVAL);
	assert_non_null(strstr(err.text, "not a BPF object"));

	Elf64_Ehdr header, *in_place = (Elf64_Ehdr *)buf.data;
	memcpy(&header, buf.data, sizeof(header));
	in_place->e_machine = EM_X86_64;
	assert_int_equal(ecli_types_read_object(buf.data, buf.len, &err, &types), -EINVAL);
	assert_non_null(strstr(err.text, "not a BPF object"));
	*in_place = header;
	in_place->e_ident[EI_DATA] = ELFDATA2MSB;
	assert_int_equal(ecli_types_read_object(buf.data, buf.len, &err, &types), -ENOTSUP);
	assert_non_null(strstr(err.text, "big-endian"));
	*in_place = header;

	/* The names of sections are the one place where ".BTF" stands whole; ".rel.BTF" may share its end. */
	for (size_t at = 0; at + 5 <= buf.len; at++)
		if (!memcmp(buf.data + at, ".BTF", 5))
			buf.data[at + 1] = 'X';
	assert_int_equal(ecli_types_read_object(buf.data, buf.len, &err, &types), -ENOENT);
	assert_non_null(strstr(err.text, "-g"));
	assert_null(types);
}

/* The first function that the symbols of an object tell of, and the section it is in. */
static Elf64_Sym *first_function(unsigned char *object, Elf64_Shdr **ret_section)
{
	Elf64_Ehdr *head = (Elf64_Ehdr *)object;
	Elf64_Shdr *sections = (Elf64_Shdr *)(object + head->e_shoff);

	for (int i = 0; i < head->e_shnum; i++) {
		Elf64_Sym *symbols = (Elf64_Sym *)(object + sections[i].sh_offset);

		for (size_t k = 0; sections[i].sh_type == SHT_SYMTAB && k < sections[i].sh_size / sizeof(*symbols); k++)
			if (ELF64_ST_TYPE(symbols[k].st_info) == STT_FUNC) {
				*ret_section = &sections[symbols[k].st_shndx];
				return &symbols[k];
			}
	}
	return NULL;
}

static void functions_outside_their_sections_are_refused(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf buf = { 0 };
	struct ecli_types *types = NULL;
	struct ecli_err err = { 0 };
	Elf64_Shdr *section = NULL;

	assert_int_equal(ecli_file_read(fixture_path, 1 << 24, &buf, &err), 0);
	Elf64_Sym *function = first_function((unsigned char *)buf.data, &section), whole;
	assert_non_null(function);
	whole = *function;
	const Elf64_Sym outside[] = {
		{ .st_value = whole.st_value, .st_size = section->sh_size - whole.st_value + 8 },
		{ .st_value = section->sh_size, .st_size = 8 },
		/* Place and size together are less than the section: 64 bits are too few for the sum. */
		{ .st_value = -(uint64_t)8, .st_size = 16 },
		{ .st_value = 8, .st_size = -(uint64_t)8 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(outside); i++) {
		function->st_value = outside[i].st_value;
		function->st_size = outside[i].st_size;
		assert_int_equal(ecli_types_read_object(buf.data, buf.len, &err, &types), -EINVAL);
		assert_non_null(strstr(err.text, "lies outside its section"));
	}
	*function = whole;
	buf.data[section->sh_offset + whole.st_value + whole.st_size - 8] = 0x18;
	assert_int_equal(ecli_types_read_object(buf.data, buf.len, &err, &types), -EINVAL);
	assert_non_null(strstr(err.text, "ends within an instruction"));
	assert_null(types);
}

static void damaged_objects_are_survived(void **state)
{
	(void)state;
	CLEANUP_BUF struct ecli_buf buf = { 0 };
	struct ecli_err err = { 0 };
	Elf64_Ehdr header;

	assert_int_equal(ecli_file_read(fixture_path, 1 << 24, &buf, &err), 0);
	assert_true(try_bytes((unsigned char *)buf.data, buf.len));
	for (size_t len = 0; len < buf.len; len += 97)
		assert_false(try_bytes((unsigned char *)buf.data, len));

	memcpy(&header, buf.data, sizeof(header));
	size_t table = header.e_shoff, end = table + header.e_shnum * sizeof(Elf64_Shdr);
	for (size_t at = 0; at < end; at = at + 1 == sizeof(header) ? table : at + 1) {
		buf.data[at] ^= (char)0xff;
		try_bytes((unsigned char *)buf.data, buf.len);
		buf.data[at] ^= (char)0xff;
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_records_are_refused),
		cmocka_unit_test(broken_references_are_refused),
		cmocka_unit_test(loops_are_refused),
		cmocka_unit_test(impossible_sizes_are_refused),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_flipped_byte_is_survived),
		cmocka_unit_test(header_is_checked),
		cmocka_unit_test(objects_that_are_none_are_refused),
		cmocka_unit_test(functions_outside_their_sections_are_refused),
		cmocka_unit_test(damaged_objects_are_survived),
	};

	if (argc < 2) {
		fprintf(stderr, "usage: types_hostile_test fixture.bpf.o\n");
		return 2;
	}
	fixture_path = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
