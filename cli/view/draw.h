/* SPDX-License-Identifier: MIT */
/* State to screen. */
#ifndef ECLI_CLI_VIEW_DRAW_H
#define ECLI_CLI_VIEW_DRAW_H

#include "state.h"

/* Draws everything; curses sends what has changed. */
void draw(struct view *view);
/* Rows of a table that the screen has room for, 0 on a very small one. */
size_t draw_height(struct view *view);
/* Appends the table as it is on the screen, as lines for the time after it. */
void draw_last(struct view *view, struct ecli_buf *out);

#endif
