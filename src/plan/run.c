/* SPDX-License-Identifier: MIT */
/*
 * The hot loop: a record's bytes to a visitor, one op after the other. No recursion, no allocation, no look at types,
 * and one check of the length for the whole record: verify.c has shown that no op reaches behind it.
 *
 * Bytes are copied out, never cast: records of perf buffers and packed structs are not aligned.
 */
#include <errno.h>
#include <string.h>

#include "plan/ops.h"

#define LOAD(type, p)                                                                                                  \
	({                                                                                                             \
		type loaded_;                                                                                          \
		memcpy(&loaded_, p, sizeof(loaded_));                                                                  \
		loaded_;                                                                                               \
	})

/* Up to 128 bits that begin at bit @op->shift of @p; 17 bytes at most. */
static unsigned __int128 load_bits(const struct plan_op *op, const uint8_t *p)
{
	unsigned __int128 low = 0;

	memcpy(&low, p, op->size < sizeof(low) ? op->size : sizeof(low));
	low >>= op->shift;
	if (op->size > sizeof(low))
		low |= (unsigned __int128)p[16] << (PLAN_MAX_BITS - op->shift);
	if (op->bits < PLAN_MAX_BITS)
		low &= ((unsigned __int128)1 << op->bits) - 1;
	return low;
}

static unsigned __int128 extend_sign(unsigned __int128 value, uint32_t bits)
{
	uint32_t unused = PLAN_MAX_BITS - bits;

	return (unsigned __int128)((__int128)(value << unused) >> unused);
}

static void load_odd(const struct plan_op *op, const struct ecli_field *field, const uint8_t *p,
		     struct ecli_value *value)
{
	unsigned __int128 raw = load_bits(op, p);

	if (field->is_signed)
		raw = extend_sign(raw, op->bits);
	if (op->code == OP_WIDE)
		value->wide = raw;
	else if (field->kind == ECLI_VALUE_BOOL)
		value->u = raw != 0;
	else
		value->u = (uint64_t)raw;
	if (op->names)
		value->name = plan_enum_name(op->names, value->s);
}

static void load_leaf(const struct plan_op *op, const struct ecli_field *field, const uint8_t *p,
		      struct ecli_value *value)
{
	value->kind = field->kind;
	value->name = NULL;
	switch ((enum plan_code)op->code) {
	case OP_UINT8:
		value->u = *p;
		break;
	case OP_UINT16:
		value->u = LOAD(uint16_t, p);
		break;
	case OP_UINT32:
		value->u = LOAD(uint32_t, p);
		break;
	case OP_UINT64:
		value->u = LOAD(uint64_t, p);
		break;
	case OP_SINT8:
		value->s = (int8_t)*p;
		break;
	case OP_SINT16:
		value->s = LOAD(int16_t, p);
		break;
	case OP_SINT32:
		value->s = LOAD(int32_t, p);
		break;
	case OP_SINT64:
		value->s = LOAD(int64_t, p);
		break;
	case OP_BOOL8:
		value->u = *p != 0;
		break;
	case OP_FLOAT32:
		value->f = (double)LOAD(float, p);
		break;
	case OP_FLOAT64:
		value->f = LOAD(double, p);
		break;
	case OP_STRING:
		value->str.text = (const char *)p;
		value->str.len = strnlen((const char *)p, op->size);
		break;
	case OP_BYTES:
		value->str.text = (const char *)p;
		value->str.len = op->size;
		break;
	case OP_WORDS:
		value->str.text = (const char *)p;
		value->str.len = plan_words_len((const char *)p, op->size);
		break;
	default: /* OP_BITS, OP_WIDE */
		load_odd(op, field, p, value);
		break;
	}
}

void plan_load(const struct plan_op *op, const struct ecli_field *field, const void *bytes, struct ecli_value *ret)
{
	load_leaf(op, field, bytes, ret);
}

/* How many whole elements of the tail the record has; at least 0, and no more than a fixed array has. */
static uint32_t tail_rounds(const struct ecli_plan *plan, size_t size_bytes)
{
	const struct plan_op *op = &plan->ops[plan->tail];
	size_t fit = (size_bytes - plan->tail_offset) / op->size;

	if (!plan->is_tail_open && fit > op->count)
		return op->count;
	return fit > UINT32_MAX ? UINT32_MAX : (uint32_t)fit;
}

/* A record that has all of a long array says as little of where its words end as one in the middle of an event. */
static size_t tail_len(const struct ecli_plan *plan, const struct plan_op *op, const char *text, size_t len)
{
	bool is_whole = !plan->is_tail_open && len >= op->size;

	if (is_whole)
		len = op->size;
	if (op->code == OP_WORDS)
		return is_whole ? plan_words_len(text, len) : len;
	return strnlen(text, len);
}

static void run_tail_text(const struct ecli_plan *plan, const uint8_t *data, size_t size_bytes,
			  const struct ecli_visitor *visitor, void *ctx)
{
	const struct plan_op *op = &plan->ops[plan->tail];
	const struct ecli_field *field = &plan->fields[op->field];
	struct ecli_value value = { .kind = field->kind };

	value.str.text = (const char *)data + plan->tail_offset;
	value.str.len = tail_len(plan, op, value.str.text, size_bytes - plan->tail_offset);
	visitor->leaf(ctx, field, &value);
}

/* The ops from @first to before @end: whole columns, so that every loop and group among them closes. */
static void run_ops(const struct ecli_plan *plan, uint32_t first, uint32_t end, const uint8_t *data, size_t size_bytes,
		    const struct ecli_visitor *visitor, void *ctx)
{
	uint32_t rounds_left[PLAN_MAX_NESTING];
	uint32_t loops = 0, tail = plan_tail(plan), rounds = 0;
	const uint8_t *at = data; /* the start of the record, moved on by the strides of the loops around */

	for (uint32_t i = first; i < end; i++) {
		const struct plan_op *op = &plan->ops[i];
		const struct ecli_field *field = &plan->fields[op->field];

		if (__builtin_expect(i == tail, 0) && plan_op_is_leaf(op)) {
			run_tail_text(plan, data, size_bytes, visitor, ctx);
		} else if (plan_op_is_leaf(op)) {
			struct ecli_value value;

			load_leaf(op, field, at + op->offset, &value);
			visitor->leaf(ctx, field, &value);
		} else if (op->code == OP_OPEN) {
			visitor->open(ctx, field, ECLI_GROUP_STRUCT);
		} else if (op->code == OP_CLOSE) {
			visitor->close(ctx, field, ECLI_GROUP_STRUCT);
		} else if (op->code == OP_LOOP) {
			rounds = i == tail ? tail_rounds(plan, size_bytes) : op->count;
			visitor->open(ctx, field, ECLI_GROUP_ARRAY);
			if (!rounds) { /* the tail only */
				visitor->close(ctx, field, ECLI_GROUP_ARRAY);
				i = op->partner;
				continue;
			}
			rounds_left[loops++] = rounds;
		} else if (--rounds_left[loops - 1]) {
			at += op->size;
			i = op->partner;
		} else {
			/* Nothing comes behind the tail: where it would go on does not matter. */
			at -= op->partner == tail ? 0 : (size_t)op->size * (op->count - 1);
			loops--;
			visitor->close(ctx, field, ECLI_GROUP_ARRAY);
		}
	}
}

int ecli_plan_run(const struct ecli_plan *plan, const void *data, size_t size_bytes, const struct ecli_visitor *visitor,
		  void *ctx)
{
	if (size_bytes < plan_least(plan))
		return -EBADMSG;
	run_ops(plan, 0, plan->n_ops, data, size_bytes, visitor, ctx);
	return 0;
}

int ecli_plan_run_column(const struct ecli_plan *plan, uint32_t index, const void *data, size_t size_bytes,
			 const struct ecli_visitor *visitor, void *ctx)
{
	uint32_t end = index + 1 < plan->n_columns ? plan->columns[index + 1] : plan->n_ops;

	if (size_bytes < plan_least(plan))
		return -EBADMSG;
	if (index >= plan->n_columns)
		return -ENOENT;
	run_ops(plan, plan->columns[index], end, data, size_bytes, visitor, ctx);
	return 0;
}

bool ecli_plan_time(const struct ecli_plan *plan, const void *data, size_t size_bytes, uint64_t *ret_ns)
{
	if (!plan->has_time || size_bytes < plan_least(plan))
		return false;
	*ret_ns = LOAD(uint64_t, (const uint8_t *)data + plan->time_offset);
	return true;
}
