/* SPDX-License-Identifier: MIT */
/*
 * Reads libbpf's dump of a record (btf_dump__dump_type_data, compact, without names) along with the leaves of a plan's
 * run. For every leaf the text is read on from where it was; what does not say the same value fails the test.
 *
 *     plan:    leaf 5        leaf RED       leaf "ab"          leaf -1
 *     libbpf:  {5,           RED,           ['a','b',],        0x7,}      a bit-field of 3 bits, sign not extended
 *
 * Habits of libbpf 1.1 that are allowed for: an array of bytes ends before its first 0, and every array after it in the
 * record is empty then, bytes outside of arrays too; bit-fields are unsigned hexadecimal; a signed enum without a name
 * has no comma after it. Enums that are not aligned it reads wrongly, and bit-fields that lie on more bytes than their
 * type has: tests should not make these.
 */
#ifndef ECLI_TESTS_READ_DUMP_H
#define ECLI_TESTS_READ_DUMP_H

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/ops.h"

struct reading {
	const struct ecli_plan *plan;
	const char *start, *at; /* in libbpf's text */
	bool is_char_mode;      /* libbpf met an array of bytes: it takes every byte for a character from then on */
	bool is_ended;          /* and a 0 among these: it tells of no array and no byte any more */
	uint32_t arrays;        /* around the leaf */
	size_t leaves;
};

static void skip_punctuation(struct reading *reading)
{
	reading->at += strspn(reading->at, "{}[], ");
}

static bool take(struct reading *reading, const char *text)
{
	if (strncmp(reading->at, text, strlen(text)))
		return false;
	reading->at += strlen(text);
	return true;
}

static const struct plan_op *op_of(const struct ecli_plan *plan, const struct ecli_field *field)
{
	for (uint32_t i = 0; i < plan->n_ops; i++)
		if (&plan->fields[plan->ops[i].field] == field)
			return &plan->ops[i];
	return NULL;
}

static uint32_t bits_of(const struct reading *reading, const struct ecli_field *field)
{
	const struct plan_op *op = op_of(reading->plan, field);

	return op->bits ? op->bits : field->size_bytes * 8;
}

static bool is_whole_byte(const struct reading *reading, const struct ecli_field *field)
{
	return field->size_bytes == 1 && bits_of(reading, field) == 8;
}

/* A number in any notation, equal in the bits that the field has; the plan's own must be extended by its sign. */
static bool take_number(struct reading *reading, const struct ecli_field *field, uint64_t value)
{
	uint32_t unused = 64 - bits_of(reading, field);
	uint64_t extended =
		field->is_signed ? (uint64_t)((int64_t)(value << unused) >> unused) : value << unused >> unused;
	char *end;
	uint64_t theirs = strtoull(reading->at, &end, 0);

	if (end == reading->at)
		return false;
	reading->at = end;
	if (field->kind == ECLI_VALUE_BOOL)
		return value == (theirs != 0);
	return extended == value && (theirs ^ value) << unused == 0;
}

static bool take_char(struct reading *reading, unsigned char byte)
{
	char text[8];

	snprintf(text, sizeof(text), "'%c'", byte);
	return isprint(byte) && take(reading, text);
}

/* One byte: 'c', a number, or after an array of bytes nothing, when it is 0. */
static bool take_byte(struct reading *reading, const struct ecli_field *field, uint64_t value)
{
	if (reading->is_char_mode && (value & 0xff) == 0) {
		reading->is_ended = true;
		return true;
	}
	/* A bool is true whatever the byte; the byte itself is not known here. */
	if (field->kind == ECLI_VALUE_BOOL && *reading->at == '\'') {
		reading->at += strlen("'c'");
		return true;
	}
	return take_char(reading, (unsigned char)value) || take_number(reading, field, value);
}

static bool take_string(struct reading *reading, const struct ecli_field *field, const struct ecli_value *value)
{
	for (size_t i = 0; i < value->str.len; i++) {
		char byte = value->str.text[i];
		char number[8];

		/* The element may be a signed or an unsigned char. */
		skip_punctuation(reading);
		snprintf(number, sizeof(number), "%d,", byte);
		bool is_taken = byte && (take_char(reading, (unsigned char)byte) || take(reading, number));
		snprintf(number, sizeof(number), "%u,", (unsigned char)byte);
		if (!is_taken && !take(reading, number))
			return false;
	}
	reading->is_ended = value->str.len < field->size_bytes;
	return value->str.len <= field->size_bytes;
}

static bool take_enum(struct reading *reading, const struct ecli_field *field, const struct ecli_value *value)
{
	uint32_t bits = bits_of(reading, field);
	char text[64];

	if (value->name && take(reading, value->name))
		return true;
	/* No comma may follow, so the number is not parsed but expected. A bit-field's is not extended, hence without a
	 * name. */
	if (bits < field->size_bytes * 8)
		snprintf(text, sizeof(text), "%" PRIu64, value->u & (UINT64_MAX >> (64 - bits)));
	else
		snprintf(text, sizeof(text), field->is_signed ? "%" PRId64 : "%" PRIu64, value->u);
	if (!take(reading, text))
		return false;
	take(reading, field->is_signed ? "LL" : "ULL");
	return !value->name || bits < field->size_bytes * 8;
}

static bool take_text(struct reading *reading, const struct ecli_field *field, const struct ecli_value *value)
{
	uint64_t high = (uint64_t)(value->wide >> 64), low = (uint64_t)value->wide;
	char text[512];

	if (field->kind == ECLI_VALUE_FLOAT)
		snprintf(text, sizeof(text), "%f", value->f);
	else if (field->kind == ECLI_VALUE_POINTER && take(reading, "(nil)"))
		return value->u == 0;
	else if (field->kind == ECLI_VALUE_POINTER)
		snprintf(text, sizeof(text), "0x%" PRIx64, value->u);
	else if (high)
		snprintf(text, sizeof(text), "0x%" PRIx64 "%016" PRIx64, high, low);
	else
		snprintf(text, sizeof(text), "0x%" PRIx64, low);
	return take(reading, text);
}

static bool take_leaf(struct reading *reading, const struct ecli_field *field, const struct ecli_value *value)
{
	switch (field->kind) {
	case ECLI_VALUE_STRING:
		return take_string(reading, field, value);
	case ECLI_VALUE_ENUM:
		return take_enum(reading, field, value);
	case ECLI_VALUE_UINT:
	case ECLI_VALUE_SINT:
	case ECLI_VALUE_CHAR:
	case ECLI_VALUE_BOOL:
		/* A bit-field of 8 bits in a larger integer is a number like any other. */
		return is_whole_byte(reading, field) ? take_byte(reading, field, value->u)
						     : take_number(reading, field, value->u);
	default:
		return take_text(reading, field, value);
	}
}

static void on_leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	struct reading *reading = ctx;
	bool is_byte = field->kind != ECLI_VALUE_ENUM && is_whole_byte(reading, field);

	if (field->kind == ECLI_VALUE_STRING || (is_byte && !*field->name))
		reading->is_char_mode = true;
	if (reading->is_ended && (reading->arrays || field->kind == ECLI_VALUE_STRING || is_byte))
		return;
	skip_punctuation(reading);
	const char *before = reading->at;
	if (!take_leaf(reading, field, value))
		fail_msg("field \"%s\" at %u: the plan says %#" PRIx64 ", libbpf \"%.80s\" in %s", field->name,
			 op_of(reading->plan, field)->offset, value->u, before, reading->start);
	reading->leaves++;
}

static void on_open(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	(void)field;
	((struct reading *)ctx)->arrays += group == ECLI_GROUP_ARRAY;
}

static void on_close(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	(void)field;
	((struct reading *)ctx)->arrays -= group == ECLI_GROUP_ARRAY;
}

static const struct ecli_visitor reading_visitor = { .leaf = on_leaf, .open = on_open, .close = on_close };

#endif
