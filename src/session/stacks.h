/* SPDX-License-Identifier: MIT */
/* Stacks of rows: from what a record has to frames with names. See stacks.c. */
#ifndef ECLI_SESSION_STACKS_H
#define ECLI_SESSION_STACKS_H

#include <ecli/load.h>
#include <ecli/package.h>
#include <ecli/plan.h>
#include <ecli/poll.h>
#include <ecli/symbols.h>
#include <ecli/types.h>

#define STACKS_NONE UINT32_MAX /* no such column */

/* A map of stacks of the package. */
struct stack_map {
	const char *name; /* borrowed from the types */
	int fd;           /* -1: it is not there, another choice was taken */
};

/* All of a run. Zeroed: empty. */
struct stacks {
	struct ecli_symbols *symbols; /* owned; NULL until the first question */
	struct stack_map *maps;       /* owned */
	size_t n_maps;
	size_t usual, n_usual;     /* index and number of those of the kernel's own kind: what no name is needed for */
	struct ecli_frames frames; /* of the last question */
	bool has_told, has_told_user; /* why addresses of the kernel, of processes have no names */
	struct {
		const char *module; /* of the symbols; the same for the same name */
		enum ecli_left_out why;
	} left_out[6]; /* that was told */
	size_t n_left_out;
	bool is_cut;                /* some have no names because there was no time */
	bool (*is_over)(void *ctx); /* whether the time for names is over; NULL: never */
	void *ctx;
	struct ecli_poll_processes *processes; /* borrowed; NULL: the kernel tells nothing of processes */
	bool has_user, has_kernel;             /* some row has a stack of a process, of the kernel */
	bool skips_plumbing;                   /* no program is a sampler, which may find another program at work */
	uint64_t addresses[ECLI_PLAN_STACK_MAX];
};

/* A number of a record that lies whole on bytes. */
struct stack_number {
	uint32_t column; /* STACKS_NONE: there is none, and nothing below means anything */
	uint32_t offset, size_bytes;
	bool is_signed;
};

/* The stacks of one type of record. */
struct stack_row {
	struct stacks *stacks; /* borrowed */
	const struct ecli_plan *plan;
	uint32_t kernel, user;         /* columns: the first of each kind */
	struct stack_number pid;       /* the process that user addresses are of: `tgid`, else `pid` */
	uint32_t thread, thread_bytes; /* where the name of its thread stands: `comm`; 0 bytes: nowhere */
};

/* Before loading: the maps of stacks that the package has. 0 or -ENOMEM; stacks_done() in any case. */
int stacks_init(struct stacks *stacks, const struct ecli_package *package, const struct ecli_types *types,
		struct ecli_err *err);
void stacks_done(struct stacks *stacks);
/* A map was made; NULL: those told before are gone. */
void stacks_on_map(struct stacks *stacks, const struct ecli_load_map *map);

/* The row of a plan, malloc'ed; *@ret_row stays NULL when none of its columns is a stack. @stacks and @plan must outlive it. -ENOMEM. Warns when it
 * is not clear which map an id is of. */
int stacks_of_plan(struct stacks *stacks, const struct ecli_plan *plan, const char *map, struct ecli_err *err,
		   struct stack_row **ret_row);
/* The column of that name as a number. */
struct stack_number stacks_find_number(const struct ecli_plan *plan, const char *name);
struct stack_number stacks_number_at(const struct ecli_plan *plan, uint32_t column);
/* Its value; negative ones as 0. */
uint64_t stacks_read_number(const struct stack_number *number, const void *data, size_t size_bytes);

/* ecli_render_frames_fn, with a struct stack_row as its context. */
const struct ecli_frames *stacks_frames(void *ctx, const struct ecli_plan_stack *stack, const void *data,
					size_t size_bytes);
/* What others used for them (ecli_symbols_cost()). */
struct ecli_symbols_cost stacks_cost(const struct stacks *stacks);
/* Has the kernel tell from now on what processes map, when a row has their stacks, and which BPF programs come and go: those that are gone have names then. Where it cannot be, a run does
 * without. @poll outlives all questions. */
void stacks_follow(struct stacks *stacks, struct ecli_poll *poll);
/* Looks at a process while it lives. */
void stacks_note(struct stacks *stacks, uint32_t pid);

#endif
