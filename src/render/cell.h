/* SPDX-License-Identifier: MIT */
/*
 * Values as terminal text, the same in table and plain output but for spaces, and groups (nested structs, arrays) as
 * compact text in one cell.
 *
 *     nginx    -3    true    0xffff888012345678    TASK_RUNNING    unknown(7)    {a=1,name="x y",v=[1,2,3]}
 */
#ifndef ECLI_RENDER_CELL_H
#define ECLI_RENDER_CELL_H

#include "render/sink.h"

/* Untrusted text as a whole cell; in plain output "" becomes - and - becomes \x2d. */
char *ecli_cell_text(char *p, const char *text, size_t len, enum ecli_escape mode, size_t *narrow);
/* Any value; the caller has value_room() for it. @narrow as in escape.h. */
char *ecli_cell_value(char *p, const struct ecli_field *field, const struct ecli_value *value, enum ecli_escape mode,
		      size_t *narrow);

/* Parts of a group, for fields below the top level; `open` and `close` also for the group that is a column itself. */
void ecli_cell_open(struct ecli_render *render, const struct ecli_field *field, enum ecli_group group);
void ecli_cell_leaf(struct ecli_render *render, const struct ecli_field *field, const struct ecli_value *value);
void ecli_cell_close(struct ecli_render *render, enum ecli_group group);

/* The start of something that is no row of puts (hist.c): the time of day and the map's name. */
void ecli_cell_begin(struct ecli_render *render, uint64_t wall_ns);
/* The put at the start of a row: the time of day. */
char *ecli_cell_put_time(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p);

#endif
