/* SPDX-License-Identifier: MIT */
/*
 * Histograms: an entry of a map whose value has an array of counters, one a bucket.
 *
 *     table   10:00:05 key = 4711, comm = cc1
 *                  usecs               : count    distribution
 *                      0 -> 1          : 9        |****                                    |
 *                      2 -> 3          : 80       |****************************************|
 *                  89 in all, p50 <= 3, p90 <= 3, p99 <= 3, max <= 3
 *     heat    10:00:05 | .:=+#*=-: |       89 key = 4711, comm = cc1        a line each (heat.c)
 *     plain   time key comm from to count              a line for each bucket up to the last that counted
 *     json    the row as it would be without a histogram, and "histogram":{"unit":"usecs","total":89,"buckets":[...]}
 *
 * One plan run gathers the counters; JSON and plain rows are those of the ordinary renderer, whose column of counters
 * the plan hides. How buckets are drawn is hist_text.c.
 *
 * Invariant: buckets are exact; the last has everything above it and no upper edge (null, or - in plain output). A per-CPU value, which holds the array once a CPU, is added up. A percentile is the upper edge of
 * the bucket it falls in, because no more is known.
 */
#include "render/hist.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/cell.h"
#include "render/formats.h"

/* What histograms of all-time favourites have is 26 to 64; a linear one may count by percent or by CPU. */
#define MAX_SLOTS 4096u
#define LOG2_MAX  64u

struct ecli_render_hist {
	const struct ecli_plan *plan;
	enum ecli_format format;
	struct ecli_render *row; /* owned: the ordinary row */
	const struct ecli_field *slots;
	char *json_name; /* "histogram", with a '_' for each field that is called so */
	struct hist_scale scale;
	enum ecli_heat heat;
	char *unit;
	uint32_t n_slots;

	/* Of the row in work. */
	uint64_t counts[MAX_SLOTS];
	uint32_t n_counts, next;
	bool is_first; /* nothing of the heading was written yet */

	bool is_one_of_several; /* every member may be its name */
};

/* ---- gathering ------------------------------------------------------------------------------------------------- */

static bool in_slots(const struct ecli_render_hist *hist, const struct ecli_field *field)
{
	return field->column == hist->slots->column;
}

static void count_leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	struct ecli_render_hist *hist = ctx;

	if (!in_slots(hist, field) || hist->next >= MAX_SLOTS)
		return;
	hist->counts[hist->next++] += value->u;
	if (hist->next > hist->n_counts)
		hist->n_counts = hist->next;
}

static void count_open(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	struct ecli_render_hist *hist = ctx;

	(void)group;
	if (in_slots(hist, field))
		hist->next = 0;
}

static void count_close(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	(void)ctx, (void)field, (void)group;
}

static int gather(struct ecli_render_hist *hist, const void *data, size_t size_bytes)
{
	static const struct ecli_visitor visitor = { .leaf = count_leaf, .open = count_open, .close = count_close };

	memset(hist->counts, 0, sizeof(*hist->counts) * hist->n_counts);
	hist->n_counts = hist->next = 0;
	return ecli_plan_run(hist->plan, data, size_bytes, &visitor, hist);
}

/* ---- the heading of a drawn histogram -------------------------------------------------------------------------- */

/* "name = " before a column; NULL when nothing is to be written. */
static char *heading_name(struct ecli_render_hist *hist, const struct ecli_field *field, size_t extra)
{
	struct ecli_render *row = hist->row;
	size_t len = strlen(field->name);

	if (field->hidden || in_slots(hist, field))
		return NULL;
	char *p = room(row, len * ECLI_ESCAPE_SAFE_ROOM + ECLI_ESCAPE_SLACK + extra + 8);
	if (!p)
		return NULL;
	if (!hist->is_first)
		*p++ = ',';
	hist->is_first = false;
	*p++ = ' ';
	p = ecli_escape_safe(p, field->name, len, ECLI_ESCAPE_TABLE, &row->narrow);
	memcpy(p, " = ", 3);
	return p + 3;
}

/* Of the one histogram of everything the key is 0 and the name empty: they say nothing. Of several, 0 is the name of one. */
static bool says_nothing(const struct ecli_render_hist *hist, const struct ecli_value *value)
{
	if (hist->is_one_of_several)
		return false;
	switch (value->kind) {
	case ECLI_VALUE_UINT:
	case ECLI_VALUE_SINT:
		return !value->u;
	case ECLI_VALUE_STRING:
		return !value->str.len;
	default:
		return false;
	}
}

static void heading_leaf(void *ctx, const struct ecli_field *field, const struct ecli_value *value)
{
	struct ecli_render_hist *hist = ctx;
	struct ecli_value text;

	if (field->depth) {
		if (!field->hidden && !in_slots(hist, field))
			ecli_cell_leaf(hist->row, field, value);
		return;
	}
	if (says_nothing(hist, value))
		return;
	if (value->kind == ECLI_VALUE_FORMATTED) {
		text = ecli_sink_formatted(hist->row, field, value);
		value = &text;
	}
	char *p = heading_name(hist, field, value_room(value));
	if (p)
		hist->row->at = ecli_cell_value(p, field, value, ECLI_ESCAPE_TABLE, &hist->row->narrow);
}

static void heading_open(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	struct ecli_render_hist *hist = ctx;

	if (field->hidden || in_slots(hist, field))
		return;
	if (!field->depth) {
		char *p = heading_name(hist, field, 0);

		if (!p)
			return;
		hist->row->at = p;
	}
	ecli_cell_open(hist->row, field, group);
}

static void heading_close(void *ctx, const struct ecli_field *field, enum ecli_group group)
{
	struct ecli_render_hist *hist = ctx;

	if (!field->hidden && !in_slots(hist, field))
		ecli_cell_close(hist->row, group);
}

/* The time, the map's name and "name = value" of every other column. */
static int write_heading(struct ecli_render_hist *hist, uint64_t wall_ns, const void *data, size_t size_bytes,
			 struct ecli_buf *out)
{
	static const struct ecli_visitor visitor = { .leaf = heading_leaf,
						     .open = heading_open,
						     .close = heading_close };
	struct ecli_render *row = hist->row;

	row->out = out;
	row->at = out->data + out->len;
	row->limit = out->data + out->cap;
	hist->is_first = true;
	if (row->formats)
		ecli_formats_begin(row->formats, wall_ns);
	ecli_cell_begin(row, wall_ns);
	int r = ecli_plan_run(hist->plan, data, size_bytes, &visitor, hist);
	out->len = (size_t)(row->at - out->data);
	while (out->len && out->data[out->len - 1] == ' ') /* the map's name is padded for a table */
		out->len--;
	ecli_buf_add_char(out, '\n');
	return r;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

/* The line of the ordinary row without its end, once for each bucket. */
static void write_plain(const struct ecli_render_hist *hist, size_t start, struct ecli_buf *out)
{
	size_t len = out->len - start - 1;
	uint32_t n = hist_used(hist->counts, hist->n_counts);

	if (!n)
		out->len = start;
	for (uint32_t i = 0; i < n; i++) {
		struct hist_edges edges = hist_edges(&hist->scale, i);

		if (!i) {
			out->len--;
		} else {
			if (!ecli_buf_reserve(out, len))
				return;
			ecli_buf_add(out, out->data + start, len);
		}
		ecli_buf_add_char(out, ' ');
		hist_add_edge(&hist->scale, edges.from, 0, out);
		ecli_buf_add_char(out, ' ');
		if (hist_is_open(&hist->scale, i))
			ecli_buf_add_char(out, '-');
		else
			hist_add_edge(&hist->scale, edges.to, 0, out);
		ecli_buf_add_format(out, " %" PRIu64 "\n", hist->counts[i]);
	}
}

static void write_json(const struct ecli_render_hist *hist, struct ecli_buf *out)
{
	uint32_t n = hist_used(hist->counts, hist->n_counts);

	out->len -= 2; /* "}\n" */
	ecli_buf_add_format(out, ",\"%s\":{\"unit\":", hist->json_name);
	ecli_render_json_text(hist->unit, strlen(hist->unit), out);
	ecli_buf_add_format(out, ",\"total\":%" PRIu64 ",\"buckets\":[", hist_total(hist->counts, n));
	for (uint32_t i = 0; i < n; i++) {
		struct hist_edges edges = hist_edges(&hist->scale, i);

		ecli_buf_add_text(out, i ? ",{\"from\":" : "{\"from\":");
		hist_add_edge(&hist->scale, edges.from, 0, out);
		ecli_buf_add_text(out, ",\"to\":");
		if (hist_is_open(&hist->scale, i))
			ecli_buf_add_text(out, "null");
		else
			hist_add_edge(&hist->scale, edges.to, 0, out);
		ecli_buf_add_format(out, ",\"count\":%" PRIu64 "}", hist->counts[i]);
	}
	ecli_buf_add_text(out, "]}}\n");
}

/* The cells go between the time and the rest of the heading. */
static void put_heat(const struct ecli_render_hist *hist, size_t start, struct ecli_buf *out)
{
	CLEANUP_BUF struct ecli_buf rest = { 0 };

	if (ecli_buf_failed(out))
		return;
	ecli_buf_add(&rest, out->data + start + ECLI_CLOCK_TIME_LEN, out->len - start - ECLI_CLOCK_TIME_LEN);
	out->len = start + ECLI_CLOCK_TIME_LEN;
	heat_line(hist->heat, hist->counts, hist->n_slots, out);
	ecli_buf_add(out, rest.data, rest.len);
}

void ecli_render_hist_gap(struct ecli_render_hist *hist, uint64_t wall_ns, struct ecli_buf *out)
{
	if (!hist->heat || hist->format != ECLI_FORMAT_TABLE)
		return;
	memset(hist->counts, 0, sizeof(*hist->counts) * hist->n_slots);
	ecli_buf_add(out, ecli_clock_time(&hist->row->clock, wall_ns), ECLI_CLOCK_TIME_LEN);
	heat_line(hist->heat, hist->counts, hist->n_slots, out);
	ecli_buf_add_char(out, '\n');
}

int ecli_render_hist_row(struct ecli_render_hist *hist, uint64_t wall_ns, const void *data, size_t size_bytes,
			 struct ecli_buf *out)
{
	size_t start = out->len;
	int r = gather(hist, data, size_bytes);

	if (r)
		return r;
	if (hist->format != ECLI_FORMAT_TABLE) {
		r = ecli_render_row(hist->row, wall_ns, data, size_bytes, out);
		if (!r && hist->format == ECLI_FORMAT_JSON)
			write_json(hist, out);
		else if (!r)
			write_plain(hist, start, out);
	} else if (hist_used(hist->counts, hist->n_counts)) {
		r = write_heading(hist, wall_ns, data, size_bytes, out);
		if (!r && hist->heat)
			put_heat(hist, start, out);
		else if (!r)
			hist_draw(&hist->scale, hist->unit, hist->counts, hist->n_counts, out);
	}
	if (!r && ecli_buf_failed(out))
		r = -ENOMEM;
	if (r)
		out->len = start;
	return r;
}

void ecli_render_hist_name(struct ecli_render_hist *hist, bool is_one_of_several)
{
	hist->is_one_of_several = is_one_of_several;
}

void ecli_render_hist_header(struct ecli_render_hist *hist, struct ecli_buf *out)
{
	if (hist->format == ECLI_FORMAT_TABLE && hist->heat)
		heat_header(&hist->scale, hist->heat, hist->unit, hist->n_slots, out);
	if (hist->format != ECLI_FORMAT_PLAIN)
		return;
	ecli_render_header(hist->row, out);
	if (out->len && !ecli_buf_failed(out))
		out->len--;
	ecli_buf_add_text(out, " from to count\n");
}

/* ---- making ---------------------------------------------------------------------------------------------------- */

static const struct ecli_field *find_slots(const struct ecli_plan *plan, const char *name)
{
	for (uint32_t i = 0; i < ecli_plan_columns(plan); i++) {
		const struct ecli_field *field = ecli_plan_column(plan, i);
		bool is_count = field->kind == ECLI_VALUE_UINT || field->kind == ECLI_VALUE_SINT;

		if (!strcmp(field->name, name) && ecli_plan_column_is_group(plan, i) && is_count)
			return field;
	}
	return NULL;
}

static char *make_json_name(const struct ecli_plan *plan)
{
	struct ecli_buf name = { 0 };

	ecli_buf_add_text(&name, "histogram");
	for (uint32_t i = 0; i < ecli_plan_columns(plan); i++)
		if (!strcmp(ecli_plan_column(plan, i)->name, ecli_buf_text(&name))) {
			ecli_buf_add_char(&name, '_');
			i = 0; /* that may be one's name, too */
		}
	return ecli_buf_take(&name);
}

/* How many counters one array has: found by a run over a record of zeros. */
static int count_slots(struct ecli_render_hist *hist)
{
	size_t size = (size_t)ecli_plan_size(hist->plan);
	void *zeros = calloc(1, size ? size : 1);

	if (!zeros)
		return -ENOMEM;
	int r = gather(hist, zeros, size);
	free(zeros);
	hist->n_slots = hist->scale.n_slots = hist->n_counts;
	return r;
}

int ecli_render_hist_new(const struct ecli_plan *plan, enum ecli_format format, const char *map,
			 const struct ecli_render_hist_opts *opts, struct ecli_err *err,
			 struct ecli_render_hist **ret_hist)
{
	struct ecli_render_hist *hist = calloc(1, sizeof(*hist));
	int r = 0;

	if (!hist)
		return ecli_err_set(err, -ENOMEM, "out of memory while preparing the output");
	hist->plan = plan;
	hist->format = format;
	hist->heat = opts->heat;
	hist->scale = (struct hist_scale){ .is_linear = opts->is_linear, .base = opts->base, .step = opts->step };
	hist->unit = strdup(opts->unit ? opts->unit : "(unit)");
	hist->json_name = make_json_name(plan);
	hist->slots = find_slots(plan, opts->slots);
	if (!hist->unit || !hist->json_name)
		r = ecli_err_set(err, -ENOMEM, "out of memory while preparing the output");
	else if (!hist->slots)
		r = ecli_err_set(err, -EINVAL, "a histogram needs a member %s that is an array of counters",
				 opts->slots);
	else
		r = ecli_render_new(plan, format, map, err, &hist->row);
	if (!r && count_slots(hist))
		r = ecli_err_set(err, -ENOMEM, "out of memory while preparing the output");
	if (!r && hist->n_counts > (opts->is_linear ? MAX_SLOTS - 1 : LOG2_MAX))
		r = ecli_err_set(err, -E2BIG, "a histogram has at most %u buckets, but %s has more",
				 opts->is_linear ? MAX_SLOTS - 1 : LOG2_MAX, opts->slots);
	if (r) {
		ecli_render_hist_free(hist);
		return r;
	}
	*ret_hist = hist;
	return 0;
}

void ecli_render_hist_free(struct ecli_render_hist *hist)
{
	if (!hist)
		return;
	ecli_render_free(hist->row);
	free(hist->json_name);
	free(hist->unit);
	free(hist);
}
