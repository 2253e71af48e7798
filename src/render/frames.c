/* SPDX-License-Identifier: MIT */
/*
 * Stacks of a row. As text they stand below it, kernel and user in the order of the struct, the innermost frame first:
 *
 *     10:00:00 cc1     4711       12
 *         finish_task_switch+0x8d [kernel]
 *         schedule+0x2e [ext4]
 *         read_header+0x1f [cc1] input.c:210 (inlined)
 *         0x7f3a12 [libc.so.6]
 *         (lost: its slot in the stack map holds another stack)
 *
 * In JSON they are an array of objects, each with all keys, and the raw value follows as that of any format: the id, or the
 * addresses. A stack that the kernel has not (-EFAULT: a thread of the kernel has no user stack) is no line and an empty array.
 *
 * Names come from processes and files and are escaped. Who finds them is whoever set the hook; without one, addresses are shown.
 */
#include "render/frames.h"

#include <errno.h>

#include "base/cleanup.h"
#include "render/sink.h"

#define INDENT "    "

/* ---- what there is --------------------------------------------------------------------------------------------- */

static const struct ecli_frames *ask(struct ecli_render *render, const uint8_t *record)
{
	if (!render->frames)
		return NULL;
	return render->frames(render->frames_ctx, render->stack, record, render->record_size);
}

/* Fills render->stack. */
static bool read_stack(struct ecli_render *render, uint32_t column, const uint8_t *record)
{
	return !ecli_plan_stack(render->plan, column, record, render->record_size, render->stack);
}

/* ---- text ------------------------------------------------------------------------------------------------------ */

static void add_text(struct ecli_buf *out, const char *text)
{
	ecli_render_safe_text(text, strlen(text), out);
}

static void add_frame(const struct ecli_frame *frame, struct ecli_buf *out)
{
	const char *module = frame->module && *frame->module ? frame->module : frame->is_kernel ? "kernel" : "unknown";

	ecli_buf_add_text(out, INDENT);
	if (frame->function)
		add_text(out, frame->function);
	else
		ecli_buf_add_format(out, "0x%llx", (unsigned long long)frame->address);
	if (frame->function && !frame->is_inlined)
		ecli_buf_add_format(out, "+0x%llx", (unsigned long long)frame->offset);
	ecli_buf_add_text(out, " [");
	add_text(out, module);
	/* Of what has no name: where in its file. */
	if (!frame->function && frame->offset)
		ecli_buf_add_format(out, "+0x%llx", (unsigned long long)frame->offset);
	ecli_buf_add_char(out, ']');
	if (frame->file) {
		ecli_buf_add_char(out, ' ');
		add_text(out, frame->file);
		if (frame->line)
			ecli_buf_add_format(out, ":%u", frame->line);
	}
	ecli_buf_add_text(out, frame->is_inlined ? " (inlined)\n" : "\n");
}

/* What stands for a stack without frames. Nothing where there is none to have. */
static void add_reason(const struct ecli_plan_stack *stack, bool is_asked, struct ecli_buf *out)
{
	if (!stack->is_id) {
		for (size_t i = 0; i < stack->count && !is_asked; i++)
			ecli_buf_add_format(out, INDENT "0x%llx\n", (unsigned long long)stack->addresses[i]);
	} else if (stack->id == -EEXIST) {
		ecli_buf_add_text(out, INDENT "(lost: its slot in the stack map holds another stack)\n");
	} else if (stack->id < 0 && stack->id != -EFAULT && stack->id != -1) {
		ecli_buf_add_format(out, INDENT "(no stack: error %lld)\n", (long long)-stack->id);
	} else if (stack->id >= 0) {
		ecli_buf_add_format(out, INDENT "(stack %lld%s)\n", (long long)stack->id,
				    is_asked ? ", which is gone" : "");
	}
}

char *ecli_frames_put_text(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	struct ecli_buf *out = render->out;

	(void)put;
	out->len = (size_t)(p - out->data);
	for (uint32_t i = 0; i < render->layout.count; i++) {
		if (render->layout.columns[i].field->hidden || !read_stack(render, i, record))
			continue;
		const struct ecli_frames *frames = ask(render, record);

		for (size_t k = 0; frames && k < frames->count; k++)
			add_frame(&frames->items[k], out);
		if (!frames || !frames->count)
			add_reason(render->stack, frames, out);
	}
	return ecli_put_resume(render);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

static void add_json_text(const char *key, const char *text, struct ecli_buf *out)
{
	ecli_buf_add_text(out, key);
	if (text)
		ecli_render_json_text(text, strlen(text), out);
	else
		ecli_buf_add_text(out, "null");
}

static void add_json_frame(const struct ecli_frame *frame, struct ecli_buf *out)
{
	const char *module = frame->is_kernel && frame->module && !*frame->module ? "kernel" : frame->module;

	add_json_text("{\"function\":", frame->function, out);
	if (frame->function || frame->module)
		ecli_buf_add_format(out, ",\"offset\":%llu", (unsigned long long)frame->offset);
	else
		ecli_buf_add_text(out, ",\"offset\":null");
	add_json_text(",\"module\":", module, out);
	add_json_text(",\"file\":", frame->file, out);
	if (frame->line)
		ecli_buf_add_format(out, ",\"line\":%u", frame->line);
	else
		ecli_buf_add_text(out, ",\"line\":null");
	ecli_buf_add_format(out, ",\"kernel\":%s,\"inlined\":%s,\"address\":\"0x%llx\"}",
			    frame->is_kernel ? "true" : "false", frame->is_inlined ? "true" : "false",
			    (unsigned long long)frame->address);
}

static void add_json_raw(const struct ecli_plan_stack *stack, struct ecli_buf *out)
{
	if (stack->is_id) {
		/* As the member is: an id is no sign in an unsigned one. */
		uint64_t bits =
			stack->field->size_bytes == sizeof(uint32_t) ? (uint32_t)stack->id : (uint64_t)stack->id;

		if (stack->field->is_signed)
			ecli_buf_add_format(out, "%lld", (long long)stack->id);
		else
			ecli_buf_add_format(out, "%llu", (unsigned long long)bits);
		return;
	}
	ecli_buf_add_char(out, '[');
	for (size_t i = 0; i < stack->count; i++)
		ecli_buf_add_format(out, i ? ",%llu" : "%llu", (unsigned long long)stack->addresses[i]);
	ecli_buf_add_char(out, ']');
}

char *ecli_frames_put_json(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p)
{
	const struct ecli_column *column = put->column;
	struct ecli_plan_stack *stack = render->stack;
	struct ecli_buf *out = render->out;

	out->len = (size_t)(p - out->data);
	if (!read_stack(render, column->field->column, record))
		return ecli_put_resume(render);
	const struct ecli_frames *frames = ask(render, record);

	ecli_buf_add(out, column->key, column->key_len);
	ecli_buf_add_char(out, '[');
	for (size_t i = 0; frames && i < frames->count; i++) {
		if (i)
			ecli_buf_add_char(out, ',');
		add_json_frame(&frames->items[i], out);
	}
	/* Nobody knows more of them than where they are. */
	for (size_t i = 0; !frames && !stack->is_id && i < stack->count; i++) {
		const struct ecli_frame bare = { .address = stack->addresses[i],
						 .is_kernel = stack->field->format->as == ECLI_AS_KERNEL_STACK };

		if (i)
			ecli_buf_add_char(out, ',');
		add_json_frame(&bare, out);
	}
	ecli_buf_add_char(out, ']');
	ecli_buf_add(out, column->raw_key, column->raw_key_len);
	add_json_raw(stack, out);
	return ecli_put_resume(render);
}
