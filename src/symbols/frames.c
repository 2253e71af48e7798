/* SPDX-License-Identifier: MIT */
/*
 * A growing array of frames. What a frame points to is never its own: the names live in the pool of the symbols object, so
 * copying and dropping frames is all there is to do.
 */
#include "symbols/frames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void ecli_frames_done(struct ecli_frames *frames)
{
	free(frames->items);
	*frames = (struct ecli_frames){ 0 };
}

int ecli_frames_add(struct ecli_frames *frames, const struct ecli_frame *items, size_t count)
{
	if (frames->room - frames->count < count) {
		size_t room = frames->room ? frames->room * 2 : 32;

		while (room - frames->count < count)
			room *= 2;
		struct ecli_frame *grown = reallocarray(frames->items, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		frames->items = grown;
		frames->room = room;
	}
	if (count)
		memcpy(&frames->items[frames->count], items, count * sizeof(*items));
	frames->count += count;
	return 0;
}
