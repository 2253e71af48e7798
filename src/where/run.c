/* SPDX-License-Identifier: MIT */
/*
 * The hot path: one check of the record's length, then test after test until an end. No allocation, no recursion, no look at the plan: a
 * test has the offsets it needs, which bind.c took from a plan whose ops lie within the record.
 *
 * A record may be shorter than its type when the type ends in an array (ecli_plan_least()): a test of an element of that array knows where
 * the element ends.
 *
 * The range test is the one of the kernel side (docs/formats/prelude.md), so both say the same of the same bytes.
 */
#include <string.h>

#include "where/where.h"

#define LOAD(type, p)                                                                                                  \
	({                                                                                                             \
		type loaded_;                                                                                          \
		memcpy(&loaded_, p, sizeof(loaded_));                                                                  \
		loaded_;                                                                                               \
	})

/* ---- loads ----------------------------------------------------------------------------------------------------- */

static where_wide load_big(const struct where_load *load, const uint8_t *p)
{
	where_wide value = 0;

	for (unsigned int i = 0; i < load->size_bytes; i++)
		value = value << 8 | p[i];
	return value;
}

/* Up to 128 bits from any bit on; 17 bytes at most. */
static where_wide load_wide(const struct where_load *load, const uint8_t *p)
{
	unsigned int unused = 128u - load->bits;
	where_wide value = 0;

	if (load->is_big)
		return load_big(load, p);
	memcpy(&value, p, load->size_bytes < sizeof(value) ? load->size_bytes : sizeof(value));
	value >>= load->shift;
	if (load->size_bytes > sizeof(value) && load->shift)
		value |= (where_wide)p[sizeof(value)] << (128 - load->shift);
	value <<= unused;
	return load->is_signed ? (where_wide)((where_swide)value >> unused) : value >> unused;
}

/* Of at most 64 bits; compare.c has made most of them lie in 8 bytes. */
static inline uint64_t load_number(const struct where_load *load, const uint8_t *p)
{
	unsigned int unused = 64u - load->bits;

	if (load->size_bytes != sizeof(uint64_t))
		return (uint64_t)load_wide(load, p);
	uint64_t value = LOAD(uint64_t, p) >> load->shift << unused;
	return load->is_signed ? (uint64_t)((int64_t)value >> unused) : value >> unused;
}

/* ---- tests ----------------------------------------------------------------------------------------------------- */

static bool compare_floats(const struct where_test *test, const uint8_t *p)
{
	double value = test->size_bytes == sizeof(float) ? (double)LOAD(float, p) : LOAD(double, p);

	switch (test->op) {
	case WHERE_EQ:
		return value == test->number;
	case WHERE_NE:
		return value != test->number;
	case WHERE_LT:
		return value < test->number;
	case WHERE_LE:
		return value <= test->number;
	case WHERE_GT:
		return value > test->number;
	default:
		return value >= test->number;
	}
}

static struct where_number load_whole(const struct where_load *load, const uint8_t *data)
{
	where_wide bits = load_wide(load, data + load->offset);

	return (struct where_number){ bits, load->is_signed && bits >> 127 };
}

static bool compare_fields(const struct where_test *test, const uint8_t *data)
{
	struct where_number left = load_whole(&test->load, data), right = load_whole(&test->other, data);
	int order = where_number_compare(&left, &right);

	switch (test->op) {
	case WHERE_EQ:
		return order == 0;
	case WHERE_NE:
		return order != 0;
	case WHERE_LT:
		return order < 0;
	case WHERE_LE:
		return order <= 0;
	case WHERE_GT:
		return order > 0;
	default:
		return order >= 0;
	}
}

static bool compare_wide(const struct where_test *test, const uint8_t *p)
{
	return (load_wide(&test->load, p) & test->wide.mask) - test->wide.low <= test->wide.span;
}

#define MAX_WORDS_TEXT 4096 /* of a list, what is compared */

/* A list of words as one text, with spaces between them. */
static size_t join_words(const char *words, size_t len, char *ret_text)
{
	while (len && !words[len - 1])
		len--;
	len = len < MAX_WORDS_TEXT ? len : MAX_WORDS_TEXT;
	for (size_t i = 0; i < len; i++)
		ret_text[i] = words[i] ? words[i] : ' ';
	return len;
}

static bool compare_words(const struct where_test *test, const char *words, size_t left)
{
	char text[MAX_WORDS_TEXT];
	size_t len = join_words(words, test->size_bytes < left ? test->size_bytes : left, text);

	if (test->code == WHERE_TEST_GLOB)
		return where_glob(test->text.text, test->text.len, text, len);
	return len == test->text.len && !memcmp(text, test->text.text, len);
}

/* The last text may be shorter than its array, or longer: up to the end of the record. */
static bool compare_text(const struct where_test *test, const char *text, size_t left)
{
	if (test->is_words)
		return compare_words(test, text, left);
	size_t len = strnlen(text, test->size_bytes < left ? test->size_bytes : left);

	if (test->code == WHERE_TEST_GLOB)
		return where_glob(test->text.text, test->text.len, text, len);
	return len == test->text.len && !memcmp(text, test->text.text, len);
}

static bool holds_other(const struct where_test *test, const uint8_t *data, size_t size_bytes)
{
	const uint8_t *p = data + test->load.offset;

	switch ((enum where_code)test->code) {
	case WHERE_TEST_WIDE:
		return compare_wide(test, p);
	case WHERE_TEST_FLOAT:
		return compare_floats(test, p);
	case WHERE_TEST_FIELDS:
		return compare_fields(test, data);
	case WHERE_TEST_SHOWN:
		return where_matches_shown(test, p);
	default:
		return compare_text(test, (const char *)p, size_bytes - test->load.offset);
	}
}

static inline bool holds(const struct where_test *test, const uint8_t *data, size_t size_bytes)
{
	if (test->code != WHERE_TEST_RANGE)
		return holds_other(test, data, size_bytes);
	return (load_number(&test->load, data + test->load.offset) & test->range.mask) - test->range.low <=
	       test->range.span;
}

bool ecli_where_matches(const struct ecli_where_program *program, const void *data, size_t size_bytes)
{
	uint16_t at = program->start;

	if (size_bytes < program->size_bytes)
		return true;
	while (at >= WHERE_FIRST) {
		const struct where_test *test = &program->tests[at];

		at = test->end > size_bytes ? test->on_absent : test->on[holds(test, data, size_bytes)];
	}
	return at == WHERE_YES;
}
