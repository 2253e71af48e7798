/* SPDX-License-Identifier: MIT */
/* Options that say where programs attach: the same in every command that takes a package. */
#ifndef ECLI_CLI_ATTACH_OPTIONS_H
#define ECLI_CLI_ATTACH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <ecli/options.h>
#include <ecli/package.h>

#define ATTACH_MAX_WORDS 256

/* What the person said; texts point into argv. Zero-initialise. */
struct attach_words {
	const char *words[ATTACH_MAX_WORDS]; /* of --attach */
	size_t count;
	const char *common[3]; /* by enum ecli_attach_common; NULL: not given */
};

/* Rows for a table of options; their ids are @base and the following ones. */
#define ATTACH_OPTIONS(base)                                                                                           \
	{ "attach",                                                                                                    \
	  0,                                                                                                           \
	  ECLI_OPTION_STRING,                                                                                          \
	  .metavar = "PROGRAM=TARGET",                                                                                 \
	  .help = "where a program attaches; none leaves it out",                                                      \
	  .id = (base) },                                                                                              \
		{ "ifname",                                                                                            \
		  0,                                                                                                   \
		  ECLI_OPTION_STRING,                                                                                  \
		  .metavar = "NAME",                                                                                   \
		  .help = "network interface of its programs",                                                         \
		  .id = (base) + 1 },                                                                                  \
		{ "cgroup",                                                                                            \
		  0,                                                                                                   \
		  ECLI_OPTION_STRING,                                                                                  \
		  .metavar = "CGROUP",                                                                                 \
		  .help = "cgroup of its programs: a folder",                                                          \
		  .id = (base) + 2 },                                                                                  \
	{                                                                                                              \
		"target-pid", 'p', ECLI_OPTION_STRING,                                                                 \
			.metavar = "PID", .help = "only this process, for probes in programs and samples",             \
			.id = (base) + 3                                                                               \
	}
#define ATTACH_OPTION_COUNT 4

/* Takes the value of row @index (0: --attach). */
int attach_take(struct attach_words *words, int index, const char *text, struct ecli_err *err);

/* Whether row @index means anything for this package. */
bool attach_applies(const struct ecli_package *package, int index);

/* Offers what may stand for the last word when that is a value of --attach: programs of the package and "=", then names of interfaces for
 * those that attach to one, and none. False: it is no value of --attach. */
bool attach_complete(const struct ecli_package *package, int argc, char **argv, struct ecli_buf *out);

/* Puts it all into the package. */
int attach_apply(const struct attach_words *words, struct ecli_package *package, struct ecli_err *err);

/* Appends a line for each program: its name, where it attaches, how another target is written. */
void attach_help(const struct ecli_package *package, struct ecli_buf *out);

#endif
