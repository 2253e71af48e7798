/* SPDX-License-Identifier: MIT */
/*
 * The inside of a renderer: what the sinks (table.c, plain.c, json.c) share. A sink is the puts of what events are made of
 * (put.h) and a visitor of the plan for all else; everything a row needs was made when the renderer was built.
 *
 *     out->data      at              limit
 *     |  rows so far |  free memory  |          a visitor asks room() once per value, writes at `at` and moves it on
 *
 * Invariant: nothing is written past what room() granted. When memory runs out the row is given up as a whole: room()
 * returns NULL, the sink skips the value, and ecli_render_row() forgets the row.
 */
#ifndef ECLI_RENDER_SINK_H
#define ECLI_RENDER_SINK_H

#include <assert.h>
#include <string.h>

#include <ecli/plan.h>
#include <ecli/render.h>

#include "render/clock.h"
#include "render/digits.h"
#include "render/escape.h"
#include "render/layout.h"
#include "render/put.h"

struct ecli_formats; /* formats.h */

struct ecli_sink {
	struct ecli_visitor visitor;
	enum ecli_escape quoted_mode; /* table and plain: of text within a group */
	/* Appends what every row carries after its time when there are several sources. */
	void (*map)(const struct ecli_layout *layout, const char *map, struct ecli_buf *out);
	struct ecli_put_fns put;
};

extern const struct ecli_sink ecli_sink_table, ecli_sink_plain, ecli_sink_json;

struct ecli_render {
	const struct ecli_plan *plan;
	const struct ecli_sink *sink;
	enum ecli_format format;
	struct ecli_layout layout;
	struct ecli_clock clock;
	struct ecli_buf map; /* written after the time of every row; empty without a map name */
	bool has_map;
	bool is_untimed;               /* rows have no time: a heading above them has it */
	struct ecli_formats *formats;  /* NULL when no field has a format */
	struct ecli_plan_stack *stack; /* owned: the stack in work; NULL when no column is one */
	ecli_render_frames_fn frames;  /* may be NULL */
	void *frames_ctx;
	struct ecli_puts puts;
	uint64_t least_size; /* of a record */
	size_t row_room;     /* what a usual row takes at most: reserved once, so that room() has nothing to do */

	/* During a row. */
	uint64_t wall_ns;
	size_t record_size;
	struct ecli_buf *out;
	size_t row_start; /* from out->data */
	char *at, *limit;
	size_t cell_start; /* of the group in work, from out->data */
	size_t narrow;     /* bytes of that group's text without a column of their own */
	bool is_first;     /* nothing was written in the group in work yet */
};

/* The way of room() that has to grow the buffer. */
char *ecli_sink_grow(struct ecli_render *render, size_t need);

/* Where @need bytes may be written, or NULL when memory ran out. */
static inline char *room(struct ecli_render *render, size_t need)
{
	if (__builtin_expect((size_t)(render->limit - render->at) < need, 0))
		return ecli_sink_grow(render, need);
	return render->at;
}

#define ECLI_SINK_HEAD_ROOM  96 /* a row's time and end, and a little that is stored too much */
#define ECLI_SINK_VALUE_ROOM 64 /* any value without text of its own: digits, true, unknown(N), quotes, a separator */
static_assert(ECLI_DIGITS_WIDE_ROOM + 8 <= ECLI_SINK_VALUE_ROOM && ECLI_DIGITS_REAL_ROOM + 8 <= ECLI_SINK_VALUE_ROOM,
	      "a number fits");

/* Room a value needs in any format, quotes and separator included, name and padding not. */
static inline size_t value_room(const struct ecli_value *value)
{
	size_t len = 0;

	if (value->kind == ECLI_VALUE_STRING || value->kind == ECLI_VALUE_BYTES)
		len = value->str.len;
	else if (value->kind == ECLI_VALUE_ENUM && value->name)
		len = strlen(value->name);
	return len * ECLI_ESCAPE_JSON_ROOM + ECLI_SINK_VALUE_ROOM;
}

/* A formatted value as one that the writers know: a name, which stands as it is. Valid until the next one. */
struct ecli_value ecli_sink_formatted(struct ecli_render *render, const struct ecli_field *field,
				      const struct ecli_value *value);

/* Any number of spaces; may write up to 16 bytes whatever @count is. The rest is a call of its own and the last thing done,
 * so that the usual way needs no frame. */
#define ECLI_SINK_SPACES_SLACK 16
char *ecli_sink_more_spaces(char *p, size_t count);

static inline char *put_spaces(char *p, size_t count)
{
	memset(p, ' ', 16);
	return __builtin_expect(count > 16, 0) ? ecli_sink_more_spaces(p, count) : p + count;
}

#endif
