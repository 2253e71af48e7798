/* SPDX-License-Identifier: MIT */
/* How wide each column of a screen is, and which columns there is room for. Arithmetic alone. */
#ifndef ECLI_CLI_VIEW_LAYOUT_H
#define ECLI_CLI_VIEW_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAYOUT_GAP 1 /* terminal columns between two columns */

struct layout_column {
	uint32_t wish;  /* terminal columns that all of it takes, title included */
	uint32_t least; /* text may be cut to this; of numbers it is the wish */
	uint32_t width; /* result, of those that are placed */
};

struct layout_place {
	size_t first, count; /* columns in sight */
};

/*
 * Gives the @n columns a width within @screen_width. Text is cut first, the widest most. When even that does not do, columns are
 * left out, so that column @wanted (below @n) is in sight and as few as possible before it are not.
 */
struct layout_place layout_fit(struct layout_column *columns, size_t n, size_t wanted, uint32_t screen_width);

#endif
