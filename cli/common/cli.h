/* SPDX-License-Identifier: MIT */
/* What ecc and ecli share: exit statuses, how an error is worded on stderr, and an honest close of stdout. */
#ifndef ECLI_CLI_COMMON_H
#define ECLI_CLI_COMMON_H

#include <ecli/base.h>

enum cli_exit {
	CLI_EXIT_OK = 0,
	CLI_EXIT_FAILED = 1,
	CLI_EXIT_USAGE = 2,
	CLI_EXIT_KERNEL = 3, /* this kernel cannot run it */
	CLI_EXIT_LOST = 4,   /* events were lost, with --strict */
};

/*
 * First of all in main(). A standard descriptor that the caller has closed is opened so that using it fails: else the next file
 * that is opened would take its number, and messages would be written into it. A file that may not grow is an error like
 * a full disk, not the end by a signal.
 */
void cli_begin(void);

/* Prints "PROGRAM: sentence" on stderr (nothing when the text is empty) and returns the exit status of the error's
 * meaning. A usage error is followed by a line that says whose --help knows better: @words are the program and what stands
 * before --help there, "ecli run runqslower". Control characters are not passed on to the terminal.
 */
int cli_error(const char *words, const struct ecli_err *err);

/* The same for a usage error found in the command line itself. Returns CLI_EXIT_USAGE. */
int cli_usage_error(const char *words, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sends the library's log lines to stderr: warnings always, decisions with verbose 1, everything with 2. */
void cli_log_to_stderr(const char *program, int verbose);

/* Flushes and closes stdout: a full disk is an error (told, CLI_EXIT_FAILED), a reader who went away is not. */
int cli_close_stdout(const char *program);

/* Writes @out to stdout, frees it and closes stdout as above: the end of a command that says one thing. Returns the exit status. */
int cli_print(const char *program, struct ecli_buf *out);

#endif
