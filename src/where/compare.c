/* SPDX-License-Identifier: MIT */
/*
 * One comparison to tests. Every comparison of whole numbers asks whether a value lies in a range, or not, so they all become
 * the same test; what no value of the field can be, or every value is, is decided here and costs nothing later.
 *
 *     u8 pid >= 200          [200, 255]         s32 ret < 0        [-2^31, -1]
 *     u8 pid != 300          always             flags & 4          (v & 4) not in [0, 0]
 *     saddr == 10.0.0.0/8    [10.0.0.0, 10.255.255.255]
 *
 * Invariant: numbers are compared by value; width and sign of a field only bound which values there are.
 */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "where/where.h"

/* The side that is a field, perhaps with `& mask`. */
struct side {
	struct where_field field;
	bool is_missing; /* this plan does not have it, another one does */
	bool has_mask;
	where_wide mask;
};

static const char *sign_of(enum where_kind kind)
{
	static const char *const signs[] = {
		[WHERE_EQ] = "==", [WHERE_NE] = "!=", [WHERE_LIKE] = "~", [WHERE_UNLIKE] = "!~", [WHERE_LT] = "<",
		[WHERE_LE] = "<=", [WHERE_GT] = ">",  [WHERE_GE] = ">=",  [WHERE_IN] = "in",
	};

	return signs[kind];
}

static const struct where_number zero;

static where_wide low_bits(unsigned int bits)
{
	return bits < 128 ? ((where_wide)1 << bits) - 1 : ~(where_wide)0;
}

/* ---- sides ----------------------------------------------------------------------------------------------------- */

/* -ENOENT without a sentence: no plan has such a field. */
static int read_field(struct where_binder *binder, const struct where_node *node, struct side *side)
{
	int r = node->kind == WHERE_WORD ? where_field_find(binder->plan, node, binder->err, &side->field) : -ENOENT;

	if (r == -ENOENT && node->kind == WHERE_WORD && where_field_exists(binder->plans, binder->n_plans, node)) {
		side->is_missing = true;
		return 0;
	}
	return r;
}

/* A value, or several of which the bits are put together. */
static int read_mask(struct where_binder *binder, const struct where_field *field, const struct where_node *node,
		     where_wide *ret)
{
	struct where_range value;
	where_wide left, right;
	int r;

	if (node->kind == WHERE_BIT_OR) {
		r = read_mask(binder, field, node->left, &left);
		r = r ? r : read_mask(binder, field, node->right, &right);
		if (!r)
			*ret = left | right;
		return r;
	}
	if (node->kind != WHERE_WORD && node->kind != WHERE_TEXT)
		return where_error(binder->err, node->begin,
				   "expected a number or a name beside &; put what is compared into ( )");
	r = where_value_read(field, node, node->text, binder->err, &value);
	if (r)
		return r;
	if (value.first.is_negative)
		return where_error(binder->err, node->begin, "& takes no negative number");
	*ret = value.first.bits;
	return 0;
}

static int read_side(struct where_binder *binder, const struct where_node *node, struct side *side)
{
	const struct where_node *field = node, *mask = NULL;

	*side = (struct side){ 0 };
	if (node->kind == WHERE_BIT_AND) {
		field = node->left;
		mask = node->right;
	}
	int r = read_field(binder, field, side);
	if (r == -ENOENT && mask) {
		r = read_field(binder, mask, side);
		mask = field;
		if (r == -ENOENT)
			return field->kind == WHERE_WORD
				       ? where_field_missing(binder->plans, binder->n_plans, field, binder->err)
				       : where_error(binder->err, node->begin, "& takes a field and a number");
	}
	if (r || !mask || side->is_missing)
		return r;
	if (side->field.type != WHERE_NUMBER)
		return where_error(binder->err, node->begin, "& is for whole numbers, and %s is none",
				   side->field.name);
	side->has_mask = true;
	r = read_mask(binder, &side->field, mask, &side->mask);
	side->mask &= low_bits(side->field.load.bits);
	return r;
}

/* ---- whole numbers --------------------------------------------------------------------------------------------- */

/* The values that the side can have. */
static struct where_range domain(const struct side *side)
{
	unsigned int bits = side->field.load.bits;
	struct where_range all = { zero, { .bits = low_bits(bits) } };

	if (side->has_mask)
		all.last.bits = side->mask;
	else if (side->field.type == WHERE_BOOL)
		all.last.bits = 1;
	else if (side->field.load.is_signed)
		all = (struct where_range){ { 0 - ((where_wide)1 << (bits - 1)), true },
					    { .bits = low_bits(bits - 1) } };
	return all;
}

/* The value does not matter any more; only whether the record has it may. */
static int add_known(struct where_binder *binder, const struct where_node *node, const struct side *side, uint16_t way,
		     uint16_t *ret)
{
	struct where_test test = { .code = WHERE_TEST_RANGE, .load = side->field.load, .end = side->field.end };

	if (!side->field.end || way == binder->on_absent) {
		*ret = way;
		return 0;
	}
	test.code = WHERE_TEST_WIDE;
	return where_add_test(binder, node, test, (struct where_ways){ .no = way, .yes = way }, ret);
}

/* Eight bytes around the number where the record has them: one way to load it, whatever its width. */
static void widen(struct where_load *load, uint64_t record_size)
{
	if (record_size < sizeof(uint64_t))
		return;
	uint64_t last = record_size - sizeof(uint64_t);
	uint32_t start = load->offset < last ? load->offset : (uint32_t)last;
	uint32_t shift = (load->offset - start) * 8 + load->shift;

	if (shift + load->bits > 64)
		return;
	load->offset = start;
	load->shift = (uint8_t)shift;
	load->size_bytes = sizeof(uint64_t);
}

static int add_range(struct where_binder *binder, const struct where_node *node, const struct side *side,
		     struct where_range range, struct where_ways ways, uint16_t *ret)
{
	struct where_range all = domain(side);
	struct where_test test = { .code = WHERE_TEST_RANGE, .load = side->field.load, .end = side->field.end };
	where_wide mask = side->has_mask ? side->mask : ~(where_wide)0;

	if (where_number_compare(&range.first, &all.last) > 0 || where_number_compare(&range.last, &all.first) < 0)
		return add_known(binder, node, side, ways.no, ret);
	if (where_number_compare(&range.first, &all.first) < 0)
		range.first = all.first;
	if (where_number_compare(&range.last, &all.last) > 0)
		range.last = all.last;
	if (!where_number_compare(&range.first, &all.first) && !where_number_compare(&range.last, &all.last))
		return add_known(binder, node, side, ways.yes, ret);
	if (side->field.type == WHERE_BOOL) { /* 0 or 1 is asked for; every other byte is true */
		if (range.first.bits)
			ways = (struct where_ways){ .no = ways.yes, .yes = ways.no };
		range = (struct where_range){ zero, zero };
	}
	if (side->field.load.bits <= 64 && !side->field.load.is_big) {
		widen(&test.load, test.end ? test.end : binder->program->size_bytes);
		test.range.mask = (uint64_t)mask;
		test.range.low = (uint64_t)range.first.bits;
		test.range.span = (uint64_t)(range.last.bits - range.first.bits);
	} else {
		test.code = WHERE_TEST_WIDE;
		test.wide.mask = mask;
		test.wide.low = range.first.bits;
		test.wide.span = range.last.bits - range.first.bits;
	}
	return where_add_test(binder, node, test, ways, ret);
}

/* What `v OP value` leaves of all values; false: nothing. */
static bool cut(enum where_kind kind, const struct where_range *value, struct where_range *all)
{
	switch (kind) {
	case WHERE_LT:
		if (where_number_compare(&value->first, &all->first) <= 0)
			return false;
		all->last = value->first;
		all->last.is_negative = value->first.is_negative || !value->first.bits;
		all->last.bits--;
		return true;
	case WHERE_LE:
		all->last = value->last;
		return true;
	case WHERE_GT:
		if (where_number_compare(&value->last, &all->last) >= 0)
			return false;
		all->first = value->last;
		all->first.bits++;
		all->first.is_negative = value->last.is_negative && all->first.bits;
		return true;
	case WHERE_GE:
		all->first = value->first;
		return true;
	default: /* ==, != */
		*all = *value;
		return true;
	}
}

static int compare_value(struct where_binder *binder, const struct where_node *node, const struct side *side,
			 enum where_kind kind, const struct where_range *value, struct where_ways ways, uint16_t *ret)
{
	struct where_range range = domain(side);

	if (kind == WHERE_NE)
		ways = (struct where_ways){ .no = ways.yes, .yes = ways.no };
	if (!cut(kind, value, &range))
		return add_known(binder, node, side, ways.no, ret);
	return add_range(binder, node, side, range, ways, ret);
}

static int compare_fields(struct where_binder *binder, const struct where_node *node, const struct side *side,
			  enum where_kind kind, const struct side *other, struct where_ways ways, uint16_t *ret)
{
	struct where_test test = {
		.code = WHERE_TEST_FIELDS,
		.op = (uint8_t)kind,
		.load = side->field.load,
		.other = other->field.load,
		.end = side->field.end > other->field.end ? side->field.end : other->field.end,
	};

	if (other->is_missing) {
		*ret = ways.no;
		return 0;
	}
	if (side->has_mask || side->field.type != WHERE_NUMBER || other->field.type != WHERE_NUMBER)
		return where_error(binder->err, node->begin,
				   "only fields that are whole numbers can be compared with each other");
	return where_add_test(binder, node, test, ways, ret);
}

static int compare_number(struct where_binder *binder, const struct where_node *node, const struct side *side,
			  enum where_kind kind, const struct where_node *value, struct where_ways ways, uint16_t *ret)
{
	struct where_range range;
	struct side other = { 0 };
	where_wide bits;
	int r;

	if (kind == WHERE_LIKE || kind == WHERE_UNLIKE) {
		if (where_is_shown_as_text(&side->field) && !side->has_mask)
			return where_compare_shown(binder, node, &side->field, value, ways, ret);
		return where_error(binder->err, node->begin, "%s compares text, and %s is none", sign_of(kind),
				   side->field.name);
	}
	if (value->kind == WHERE_BIT_OR) {
		r = read_mask(binder, &side->field, value, &bits);
		range = (struct where_range){ { .bits = bits }, { .bits = bits } };
		return r ? r : compare_value(binder, node, side, kind, &range, ways, ret);
	}
	if (value->kind != WHERE_WORD && value->kind != WHERE_TEXT)
		return where_error(binder->err, value->begin, "%s takes a value here; put comparisons into ( )",
				   sign_of(kind));
	/* A name of a value comes before a field of the same name. */
	r = where_value_read(&side->field, value, value->text, NULL, &range);
	if (r && value->kind == WHERE_WORD && where_field_exists(binder->plans, binder->n_plans, value)) {
		r = read_field(binder, value, &other);
		return r ? r : compare_fields(binder, node, side, kind, &other, ways, ret);
	}
	r = r ? where_value_read(&side->field, value, value->text, binder->err, &range) : 0;
	return r ? r : compare_value(binder, node, side, kind, &range, ways, ret);
}

/* ---- other types ----------------------------------------------------------------------------------------------- */

static int compare_text(struct where_binder *binder, const struct where_node *node, const struct side *side,
			enum where_kind kind, const struct where_node *value, struct where_ways ways, uint16_t *ret)
{
	struct where_test test = {
		.code = kind == WHERE_LIKE || kind == WHERE_UNLIKE ? WHERE_TEST_GLOB : WHERE_TEST_SAME,
		.load.offset = side->field.load.offset,
		.size_bytes = side->field.size_bytes,
		.end = side->field.end,
		.is_words = side->field.is_words,
		.text = { value->text, value->len },
	};

	if (kind >= WHERE_LT && kind <= WHERE_GE)
		return where_error(binder->err, node->begin, "%s compares numbers, and %s is text", sign_of(kind),
				   side->field.name);
	if (value->kind != WHERE_TEXT)
		return where_error(binder->err, value->begin,
				   "%s is text: put what it is compared with into quotes, %s %s \"%.*s\"",
				   side->field.name, side->field.name, kind == WHERE_IN ? "==" : sign_of(kind),
				   value->kind == WHERE_WORD ? (int)(value->len < 64 ? value->len : 64) : 3,
				   value->kind == WHERE_WORD ? value->text : "...");
	if (kind == WHERE_NE || kind == WHERE_UNLIKE)
		ways = (struct where_ways){ .no = ways.yes, .yes = ways.no };
	return where_add_test(binder, node, test, ways, ret);
}

/* @text: the value's, or an end of its range. */
static int add_float(struct where_binder *binder, const struct where_node *node, const struct side *side,
		     enum where_kind kind, const char *text, struct where_ways ways, uint16_t *ret)
{
	struct where_test test = {
		.code = WHERE_TEST_FLOAT,
		.op = (uint8_t)kind,
		.load.offset = side->field.load.offset,
		.size_bytes = side->field.size_bytes,
		.end = side->field.end,
	};

	if (ecli_num_parse_double(text, &test.number))
		return where_error(binder->err, node->begin, "%s takes a number such as 0.5, not %.64s",
				   side->field.name, text);
	/* As it is shown: 0.1 is the nearest number that the field can have. */
	if (test.size_bytes == sizeof(float) && fabs(test.number) <= FLT_MAX)
		test.number = (float)test.number;
	return where_add_test(binder, node, test, ways, ret);
}

static int compare_float(struct where_binder *binder, const struct where_node *node, const struct side *side,
			 enum where_kind kind, const struct where_node *value, struct where_ways ways, uint16_t *ret)
{
	if (kind == WHERE_LIKE || kind == WHERE_UNLIKE || value->kind != WHERE_WORD)
		return where_error(binder->err, node->begin, "%s is a number; compare it with one", side->field.name);
	return add_float(binder, node, side, kind, value->text, ways, ret);
}

static int compare(struct where_binder *binder, const struct where_node *node, const struct side *side,
		   enum where_kind kind, const struct where_node *value, struct where_ways ways, uint16_t *ret)
{
	switch (side->field.type) {
	case WHERE_STRING:
		return compare_text(binder, node, side, kind, value, ways, ret);
	case WHERE_FLOAT:
		return compare_float(binder, node, side, kind, value, ways, ret);
	case WHERE_ENDPOINT:
		if (kind == WHERE_LIKE || kind == WHERE_UNLIKE)
			return where_compare_shown(binder, node, &side->field, value, ways, ret);
		return where_compare_endpoint(binder, node, &side->field, kind, value, ways, ret);
	default:
		return compare_number(binder, node, side, kind, value, ways, ret);
	}
}

/* ---- in -------------------------------------------------------------------------------------------------------- */

/* FIRST..LAST */
static int compare_interval(struct where_binder *binder, const struct where_node *item, const struct side *side,
			    const char *dots, struct where_ways ways, uint16_t *ret)
{
	CLEANUP_FREE char *first = strndup(item->text, (size_t)(dots - item->text));
	struct where_range low, high;
	int r;

	if (!first)
		return ecli_err_set(binder->err, -ENOMEM, "out of memory");
	if (side->field.type == WHERE_STRING)
		return where_error(binder->err, item->begin, "%s is text and has no ranges", side->field.name);
	if (side->field.type == WHERE_ENDPOINT)
		return where_error(binder->err, item->begin, "%s has several parts and no ranges; write a network",
				   side->field.name);
	if (side->field.type == WHERE_FLOAT) {
		r = add_float(binder, item, side, WHERE_LE, dots + 2, ways, &ways.yes);
		return r ? r : add_float(binder, item, side, WHERE_GE, first, ways, ret);
	}
	r = where_value_read(&side->field, item, first, binder->err, &low);
	r = r ? r : where_value_read(&side->field, item, dots + 2, binder->err, &high);
	if (r)
		return r;
	if (where_number_compare(&low.first, &high.last) > 0)
		return where_error(binder->err, item->begin, "there is nothing from %.64s to %.64s", first, dots + 2);
	low.last = high.last;
	return add_range(binder, item, side, low, ways, ret);
}

/* From the last element to the first: each goes on to the next when it does not hold. */
static int compare_list(struct where_binder *binder, const struct where_node *list, const struct side *side,
			struct where_ways ways, uint16_t *ret)
{
	const struct where_node *item = list->left;
	const char *dots = item->kind == WHERE_WORD ? strstr(item->text, "..") : NULL;
	int r = list->right ? compare_list(binder, list->right, side, ways, &ways.no) : 0;

	if (r)
		return r;
	if (dots)
		return compare_interval(binder, item, side, dots, ways, ret);
	return compare(binder, item, side, WHERE_EQ, item, ways, ret);
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

/* A field alone, or with a mask: not zero. */
static int compare_alone(struct where_binder *binder, const struct where_node *node, struct where_ways ways,
			 uint16_t *ret)
{
	static const struct where_range nothing;
	struct side side;
	int r = read_side(binder, node, &side);

	if (r == -ENOENT && node->kind == WHERE_WORD)
		return where_field_missing(binder->plans, binder->n_plans, node, binder->err);
	if (r == -ENOENT)
		return where_error(binder->err, node->begin, "this is no comparison; write FIELD == VALUE");
	if (r)
		return r;
	if (side.is_missing) {
		*ret = ways.no;
		return 0;
	}
	if (side.field.type == WHERE_STRING)
		return where_error(binder->err, node->begin, "%s is text; compare it, %s != \"\"", side.field.name,
				   side.field.name);
	if (side.field.type == WHERE_ENDPOINT)
		return where_error(binder->err, node->begin, "%s has several parts; compare it, or %s.port != 0",
				   side.field.name, side.field.name);
	if (side.field.type == WHERE_FLOAT)
		return add_float(binder, node, &side, WHERE_NE, "0", ways, ret);
	return compare_value(binder, node, &side, WHERE_NE, &nothing, ways, ret);
}

static enum where_kind turned(enum where_kind kind)
{
	switch (kind) {
	case WHERE_LT:
		return WHERE_GT;
	case WHERE_LE:
		return WHERE_GE;
	case WHERE_GT:
		return WHERE_LT;
	case WHERE_GE:
		return WHERE_LE;
	default:
		return kind;
	}
}

int where_compare(struct where_binder *binder, const struct where_node *node, struct where_ways ways, uint16_t *ret)
{
	const struct where_node *value = node->right;
	enum where_kind kind = node->kind;
	struct side side;

	binder->on_absent = ways.no;
	if (kind == WHERE_WORD || kind == WHERE_TEXT || kind == WHERE_BIT_AND)
		return compare_alone(binder, node, ways, ret);
	if (kind == WHERE_BIT_OR)
		return where_error(binder->err, node->begin,
				   "| puts bits together beside &; between comparisons write ||");

	int r = read_side(binder, node->left, &side);
	if (r == -ENOENT && kind != WHERE_IN && kind != WHERE_LIKE && kind != WHERE_UNLIKE) {
		value = node->left;
		kind = turned(kind);
		r = read_side(binder, node->right, &side);
	}
	if (r == -ENOENT && node->left->kind == WHERE_WORD)
		return where_field_missing(binder->plans, binder->n_plans, node->left, binder->err);
	if (r == -ENOENT)
		return where_error(binder->err, node->left->begin, "expected a field before %s", sign_of(node->kind));
	if (r)
		return r;
	if (side.is_missing) {
		*ret = ways.no;
		return 0;
	}
	if (kind == WHERE_IN)
		return compare_list(binder, node->right, &side, ways, ret);
	return compare(binder, node, &side, kind, value, ways, ret);
}
