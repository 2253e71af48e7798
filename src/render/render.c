/* SPDX-License-Identifier: MIT */
/*
 * Renderers: a sink, a layout and a clock joined for one event source. Everything that costs (names, keys, widths, the
 * map's text) is done in ecli_render_new(); a row is one reservation of memory, one run of the plan, and no allocation.
 */
#include <ecli/render.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "render/cell.h"
#include "render/formats.h"
#include "render/sink.h"

const char *const ecli_format_names[] = {
	[ECLI_FORMAT_TABLE] = "table", [ECLI_FORMAT_PLAIN] = "plain", [ECLI_FORMAT_JSON] = "json", NULL
};

static const struct ecli_sink *const sinks[] = {
	[ECLI_FORMAT_TABLE] = &ecli_sink_table,
	[ECLI_FORMAT_PLAIN] = &ecli_sink_plain,
	[ECLI_FORMAT_JSON] = &ecli_sink_json,
};
static_assert(ARRAY_SIZE(sinks) + 1 == ARRAY_SIZE(ecli_format_names), "one sink a format");

static bool has_formats(const struct ecli_plan *plan)
{
	for (uint32_t i = 0; i < ecli_plan_fields(plan); i++)
		if (ecli_plan_field(plan, i)->format)
			return true;
	return false;
}

static bool has_stacks(const struct ecli_plan *plan)
{
	for (uint32_t i = 0; i < ecli_plan_columns(plan); i++)
		if (ecli_plan_column_is_stack(plan, i))
			return true;
	return false;
}

int ecli_render_new(const struct ecli_plan *plan, enum ecli_format format, const char *map, struct ecli_err *err,
		    struct ecli_render **ret_render)
{
	struct ecli_render *render = calloc(1, sizeof(*render));

	if (!render)
		return ecli_err_set(err, -ENOMEM, "out of memory while preparing the output");
	render->plan = plan;
	render->format = format;
	render->sink = sinks[format];
	render->has_map = map;

	int r = ecli_layout_init(&render->layout, plan, map);
	if (!r && has_formats(plan)) {
		render->formats = ecli_formats_new();
		r = render->formats ? 0 : -ENOMEM;
	}
	if (!r && has_stacks(plan)) {
		render->stack = malloc(sizeof(*render->stack));
		r = render->stack ? 0 : -ENOMEM;
	}
	if (!r && map) {
		render->sink->map(&render->layout, map, &render->map);
		r = ecli_buf_failed(&render->map) ? -ENOMEM : 0;
	}
	if (!r) {
		render->least_size = ecli_plan_least(plan);
		r = ecli_puts_build(render, true);
	}
	if (r) {
		ecli_render_free(render);
		return ecli_err_set(err, r, "out of memory while preparing the output");
	}
	*ret_render = render;
	return 0;
}

void ecli_render_set_frames(struct ecli_render *render, ecli_render_frames_fn fn, void *ctx)
{
	render->frames = fn;
	render->frames_ctx = ctx;
}

void ecli_render_free(struct ecli_render *render)
{
	if (!render)
		return;
	free(render->stack);
	ecli_puts_done(&render->puts);
	ecli_layout_done(&render->layout);
	ecli_formats_free(render->formats);
	ecli_buf_done(&render->map);
	free(render);
}

void ecli_render_header(struct ecli_render *render, struct ecli_buf *out)
{
	if (render->format != ECLI_FORMAT_JSON)
		ecli_layout_header(&render->layout, render->format, !render->is_untimed, render->has_map, out);
}

int ecli_render_hide_time(struct ecli_render *render)
{
	if (render->format != ECLI_FORMAT_TABLE)
		return 0;
	render->is_untimed = true;
	return ecli_puts_build(render, true);
}

char *ecli_sink_grow(struct ecli_render *render, size_t need)
{
	struct ecli_buf *out = render->out;

	out->len = (size_t)(render->at - out->data);
	if (!ecli_buf_reserve(out, need))
		return NULL;
	render->at = out->data + out->len;
	render->limit = out->data + out->cap;
	return render->at;
}

char *ecli_sink_more_spaces(char *p, size_t count)
{
	memset(p, ' ', count);
	return p + count;
}

struct ecli_value ecli_sink_formatted(struct ecli_render *render, const struct ecli_field *field,
				      const struct ecli_value *value)
{
	struct ecli_value text = { .kind = ECLI_VALUE_ENUM };

	text.name = ecli_formats_text(render->formats, field, value);
	if (ecli_buf_failed(&render->formats->text))
		render->out->failed = true;
	return text;
}

/* What stands in place of the time, and the space after it. */
static void drop_mark(const struct ecli_render *render, struct ecli_buf *out)
{
	char *row = out->data + render->row_start;
	size_t len = out->len - render->row_start, drop = len > 1 && row[1] == ' ' ? 2 : 1;

	memmove(row, row + drop, len - drop);
	out->len -= drop;
}

int ecli_render_row(struct ecli_render *render, uint64_t wall_ns, const void *data, size_t size_bytes,
		    struct ecli_buf *out)
{
	struct ecli_put *put = render->puts.items, *end = put + render->puts.count;

	if (size_bytes < render->least_size)
		return -EBADMSG;
	if ((out->failed || out->cap - out->len < render->row_room) && !ecli_buf_reserve(out, render->row_room))
		return -ENOMEM;
	render->wall_ns = wall_ns;
	render->record_size = size_bytes;
	render->out = out;
	render->row_start = out->len;
	render->limit = out->data + out->cap;
	if (render->formats)
		ecli_formats_begin(render->formats, wall_ns);

	char *p = out->data + out->len;
	for (; put < end; put++)
		p = put->fn(render, put, data, p);
	/* What by_visitor has grown began as long as it was. */
	out->len = out->failed ? render->row_start : (size_t)(p - out->data);
	if (render->is_untimed && !out->failed)
		drop_mark(render, out);
	return out->failed ? -ENOMEM : 0;
}

/* ---- text for everybody ---------------------------------------------------------------------------------------- */

void ecli_render_json_text(const char *text, size_t len, struct ecli_buf *out)
{
	if (!ecli_buf_reserve(out, len * ECLI_ESCAPE_JSON_ROOM + ECLI_ESCAPE_SLACK + 2))
		return;

	char *p = out->data + out->len;
	*p++ = '"';
	p = ecli_escape_json(p, text, len);
	*p++ = '"';
	out->len = (size_t)(p - out->data);
}

void ecli_render_safe_text(const char *text, size_t len, struct ecli_buf *out)
{
	size_t narrow = 0;

	if (!ecli_buf_reserve(out, len * ECLI_ESCAPE_SAFE_ROOM + ECLI_ESCAPE_SLACK))
		return;
	out->len = (size_t)(ecli_escape_safe(out->data + out->len, text, len, ECLI_ESCAPE_TABLE, &narrow) - out->data);
}

void ecli_render_iso_time(uint64_t wall_ns, struct ecli_buf *out)
{
	struct ecli_clock clock = { 0 };

	if (!ecli_buf_reserve(out, ECLI_CLOCK_ISO_LEN))
		return;
	ecli_clock_iso(&clock, wall_ns, out->data + out->len);
	out->len += ECLI_CLOCK_ISO_LEN;
}
