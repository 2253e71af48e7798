/* SPDX-License-Identifier: MIT */
/* A table of a screen: the last look at it, in both ways, which rows of it are wanted, in which order, and which are in sight. */
#ifndef ECLI_CLI_VIEW_TABLE_H
#define ECLI_CLI_VIEW_TABLE_H

#include <ecli/render.h>
#include <ecli/session.h>
#include <ecli/where.h>

#include "layout.h"

struct table_column {
	const struct ecli_field *field; /* of the plan */
	char *title;
	uint32_t title_width, width; /* terminal columns: of the title, of the widest cell drawn so far */
	bool is_left, is_group;
};

/* A look, as its numbers count since then. */
struct table_look {
	bool is_there;
	struct ecli_buf records;
	size_t n_records;
	uint64_t wall_ns, left_out;
	struct ecli_buf total; /* a record of sums; empty: there is none */
	struct ecli_buf sums;  /* a flag a column of the plan */
};

struct table {
	char *name;                   /* of the map, safe to print */
	const struct ecli_plan *plan; /* NULL: no look yet */
	struct ecli_render *render;
	struct table_column *columns; /* those that are shown */
	size_t n_columns;
	size_t record_bytes;
	uint64_t top;
	struct table_look shown[ECLI_SINCES], next[ECLI_SINCES]; /* next: taken, and not shown yet */
	enum ecli_since since;
	bool has_both;
	/* What of it is wanted. */
	char *filter;                     /* as typed; NULL: everything */
	struct ecli_where *expression;    /* the filter read, when it is one; what is bound refers to it */
	struct ecli_where_program *where; /* and bound to the plan */
	uint32_t *order;                  /* indexes of records */
	size_t n_order;
	size_t sort; /* a column; n_columns: none */
	bool is_descending;
	/* What of that is in sight. */
	size_t first;
};

/* The look that is shown; not there before the first. */
static inline const struct table_look *table_look(const struct table *table)
{
	return &table->shown[table->since];
}

/* Takes a look over, the first one with its columns and order. It is shown by the next call. 0, -ENOMEM or what making a renderer says. */
int table_take(struct table *table, const struct ecli_session_round *round);
/* Shows what was taken last; nothing changes when there is nothing new. 0 or -ENOMEM. */
int table_show(struct table *table);
void table_done(struct table *table);

/* The next column to the left (-1) or right (1) that can be sorted by becomes the one; each begins with its usual direction. 0 or -ENOMEM. */
int table_sort_next(struct table *table, int step);
int table_sort_reverse(struct table *table);
/* Shows the look the other way: since the start, or since the look before. -ENOENT: there is one way only; else 0 or -ENOMEM. */
int table_switch(struct table *table);
/* @text: an expression of --where when there is an operator in it, else text to look for; "" or NULL: all rows. ECLI_FAIL_USAGE says what is wrong
 * with an expression; the filter then stays as it was. */
int table_filter(struct table *table, const char *text, struct ecli_err *err);
/* Moves what is in sight by @rows, as far as there is something to see on a screen of @height rows. */
void table_scroll(struct table *table, int64_t rows, size_t height);

/* Appends the text of a cell of the @row-th row in order, or of the total. */
#define TABLE_TOTAL SIZE_MAX
void table_cell(struct table *table, size_t row, size_t column, struct ecli_buf *out);
bool table_has_total(const struct table *table);
/* Widens columns to what is in sight on a screen of @height rows, then places them. @ret_layout: n_columns of them. */
struct layout_place table_place(struct table *table, size_t height, uint32_t screen_width,
				struct layout_column *ret_layout);

#endif
