/* SPDX-License-Identifier: MIT */
/* The terminal: taken, given back on every way out, and what happens to it meanwhile. */
#ifndef ECLI_CLI_VIEW_TERMINAL_H
#define ECLI_CLI_VIEW_TERMINAL_H

#include <stdbool.h>

#include "output.h"

struct terminal {
	void *screen; /* of curses; NULL: not taken */
	int signal_fd;
	int wait_fd; /* readable: signal_fd is, or the terminal takes something again */
	struct output output;
	bool has_colours;
};

/* Whether standard input and output are a terminal that a screen can be drawn on; else why not, in words. */
bool terminal_is_fit(const char **ret_why);
/* Takes the terminal, and makes wait_fd: the window's size changed, Ctrl-Z, going on after it. False: it could not. */
bool terminal_open(struct terminal *terminal);
/* Gives it back as it was. */
void terminal_close(struct terminal *terminal);
/* Sends what has changed on the screen. False: the terminal does not take anything now, and nothing is to be drawn. */
bool terminal_can_draw(struct terminal *terminal);
void terminal_refresh(struct terminal *terminal);
/* Serves what wait_fd has: stops this program when it is asked to, learns the new size. The screen is to be drawn anew. */
void terminal_serve(struct terminal *terminal);

#endif
