/* SPDX-License-Identifier: MIT */
/*
 * Addresses of processes into frames, in the process that asks: the engine reads what it is asked about, as long as that takes, and memory that
 * runs out inside of libdw ends the process. So it works in a child (child.h); tests and the fuzzer ask it directly.
 */
#ifndef ECLI_SYMBOLS_ENGINE_H
#define ECLI_SYMBOLS_ENGINE_H

#include <ecli/symbols.h>

#include "symbols/maps.h"
#include "symbols/names.h"
#include "symbols/told.h"
#include "symbols/work.h"

struct ecli_engine;

/* All borrowed. */
struct ecli_engine_opts {
	const char *proc; /* NULL: "/proc" */
	bool no_lines;
	struct ecli_work_page *page;    /* what it is at; NULL: nobody wants to know */
	const struct ecli_avoid *avoid; /* what it does not read; NULL: it reads all */
};

/* @opts may be NULL. NULL when out of memory. */
struct ecli_engine *ecli_engine_new(const struct ecli_engine_opts *opts);
void ecli_engine_free(struct ecli_engine *engine);

/* As ecli_processes_tell(). */
void ecli_engine_tell(struct ecli_engine *engine, const struct ecli_image_id *id, const struct ecli_image_id *parent,
		      const struct ecli_map *maps, size_t count);

struct ecli_process;

/* Looks whether the process is still what it was, so that its addresses have names later; NULL: it was never seen and is not there. Valid until the next call for
 * another one. */
struct ecli_process *ecli_engine_process(struct ecli_engine *engine, const struct ecli_image_id *id);
/*
 * Appends the frames of one address. @process may be NULL. @is_call: it is where a call returns to. *@ret_is_final: as long as the process's look
 * (process.h) is the same, so is the answer. -ENOMEM.
 */
int ecli_engine_address(struct ecli_engine *engine, struct ecli_process *process, uint64_t address, bool is_call,
			struct ecli_frames *frames, bool *ret_is_final);
/* Behind the last address of a question: writes down what it has cost. */
void ecli_engine_settle(struct ecli_engine *engine);

/* All three for a whole stack of a process of which nothing was told. */
int ecli_engine_user(struct ecli_engine *engine, uint32_t pid, const uint64_t *addresses, size_t count,
		     struct ecli_frames *frames);

#endif
