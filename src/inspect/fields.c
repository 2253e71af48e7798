/* SPDX-License-Identifier: MIT */
/*
 * The fields of an event from its plan: what is decoded is what is told, hidden and flattened members as in the rows.
 *
 *     plan:    open p, uint a, uint b, close p, loop v, sint, next v
 *     fields:  p struct, .a u32, .b u32, v array of 2, .(no name) s32
 */
#include "inspect/model.h"

#include <assert.h>
#include <errno.h>

#include "plan/ops.h"

static const char *leaf_word(enum ecli_value_kind kind, bool is_signed)
{
	static const char *const words[] = {
		[ECLI_VALUE_UINT] = "u",          [ECLI_VALUE_SINT] = "s",       [ECLI_VALUE_BOOL] = "bool",
		[ECLI_VALUE_CHAR] = "char",       [ECLI_VALUE_STRING] = "char[", [ECLI_VALUE_ENUM] = "enum u",
		[ECLI_VALUE_POINTER] = "pointer", [ECLI_VALUE_FLOAT] = "f",      [ECLI_VALUE_UINT128] = "u",
		[ECLI_VALUE_SINT128] = "s",       [ECLI_VALUE_BYTES] = "f",
	};
	static_assert(ARRAY_SIZE(words) == ECLI_VALUE_BYTES + 1, "a word for each kind");

	return kind == ECLI_VALUE_ENUM && is_signed ? "enum s" : words[kind];
}

static char *leaf_type(const struct ecli_inspect_field *field)
{
	const char *word = leaf_word(field->kind, field->is_signed);
	const char *format = field->format ? ecli_as_name(field->format->as) : NULL;
	struct ecli_buf text = { 0 };

	if (format)
		ecli_buf_add_format(&text, "%s (", format);
	/* Bytes are a float of a width that C has no number for, or what a format takes whole. */
	if (format && field->kind == ECLI_VALUE_BYTES && field->is_endless) {
		ecli_buf_add_text(&text, "bytes)");
		return ecli_buf_take(&text);
	}
	if (format && field->kind == ECLI_VALUE_BYTES) {
		ecli_buf_add_format(&text, "%u bytes)", field->bits / 8);
		return ecli_buf_take(&text);
	}
	ecli_buf_add_text(&text, word);
	if (field->kind == ECLI_VALUE_STRING && field->is_endless)
		ecli_buf_add_char(&text, ']');
	else if (field->kind == ECLI_VALUE_STRING)
		ecli_buf_add_format(&text, "%u]", field->bits / 8);
	else if (field->kind != ECLI_VALUE_BOOL && field->kind != ECLI_VALUE_CHAR && field->kind != ECLI_VALUE_POINTER)
		ecli_buf_add_format(&text, "%u", field->bits);
	if (format)
		ecli_buf_add_char(&text, ')');
	return ecli_buf_take(&text);
}

static char *array_type(const struct ecli_inspect_field *field)
{
	struct ecli_buf text = { 0 };

	ecli_buf_add_text(&text, "array");
	if (!field->is_endless)
		ecli_buf_add_format(&text, " of %s%u", field->is_tail ? "up to " : "", field->count);
	return ecli_buf_take(&text);
}

static void fill(struct inspect *inspect, const struct plan_op *op, struct ecli_inspect_field *field)
{
	if (op->code == OP_OPEN) {
		field->shape = ECLI_INSPECT_STRUCT;
		field->type = "struct";
	} else if (op->code == OP_LOOP) {
		field->shape = ECLI_INSPECT_ARRAY;
		field->count = op->count;
		field->type = inspect_keep(inspect, array_type(field));
	} else {
		field->names = op->names ? op->names->values : NULL;
		field->n_names = op->names ? op->names->count : 0;
		field->type = inspect_keep(inspect, leaf_type(field));
	}
}

int inspect_fields(struct inspect *inspect, struct ecli_inspect_source *source, struct ecli_err *err)
{
	const struct ecli_plan *plan = source->plan;

	for (uint32_t i = 0; plan && i < plan->n_ops; i++) {
		const struct plan_op *op = &plan->ops[i];
		const struct ecli_field *from = &plan->fields[op->field];

		if (op->code == OP_CLOSE || op->code == OP_NEXT)
			continue;
		struct ecli_inspect_field *field = INSPECT_ADD(source->fields, source->n_fields);
		if (!field)
			return ecli_err_set(err, -ENOMEM, "out of memory");
		field->name = from->name;
		field->depth = from->depth;
		field->format = from->format;
		field->kind = from->format ? from->format->raw_kind : from->kind;
		field->bits = op->code <= OP_BITS || op->code == OP_WIDE ? op->bits : from->size_bytes * 8;
		field->is_signed = from->is_signed;
		field->is_hidden = from->hidden;
		field->is_tail = plan->has_tail && plan->tail == i;
		field->is_endless = field->is_tail && plan->is_tail_open;
		fill(inspect, op, field);
		if (!field->type)
			return ecli_err_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}
