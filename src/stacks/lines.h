/* SPDX-License-Identifier: MIT */
/* Lines of source of the functions in a view: where in the function the weight is, or from where it calls what lies above it. */
#ifndef ECLI_STACKS_LINES_H
#define ECLI_STACKS_LINES_H

#include "stacks/stacks.h"

/* One line of one node of a view. */
struct ecli_stacks_line {
	uint32_t node, item; /* item: a frame with that file and line */
	uint64_t weight;
};

struct ecli_stacks_lines {
	struct ecli_stacks_line
		*items; /* owned; of one node side by side, in the order of the view's path, the heaviest first */
	size_t count;
};

/* -ENOMEM. */
int ecli_stacks_lines(const struct ecli_stacks *stacks, const struct ecli_stacks_view *view,
		      struct ecli_stacks_lines *ret_lines);
void ecli_stacks_lines_done(struct ecli_stacks_lines *lines);

#endif
