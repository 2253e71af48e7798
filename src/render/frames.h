/* SPDX-License-Identifier: MIT */
/* Puts of columns that are stacks. See frames.c. */
#ifndef ECLI_RENDER_FRAMES_H
#define ECLI_RENDER_FRAMES_H

#include "render/put.h"

/* JSON: the column of a put: its frames, then its raw value. */
char *ecli_frames_put_json(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p);
/* Table and plain: after the row, the frames of all stacks that are not hidden, a line each. */
char *ecli_frames_put_text(struct ecli_render *render, struct ecli_put *put, const uint8_t *record, char *p);

#endif
