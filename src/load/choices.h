/* SPDX-License-Identifier: MIT */
/*
 * Alternatives as data: which groups of choices a package has, which choice of each group is the current one, and why
 * the earlier ones were passed over. Knows nothing of the kernel or of libbpf; load.c moves it on when a try failed.
 *
 *     @alternative tp_btf            group "",      choice "tp_btf"
 *     @alternative start/storage     group "start", choice "storage"
 *
 * Invariant: `current` of every group is in range. A program or map may carry several tags ("tp_btf, raw_tp" or a JSON
 * list); it stays in when one of them is a current choice.
 */
#ifndef ECLI_LOAD_CHOICES_H
#define ECLI_LOAD_CHOICES_H

#include <ecli/package.h>

struct ecli_choice {
	char *name;
	char *why;           /* one sentence: why it failed; NULL while it has not */
	enum ecli_fail fail; /* with why: whose lack it was */
};

struct ecli_choice_group {
	char *name; /* "" for the unnamed group */
	struct ecli_choice *items;
	size_t count, current;
};

struct ecli_choices {
	struct ecli_choice_group *groups;
	size_t count;
	char **prog_tags; /* one for each program of the package; NULL: no tag */
	size_t n_progs;
	char **map_tags; /* the same for its maps */
	size_t n_maps;
};

/* Collects groups and choices in the order in which the package's programs name them. -EINVAL: more than a package can
 * sensibly have; -ENOMEM. */
int ecli_choices_build(struct ecli_choices *choices, const struct ecli_package *package, struct ecli_err *err);
/* Programs that are at one hook by different ways become alternatives (package/pairs.h). @left_out, by program: why it stays out, or NULL. -EINVAL, -ENOMEM. */
int ecli_choices_pair(struct ecli_choices *choices, const struct ecli_package *package, char *const *left_out,
		      struct ecli_err *err);
void ecli_choices_done(struct ecli_choices *choices);

/* Whether something with these tags stays in. @tags NULL: no tag, stays in. */
bool ecli_choices_takes(const struct ecli_choices *choices, const char *tags);

/* The group whose current choice is among @tags and which has a next choice, else any group whose current choice is
 * among them, else NULL. */
struct ecli_choice_group *ecli_choices_group_of(struct ecli_choices *choices, const char *tags);

/* The group that has a next choice when no other group has one; else NULL. */
struct ecli_choice_group *ecli_choices_sole_next(struct ecli_choices *choices);
/* Back to the first choice of every group, and to no reasons. */
void ecli_choices_rewind(struct ecli_choices *choices);

static inline bool ecli_choice_group_has_next(const struct ecli_choice_group *group)
{
	return group->current + 1 < group->count;
}

#endif
