/* SPDX-License-Identifier: MIT */
/*
 * From "FILE:FUNCTION" to files and offsets in them. A run and a check ask here, so they say the same.
 */
#ifndef ECLI_LOAD_ATTACH_PLACE_H
#define ECLI_LOAD_ATTACH_PLACE_H

#include "load/attach/attach.h"
#include "load/attach/binary.h"
#include "load/attach/functions.h"

struct ecli_place {
	struct ecli_binary binary;
	const char *what;                /* of the job's target: what stands behind FILE: */
	int pid;                         /* -1: all processes */
	bool is_pattern;                 /* @what was taken as one */
	struct ecli_functions functions; /* of uprobes: at least one offset */
};

struct ecli_places {
	struct ecli_place *items;
	size_t count;
};
void ecli_places_done(struct ecli_places *places);

/*
 * Where the job's target is, at least one place. None, with 0: a function of memory that the process it is limited to does not have, although it has others
 * of that family, so nobody can call it there.
 */
int ecli_places_find(const struct ecli_attach *job, struct ecli_err *err, struct ecli_places *ret);

/* Takes over @place's file. -ENOMEM. */
int ecli_places_add(struct ecli_places *places, struct ecli_place *place);

/* Looks for place->what in the file: a name as it stands, NAME+OFFSET, an offset, a pattern. -ENOENT: it has none of these, and @err says so. */
int ecli_place_resolve(const struct ecli_attach *job, struct ecli_place *place, struct ecli_err *err);

/* -ENOEXEC: the file is for another machine. */
int ecli_place_check_machine(const struct ecli_attach *job, const struct ecli_place *place,
			     const struct ecli_executable *executable, struct ecli_err *err);

/* Why a file's functions cannot be told, by the code of executable.h. */
int ecli_place_unreadable(const struct ecli_attach *job, const struct ecli_place *place, int code,
			  struct ecli_err *err);

#endif
