/* SPDX-License-Identifier: MIT */
/*
 * One kind of option table for everything a person can type: the programs' own options and a package's globals.
 *
 * A table row says how an option is called, what type it has and what it is for; parsing, range errors and --help all come
 * from it. `--min_us` and `--min-us` are the same option. `--name VALUE` and `--name=VALUE` both work; `--` ends options.
 */
#ifndef ECLI_OPTIONS_H
#define ECLI_OPTIONS_H

#include <ecli/package.h>
#include <ecli/types.h>

enum ecli_option_kind {
	ECLI_OPTION_FLAG, /* takes no value: a command line switch (not a tool's bool) */
	ECLI_OPTION_BOOL, /* --x / --no-x, also --x=true|false|1|0|yes|no, and the older --enable-x / --disable-x */
	ECLI_OPTION_UINT,
	ECLI_OPTION_SINT,
	ECLI_OPTION_FLOAT,
	ECLI_OPTION_STRING,  /* char array: max_len bytes without the NUL; 0 means any length */
	ECLI_OPTION_ENUM,    /* by name or number */
	ECLI_OPTION_CHOICE,  /* one of a fixed list of words */
	ECLI_OPTION_ADDRESS, /* IPv4 or IPv6 by notation, in network order */
	ECLI_OPTION_LIST, /* up to max_count elements of item_kind, separated by commas, or by blanks unless they are texts */
};

struct ecli_option {
	const char *name; /* long name, as declared: "min_us" */
	char short_name;  /* 0: none */
	enum ecli_option_kind kind;
	uint32_t size_bytes;         /* UINT, SINT, FLOAT, ENUM, ADDRESS: width of the variable; LIST: of an element */
	enum ecli_notation notation; /* UINT, SINT, ADDRESS and lists of these */
	uint64_t least, most;        /* UINT: what may be given, most 0: all that fits; STRING: least 1: no empty one */
	enum ecli_option_kind item_kind;   /* LIST */
	uint32_t max_count;                /* LIST */
	size_t max_len;                    /* STRING */
	const struct ecli_type *enum_type; /* ENUM */
	const char *const *choices;        /* CHOICE: NULL-terminated */
	bool takes_file;                   /* CHOICE: may be followed by =FILE; `text` has both */
	const char *metavar;               /* "SECONDS"; NULL: from the kind */
	const char *type_text;             /* shown in a tool's help: "u64"; NULL: none */
	const char *default_text;          /* shown as "(default 0)"; NULL: none */
	const char *help;                  /* one line, may be NULL */
	int id;                            /* the caller's own number for it */
	const char *other_name;            /* understood as well, where it is nobody's name; NULL: none */
};

/* One option given on the command line. */
struct ecli_option_value {
	const struct ecli_option *option;
	bool flag;  /* FLAG, BOOL */
	uint64_t u; /* UINT, ENUM; CHOICE: index in choices */
	int64_t s;  /* SINT */
	double f;
	uint32_t count;   /* LIST: elements in the text */
	const char *text; /* as typed; STRING, CHOICE, and checked: ADDRESS, LIST; points into argv */
};

/* Called for each option given, in order. Return 0, or a negative errno with @err set to stop. */
typedef int (*ecli_option_fn)(void *ctx, const struct ecli_option_value *value, struct ecli_err *err);

/* How the words of a command line are read. */
struct ecli_options_parse {
	const struct ecli_option *options;
	size_t count;
	bool stop_at_word; /* stop at the first word that is not an option */
	ecli_option_fn on_option;
	void *ctx;
};

/*
 * Reads argv[0..argc). @ret_used: words consumed; without stop_at_word a plain word is an error. All errors are
 * ECLI_FAIL_USAGE, name the option, its type, its range and the value given, and suggest the nearest name for a typo.
 */
int ecli_options_parse(const struct ecli_options_parse *how, int argc, char *const *argv, struct ecli_err *err,
		       int *ret_used);

/* The error of usage of an option of which one value would be lost: -EEXIST. Any may be NULL but @name. */
int ecli_option_twice(const char *name, const char *first, const char *second, struct ecli_err *err);

/* Appends the rows of the help, aligned, at most 80 columns wide, two spaces in front. */
void ecli_options_help(const struct ecli_option *options, size_t count, struct ecli_buf *buf);

enum ecli_complete {
	ECLI_COMPLETE_DONE, /* candidates, if there are any, were appended */
	ECLI_COMPLETE_WORD, /* there is a word that is no option */
	ECLI_COMPLETE_FILE, /* the last word is the name of a file */
};

/*
 * What may stand for the last of the words argv[0..argc), argc > 0: it may be empty or begun, the others are whole. Appends
 * candidates, whole words, a line each. @ret_used: with WORD the index of the first word that is no option (argc - 1: the last one),
 * with FILE the bytes of the last word that come before the name ("--btf="); else untouched. Rows without help and type are left out.
 */
enum ecli_complete ecli_options_complete(const struct ecli_option *options, size_t count, int argc, char *const *argv,
					 struct ecli_buf *out, int *ret_used);

/* ---- a package's globals as options ---------------------------------------------------------------------------- */

struct ecli_globals;

/*
 * Builds the table from the package's variables, their types resolved in @types (both must outlive it). Variables that no
 * option can express (pointers, structs) are left out. Hidden: names that start with "ecli_" or "__", and the variables that
 * a @count tag names: they get the number of elements of their list whenever the list is given.
 */
int ecli_globals_build(const struct ecli_package *package, const struct ecli_types *types, struct ecli_err *err,
		       struct ecli_globals **ret_globals);
void ecli_globals_free(struct ecli_globals *globals);
const struct ecli_option *ecli_globals_options(const struct ecli_globals *globals, size_t *ret_count);
/* Variables that programs write (.data, .bss) and that no tag makes an option: to be understood, where the name is nobody's, and not listed. */
const struct ecli_option *ecli_globals_quiet_options(const struct ecli_globals *globals, size_t *ret_count);

/* Records a value. */
int ecli_globals_set(struct ecli_globals *globals, const struct ecli_option_value *value, struct ecli_err *err);
/* The same of one that a person gave (to be used as or from an ecli_option_fn): a list that is given again is longer by that; anything else but a BOOL is
 * then refused (ecli_option_twice()). */
int ecli_globals_give(struct ecli_globals *globals, const struct ecli_option_value *value, struct ecli_err *err);
/* Sets an integer variable by name without an option, when the package has it and it is not set yet. Returns whether. */
bool ecli_globals_set_default(struct ecli_globals *globals, const char *variable, uint64_t value);
/* The variable in which a tool wants the process id of who runs it. A run sets it (unless trace_self is set), and so must who asks whether a run would
 * load: what a program does with it may be what the kernel refuses. */
#define ECLI_SELF_VARIABLE "ecli_self_tgid"
/* Whether a variable, as it will be loaded, is anything but zero. Returns false when there is none of that name. */
bool ecli_globals_is_set(const struct ecli_globals *globals, const char *variable, bool *ret_is_set);
/* Whether the values go together: -EINVAL, ECLI_FAIL_USAGE when one is above the variable that its tag @at_most names. */
int ecli_globals_check(const struct ecli_globals *globals, struct ecli_err *err);
/* Calls @fn for each value that was set and names something by tag @exists: @path is there when the machine has it. All texts are valid during the
 * call. -ENOMEM. */
typedef void (*ecli_globals_claim_fn)(void *ctx, const struct ecli_option *option, const char *value, const char *path);
int ecli_globals_claims(const struct ecli_globals *globals, ecli_globals_claim_fn fn, void *ctx);
/* What was set, in table order: only these are written, everything else keeps the value compiled in. A cmdarg default or a
 * package "value" counts as set when it differs from nothing (a package that carries one wants it written). */
const struct ecli_global *ecli_globals_values(const struct ecli_globals *globals, size_t *ret_count);

/* Remembers the nearest of the candidates offered one by one; nothing when none is near enough to be meant. */
struct ecli_nearest {
	const char *word; /* what was typed, len bytes */
	size_t len;
	const char *best; /* one of the candidates, not copied; NULL: none yet */
	unsigned int distance;
};
void ecli_nearest_offer(struct ecli_nearest *nearest, const char *candidate);

#endif
