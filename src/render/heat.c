/* SPDX-License-Identifier: MIT */
/*
 * A histogram as one line of a heat map: a cell a bucket, darker the more it counted; lines under each other show how it changes.
 *
 *     usecs    0       256     64k     16M
 *     10:00:05 |  .:=+#*=-:.               |     1234 key = 4711, comm = cc1
 *     10:00:06 |  .:=+@*=-:.               |     1301 key = 4711, comm = cc1
 *
 * What a cell means is always the same, 1, 4, 16, 64, ... and more, so that lines, keys and runs can be compared; the header says
 * it. More buckets than cells are put together. Arithmetic and layout alone; what is counted, and of what, is hist.c.
 */
#include "render/hist.h"

#include <inttypes.h>
#include <string.h>

#define MAX_CELLS  64u
#define LABEL_STEP 8u /* cells from one label to the next */
#define LEVELS     8u

static const char *const ascii[LEVELS] = { ".", ":", "-", "=", "+", "*", "#", "@" };
static const char *const blocks[LEVELS] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };

/* Buckets that share a cell. */
static uint32_t share(uint32_t count)
{
	return (count + MAX_CELLS - 1) / MAX_CELLS;
}

static uint32_t level(uint64_t count)
{
	uint32_t found = 0;

	while (found + 1 < LEVELS && count >= UINT64_C(1) << 2 * (found + 1))
		found++;
	return found;
}

/* A number in at most five characters: 65536 is 64k, 1000000 is 1M. */
static void add_short(const struct hist_scale *scale, int64_t edge, struct ecli_buf *out)
{
	static const char units[] = " kMGTPE";
	bool is_negative = scale->is_linear && edge < 0;
	uint64_t number = is_negative ? 0 - (uint64_t)edge : (uint64_t)edge;
	uint64_t base = scale->is_linear ? 1000 : 1024;
	size_t unit = 0;

	while (number >= (scale->is_linear ? 10000 : base) && unit + 1 < sizeof(units) - 1) {
		number /= base;
		unit++;
	}
	ecli_buf_add_format(out, "%s%" PRIu64, is_negative ? "-" : "", number);
	if (unit)
		ecli_buf_add_char(out, units[unit]);
}

void heat_header(const struct hist_scale *scale, enum ecli_heat heat, const char *unit, uint32_t count,
		 struct ecli_buf *out)
{
	const char *const *cells = heat == ECLI_HEAT_BLOCKS ? blocks : ascii;
	uint32_t together = share(count), n_cells = (count + together - 1) / together;
	size_t start = out->len, width;

	ecli_render_safe_text(unit, strlen(unit), out);
	width = out->len - start;
	ecli_buf_add_repeat(out, ' ', width < 9 ? 9 - width : 1);
	for (uint32_t i = 0; i < n_cells; i += LABEL_STEP) {
		size_t before = out->len;

		add_short(scale, hist_edges(scale, i * together).from, out);
		width = out->len - before;
		if (i + LABEL_STEP < n_cells)
			ecli_buf_add_repeat(out, ' ', width < LABEL_STEP ? LABEL_STEP - width : 1);
	}
	ecli_buf_add_text(out, "\nlegend   ");
	for (uint32_t i = 0; i < LEVELS; i++)
		ecli_buf_add_format(out, "%s %" PRIu64 "%s", cells[i], UINT64_C(1) << 2 * i,
				    i + 1 < LEVELS ? "  " : " and more\n");
}

void heat_line(enum ecli_heat heat, const uint64_t *counts, uint32_t count, struct ecli_buf *out)
{
	const char *const *cells = heat == ECLI_HEAT_BLOCKS ? blocks : ascii;
	uint32_t together = share(count);

	ecli_buf_add_text(out, " |");
	for (uint32_t i = 0; i < count; i += together) {
		uint32_t some = count - i < together ? count - i : together;
		uint64_t sum = hist_total(counts + i, some);

		ecli_buf_add_text(out, sum ? cells[level(sum)] : " ");
	}
	ecli_buf_add_format(out, "| %8" PRIu64, hist_total(counts, count));
}
