/* SPDX-License-Identifier: MIT */
/*
 * A row as a list of small writers, made once for a renderer (docs/design/0004-fused-rows.md):
 *
 *     time | map | number task... | text ... | by_visitor (a group, an enum, ...) | end
 *
 * Each put writes its part of the row at @p and returns where the next one goes on. Numbers, texts and formatted values
 * that are columns of their own, which is what most events are made of, are read straight from the record and written
 * straight into the output; all else of a column goes the general way, through the plan and the sink's visitor.
 *
 * Invariants: a put reads only the bytes of the record that plan/ has verified, and writes no more than its share of
 * render->puts.room, which is there when it is called. So nothing on the way asks for room but what cannot know how much
 * it takes (by_visitor, formatted), and that leaves as much behind for the puts after it: ecli_put_resume().
 */
#ifndef ECLI_RENDER_PUT_H
#define ECLI_RENDER_PUT_H

#include <stdint.h>
#include <string.h>

#include <ecli/plan.h>

#include "render/digits.h"

struct ecli_render;
struct ecli_column;
struct ecli_put;

typedef char *(*ecli_put_fn)(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p);

#define ECLI_PUT_KEY_ROOM 32 /* longer keys go the general way */

struct ecli_put {
	ecli_put_fn fn;
	struct ecli_column *column; /* NULL for time, map and end */
	uint32_t at;                /* number: of the word it lies in; text: of its first byte */
	uint32_t size;              /* text, formatted bytes: of the array; number: 0 */
	uint8_t left, right;        /* number: shifts that leave nothing else of the word */
	uint8_t key_len;            /* JSON: of `,"name":`, with the quote that opens a text */
	uint8_t cut;                /* table: bits of eight digits that do not fit into the column */
	uint32_t skip;              /* table: cells before those eight, the one that separates columns included */
	uint64_t below[2];          /* table: what fits as a positive and as a negative number */
	char key[ECLI_PUT_KEY_ROOM];
};

/* What a sink writes by itself. A text of at least a chunk (clean.h) has a way of its own. */
struct ecli_put_fns {
	ecli_put_fn time, end, unsigned_number, signed_number, text, short_text, formatted;
	void (*fit)(struct ecli_put *put); /* after the column got its width; may be NULL */
};

struct ecli_puts {
	struct ecli_put *items;
	uint32_t count;
	size_t room; /* what all of them write at most, but for by_visitor and formatted */
};

/* 0 or -ENOMEM. @is_fused: false sends every column the general way: the judge in tests. Once more is fine. */
int ecli_puts_build(struct ecli_render *render, bool is_fused);
void ecli_puts_done(struct ecli_puts *puts);

/* The word in the record that holds the number, shifted until the number is at its upper end, whatever its size. */
static inline uint64_t ecli_put_word(const struct ecli_put *put, const uint8_t *record)
{
	uint64_t word;

	memcpy(&word, record + put->at, sizeof(word));
	return word << put->left;
}

static inline uint64_t ecli_put_unsigned(const struct ecli_put *put, const uint8_t *record)
{
	return ecli_put_word(put, record) >> put->right;
}

static inline int64_t ecli_put_signed(const struct ecli_put *put, const uint8_t *record)
{
	return (int64_t)ecli_put_word(put, record) >> put->right;
}

/* Of a formatted column. */
struct ecli_value ecli_put_value(const struct ecli_put *put, const uint8_t *record);
/* After something was appended to the output by itself: room for the puts to come, and where they go on. */
char *ecli_put_resume(struct ecli_render *render);

static inline char *ecli_put_key(const struct ecli_put *put, char *p)
{
	memcpy(p, put->key, ECLI_PUT_KEY_ROOM);
	return p + put->key_len;
}

#endif
