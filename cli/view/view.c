/* SPDX-License-Identifier: MIT */
/*
 * Joins the parts: looks of the session go into tables, keys and signals change the state, and after either everything is drawn.
 *
 *     on_round ──> table.c ──┐
 *     keyboard ──> keys.c ───┼──> draw.c ──> terminal
 *     signals ──> terminal.c ┘
 *
 * Invariant: between open and close nothing but draw.c writes to the terminal, and after close nothing of this folder does.
 */
#include "view.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/cli.h"
#include "../common/say.h"
#include "draw.h"
#include "keys.h"
#include "state.h"

#define MAX_LINES_BYTES (64u * 1024) /* of what waits for standard error */

/* ---- lines that wait ------------------------------------------------------------------------------------------- */

static void hold_line(void *ctx, enum ecli_log_level level, const char *line)
{
	struct view *view = ctx;

	(void)level;
	if (view->lines.len + strlen(line) > MAX_LINES_BYTES)
		return;
	ecli_buf_add_text(&view->lines, "ecli: ");
	ecli_render_safe_text(line, strlen(line), &view->lines);
	ecli_buf_add_char(&view->lines, '\n');
}

static void hold_log(struct view *view)
{
	enum ecli_log_level level = ECLI_LOG_DEBUG;

	while (level > ECLI_LOG_WARN && !ecli_log_wants(level))
		level--;
	ecli_log_set(hold_line, view, level);
}

/* ---- what the session calls ------------------------------------------------------------------------------------ */

static bool on_open(void *ctx, size_t n_tables, const struct ecli_session_control *control)
{
	struct view *view = ctx;

	const char *why = "it could not be taken";

	view->tables = calloc(n_tables, sizeof(*view->tables));
	if (!view->tables)
		return false;
	view->n_tables = n_tables;
	view->interval_ms = control->interval_ms;
	view->is_open = terminal_is_fit(&why) && terminal_open(&view->terminal);
	if (!view->is_open) {
		ecli_log(ECLI_LOG_INFO, "plain tables instead of a screen: %s", why);
		return false;
	}
	view->hooks.fds[1] = view->terminal.wait_fd;
	hold_log(view);
	draw(view);
	return true;
}

static int on_round(void *ctx, const struct ecli_session_round *round)
{
	struct view *view = ctx;

	struct table *table = &view->tables[round->table];
	int r = table_take(table, round);

	/* What is held still must have been there. */
	if (r || (view->is_paused && table_look(table)->is_there))
		return r;
	r = table_show(table);
	if (!r && round->table == view->current && round->since == table->since)
		draw(view);
	return r;
}

/* The terminal went away without a signal: nobody will press a key again. */
static bool is_gone(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&in, 1, 0) == 1 && (in.revents & (POLLHUP | POLLERR | POLLNVAL));
}

static int on_readable(void *ctx, int fd, struct ecli_session_control *control)
{
	struct view *view = ctx;

	if (is_gone())
		return 1;
	if (fd == view->terminal.wait_fd)
		terminal_serve(&view->terminal);
	else if (keys_serve(view))
		return 1;
	control->interval_ms = view->interval_ms;
	draw(view);
	return 0;
}

/* ---- the end ---------------------------------------------------------------------------------------------------- */

static void free_tables(struct view *view)
{
	for (size_t i = 0; i < view->n_tables; i++)
		table_done(&view->tables[i]);
	free(view->tables);
	view->tables = NULL;
	view->n_tables = 0;
}

/* A terminal that was stopped (Ctrl-S) does not keep the run from ending. */
#define LAST_MS 100

/* What was on the screen stays on the terminal, and what waited follows it. */
static void on_close(void *ctx)
{
	struct view *view = ctx;
	struct ecli_buf last = { 0 }, words = { 0 };

	draw_last(view, &last);
	terminal_close(&view->terminal);
	view->is_open = false;
	cli_log_to_stderr("ecli", view->opts.verbose);
	say_to(STDOUT_FILENO, last.data, last.len, LAST_MS);
	ecli_buf_done(&last);
	for (size_t i = 0; i < view->n_losses; i++) {
		ecli_buf_add_text(&words, "ecli: lost ");
		view->opts.word_loss(&view->losses[i].told, &words);
		ecli_buf_add_char(&words, '\n');
	}
	ecli_buf_add(&words, view->lines.data, view->lines.len);
	say(words.data, words.len);
	ecli_buf_done(&words);
	free_tables(view);
}

/* ---- made and freed ------------------------------------------------------------------------------------------- */

struct view *view_new(const struct view_opts *opts)
{
	struct ecli_buf tool = { 0 };

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return NULL;
	struct view *view = calloc(1, sizeof(*view));
	if (!view)
		return NULL;
	view->opts = *opts;
	view->opts.tool = NULL; /* copied below */
	view->terminal.signal_fd = -1;
	ecli_render_safe_text(opts->tool, strlen(opts->tool), &tool);
	view->tool = ecli_buf_take(&tool);
	if (!view->tool) {
		view_free(view);
		return NULL;
	}
	view->hooks = (struct ecli_session_view){
		.open = on_open,
		.on_round = on_round,
		.on_readable = on_readable,
		.close = on_close,
		.fds = { STDIN_FILENO, -1 },
		.ctx = view,
	};
	return view;
}

const struct ecli_session_view *view_hooks(const struct view *view)
{
	return &view->hooks;
}

bool view_is_open(const struct view *view)
{
	return view && view->is_open;
}

static bool is_same(const struct ecli_session_loss *a, const struct ecli_session_loss *b)
{
	return a->why == b->why && !strcmp(a->name, b->name);
}

void view_add_loss(struct view *view, const struct ecli_session_loss *loss)
{
	size_t i = 0;

	while (i < view->n_losses && !is_same(&view->losses[i].told, loss))
		i++;
	if (i == view->n_losses) {
		struct view_loss *losses = reallocarray(view->losses, i + 1, sizeof(*losses));

		if (losses)
			view->losses = losses;
		char *name = strdup(loss->name);
		if (!losses || !name) {
			free(name);
			return;
		}
		view->losses[view->n_losses++] = (struct view_loss){ .name = name };
	}
	view->losses[i].told = *loss;
	view->losses[i].told.name = view->losses[i].name;
	draw(view);
}

void view_free(struct view *view)
{
	if (!view)
		return;
	free_tables(view);
	for (size_t i = 0; i < view->n_losses; i++)
		free(view->losses[i].name);
	free(view->losses);
	free(view->tool);
	ecli_buf_done(&view->lines);
	free(view);
}
