/* SPDX-License-Identifier: MIT */
/*
 * In place of the other files, when ecli is built without ncurses (-Dscreen=disabled, or it is not there): there is never a screen, and
 * everybody else need not know.
 */
#include "view.h"

struct view *view_new(const struct view_opts *opts)
{
	(void)opts;
	return NULL;
}

void view_free(struct view *view)
{
	(void)view;
}

const struct ecli_session_view *view_hooks(const struct view *view)
{
	(void)view;
	return NULL;
}

bool view_is_open(const struct view *view)
{
	(void)view;
	return false;
}

void view_add_loss(struct view *view, const struct ecli_session_loss *loss)
{
	(void)view, (void)loss;
}
