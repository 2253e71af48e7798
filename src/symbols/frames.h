/* SPDX-License-Identifier: MIT */
/* The array of frames that answers are made of. */
#ifndef ECLI_SYMBOLS_FRAMES_H
#define ECLI_SYMBOLS_FRAMES_H

#include <ecli/symbols.h>

/* Appends copies. -ENOMEM: nothing was appended. */
int ecli_frames_add(struct ecli_frames *frames, const struct ecli_frame *items, size_t count);

#endif
