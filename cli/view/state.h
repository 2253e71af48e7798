/* SPDX-License-Identifier: MIT */
/* The state of a screen, shared by the files of this folder and by nobody else. */
#ifndef ECLI_CLI_VIEW_STATE_H
#define ECLI_CLI_VIEW_STATE_H

#include "table.h"
#include "terminal.h"
#include "view.h"

#define PROMPT_MAX 200 /* bytes of a filter that is typed */

struct view_loss {
	struct ecli_session_loss told; /* the name is owned */
	char *name;
};

struct view {
	struct ecli_session_view hooks;
	struct view_opts opts;
	char *tool; /* safe to print */
	struct terminal terminal;
	bool is_open;

	struct table *tables;
	size_t n_tables, current;
	uint32_t interval_ms;
	bool is_paused, is_help;

	bool is_prompt; /* a filter is being typed */
	char prompt[PROMPT_MAX + 1];
	size_t prompt_len;
	char message[256]; /* what is wrong with what was typed; "" */

	struct view_loss *losses;
	size_t n_losses;
	struct ecli_buf lines; /* for standard error, later */
};

static inline struct table *view_table(const struct view *view)
{
	return &view->tables[view->current];
}

/* What a key does. */
enum view_action {
	VIEW_NOTHING,
	VIEW_QUIT,
	VIEW_PAUSE,
	VIEW_SORT_LEFT,
	VIEW_SORT_RIGHT,
	VIEW_REVERSE,
	VIEW_SWITCH,
	VIEW_FILTER,
	VIEW_CLEAR_FILTER,
	VIEW_LONGER,
	VIEW_SHORTER,
	VIEW_NEXT_TABLE,
	VIEW_UP,
	VIEW_DOWN,
	VIEW_PAGE_UP,
	VIEW_PAGE_DOWN,
	VIEW_TOP,
	VIEW_END,
	VIEW_HELP,
};

#endif
