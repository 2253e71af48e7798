/* SPDX-License-Identifier: MIT */
/* The lines of a screen as text, each at most as wide as the screen. */
#ifndef ECLI_CLI_VIEW_LINES_H
#define ECLI_CLI_VIEW_LINES_H

#include "state.h"

/* Tool, table, how many rows of how many from where, order, interval, time; @height: rows of the table that there is room for. */
void lines_status(struct view *view, size_t height, uint32_t width, struct ecli_buf *out);
/* What the next line says, in the order of how much it matters: losses, what is wrong with the filter, the filter. False: nothing. */
bool lines_note(struct view *view, uint32_t width, struct ecli_buf *out, bool *ret_is_bad);
/* The last line: the keys, or the filter that is typed. */
void lines_keys(const struct view *view, uint32_t width, struct ecli_buf *out);

/* Titles or a row (TABLE_TOTAL: the total) of a table as placed. @ret_sorted_at, @ret_sorted_width: where the title of the sorted column lies; 0 wide: not in sight. */
void lines_titles(const struct table *table, const struct layout_column *layout, struct layout_place place,
		  struct ecli_buf *out, uint32_t *ret_sorted_at, uint32_t *ret_sorted_width);
void lines_row(struct table *table, const struct layout_column *layout, struct layout_place place, size_t row,
	       struct ecli_buf *out);

#endif
