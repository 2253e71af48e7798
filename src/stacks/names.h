/* SPDX-License-Identifier: MIT */
/*
 * The frames of a profile, each kept once: the parts of struct ecli_frame that a reader sees.
 *
 * Two frames are one when function, module, source file, line and kind are the same. Address and offset are left behind on
 * purpose: they differ from run to run (and would tell where a kernel was loaded), and each would give a box of its own
 * to the same line of code. A frame without a function is its module only.
 *
 * Strings are copied once each into one block, bounded, as they came: what a format cannot hold its writer replaces.
 */
#ifndef ECLI_STACKS_NAMES_H
#define ECLI_STACKS_NAMES_H

#include <ecli/base.h>
#include <ecli/symbols.h>

#include "stacks/index.h"

/* Bits of a kind; a process is the frame below all others, its name the function. */
enum { ECLI_NAME_KERNEL = 1, ECLI_NAME_INLINED = 2, ECLI_NAME_PROCESS = 4 };

/* Strings by their place in the block; 0: not known. */
struct ecli_name {
	uint32_t function, module, file, line, kind;
};

struct ecli_names {
	struct ecli_name *items; /* owned */
	uint32_t count, room;
	struct ecli_index index; /* of items */
	char *text; /* owned; NUL-terminated strings one behind the other; the first is "" and stands for NULL */
	size_t text_len, text_room;
	struct ecli_index texts; /* of places in text */
	uint64_t seed;
};

void ecli_names_done(struct ecli_names *names);
void ecli_names_clear(struct ecli_names *names);
/* The number of that frame, added when it is new. -ENOMEM, -E2BIG. */
int ecli_names_frame(struct ecli_names *names, const struct ecli_frame *frame, uint32_t kind, uint32_t *ret_item);

/* NULL for 0; valid until the next frame is added. */
const char *ecli_names_text(const struct ecli_names *names, uint32_t at);

/* Less than, equal to, greater than 0, for two items of @names. */
typedef int (*ecli_names_compare_fn)(const struct ecli_names *names, uint32_t a, uint32_t b);
/* All that a frame is: 0 for no two. */
int ecli_names_compare(const struct ecli_names *names, uint32_t a, uint32_t b);
/* Not the file and the line: what a person calls the same function. */
int ecli_names_compare_functions(const struct ecli_names *names, uint32_t a, uint32_t b);

/* Numbers the items so that equal ones get one number, and numbers are in order. Of each class one item stands for it. */
struct ecli_classes {
	uint32_t *of, *item; /* owned; by item; by class */
	uint32_t count;
};
/* -ENOMEM. */
int ecli_names_classify(const struct ecli_names *names, ecli_names_compare_fn compare,
			struct ecli_classes *ret_classes);
void ecli_classes_done(struct ecli_classes *classes);

#endif
