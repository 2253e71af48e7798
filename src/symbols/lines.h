/* SPDX-License-Identifier: MIT */
/*
 * Lines of source, and what was inlined, of one ELF file with DWARF (versions 2 to 5), by libdw. Units of it are read when
 * an address of theirs is asked for. A file is taken only up to bounds (32 MiB of debug sections, 40,000 units), because reading
 * them is memory of ours.
 *
 * When memory runs out inside of libdw, this process ends (libdw knows no other way): who must not, reads in a child (child.h).
 */
#ifndef ECLI_SYMBOLS_LINES_H
#define ECLI_SYMBOLS_LINES_H

#include <ecli/symbols.h>

#include "symbols/image.h"
#include "symbols/names.h"

struct ecli_lines;

enum {
	ECLI_LINES_MAX_FRAMES = 64,   /* functions inlined into each other at one address */
	ECLI_LINES_OUT_OF_MEMORY = 3, /* the status of a process that ended so */
};

struct ecli_lines_frame {
	const char *function; /* for people; NULL: not known */
	const char *file;     /* NULL: not known */
	uint32_t line;        /* 0: not known */
	uint64_t start;       /* of the function; 0 for an inlined one */
	bool is_inlined;
};

/* The memory that the debug sections of a file take; SIZE_MAX: there are none to be used; *@ret_why: why not, NOTHING when it has none. May be NULL. */
size_t ecli_lines_cost(const struct ecli_image *image, enum ecli_left_out *ret_why);

/* @fd: of a file with debug sections; stays the caller's, and open as long as @lines. @names: borrowed; texts of frames are kept there. NULL:
 * there are none to be used. */
struct ecli_lines *ecli_lines_open(int fd, struct ecli_names *names);
void ecli_lines_close(struct ecli_lines *lines);

/* What lies at @address of the file, innermost first: how many frames, at most ECLI_LINES_MAX_FRAMES. */
size_t ecli_lines_find(struct ecli_lines *lines, uint64_t address, struct ecli_lines_frame *ret_frames);

/* Memory, about. */
size_t ecli_lines_bytes(const struct ecli_lines *lines);

#endif
