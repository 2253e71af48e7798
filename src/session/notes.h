/* SPDX-License-Identifier: MIT */
/* What the doc tags of a package say of its fields, as a plan wants to know it. */
#ifndef ECLI_SESSION_NOTES_H
#define ECLI_SESSION_NOTES_H

#include <ecli/package.h>
#include <ecli/plan.h>

struct notes {
	struct ecli_plan_note *items;
	size_t count;
	char **texts; /* what items point to */
	size_t n_texts;
};

/* @export: the event, or NULL for a sampled map. 0 or -ENOMEM; notes_done() when @ret_notes is set. */
int notes_find(const struct ecli_package *package, const struct ecli_package_export *export, struct notes *ret_notes);
void notes_done(struct notes *notes);

#endif
