/* SPDX-License-Identifier: MIT */
/*
 * State to screen, all of it each time: curses compares with what is there and sends the difference. The lines are those of
 * lines.c; what is added here is where they stand and how they look.
 *
 *     0        status                 bold
 *     1        losses, the filter     only when there is something; losses in red
 *     1 or 2   titles                 reversed, the sorted one underlined
 *     ...      rows, then the total, where there is one
 *     last     keys, or the prompt
 */
#include "draw.h"

#include <stdlib.h>
#include <string.h>

#define NCURSES_NOMACROS 1
#include <curses.h>

#include "keys.h"
#include "lines.h"

enum pair { PAIR_PLAIN, PAIR_BAD, PAIR_PAUSED };

static uint32_t screen_width(void)
{
	return COLS > 0 ? (uint32_t)COLS : 0;
}

static bool has_note(struct view *view)
{
	struct ecli_buf scratch = { 0 };
	bool is_bad, has = lines_note(view, screen_width(), &scratch, &is_bad);

	ecli_buf_done(&scratch);
	return has;
}

size_t draw_height(struct view *view)
{
	int rows = LINES - 3 - has_note(view) - table_has_total(view_table(view));

	return rows > 0 ? (size_t)rows : 0;
}

/* Puts the text and empties it. */
static void put(int y, struct ecli_buf *line, attr_t attributes)
{
	attrset(attributes);
	mvaddstr(y, 0, ecli_buf_text(line));
	attrset(A_NORMAL);
	ecli_buf_clear(line);
}

static attr_t colour(const struct view *view, enum pair pair)
{
	static const short colours[] = { [PAIR_BAD] = COLOR_RED, [PAIR_PAUSED] = COLOR_YELLOW };

	if (!view->terminal.has_colours || pair == PAIR_PLAIN)
		return A_BOLD;
	init_pair((short)pair, colours[pair], -1);
	return A_BOLD | (attr_t)COLOR_PAIR(pair);
}

static void draw_table(struct view *view, int y, size_t height, struct ecli_buf *line)
{
	struct table *table = view_table(view);
	struct layout_column *layout = calloc(table->n_columns + 1, sizeof(*layout));
	uint32_t at, width;

	if (!layout)
		return;
	struct layout_place place = table_place(table, height, screen_width(), layout);
	lines_titles(table, layout, place, line, &at, &width);
	put(y, line, A_REVERSE);
	mvchgat(y, 0, -1, A_REVERSE, 0, NULL);
	if (width)
		mvchgat(y, (int)at, (int)width, A_REVERSE | A_UNDERLINE | A_BOLD, 0, NULL);
	for (size_t i = 0; i < height && table->first + i < table->n_order; i++) {
		lines_row(table, layout, place, table->first + i, line);
		put(++y, line, A_NORMAL);
	}
	if (table_has_total(table)) {
		lines_row(table, layout, place, TABLE_TOTAL, line);
		put(++y, line, A_BOLD);
	}
	free(layout);
}

static void draw_help(struct ecli_buf *line)
{
	const char *keys, *help;
	int y = 0;

	ecli_buf_add_text(line, "Keys");
	put(y++, line, A_BOLD);
	for (size_t i = 0; (help = keys_help(i, &keys)) && y < LINES - 1; i++) {
		ecli_buf_add_format(line, "  %-22s%s", keys, help);
		put(y++, line, A_NORMAL);
	}
	ecli_buf_add_text(line, "any key: back");
	put(LINES - 1, line, A_NORMAL);
}

static void draw_view(struct view *view, struct ecli_buf *line)
{
	size_t height = draw_height(view);
	bool is_bad;
	int y = 0;

	if (view_table(view)->plan)
		table_scroll(view_table(view), 0, height);
	lines_status(view, height, screen_width(), line);
	put(y++, line, colour(view, view->is_paused ? PAIR_PAUSED : PAIR_PLAIN));
	if (lines_note(view, screen_width(), line, &is_bad))
		put(y++, line, is_bad ? colour(view, PAIR_BAD) : A_NORMAL);
	ecli_buf_clear(line);
	if (view_table(view)->plan && LINES > y + 1)
		draw_table(view, y, height, line);
	lines_keys(view, screen_width(), line);
	put(LINES - 1, line, view->is_prompt ? A_BOLD : A_DIM);
}

void draw(struct view *view)
{
	struct ecli_buf line = { 0 };

	if (!terminal_can_draw(&view->terminal))
		return;
	erase();
	if (view->is_help)
		draw_help(&line);
	else
		draw_view(view, &line);
	int y, x;
	getyx(stdscr, y, x);
	output_begin(&view->terminal.output);
	curs_set(view->is_prompt);
	output_end(&view->terminal.output);
	move(y, x);
	terminal_refresh(&view->terminal);
	ecli_buf_done(&line);
}

void draw_last(struct view *view, struct ecli_buf *out)
{
	struct table *table = view_table(view);
	struct layout_column *layout = calloc(table->n_columns + 1, sizeof(*layout));
	size_t height = draw_height(view);
	uint32_t at, width;

	if (!layout || !table->plan) {
		free(layout);
		return;
	}
	struct layout_place place = table_place(table, height, screen_width(), layout);
	lines_titles(table, layout, place, out, &at, &width);
	ecli_buf_add_char(out, '\n');
	for (size_t i = 0; i < height && table->first + i < table->n_order; i++) {
		lines_row(table, layout, place, table->first + i, out);
		ecli_buf_add_char(out, '\n');
	}
	if (table_has_total(table)) {
		lines_row(table, layout, place, TABLE_TOTAL, out);
		ecli_buf_add_char(out, '\n');
	}
	free(layout);
}
