/* SPDX-License-Identifier: MIT */
/*
 * What is known of a renderer's columns before the first row: order, names, alignment, width. The width is the only
 * thing that changes later, and it only grows.
 */
#ifndef ECLI_RENDER_LAYOUT_H
#define ECLI_RENDER_LAYOUT_H

#include <ecli/plan.h>
#include <ecli/render.h>

#define ECLI_LAYOUT_GROW_MAX     40 /* terminal columns a value can make its column grow to */
#define ECLI_LAYOUT_KEY_READABLE 32 /* so that a short key is copied whole (put.h) */

struct ecli_column {
	char *key; /* JSON: `,"name":`, escaped, with ECLI_LAYOUT_KEY_READABLE bytes readable; owned */
	uint32_t key_len;
	char *raw_key; /* JSON: the same for the raw value of a formatted field, else NULL; owned, NUL-terminated */
	uint32_t raw_key_len;
	uint32_t width; /* table */
	bool is_shown;  /* in table and plain */
	bool is_left;   /* text; numbers are aligned right */
	bool is_last;   /* of those shown: text needs no padding */
	const struct ecli_field *field;
};

struct ecli_layout {
	struct ecli_column *columns; /* one for each column of the plan, by field->column */
	uint32_t count;
	uint32_t map_width; /* table: of the MAP column, where there is one */
};

/* @map: name of the source that every row carries after the time, or NULL. 0 or -ENOMEM; @layout is to be done either
 * way. */
int ecli_layout_init(struct ecli_layout *layout, const struct ecli_plan *plan, const char *map);
void ecli_layout_done(struct ecli_layout *layout);

/* Appends the header line for ECLI_FORMAT_TABLE or ECLI_FORMAT_PLAIN. */
void ecli_layout_header(const struct ecli_layout *layout, enum ecli_format format, bool has_time, bool has_map,
			struct ecli_buf *out);
/* Appends one cell of a header: upper-case and padded to @width for tables, lower-case for plain; escaped. */
void ecli_layout_title(const char *name, enum ecli_format format, bool is_left, uint32_t width, struct ecli_buf *out);
/* Appends @text safe for a terminal in @format, as one cell; returns the terminal columns it takes. */
size_t ecli_layout_text(const char *text, size_t len, enum ecli_format format, struct ecli_buf *out);

static inline void ecli_layout_grow(struct ecli_column *column, size_t width)
{
	if (width > ECLI_LAYOUT_GROW_MAX)
		width = ECLI_LAYOUT_GROW_MAX;
	if (width > column->width)
		column->width = (uint32_t)width;
}

#endif
