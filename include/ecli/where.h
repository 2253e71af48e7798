/* SPDX-License-Identifier: MIT */
/*
 * Which rows a person wants: `delta_us > 10000 && task ~ "nginx*"` (docs/formats/where.md).
 *
 *     text ── parse ──> expression ── bind to a plan ──> program: run over a record's bytes, no allocation
 *                                                    └─> predicates: what the kernel side can check before it sends
 *
 * The program is always the whole expression, so the predicates never change which rows there are, only how many records
 * are sent for nothing.
 */
#ifndef ECLI_WHERE_H
#define ECLI_WHERE_H

#include <ecli/plan.h>

struct ecli_where;
struct ecli_where_program;

/*
 * What the kernel side can check of one record: whether a number of it lies in a range. The bytes of docs/formats/prelude.md.
 *
 *     v = the `size_bytes` bytes at `offset`; v <<= left; v >>= right (a signed shift with IS_SIGNED); v &= mask;
 *     holds when (v - low <= span) != IS_NEGATED, in unsigned arithmetic of 64 bits
 */
struct ecli_where_predicate {
	uint32_t offset;
	uint8_t size_bytes; /* 1, 2, 4 or 8; 0: there is no predicate, and none after it */
	uint8_t left, right;
	uint8_t flags;
	uint64_t mask, low, span;
};
#define ECLI_WHERE_IS_SIGNED      1
#define ECLI_WHERE_IS_NEGATED     2
#define ECLI_WHERE_MAX_PREDICATES 8

/*
 * Reads @text, which is copied. Errors, all ECLI_FAIL_USAGE: a sentence that begins with "column N: ", counted from 1 in bytes. -EINVAL,
 * -E2BIG (longer than 4096 bytes, nested too deep), -ENOMEM.
 */
int ecli_where_parse(const char *text, struct ecli_err *err, struct ecli_where **ret_where);
void ecli_where_free(struct ecli_where *where); /* NULL is fine */

/*
 * Binds the expression to each of @plans (which, like @where, must outlive the programs; @n at least 1). A field must be in at least one of them; where a plan
 * lacks it, the comparison is false. Numbers are compared by value, whatever their types. Errors as above: no such
 * field (says which there are), a value that the field cannot be compared with. On failure nothing is left.
 */
int ecli_where_bind(const struct ecli_where *where, const struct ecli_plan *const *plans, size_t n,
		    struct ecli_err *err, struct ecli_where_program **ret_programs /* @n of them */);
void ecli_where_program_free(struct ecli_where_program *program); /* NULL is fine */

/* Whether a row is wanted. An element that the tail of the record does not have is as a field that a type lacks. True for a record that is
 * shorter than it must be: what that is to be called is not decided here. */
bool ecli_where_matches(const struct ecli_where_program *program, const void *data, size_t size_bytes);

/* At most ECLI_WHERE_MAX_PREDICATES, all of which hold for every wanted record. @ret_is_whole: they are the whole expression. */
const struct ecli_where_predicate *ecli_where_predicates(const struct ecli_where_program *program, size_t *ret_count,
							 bool *ret_is_whole);
/* Appends the parts of the expression that the predicates stand for, or the other ones, as typed, with " && " between. */
void ecli_where_describe(const struct ecli_where_program *program, bool of_predicates, struct ecli_buf *out);

#endif
