/* SPDX-License-Identifier: MIT */
/*
 * The drawing of a histogram, in the layout that people know from bcc and libbpf-tools:
 *
 *          usecs               : count    distribution
 *              0 -> 1          : 9        |****                                    |
 *              2 -> 3          : 80       |****************************************|
 *          89 in all, p50 <= 3, p90 <= 3, p99 <= 3, max <= 3
 *
 * The last bucket that there is has no upper edge, "8 -> ...", and a percentile in it is "p99 >= 8". More than 32 buckets have edges that need more room: columns are wider and bars shorter then. Only arithmetic and layout;
 * what is counted, and of what, is hist.c.
 */
#include "render/hist.h"

#include <inttypes.h>
#include <string.h>

#define WIDE_FROM 33u /* buckets */

struct drawing {
	int edge, count, bar; /* columns */
};

static const struct drawing usual = { .edge = 10, .count = 8, .bar = 40 };
static const struct drawing wide = { .edge = 20, .count = 8, .bar = 20 };

struct hist_edges hist_edges(const struct hist_scale *scale, uint32_t index)
{
	if (scale->is_linear) {
		/* Wraps where a package asks for it; that is its own business, but must not be undefined. */
		uint64_t from = (uint64_t)scale->base + (uint64_t)index * scale->step;

		return (struct hist_edges){ (int64_t)from, (int64_t)(from + scale->step - 1) };
	}
	if (index >= 63)
		return (struct hist_edges){ INT64_MIN, -1 }; /* 2^63 to 2^64 - 1 */
	return (struct hist_edges){ index ? (int64_t)(UINT64_C(1) << index) : 0,
				    (int64_t)((UINT64_C(1) << (index + 1)) - 1) };
}

/* The 64th of a log2 scale ends where numbers end. */
bool hist_is_open(const struct hist_scale *scale, uint32_t index)
{
	return index + 1 == scale->n_slots && (scale->is_linear || index < 63);
}

uint32_t hist_used(const uint64_t *counts, uint32_t count)
{
	while (count && !counts[count - 1])
		count--;
	return count;
}

uint64_t hist_total(const uint64_t *counts, uint32_t count)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < count; i++)
		if (__builtin_add_overflow(total, counts[i], &total))
			return UINT64_MAX;
	return total;
}

uint32_t hist_percentile(const uint64_t *counts, uint32_t count, uint64_t total, uint32_t percent)
{
	/* The rank, rounded up, without a product that overflows. */
	uint64_t rank = total / 100 * percent + (total % 100 * percent + 99) / 100, seen = 0;

	for (uint32_t i = 0; i < count; i++) {
		seen += counts[i];
		if (seen >= rank)
			return i;
	}
	return count - 1;
}

void hist_add_edge(const struct hist_scale *scale, int64_t edge, int width, struct ecli_buf *out)
{
	if (scale->is_linear)
		ecli_buf_add_format(out, "%*" PRId64, width, edge);
	else
		ecli_buf_add_format(out, "%*" PRIu64, width, (uint64_t)edge);
}

static void add_bar(uint64_t count, uint64_t most, int width, struct ecli_buf *out)
{
	/* In floating point: exact enough for 40 columns, and no product overflows. */
	size_t stars = (size_t)((double)count / (double)most * width);

	ecli_buf_add_char(out, '|');
	ecli_buf_add_repeat(out, '*', stars);
	ecli_buf_add_repeat(out, ' ', (size_t)width - stars);
	ecli_buf_add_text(out, "|\n");
}

static void add_bucket(const struct hist_scale *scale, const struct drawing *drawing, uint32_t index, uint64_t count,
		       uint64_t most, struct ecli_buf *out)
{
	struct hist_edges edges = hist_edges(scale, index);

	if (hist_is_open(scale, index)) {
		hist_add_edge(scale, edges.from, drawing->edge, out);
		ecli_buf_add_format(out, " -> %-*s", drawing->edge, "...");
	} else if (scale->is_linear && scale->step == 1) {
		/* One number, in the middle of where the two edges would be. */
		ecli_buf_add_repeat(out, ' ', 5);
		hist_add_edge(scale, edges.from, drawing->edge - 5, out);
		ecli_buf_add_repeat(out, ' ', (size_t)drawing->edge + 4);
	} else {
		hist_add_edge(scale, edges.from, drawing->edge, out);
		ecli_buf_add_text(out, " -> ");
		hist_add_edge(scale, edges.to, -drawing->edge, out);
	}
	ecli_buf_add_format(out, " : %-*" PRIu64 " ", drawing->count, count);
	add_bar(count, most, drawing->bar, out);
}

/* As much as is known of a value in that bucket. */
static void add_bound(const struct hist_scale *scale, uint32_t index, struct ecli_buf *out)
{
	struct hist_edges edges = hist_edges(scale, index);
	bool is_open = hist_is_open(scale, index);

	ecli_buf_add_text(out, is_open ? " >= " : " <= ");
	hist_add_edge(scale, is_open ? edges.from : edges.to, 0, out);
}

static void add_summary(const struct hist_scale *scale, const uint64_t *counts, uint32_t count, struct ecli_buf *out)
{
	static const uint32_t percents[] = { 50, 90, 99 };
	uint64_t total = hist_total(counts, count);

	ecli_buf_add_format(out, "     %" PRIu64 " in all", total);
	for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
		ecli_buf_add_format(out, ", p%" PRIu32, percents[i]);
		add_bound(scale, hist_percentile(counts, count, total, percents[i]), out);
	}
	ecli_buf_add_text(out, ", max");
	add_bound(scale, count - 1, out);
	ecli_buf_add_text(out, "\n\n");
}

void hist_draw(const struct hist_scale *scale, const char *unit, const uint64_t *counts, uint32_t count,
	       struct ecli_buf *out)
{
	struct ecli_buf safe = { 0 };
	uint64_t most = 1;

	count = hist_used(counts, count);
	const struct drawing *drawing = count < WIDE_FROM || scale->is_linear ? &usual : &wide;
	for (uint32_t i = 0; i < count; i++)
		if (counts[i] > most)
			most = counts[i];

	ecli_render_safe_text(unit, strlen(unit), &safe);
	ecli_buf_add_repeat(out, ' ', (size_t)drawing->edge / 2);
	ecli_buf_add_format(out, "%-*s : %-*s distribution\n", drawing->edge + drawing->edge / 2 + 4,
			    ecli_buf_text(&safe), drawing->count, "count");
	ecli_buf_done(&safe);
	uint32_t first = 0;
	while (scale->is_linear && first + 1 < count && !counts[first])
		first++;
	for (uint32_t i = first; i < count; i++)
		add_bucket(scale, drawing, i, counts[i], most, out);
	if (count)
		add_summary(scale, counts, count, out);
}
