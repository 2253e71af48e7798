/* SPDX-License-Identifier: MIT */
/*
 * What a check does otherwise than a run: it remembers each failure by program, goes on after one, looks up targets instead
 * of attaching, and asks the verifier for statistics in a last try.
 */
#ifndef ECLI_LOAD_CHECK_H
#define ECLI_LOAD_CHECK_H

#include "load/try.h"

struct ecli_check_notes {
	struct ecli_check *check;
	bool *failed;          /* by program: its why is set */
	struct ecli_err first; /* the first failure that a run would have ended with */
	char *logs;            /* one short log for each program, once statistics are wanted; else NULL */
};

/* A try failed: what it was about goes into that program's line. */
void ecli_check_note(struct ecli_try_input *input, const struct ecli_try_fault *fault);
/* A run would end here; a check leaves the program out, if it was one, and goes on. */
bool ecli_check_go_on(struct ecli_try_input *input, const struct ecli_try_fault *fault);
/* Gives the program a log of its own for statistics when they are wanted. */
void ecli_check_want_stats(struct ecli_try_input *input, struct bpf_program *prog, ssize_t index);

/* check_target.c: instead of attaching, whether what the loaded programs attach to exists. */
int ecli_check_targets(struct ecli_try_input *input, struct ecli_try *try, const struct ecli_capture *capture,
		       struct ecli_try_fault *fault);

#endif
