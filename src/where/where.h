/* SPDX-License-Identifier: MIT */
/*
 * Inside of an expression: its tree, the loads and tests it becomes, and who makes them.
 *
 *     parse.c   text -> tree, no types            field.c   "a.b[2]" + plan -> load
 *     bind.c    tree + plan -> tests              value.c   "10ms", SIGKILL, 10.0.0.0/8 + field -> range of numbers
 *     compare.c one comparison -> tests           kernel.c  tests -> predicates
 *     run.c     tests + record -> yes or no       glob.c    patterns
 *     notation.c names and addresses              shown.c   fields as rows show them, endpoints
 *
 * A test has two ways on, to tests made before it or to an end: the program runs downwards and cannot loop.
 *
 *     a == 1 || b == 2 && c == 3      [4] a == 1 ? yes : [3]     [3] b == 2 ? [2] : no     [2] c == 3 ? yes : no
 */
#ifndef ECLI_WHERE_WHERE_H
#define ECLI_WHERE_WHERE_H

#include <ecli/where.h>

#include "base/cleanup.h"

#define WHERE_MAX_BYTES   4096u
#define WHERE_MAX_NESTING 64u
#define WHERE_MAX_TESTS   1024u

__extension__ typedef unsigned __int128 where_wide;
__extension__ typedef __int128 where_swide;

/* ---- tree ------------------------------------------------------------------------------------------------------ */

enum where_kind {
	WHERE_OR, /* in the order of how loosely they bind */
	WHERE_AND,
	WHERE_BIT_OR,
	WHERE_BIT_AND,
	WHERE_EQ,
	WHERE_NE,
	WHERE_LIKE,
	WHERE_UNLIKE,
	WHERE_LT,
	WHERE_LE,
	WHERE_GT,
	WHERE_GE,
	WHERE_IN,
	WHERE_NOT,
	WHERE_WORD, /* a field or a value without quotes */
	WHERE_TEXT, /* in quotes */
	WHERE_LIST, /* of an `in`: left is an element, right the rest or NULL */
};

struct where_node {
	enum where_kind kind;
	uint32_t begin, end; /* bytes of the expression */
	const char *text;    /* WORD, TEXT: len bytes and a NUL */
	size_t len;
	struct where_node *left, *right;
};

struct ecli_where {
	char *text;
	struct where_node *root;
	struct where_node *nodes; /* all of them */
	char *words;              /* texts of words, one after the other */
};

/* `column N: ` and a sentence. */
int where_error(struct ecli_err *err, uint32_t begin, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- fields ---------------------------------------------------------------------------------------------------- */

/* How a number is taken out of a record: `size_bytes` bytes, of which `bits` from bit `shift` on count. */
struct where_load {
	uint32_t offset;
	uint8_t size_bytes; /* 1 to 17; text: unused */
	uint8_t shift;
	uint8_t bits; /* 1 to 128 */
	bool is_signed;
	bool is_big; /* the first byte counts most: ports, addresses */
};

enum where_type { WHERE_NUMBER, WHERE_BOOL, WHERE_FLOAT, WHERE_STRING, WHERE_ENDPOINT };

struct plan_op;
struct ecli_formats;

struct where_field {
	const struct plan_op *op;
	const struct ecli_field *field;
	const struct ecli_field_format *format; /* NULL: none, or the raw value is asked for */
	enum where_type type;
	bool is_words; /* text: words, each ended by a NUL */
	struct where_load load;
	uint32_t size_bytes; /* of text and floats */
	uint32_t end;        /* bytes a record must have to have it; 0: each has it */
	const char *name;    /* as typed */
};

/* Finds @word in the plan. -ENOENT: no such field; -EINVAL with a sentence: it has no single value (an array, a struct). */
int where_field_find(const struct ecli_plan *plan, const struct where_node *word, struct ecli_err *err,
		     struct where_field *ret);
/* Whether any plan has it. */
bool where_field_exists(const struct ecli_plan *const *plans, size_t n, const struct where_node *word);
/* No plan has it: "there is no field delta; did you mean delta_us? There are delta_us, pid". */
int where_field_missing(const struct ecli_plan *const *plans, size_t n, const struct where_node *word,
			struct ecli_err *err);

/* ---- values ---------------------------------------------------------------------------------------------------- */

/* A whole number of any field: two's complement when negative, so that each from -2^127 to 2^128 - 1 has its own. */
struct where_number {
	where_wide bits;
	bool is_negative;
};

/* Whole numbers from first to last: one, or the addresses of a network. */
struct where_range {
	struct where_number first, last;
};

/* What @text (of the WORD or TEXT @node, or one end of its "5..9") means for that field. Errors are sentences. */
int where_value_read(const struct where_field *field, const struct where_node *node, const char *text,
		     struct ecli_err *err, struct where_range *ret);
int where_number_compare(const struct where_number *a, const struct where_number *b);
struct where_range where_single(where_wide bits, bool is_negative);
/* All of @text, without a sign. -EINVAL: no such number; -ERANGE: too large. */
int where_read_digits(const char *text, unsigned int base, where_wide *ret);

/* What the format of a field has beside numbers. */
struct where_notation {
	/* NULL: nothing. -EINVAL: the word is none of it; -EDOM, -ERANGE: it is, and does not fit. */
	int (*read)(const struct where_field *field, const char *text, struct where_range *ret);
	const char *what;    /* how a sentence calls it; NULL: a number */
	bool has_no_numbers; /* a plain number means nothing there */
};

/* Never NULL. */
const struct where_notation *where_notation_of(const struct where_field *field);

/* ---- programs -------------------------------------------------------------------------------------------------- */

enum where_code {
	WHERE_TEST_RANGE, /* a number of up to 64 bits */
	WHERE_TEST_WIDE,  /* of up to 128, or big-endian */
	WHERE_TEST_FLOAT,
	WHERE_TEST_SAME, /* text */
	WHERE_TEST_GLOB,
	WHERE_TEST_FIELDS, /* two numbers */
	WHERE_TEST_SHOWN,  /* a pattern, and the text that rows have of the field */
};

enum { WHERE_NO, WHERE_YES, WHERE_FIRST }; /* ends, and the first test */

struct where_test {
	uint8_t code;   /* enum where_code */
	uint8_t op;     /* FLOAT, FIELDS: enum where_kind */
	uint16_t on[2]; /* where to go on when it does not hold, when it holds */
	uint16_t on_absent;
	uint32_t end; /* records shorter than that do not have the field: on_absent; 0: each has it */
	struct where_load load;
	uint32_t size_bytes; /* FLOAT, text */
	bool is_words;       /* text: words, each ended by a NUL */
	union {
		struct {
			uint64_t mask, low, span;
		} range;
		struct {
			where_wide mask, low, span;
		} wide;
		double number;
		struct {
			const char *text; /* of the expression */
			size_t len;
		} text;
		struct where_load other;
		struct {
			const char *text; /* of the expression */
			size_t len;
			const struct plan_op *op;
			const struct ecli_field *field;
			struct ecli_formats *formats; /* the program's */
		} shown;
	};
};

struct ecli_where_program {
	const struct ecli_where *where; /* text of patterns and of descriptions */
	uint64_t size_bytes;            /* that the plan's records have at least */
	struct ecli_formats *formats;   /* owned; NULL: nothing asks for the text of a field */
	struct where_test *tests;
	uint32_t count; /* WHERE_FIRST included */
	uint16_t start;
	struct ecli_where_predicate predicates[ECLI_WHERE_MAX_PREDICATES];
	const struct where_node *of[ECLI_WHERE_MAX_PREDICATES]; /* what each stands for */
	size_t n_predicates;
	bool is_whole;
};

/* Where a test leads. */
struct where_ways {
	uint16_t no, yes;
};

struct where_binder {
	const struct ecli_plan *plan;         /* the one in work */
	const struct ecli_plan *const *plans; /* all of them, n_plans */
	size_t n_plans;
	struct ecli_where_program *program;
	struct ecli_err *err;
	uint16_t on_absent; /* where the comparison in work leads when it is false */
};

/* Adds a test; the way into it is left in @ret. -E2BIG. */
int where_add_test(struct where_binder *binder, const struct where_node *node, struct where_test test,
		   struct where_ways ways, uint16_t *ret);
/* A comparison of any kind, or a field alone. */
int where_compare(struct where_binder *binder, const struct where_node *node, struct where_ways ways, uint16_t *ret);
/* shown.c: whether rows have a text of the field that is no number; a pattern for it; run.c: whether the text of the field at @bytes is like it. */
bool where_is_shown_as_text(const struct where_field *field);
int where_compare_shown(struct where_binder *binder, const struct where_node *node, const struct where_field *field,
			const struct where_node *value, struct where_ways ways, uint16_t *ret);
bool where_matches_shown(const struct where_test *test, const void *bytes);
/* shown.c: an address, a network, an address and a port. */
int where_compare_endpoint(struct where_binder *binder, const struct where_node *node, const struct where_field *field,
			   enum where_kind kind, const struct where_node *value, struct where_ways ways, uint16_t *ret);
/* notation.c: ADDRESS or ADDRESS/LENGTH, the network's first to its last. 0 or -EINVAL. */
int where_read_network(int family, unsigned int bytes, const char *text, struct where_range *ret);
/* The tree below @node. */
int where_bind_node(struct where_binder *binder, const struct where_node *node, struct where_ways ways, uint16_t *ret);

/* kernel.c: fills in the predicates of the binder's program. */
int where_find_predicates(struct where_binder *binder, const struct where_node *root);

/* Whether the whole text matches: * ? [a-z] [!a-z] and \ before any of these. */
bool where_glob(const char *pattern, size_t pattern_len, const char *text, size_t len);

#endif
