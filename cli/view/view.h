/* SPDX-License-Identifier: MIT */
/*
 * Tables of sampled maps as a screen (docs/design/0012). Made, handed to a session, freed. The session opens and closes it; in between nobody else
 * writes to the terminal. Closed, it gives the terminal back, prints what was on the screen on standard output, then losses and what the log
 * had to say on standard error.
 */
#ifndef ECLI_CLI_VIEW_H
#define ECLI_CLI_VIEW_H

#include <ecli/session.h>

struct view;

struct view_opts {
	const char *tool; /* its name; untrusted text, copied */
	int verbose;      /* of the log, which goes to standard error again when the view is closed */
	/* Appends a loss in words, with its total: "12 entries of map counts: map full". */
	void (*word_loss)(const struct ecli_session_loss *loss, struct ecli_buf *out);
};

/*
 * NULL when standard input or output is no terminal, it was built without, or there is no memory. Whether the terminal can be a screen is asked when a session
 * wants one: it then says why not in the log, and shows rows.
 */
struct view *view_new(const struct view_opts *opts);
void view_free(struct view *view); /* after the session; NULL is fine */

/* For ecli_session_opts.view; owned by @view. */
const struct ecli_session_view *view_hooks(const struct view *view);
bool view_is_open(const struct view *view); /* NULL is fine */

/* While it is open: what is lost is shown in it. */
void view_add_loss(struct view *view, const struct ecli_session_loss *loss);

#endif
