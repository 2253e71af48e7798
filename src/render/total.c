/* SPDX-License-Identifier: MIT */
/*
 * The last row of a table: sums under the columns that have one, and the word "total" in the first column that has none.
 *
 *     table   total                 12        3.50        plain   10:00:05 total - 12 3.5
 *     json    {"ecli":"total","time":...,"reads":12,"avg":3.5}      only what was added up
 *
 * Cells are written by the sink's own visitor, one column at a time, so a sum looks like the numbers above it.
 */
#include <errno.h>
#include <string.h>

#include "render/formats.h"
#include "render/sink.h"

static const char word[] = "total";

static void write_blank(struct ecli_render *render, const struct ecli_column *column, bool with_word)
{
	struct ecli_buf *out = render->out;
	size_t len = with_word ? sizeof(word) - 1 : 0, padding = column->width > len ? column->width - len : 0;

	ecli_buf_add_char(out, ' ');
	if (render->format == ECLI_FORMAT_PLAIN) {
		ecli_buf_add_text(out, with_word ? word : "-");
		return;
	}
	ecli_buf_add_repeat(out, ' ', column->is_left ? 0 : padding);
	ecli_buf_add_text(out, with_word ? word : "");
	ecli_buf_add_repeat(out, ' ', column->is_left ? padding : 0);
}

static int write_cell(struct ecli_render *render, uint32_t index, const void *data, size_t size_bytes)
{
	struct ecli_buf *out = render->out;

	if (!ecli_buf_reserve(out, ECLI_SINK_HEAD_ROOM))
		return -ENOMEM;
	render->at = out->data + out->len;
	render->limit = out->data + out->cap;
	int r = ecli_plan_run_column(render->plan, index, data, size_bytes, &render->sink->visitor, render);
	out->len = (size_t)(render->at - out->data);
	return r;
}

static void write_head(struct ecli_render *render, struct ecli_buf *out)
{
	if (render->format == ECLI_FORMAT_JSON) {
		ecli_buf_add_text(out, "{\"ecli\":\"total\",\"time\":\"");
		ecli_render_iso_time(render->wall_ns, out);
		ecli_buf_add_char(out, '"');
	} else if (!render->is_untimed) {
		ecli_buf_add(out, ecli_clock_time(&render->clock, render->wall_ns), ECLI_CLOCK_TIME_LEN);
	}
	ecli_buf_add(out, render->map.data, render->map.len);
}

int ecli_render_total(struct ecli_render *render, uint64_t wall_ns, const void *data, size_t size_bytes,
		      const bool *columns, struct ecli_buf *out)
{
	bool is_json = render->format == ECLI_FORMAT_JSON, is_told = false;
	size_t start = out->len;
	int r = 0;

	render->wall_ns = wall_ns;
	render->record_size = size_bytes;
	render->out = out;
	if (render->formats)
		ecli_formats_begin(render->formats, wall_ns);
	write_head(render, out);
	for (uint32_t i = 0; !r && i < render->layout.count; i++) {
		const struct ecli_column *column = &render->layout.columns[i];

		if (columns[i] && (column->is_shown || is_json)) {
			r = write_cell(render, i, data, size_bytes);
		} else if (column->is_shown && !is_json) {
			write_blank(render, column, !is_told);
			is_told = true;
		}
	}
	while (render->format == ECLI_FORMAT_TABLE && out->len > start && out->data[out->len - 1] == ' ')
		out->len--;
	ecli_buf_add_text(out, is_json ? "}\n" : "\n");
	if (render->is_untimed && out->len > start + 1 && !ecli_buf_failed(out)) {
		memmove(out->data + start, out->data + start + 1, out->len - start - 1);
		out->len--;
	}
	if (!r && ecli_buf_failed(out))
		r = -ENOMEM;
	if (r)
		out->len = start;
	return r;
}
