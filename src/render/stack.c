/* SPDX-License-Identifier: MIT */
/*
 * Stack traces: a visitor that gathers the seven members of a record that have a role, and writes them once the record is
 * through. Other members are not shown. Kernel addresses get names from symbols/; user addresses stay numbers.
 *
 * Invariant: a stack is never longer than its array, whatever its size in bytes says. Addresses beyond MAX_DEPTH are left
 * out: the kernel's own limit is 127 (PERF_MAX_STACK_DEPTH).
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ecli/render.h>

#include "base/cleanup.h"
#include "render/clock.h"
#include "symbols/ksyms.h"

enum { MAX_DEPTH = 1024 };

#define KSYMS_FILE "/proc/kallsyms"

/* What the member of each role must be, in the order of enum ecli_render_stack_field. */
enum form { FORM_NUMBER, FORM_TEXT, FORM_ADDRESSES };
static const struct {
	enum form form;
	const char *words;
} roles[] = {
	{ FORM_NUMBER, "a number" },
	{ FORM_NUMBER, "a number" },
	{ FORM_TEXT, "a char array" },
	{ FORM_NUMBER, "a number" },
	{ FORM_NUMBER, "a number" },
	{ FORM_ADDRESSES, "an array of 64-bit numbers" },
	{ FORM_ADDRESSES, "an array of 64-bit numbers" },
};
static_assert(ARRAY_SIZE(roles) == ECLI_RENDER_STACK_FIELDS, "a form for each role");

struct addresses {
	uint64_t items[MAX_DEPTH];
	size_t count;
};

struct ecli_render_stack {
	const struct ecli_plan *plan;
	enum ecli_format format;
	const char *map; /* NULL: not shown */
	const struct ecli_field *fields[ECLI_RENDER_STACK_FIELDS];
	struct ecli_ksyms *ksyms; /* NULL: no symbols */
	struct ecli_clock clock;
	/* Of the row in work. */
	int64_t numbers[ECLI_RENDER_STACK_FIELDS];
	const char *comm;
	size_t comm_len;
	struct addresses stacks[2]; /* kernel, user */
};

/* One kind of element, without a name, of 64 bits: no struct, no array of arrays, no smaller numbers. */
static bool has_addresses(const struct ecli_plan *plan, uint32_t column)
{
	const struct ecli_field *element = NULL;

	for (uint32_t i = 0; i < ecli_plan_fields(plan); i++) {
		const struct ecli_field *field = ecli_plan_field(plan, i);

		if (field->column != column || !field->depth)
			continue;
		if (element)
			return false;
		element = field;
	}
	return element && !*element->name && element->size_bytes == sizeof(uint64_t) &&
	       (element->kind == ECLI_VALUE_UINT || element->kind == ECLI_VALUE_SINT ||
		element->kind == ECLI_VALUE_POINTER);
}

static bool has_form(const struct ecli_plan *plan, uint32_t column, enum form form)
{
	const struct ecli_field *field = ecli_plan_column(plan, column);
	bool is_group = ecli_plan_column_is_group(plan, column);
	bool is_number = field->kind == ECLI_VALUE_UINT || field->kind == ECLI_VALUE_SINT;

	switch (form) {
	case FORM_NUMBER:
		return !is_group && is_number;
	case FORM_TEXT:
		return !is_group && field->kind == ECLI_VALUE_STRING;
	case FORM_ADDRESSES:
		return is_group && has_addresses(plan, column);
	}
	return false;
}

static int find_field(struct ecli_render_stack *stack, size_t role, const char *name, struct ecli_err *err)
{
	for (uint32_t i = 0; i < ecli_plan_columns(stack->plan); i++) {
		const struct ecli_field *field = ecli_plan_column(stack->plan, i);

		if (strcmp(field->name, name) != 0)
			continue;
		if (!has_form(stack->plan, i, roles[role].form))
			break;
		stack->fields[role] = field;
		return 0;
	}
	return ecli_err_set(
		err, -EINVAL,
		"a stack trace needs a member %s that is %s; name another one in the field_map of the map's "
		"intepreter",
		name, roles[role].words);
}

int ecli_render_stack_new(const struct ecli_plan *plan, enum ecli_format format, const char *map,
			  const char *const fields[ECLI_RENDER_STACK_FIELDS], bool with_symbols, struct ecli_err *err,
			  struct ecli_render_stack **ret_stack)
{
	struct ecli_render_stack *stack = calloc(1, sizeof(*stack));
	int r = 0;

	if (stack && with_symbols)
		stack->ksyms = ecli_ksyms_new(KSYMS_FILE);
	if (!stack || (with_symbols && !stack->ksyms))
		r = ecli_err_set(err, -ENOMEM, "out of memory while preparing the output");
	if (!r) {
		stack->plan = plan;
		stack->format = format;
		stack->map = map;
	}
	for (size_t i = 0; !r && i < ECLI_RENDER_STACK_FIELDS; i++)
		r = find_field(stack, i, fields[i], err);
	if (r) {
		ecli_render_stack_free(stack);
		return r;
	}
	*ret_stack = stack;
	return 0;
}

void ecli_render_stack_free(struct ecli_render_stack *stack)
{
	if (!stack)
		return;
	ecli_ksyms_free(stack->ksyms);
	free(stack);
}

/* ---- gathering ------------------------------------------------------------------------------------------------- */

static void on_leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	struct ecli_render_stack *stack = ctx;

	for (size_t i = 0; i < ECLI_RENDER_STACK_FIELDS; i++) {
		if (stack->fields[i]->column != field->column)
			continue;
		if (roles[i].form == FORM_TEXT) {
			stack->comm = value->str.text;
			stack->comm_len = value->str.len;
		} else if (roles[i].form == FORM_NUMBER) {
			stack->numbers[i] = value->s;
		} else {
			struct addresses *to = &stack->stacks[i == ECLI_RENDER_STACK_USER];

			if (to->count < MAX_DEPTH)
				to->items[to->count++] = value->u;
		}
	}
}

static void on_group(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	(void)ctx;
	(void)field;
	(void)group;
}

/* A size is in bytes, and not more than the array holds. A negative one is an error number of the kernel: no stack. */
static void cut_stack(struct addresses *addresses, int64_t size_bytes)
{
	size_t count = size_bytes > 0 ? (size_t)size_bytes / sizeof(uint64_t) : 0;

	if (count < addresses->count)
		addresses->count = count;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static void text_stack(const struct ecli_render_stack *stack, bool is_user, struct ecli_buf *out)
{
	const struct addresses *addresses = &stack->stacks[is_user];

	if (!addresses->count) {
		ecli_buf_add_text(out, is_user ? "No Userspace Stack\n" : "No Kernel Stack\n");
		return;
	}
	ecli_buf_add_text(out, is_user ? "Userspace:\n" : "Kernel:\n");
	for (size_t i = 0; i < addresses->count; i++) {
		struct ecli_ksym symbol;

		ecli_buf_add_format(out, "  %zu [<%016" PRIx64 ">]", i, addresses->items[i]);
		if (stack->ksyms && !is_user && ecli_ksyms_find(stack->ksyms, addresses->items[i], &symbol)) {
			ecli_buf_add_char(out, ' ');
			ecli_render_safe_text(symbol.name, strlen(symbol.name), out);
			ecli_buf_add_format(out, "+0x%" PRIx64, symbol.offset);
		}
		ecli_buf_add_char(out, '\n');
	}
}

static void text_row(struct ecli_render_stack *stack, uint64_t wall_ns, struct ecli_buf *out)
{
	if (!stack->stacks[0].count && !stack->stacks[1].count)
		return;
	ecli_buf_add(out, ecli_clock_time(&stack->clock, wall_ns), ECLI_CLOCK_TIME_LEN);
	ecli_buf_add_char(out, ' ');
	if (stack->map) {
		ecli_render_safe_text(stack->map, strlen(stack->map), out);
		ecli_buf_add_char(out, ' ');
	}
	ecli_buf_add_text(out, "COMM: ");
	ecli_render_safe_text(stack->comm, stack->comm_len, out);
	ecli_buf_add_format(out, " (pid=%" PRId64 ") @ CPU %" PRId64 "\n", stack->numbers[ECLI_RENDER_STACK_PID],
			    stack->numbers[ECLI_RENDER_STACK_CPU]);
	text_stack(stack, false, out);
	text_stack(stack, true, out);
}

static void json_key(const char *name, const char *suffix, struct ecli_buf *out)
{
	CLEANUP_BUF struct ecli_buf key = { 0 };

	ecli_buf_add_text(&key, name);
	ecli_buf_add_text(&key, suffix);
	ecli_buf_add_char(out, ',');
	ecli_render_json_text(ecli_buf_text(&key), key.len, out);
	ecli_buf_add_char(out, ':');
}

static void json_addresses(const struct addresses *addresses, struct ecli_buf *out)
{
	ecli_buf_add_char(out, '[');
	for (size_t i = 0; i < addresses->count; i++)
		ecli_buf_add_format(out, "%s\"0x%" PRIx64 "\"", i ? "," : "", addresses->items[i]);
	ecli_buf_add_char(out, ']');
}

static void json_symbols(const struct ecli_render_stack *stack, struct ecli_buf *out)
{
	ecli_buf_add_char(out, '[');
	for (size_t i = 0; i < stack->stacks[0].count; i++) {
		CLEANUP_BUF struct ecli_buf text = { 0 };
		struct ecli_ksym symbol;

		if (i)
			ecli_buf_add_char(out, ',');
		if (ecli_ksyms_find(stack->ksyms, stack->stacks[0].items[i], &symbol)) {
			ecli_buf_add_format(&text, "%s+0x%" PRIx64, symbol.name, symbol.offset);
			ecli_render_json_text(ecli_buf_text(&text), text.len, out);
		} else {
			ecli_buf_add_text(out, "null");
		}
	}
	ecli_buf_add_char(out, ']');
}

static void json_row(const struct ecli_render_stack *stack, uint64_t wall_ns, struct ecli_buf *out)
{
	ecli_buf_add_text(out, "{\"time\":\"");
	ecli_render_iso_time(wall_ns, out);
	ecli_buf_add_char(out, '"');
	if (stack->map) {
		json_key("map", "", out);
		ecli_render_json_text(stack->map, strlen(stack->map), out);
	}
	for (size_t i = 0; i < ECLI_RENDER_STACK_FIELDS; i++) {
		json_key(stack->fields[i]->name, "", out);
		if (roles[i].form == FORM_TEXT)
			ecli_render_json_text(stack->comm, stack->comm_len, out);
		else if (roles[i].form == FORM_NUMBER)
			ecli_buf_add_format(out, "%" PRId64, stack->numbers[i]);
		else
			json_addresses(&stack->stacks[i == ECLI_RENDER_STACK_USER], out);
		if (i == ECLI_RENDER_STACK_KERNEL && stack->ksyms) {
			json_key(stack->fields[i]->name, "_symbols", out);
			json_symbols(stack, out);
		}
	}
	ecli_buf_add_text(out, "}\n");
}

int ecli_render_stack_row(struct ecli_render_stack *stack, uint64_t wall_ns, const void *data, size_t size_bytes,
			  struct ecli_buf *out)
{
	static const struct ecli_visitor visitor = { .leaf = on_leaf, .open = on_group, .close = on_group };

	stack->stacks[0].count = stack->stacks[1].count = 0;
	int r = ecli_plan_run(stack->plan, data, size_bytes, &visitor, stack);
	if (r)
		return r;
	cut_stack(&stack->stacks[0], stack->numbers[ECLI_RENDER_STACK_KERNEL_SIZE]);
	cut_stack(&stack->stacks[1], stack->numbers[ECLI_RENDER_STACK_USER_SIZE]);
	if (stack->format == ECLI_FORMAT_JSON)
		json_row(stack, wall_ns, out);
	else
		text_row(stack, wall_ns, out);
	return ecli_buf_failed(out) ? -ENOMEM : 0;
}
