/* SPDX-License-Identifier: MIT */
/*
 * What the oracle tests share: structs made up by a sequence of choices, records for them, and the comparison of a plan's
 * run with libbpf's dump of the same bytes (read_dump.h).
 *
 * Who includes this says where choices come from, random_below(), and has assert_true(), assert_int_equal() and
 * fail_msg(): cmocka's in the unit test, others in the fuzz target. HAS_TAME_RECORDS: half of the records have many zeros.
 * A fuzzer finds every habit of libbpf 1.1 with arrays that end before a 0, so it does without these.
 */
#ifndef ECLI_TESTS_ORACLE_H
#define ECLI_TESTS_ORACLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <ecli/plan.h>
#include <ecli/types.h>

#include "base/cleanup.h"
#include "read_dump.h"
#include "types/model.h"

static uint32_t random_below(uint32_t n);

/* ---- the comparison -------------------------------------------------------------------------------------------- */

static void print_to_buf(void *ctx, const char *format, va_list args)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, args);
	ecli_buf_add_text(ctx, text);
}

/* Every other record has few different bytes and many zeros: names of enums, ends of strings and small numbers must
 * occur. The others have no 0, so that libbpf tells of every array. */
static void fill(unsigned char *bytes, size_t size)
{
	static const unsigned char usual[] = { 0, 0, 0, 1, 2, 5, 0xff, 0xfd, 'a', ',', '\'', '{' };
	bool is_tame = HAS_TAME_RECORDS && random_below(2);

	for (size_t i = 0; i < size; i++)
		bytes[i] = is_tame ? usual[random_below(sizeof(usual))] : (unsigned char)(1 + random_below(255));
}

static size_t compare(struct btf_dump *dump, struct ecli_buf *text, const struct ecli_types *types, uint32_t id,
		      int rounds)
{
	LIBBPF_OPTS(btf_dump_type_data_opts, opts, .compact = true, .skip_names = true, .emit_zeroes = true);
	struct ecli_plan *plan = NULL;
	struct ecli_err err = { 0 };
	size_t leaves = 0;

	if (ecli_plan_build(types, id, NULL, 0, &err, &plan) < 0)
		fail_msg("%s", err.text);
	size_t size = ecli_plan_size(plan);
	CLEANUP_FREE unsigned char *record = malloc(size);
	while (rounds--) {
		fill(record, size);
		ecli_buf_clear(text);
		int r = btf_dump__dump_type_data(dump, id, record, size, &opts);
		assert_int_equal(r, (int)size);

		struct reading reading = { .plan = plan, .at = ecli_buf_text(text), .start = ecli_buf_text(text) };
		assert_int_equal(ecli_plan_run(plan, record, size, &reading_visitor, &reading), 0);
		skip_punctuation(&reading);
		if (*reading.at)
			fail_msg("libbpf has more: %.80s", reading.at);
		leaves += reading.leaves;
	}
	ecli_plan_free(plan);
	return leaves;
}

/* ---- structs made up ------------------------------------------------------------------------------------------- */

#define MAX_TYPES 64

struct made {
	struct btf *btf;
	int ids[MAX_TYPES]; /* usable as a member or an element */
	uint32_t sizes[MAX_TYPES], aligns[MAX_TYPES];
	bool is_integer[MAX_TYPES]; /* may be a bit-field */
	uint32_t count;
	bool is_packed; /* members anywhere; then without enums, which libbpf reads wrongly when they are not aligned */
};

static void usable(struct made *made, int id, uint32_t size, uint32_t align, bool is_integer)
{
	assert_true(id > 0);
	made->ids[made->count] = id;
	made->sizes[made->count] = size;
	made->aligns[made->count] = made->is_packed ? 1 : align;
	made->is_integer[made->count++] = is_integer;
}

static void make_scalars(struct made *made)
{
	static const struct {
		const char *name;
		uint32_t size;
		int encoding;
	} ints[] = {
		{ "u8", 1, 0 },
		{ "u16", 2, 0 },
		{ "u32", 4, 0 },
		{ "u64", 8, 0 },
		{ "u128", 16, 0 },
		{ "s8", 1, BTF_INT_SIGNED },
		{ "s16", 2, BTF_INT_SIGNED },
		{ "s32", 4, BTF_INT_SIGNED },
		{ "s64", 8, BTF_INT_SIGNED },
		{ "s128", 16, BTF_INT_SIGNED },
		{ "_Bool", 1, BTF_INT_BOOL },
		{ "char", 1, BTF_INT_SIGNED },
	};
	struct btf *btf = made->btf;

	for (size_t i = 0; i < ARRAY_SIZE(ints); i++)
		usable(made, btf__add_int(btf, ints[i].name, ints[i].size, ints[i].encoding), ints[i].size,
		       ints[i].size, ints[i].size <= 8);
	usable(made, btf__add_float(btf, "float", 4), 4, 4, false);
	usable(made, btf__add_float(btf, "double", 8), 8, 8, false);
	usable(made, btf__add_ptr(btf, 0), 8, 8, false);
	usable(made, btf__add_typedef(btf, "t", 1), 1, 1, false);
	usable(made, btf__add_const(btf, 4), 8, 8, false);
	usable(made, btf__add_volatile(btf, (int)btf__type_cnt(btf) - 1), 8, 8, false);
	if (made->is_packed)
		return;
	usable(made, btf__add_enum(btf, "e", 4), 4, 4, false);
	btf__add_enum_value(btf, "ZERO", 0);
	btf__add_enum_value(btf, "ONE", 1);
	btf__add_enum_value(btf, "MINUS", -3);
	usable(made, btf__add_enum64(btf, "w", 8, false), 8, 8, false);
	btf__add_enum64_value(btf, "NONE", 0);
	btf__add_enum64_value(btf, "LARGE", 0x0100000000000000);
}

static void make_array(struct made *made)
{
	uint32_t of = random_below(made->count), n = 1 + random_below(4);

	if (made->sizes[of] * n <= 2048)
		usable(made, btf__add_array(made->btf, 1, made->ids[of], n), made->sizes[of] * n, made->aligns[of],
		       false);
}

/* A member anywhere behind the last one; libbpf reads a bit-field from as many bytes as its type has. */
static uint32_t make_member(struct made *made, uint32_t at_bits, bool is_union, uint32_t index)
{
	uint32_t type = random_below(made->count), bits = 0;
	char name[16];

	snprintf(name, sizeof(name), "m%u", index);
	if (made->is_integer[type] && random_below(2)) {
		uint32_t room = made->sizes[type] * 8 - at_bits % 8;

		bits = 1 + random_below(room);
		bits -= bits == made->sizes[type] * 8; /* the plan takes that for an ordinary member, libbpf does not */
	} else {
		uint32_t align = made->aligns[type], at = (at_bits + 7) / 8 + random_below(4);

		at_bits = is_union ? 0 : (at + align - 1) / align * align * 8;
	}
	assert_int_equal(btf__add_field(made->btf, name, made->ids[type], at_bits, bits), 0);
	return at_bits + (bits ? bits : made->sizes[type] * 8);
}

static void make_struct(struct made *made)
{
	/* libbpf refuses a size it cannot lay out only when it dumps C, so any will do. */
	bool is_union = random_below(4) == 0;
	uint32_t n = 1 + random_below(8), at_bits = 0, end_bits = 0;
	int id = is_union ? btf__add_union(made->btf, "u", 4096) : btf__add_struct(made->btf, "s", 4096);

	for (uint32_t i = 0; i < n && end_bits < 4096; i++) {
		at_bits = make_member(made, is_union ? 0 : at_bits, is_union, i);
		end_bits = at_bits > end_bits ? at_bits : end_bits;
	}
	/* Bytes at the end, because libbpf reads whole integers for bit-fields. */
	uint32_t size = (end_bits / 8 + 16) / 16 * 16 + 16;
	((struct btf_type *)btf__type_by_id(made->btf, (uint32_t)id))->size = size;
	usable(made, id, size, 16, false);
}

/* Scalars, then @rounds arrays and structs of what there is by then. */
static void make_types(struct made *made, int rounds)
{
	btf__set_pointer_size(made->btf, 8);
	make_scalars(made);
	for (int i = 0; i < rounds; i++) {
		make_array(made);
		make_struct(made);
	}
}

#endif
