/* SPDX-License-Identifier: MIT */
/*
 * From a key to what it does to the view. Three states share the keyboard:
 *
 *     table    the keys of the table below
 *     help     any key leads back
 *     prompt   a filter is typed: Enter takes it, Esc leaves it as it was, Ctrl-U empties it
 *
 * A key changes the view and draws nothing; whoever serves keys draws once afterwards.
 */
#include "keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NCURSES_NOMACROS 1
#include <curses.h>

#include "draw.h"

#define KEY_ESCAPE  27
#define KEY_CTRL(c) ((c)&31)
#define KEY_DELETE  127

static const struct {
	int codes[4];
	enum view_action action;
	const char *keys, *help; /* NULL: said by the one before */
} table[] = {
	{ { 'q', 'Q', KEY_CTRL('D') }, VIEW_QUIT, "q, Ctrl-C", "quit; what is on the screen stays" },
	{ { ' ', 'p' }, VIEW_PAUSE, "space", "hold the picture still, and go on" },
	{ { KEY_LEFT, '<' }, VIEW_SORT_LEFT, "left, right, < >", "sort by another column" },
	{ { KEY_RIGHT, '>' }, VIEW_SORT_RIGHT, NULL, NULL },
	{ { 'r', 'R' }, VIEW_REVERSE, "r", "reverse the order" },
	{ { 'c', 'C' }, VIEW_SWITCH, "c", "count from the start, or each interval by itself" },
	{ { '/', 'f' }, VIEW_FILTER, "/", "show only some rows: text, or as --where (count > 100)" },
	{ { KEY_ESCAPE }, VIEW_CLEAR_FILTER, "Esc", "show all rows again" },
	{ { KEY_UP, 'k' }, VIEW_UP, "up, down, PgUp, PgDn", "scroll; Home and End: to the first and last row" },
	{ { KEY_DOWN, 'j' }, VIEW_DOWN, NULL, NULL },
	{ { KEY_PPAGE, KEY_CTRL('B') }, VIEW_PAGE_UP, NULL, NULL },
	{ { KEY_NPAGE, KEY_CTRL('F') }, VIEW_PAGE_DOWN, NULL, NULL },
	{ { KEY_HOME, 'g' }, VIEW_TOP, NULL, NULL },
	{ { KEY_END, 'G' }, VIEW_END, NULL, NULL },
	{ { '+', '=' }, VIEW_LONGER, "+, -", "a longer or shorter interval" },
	{ { '-', '_' }, VIEW_SHORTER, NULL, NULL },
	{ { '\t' }, VIEW_NEXT_TABLE, "Tab", "the next table, where a tool has several" },
	{ { 'h', '?', 'H' }, VIEW_HELP, "h, ?", "this help" },
};

static const uint32_t intervals_ms[] = { 100, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000 };

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

const char *keys_help(size_t index, const char **ret_keys)
{
	for (size_t i = 0; i < N_ELEMENTS(table); i++) {
		if (!table[i].help || index--)
			continue;
		*ret_keys = table[i].keys;
		return table[i].help;
	}
	return NULL;
}

static enum view_action action_of(int key)
{
	for (size_t i = 0; i < N_ELEMENTS(table); i++)
		for (size_t k = 0; k < N_ELEMENTS(table[i].codes); k++)
			if (table[i].codes[k] == key)
				return table[i].action;
	return VIEW_NOTHING;
}

/* ---- what they do ---------------------------------------------------------------------------------------------- */

static uint32_t next_interval(uint32_t now_ms, bool is_longer)
{
	size_t n = N_ELEMENTS(intervals_ms);

	if (is_longer) {
		for (size_t i = 0; i < n; i++)
			if (intervals_ms[i] > now_ms)
				return intervals_ms[i];
	} else {
		for (size_t i = n; i > 0; i--)
			if (intervals_ms[i - 1] < now_ms)
				return intervals_ms[i - 1];
	}
	return now_ms;
}

static void begin_prompt(struct view *view)
{
	const char *filter = view_table(view)->filter;

	if (!view_table(view)->plan)
		return;
	view->is_prompt = true;
	view->message[0] = '\0';
	snprintf(view->prompt, sizeof(view->prompt), "%s", filter ? filter : "");
	view->prompt_len = strlen(view->prompt);
}

static void set_filter(struct view *view, const char *text)
{
	struct ecli_err err = { 0 };

	view->message[0] = '\0';
	if (table_filter(view_table(view), text, &err))
		snprintf(view->message, sizeof(view->message), "filter: %.*s", (int)sizeof(view->message) - 9,
			 err.text);
}

/* What was taken meanwhile is there at once: the next look may be a minute away. */
static void pause_or_go_on(struct view *view)
{
	view->is_paused = !view->is_paused;
	for (size_t i = 0; i < view->n_tables && !view->is_paused; i++)
		table_show(&view->tables[i]);
}

static void switch_since(struct view *view)
{
	struct table *shown = view_table(view);

	if (shown->plan && table_switch(shown) == -ENOENT)
		snprintf(view->message, sizeof(view->message), "%s",
			 "these numbers have one way only: the package does not say that they count up");
}

static void scroll_by(struct view *view, int64_t pages, int64_t rows)
{
	size_t height = draw_height(view);

	table_scroll(view_table(view), pages * (int64_t)(height > 1 ? height - 1 : 1) + rows, height);
}

static void act(struct view *view, enum view_action action)
{
	struct table *shown = view_table(view);

	view->message[0] = '\0';
	switch (action) {
	case VIEW_PAUSE:
		pause_or_go_on(view);
		break;
	case VIEW_SWITCH:
		switch_since(view);
		break;
	case VIEW_SORT_LEFT:
	case VIEW_SORT_RIGHT:
		table_sort_next(shown, action == VIEW_SORT_RIGHT ? 1 : -1);
		break;
	case VIEW_REVERSE:
		table_sort_reverse(shown);
		break;
	case VIEW_FILTER:
		begin_prompt(view);
		break;
	case VIEW_CLEAR_FILTER:
		set_filter(view, NULL);
		break;
	case VIEW_LONGER:
	case VIEW_SHORTER:
		view->interval_ms = next_interval(view->interval_ms, action == VIEW_LONGER);
		break;
	case VIEW_NEXT_TABLE:
		view->current = (view->current + 1) % view->n_tables;
		break;
	case VIEW_UP:
	case VIEW_DOWN:
		scroll_by(view, 0, action == VIEW_DOWN ? 1 : -1);
		break;
	case VIEW_PAGE_UP:
	case VIEW_PAGE_DOWN:
		scroll_by(view, action == VIEW_PAGE_DOWN ? 1 : -1, 0);
		break;
	case VIEW_TOP:
	case VIEW_END:
		scroll_by(view, 0, action == VIEW_END ? INT32_MAX : INT32_MIN);
		break;
	case VIEW_HELP:
		view->is_help = true;
		break;
	default:
		break;
	}
}

/* ---- the prompt ------------------------------------------------------------------------------------------------ */

/* Back to before the last character, which may be of several bytes. */
static void rub_out(struct view *view)
{
	while (view->prompt_len && ((unsigned char)view->prompt[--view->prompt_len] & 0xc0) == 0x80)
		;
	view->prompt[view->prompt_len] = '\0';
}

static void type(struct view *view, int key)
{
	if (key == KEY_ESCAPE) {
		view->is_prompt = false;
	} else if (key == '\r' || key == '\n' || key == KEY_ENTER) {
		view->is_prompt = false;
		set_filter(view, view->prompt);
	} else if (key == KEY_BACKSPACE || key == KEY_DELETE || key == '\b') {
		rub_out(view);
	} else if (key == KEY_CTRL('U')) {
		view->prompt[view->prompt_len = 0] = '\0';
	} else if (key >= ' ' && key < 256 && view->prompt_len < PROMPT_MAX) {
		/* Byte by byte, as the terminal sends UTF-8. */
		view->prompt[view->prompt_len++] = (char)key;
		view->prompt[view->prompt_len] = '\0';
	}
}

bool keys_serve(struct view *view)
{
	int key;

	while ((key = wgetch(stdscr)) != ERR) {
		if (view->is_prompt) {
			type(view, key);
		} else if (view->is_help) {
			view->is_help = false;
		} else if (action_of(key) == VIEW_QUIT) {
			return true;
		} else {
			act(view, action_of(key));
		}
	}
	return false;
}
