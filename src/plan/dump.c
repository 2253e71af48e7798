/* SPDX-License-Identifier: MIT */
/*
 * A plan as text, one op a line, for people and for golden files. The form is that of the picture in <ecli/plan.h>;
 * what it adds: "time" for the @time field, ".3 bits 5" for what does not fill bytes, "names N" for enums, "as FORMAT",
 * "hidden"; "to the end" or "or less" for a last column that is as long as the record.
 */
#include <assert.h>

#include "plan/ops.h"

static const char *const kind_names[] = {
	[ECLI_VALUE_UINT] = "uint",       [ECLI_VALUE_SINT] = "sint",     [ECLI_VALUE_BOOL] = "bool",
	[ECLI_VALUE_CHAR] = "char",       [ECLI_VALUE_STRING] = "string", [ECLI_VALUE_ENUM] = "enum",
	[ECLI_VALUE_POINTER] = "pointer", [ECLI_VALUE_FLOAT] = "float",   [ECLI_VALUE_UINT128] = "uint128",
	[ECLI_VALUE_SINT128] = "sint128", [ECLI_VALUE_BYTES] = "bytes",
};
static_assert(ARRAY_SIZE(kind_names) == ECLI_VALUE_FORMATTED, "a name per kind of raw value");

static const char *const structure_names[] = {
	[OP_OPEN - OP_OPEN] = "open",
	[OP_CLOSE - OP_OPEN] = "close",
	[OP_LOOP - OP_OPEN] = "loop",
	[OP_NEXT - OP_OPEN] = "next",
};
static_assert(ARRAY_SIZE(structure_names) == OP_COUNT - OP_OPEN, "a name per op");

static void dump_leaf(const struct plan_op *op, const struct ecli_field *field, struct ecli_buf *buf)
{
	bool is_odd = op->shift || (op->bits && op->bits != field->size_bytes * 8);

	ecli_buf_add_format(buf, " @%u", op->offset);
	if (is_odd)
		ecli_buf_add_format(buf, ".%u bits %u", op->shift, op->bits);
	else
		ecli_buf_add_format(buf, " %u", field->size_bytes);
	if (op->names)
		ecli_buf_add_format(buf, " %s names %u", field->is_signed ? "signed" : "unsigned", op->names->count);
	if (field->format)
		ecli_buf_add_format(buf, " as %s", ecli_as_name(field->format->as));
}

void ecli_plan_dump(const struct ecli_plan *plan, struct ecli_buf *buf)
{
	if (plan->has_time)
		ecli_buf_add_format(buf, "time   %s @%u 8\n", plan->time_name, plan->time_offset);
	for (uint32_t i = 0; i < plan->n_ops; i++) {
		const struct plan_op *op = &plan->ops[i];
		const struct ecli_field *field = &plan->fields[op->field];
		bool is_leaf = plan_op_is_leaf(op);

		enum ecli_value_kind kind = field->format ? field->format->raw_kind : field->kind;
		const char *word = is_leaf ? kind_names[kind] : structure_names[op->code - OP_OPEN];
		/* No blanks at the end of a line: this goes into files. */
		int width = *field->name || is_leaf || op->code == OP_LOOP ? 6 : 0;

		ecli_buf_add_format(buf, "%-*s%s%s", width, word, *field->name ? " " : "", field->name);
		if (is_leaf)
			dump_leaf(op, field, buf);
		else if (op->code == OP_LOOP)
			ecli_buf_add_format(buf, " @%u stride %u x %u", op->offset, op->size, op->count);
		if (i == plan_tail(plan))
			ecli_buf_add_text(buf, plan->is_tail_open ? " to the end" : " or less");
		if (field->hidden && field->depth == 0 && op->code != OP_CLOSE && op->code != OP_NEXT)
			ecli_buf_add_text(buf, " hidden");
		ecli_buf_add_char(buf, '\n');
	}
}
