/* SPDX-License-Identifier: MIT */
/*
 * One try: the object opened, configured for the current choices, loaded and attached; or nothing at all.
 */
#ifndef ECLI_LOAD_TRY_H
#define ECLI_LOAD_TRY_H

#include <bpf/libbpf.h>

#include <ecli/load.h>

#include "base/foreign.h"
#include "load/attach/attach.h"
#include "load/choices.h"
#include "load/fds.h"
#include "load/filters.h"
#include "load/kernel.h"
#include "load/prelude.h"

/* What stays the same over all tries. */
struct ecli_try_input {
	const struct ecli_package *package;
	const struct ecli_load_opts *opts;
	struct ecli_choices choices;
	bool *dropped;   /* by program of the package: optional, and this kernel cannot load it */
	char **left_out; /* by program: why the person does not want it; NULL: wanted */
	struct ecli_kernel kernel;
	unsigned int tries; /* so far */
	char *log;          /* for the verifier, log_bytes of it, touched only when it writes */
	size_t log_bytes;
	struct ecli_check_notes *notes; /* a check: attach nothing, remember what failed; NULL: a run */
	bool may_guess;                 /* a loader program that fails without words is answered by the next choice */
	struct ecli_load_opts own_opts; /* what opts points to */
	struct ecli_links held;         /* descriptors that a try needs until it has loaded */
	int btf_fd;                     /* type information that the person or the package gave, as a file; -1: none */
	char btf_path[ECLI_FOREIGN_PATH];
	const char *btf_name; /* the same for sentences */
};
#define ECLI_TRY_INPUT_EMPTY                                                                                           \
	{                                                                                                              \
		.btf_fd = -1                                                                                           \
	}

/* What a try that worked leaves. */
struct ecli_try {
	struct bpf_object *object;
	unsigned char *bytes; /* that the object was opened from, NULL: the package's own */
	struct ecli_fds fds;
	struct ecli_links links;
	struct ecli_prelude prelude;
	struct ecli_filters filters;
	bool rings_call; /* ecli_filters_wake() */
};

/* Whose fault a failed try was: indices into the package's programs and maps, -1 for none. */
struct ecli_try_fault {
	ssize_t prog, map;
	bool is_silent; /* a loader program failed, so nothing is known but err.code; only with may_guess */
	struct ecli_err err;
};

/* 0 and @ret_try filled, or a negative errno, @fault filled and nothing left. */
int ecli_try_run(struct ecli_try_input *input, struct ecli_try_fault *fault, struct ecli_try *ret_try);
void ecli_try_done(struct ecli_try *try);

/* Whether the person left programs out, and nothing else did: with none left, nothing would run. */
#define ECLI_TRY_NOTHING_LEFT "every program of the tool is left out: nothing would run"
bool ecli_try_left_out(const struct ecli_try_input *input);

/* What is told of a map; @fd is -1 when the try left it out. */
struct ecli_load_map ecli_try_map(const struct bpf_map *map, int fd);

/* The package's program of that name; -1: none. @name may be NULL. */
ssize_t ecli_try_find_prog(const struct ecli_package *package, const char *name);

/* The same of a map. */
ssize_t ecli_try_find_map(const struct ecli_package *package, const char *name);

/* Whether the run goes on without that program; @prog may be -1: no. */
bool ecli_try_is_optional(const struct ecli_package *package, ssize_t prog);

#endif
