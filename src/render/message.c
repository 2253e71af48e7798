/* SPDX-License-Identifier: MIT */
/*
 * Lines of bpf_printk() in the three formats. They come without a plan and, being for people, not by the million:
 * nothing is kept between lines. The message is the last column, so in plain output it keeps its spaces.
 *
 *     TIME     TASK                 PID MESSAGE
 *     10:00:00 cc1                 4321 opened /etc/passwd
 */
#include <ecli/render.h>

#include "render/clock.h"
#include "render/digits.h"
#include "render/layout.h"

#define TASK_WIDTH 16
#define PID_WIDTH  7

void ecli_render_message_header(enum ecli_format format, struct ecli_buf *out)
{
	static const struct {
		const char *name;
		bool is_left;
		uint32_t width;
	} titles[] = {
		{ "time", true, 8 }, { "task", true, TASK_WIDTH }, { "pid", false, PID_WIDTH }, { "message", true, 0 }
	};

	if (format == ECLI_FORMAT_JSON)
		return;
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		if (i)
			ecli_buf_add_char(out, ' ');
		ecli_layout_title(titles[i].name, format, titles[i].is_left, titles[i].width, out);
	}
	ecli_buf_add_char(out, '\n');
}

static void add_number(struct ecli_buf *out, uint64_t value, size_t width)
{
	char digits[ECLI_DIGITS_ROOM];
	size_t len = (size_t)(ecli_digits_unsigned(digits, value) - digits);

	ecli_buf_add_repeat(out, ' ', len < width ? width - len : 0);
	ecli_buf_add(out, digits, len);
}

static void add_json(const struct ecli_render_message *message, struct ecli_buf *out)
{
	ecli_buf_add_text(out, "{\"time\":\"");
	ecli_render_iso_time(message->wall_ns, out);
	ecli_buf_add_text(out, "\",\"task\":");
	ecli_render_json_text(message->task, message->task_len, out);
	ecli_buf_add_text(out, ",\"pid\":");
	add_number(out, message->pid, 0);
	ecli_buf_add_text(out, ",\"cpu\":");
	add_number(out, message->cpu, 0);
	ecli_buf_add_text(out, ",\"message\":");
	ecli_render_json_text(message->message, message->message_len, out);
	ecli_buf_add_text(out, "}\n");
}

void ecli_render_message(enum ecli_format format, const struct ecli_render_message *message, struct ecli_buf *out)
{
	struct ecli_clock clock = { 0 };
	bool is_table = format == ECLI_FORMAT_TABLE;

	if (format == ECLI_FORMAT_JSON) {
		add_json(message, out);
		return;
	}
	ecli_buf_add(out, ecli_clock_time(&clock, message->wall_ns), ECLI_CLOCK_TIME_LEN);
	ecli_buf_add_char(out, ' ');
	size_t width = ecli_layout_text(message->task, message->task_len, format, out);
	ecli_buf_add_repeat(out, ' ', is_table && width < TASK_WIDTH ? TASK_WIDTH - width : 0);
	ecli_buf_add_char(out, ' ');
	add_number(out, message->pid, is_table ? PID_WIDTH : 0);
	ecli_buf_add_char(out, ' ');
	ecli_render_safe_text(message->message, message->message_len, out);
	while (!ecli_buf_failed(out) && out->data[out->len - 1] == ' ')
		out->len--;
	ecli_buf_add_char(out, '\n');
}
