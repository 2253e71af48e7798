/* SPDX-License-Identifier: MIT */
/*
 * The commands of ecli: one file each, one table row each (main.c). A command gets its words and returns the exit
 * status.
 */
#ifndef ECLI_CLI_ECLI_H
#define ECLI_CLI_ECLI_H

#include <ecli/base.h>
#include <ecli/options.h>

struct command {
	const char *name;
	const char *words;                 /* what follows the name in the usage */
	const char *summary;               /* one line for `ecli --help`; NULL: not shown */
	int (*run)(int argc, char **argv); /* argv[0] is the command's name */
	/* Appends what may stand for the last of the words after the command, argc > 0; NULL: nothing may. Never prints. */
	void (*complete)(int argc, char **argv, struct ecli_buf *out);
};

extern const struct command command_run, command_list, command_inspect, command_check, command_clean, command_complete;

/* All of them, NULL at the end (main.c). */
extern const struct command *const commands[];

/* Appends the installed tools and the package files that begin with @typed (cmd_complete.c). */
void complete_package(const char *typed, struct ecli_buf *out);

/* Whether reading that package would wait: standard input, a pipe. Completion never does. */
bool complete_would_wait(const char *word);

/* Appends the options of @options that may stand for the last of the words behind a package; where a new word begins, all of them. */
void complete_options(const struct ecli_option *options, size_t count, int argc, char **argv, struct ecli_buf *out);

/* For a command whose words are options, a package, and more words, which @rest knows. */
typedef void (*complete_rest_fn)(const char *package, int argc, char **argv, struct ecli_buf *out);
void complete_around_package(const struct ecli_option *options, size_t count, complete_rest_fn rest, int argc,
			     char **argv, struct ecli_buf *out);

/* The same for a command whose words are options and one package. */
struct ecli_option;
void complete_one_package(const struct ecli_option *options, size_t count, int argc, char **argv, struct ecli_buf *out);

/* ---- packages.c: installed packages ---------------------------------------------------------------------------- */

/*
 * The package.json of an installed tool, malloc'ed, or NULL. Looked for in $ECLI_PACKAGES (absolute folders separated by ':'), in tools/
 * beside an executable that was built there, in ../share/ecli/packages of it, and in the usual share folders.
 */
char *packages_find(const char *name);

/* Whether a word names a file, or standard input, and no installed tool: it has a slash or an ending, or is "-". */
bool packages_is_file(const char *word);

/* Reads what a person names: a file, "-" for standard input, or an installed tool. */
struct ecli_package;
int packages_read(const char *word, struct ecli_err *err, struct ecli_package **ret_package);

/*
 * Reads the words of a command that takes one package; @how says its options, which may stand on both sides of it. @ret_word: NULL when there
 * is none. The exit status, told already, or 0.
 */
int tool_word(const char *command, const struct ecli_options_parse *how, int argc, char **argv, const char **ret_word);

/* A package with what nearly every command needs of it. Zero-initialise; tool_done() also after a failure. */
struct tool {
	struct ecli_package *package;
	struct ecli_types *types;
	struct ecli_globals *globals;
};
int tool_read(struct tool *tool, const char *word, struct ecli_err *err);
void tool_done(struct tool *tool);

/* Calls @fn for every installed package, by name; a name found twice is told once, the first place wins. */
typedef void (*packages_fn)(void *ctx, const char *name, const char *path);
int packages_each(packages_fn fn, void *ctx, struct ecli_err *err);

/* ---- inspect_text.c, inspect_json.c: two forms of one inspection ----------------------------------------------- */

struct ecli_inspect;
struct ecli_buf;

void inspect_text(const struct ecli_inspect *inspect, const struct tool *tool, struct ecli_buf *out);
void inspect_json(const struct ecli_inspect *inspect, const struct tool *tool, struct ecli_buf *out);

#endif
