/* SPDX-License-Identifier: MIT */
/* `ecli run` in seven files: its options (run_options.c), its help (run_help.c), what is said of a run (run_stats.c,
 * run_progress.c), whether it is shown as a screen (run_view.c), who ends it (run_signals.c), the run itself (cmd_run.c). */
#ifndef ECLI_CLI_RUN_H
#define ECLI_CLI_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include <ecli/options.h>
#include <ecli/package.h>
#include <ecli/session.h>
#include <ecli/types.h>

#include "../view/view.h"
#include "attach_options.h"
#include "joined.h"

#define RUN_MAX_OPTIONS 32

/* What changes the package, once there is one (ecli_session_show() and the like). */
typedef int (*run_change)(struct ecli_package *package, const struct ecli_types *types, const char *text,
			  struct ecli_err *err);
struct run_changes {
	struct run_change_item {
		run_change change;
		const char *text;
	} * items;
	size_t count;
};

struct run {
	struct ecli_session_opts session;
	struct ecli_package *package;
	struct ecli_types *types;
	struct ecli_globals *globals;
	struct joined joined; /* the tool's options, then ours without those of the same name */
	struct attach_words attach;
	const char *out_path;  /* of rows; NULL: standard output */
	struct ecli_buf words; /* "ecli run runqslower": whose --help knows about a wrong option */
	int verbose;
	bool stats, strict, help, skip_missing;
	struct run_changes changes; /* given before the package was read */
	enum ecli_source source;    /* what the rows come from; for more than one kind the first */
	bool has_rows;              /* -o or -j has named a form of rows */
	bool was_held;              /* something was attached: a signal was not to end the process by itself */
	bool has_progress;          /* a line of it stands on the terminal */
	bool no_screen;             /* asked for */
	const char *given
		[RUN_MAX_OPTIONS]; /* by the number of our own option: its value, where it can be given once; NULL: not given */
	struct view *view;         /* NULL: rows */
};

/* Our own options. */
extern const struct ecli_option run_options[];
extern const size_t n_run_options;

/* Fills @run->joined from the tool's options and those of ours that the package has a use for. 0 or -ENOMEM. */
int run_join_options(struct run *run, struct ecli_err *err);
/* Whether the help of this package is to show one of ours: what it has no use for is understood, and refused in a sentence. */
bool run_option_helps(const struct run *run, const struct ecli_option *option);
/* The callback for one of ours, with a struct run as context. */
int run_on_own(void *ctx, const struct ecli_option_value *value, struct ecli_err *err);

/* Makes the changes that were given before the package, and shows the results of one that reports nothing. 0 or with @err set. */
int run_change_package(struct run *run, struct ecli_err *err);

/* A word after the package that stands for one of our options: "interval", "count". */
int run_take_word(struct run *run, const char *name, char *word, struct ecli_err *err);

/* Help on standard output; the exit status. @word: the package as the person wrote it. */
int run_own_help(void);
int run_tool_help(const struct run *run, const char *word);

/* Takes the line of progress away, so that something else can be said. */
void run_end_progress(struct run *run);

/*
 * run_signals.c: who ends a run. From run_signals_begin() to run_signals_end() SIGUSR1 is a wish for a look; signals that end are held when the
 * session says so (ecli_session_opts.on_hold), and nothing that is said waits for its reader. Fills @run->session.
 */
int run_signals_begin(struct run *run, struct ecli_err *err);
void run_signals_end(struct run *run);

/* What is said on standard error: a loss when it is told, and at the end the figures (--stats) or only what went wrong. The
 * context is the struct run. */
void run_on_lost(void *ctx, const struct ecli_session_loss *loss);
void run_on_profile(void *ctx, const struct ecli_session_profile *profile);
void run_on_progress(void *ctx, const struct ecli_session_progress *progress);
void run_on_summary(void *ctx, const struct ecli_session_stats *stats);

/* Appends "12 entries of map counts". */
void run_add_loss(struct ecli_buf *out, const struct ecli_session_loss *loss, uint64_t count);

/* Makes @run->view where there can be one, with @word as the tool's name, and sets it in @run->session. */
void run_view_prepare(struct run *run, const char *word);

#endif
