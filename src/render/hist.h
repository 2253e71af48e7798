/* SPDX-License-Identifier: MIT */
/* Counters as a histogram: the edges of its buckets, and how it is drawn (hist_text.c). Only for render/. */
#ifndef ECLI_RENDER_HIST_H
#define ECLI_RENDER_HIST_H

#include <ecli/render.h>

/* Which values bucket @index counts: log2: 0 to 1, 2 to 3, 4 to 7, ...; linear: @step values each from @base on. */
struct hist_scale {
	bool is_linear;
	int64_t base;
	uint32_t step;
	uint32_t
		n_slots; /* there are in all: the last one also has everything above it; 0: not known, all have an end */
};

/* Both are counted; @to is to be read as unsigned when the scale is log2. */
struct hist_edges {
	int64_t from, to;
};

/* Whether the bucket has no upper edge, because it is the last one: programs count there what is too large for all others. */
bool hist_is_open(const struct hist_scale *scale, uint32_t index);
struct hist_edges hist_edges(const struct hist_scale *scale, uint32_t index);

/* How many of @count counters there are up to the last that is not 0. */
uint32_t hist_used(const uint64_t *counts, uint32_t count);
uint64_t hist_total(const uint64_t *counts, uint32_t count); /* stays at the greatest number when it does not fit */
/* The bucket in which the @percent-th percentile lies: the first with at least so many percent in it and below. @total > 0. */
uint32_t hist_percentile(const uint64_t *counts, uint32_t count, uint64_t total, uint32_t percent);

/* Appends an edge, padded like printf's %*d: of a log2 bucket unsigned, of a linear one signed. */
void hist_add_edge(const struct hist_scale *scale, int64_t edge, int width, struct ecli_buf *out);

/* Appends the drawing and the line below it, and an empty line. @unit is untrusted text. */
void hist_draw(const struct hist_scale *scale, const char *unit, const uint64_t *counts, uint32_t count,
	       struct ecli_buf *out);

/* heat.c: the axis with the edges of buckets, and what the cells mean. */
void heat_header(const struct hist_scale *scale, enum ecli_heat heat, const char *unit, uint32_t count,
		 struct ecli_buf *out);
/* heat.c: the cells and the sum, without an end of line. */
void heat_line(enum ecli_heat heat, const uint64_t *counts, uint32_t count, struct ecli_buf *out);

#endif
