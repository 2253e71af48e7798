/* SPDX-License-Identifier: MIT */
/*
 * Which code processes had mapped, from what the kernel told while they lived: for those that are gone when somebody asks. An image is one program in one process:
 * exec(2) makes another one of it, and so does a process that gets the pid of one that is gone.
 *
 * At most 65,536 images, 64 mappings each, 4,096 files: the image that was told of first makes room; of a file without room nothing is kept.
 */
#ifndef ECLI_SYMBOLS_TOLD_H
#define ECLI_SYMBOLS_TOLD_H

#include <ecli/symbols.h>

#include "symbols/maps.h"

enum { ECLI_TOLD_MAPPINGS = 64, ECLI_TOLD_IMAGES = 8 };

struct ecli_told;

/* NULL when out of memory. */
struct ecli_told *ecli_told_new(void);
void ecli_told_free(struct ecli_told *told);

/* @event is untrusted, and copied. */
void ecli_told_add(struct ecli_told *told, const struct ecli_symbols_event *event);
/* A process that was there before anything was told. @is_single: its only thread has the name @thread. */
void ecli_told_add_old(struct ecli_told *told, uint32_t pid, const char *thread, bool is_single);

/* Which process, and which of its images: a number of its own for each, 0 of a process of which nothing was told. */
struct ecli_image_id {
	uint32_t pid, image;
	bool is_last;      /* no later one of that pid is known: if it lives, it is this */
	uint64_t ended_ns; /* else: when a later one took its place, by CLOCK_MONOTONIC */
};

struct ecli_told_image {
	struct ecli_image_id id,
		parent; /* @parent: who was there before anything was told and had more: itself, or whom it is a copy of; pid 0: all is told */
	bool has_thread; /* a thread of it certainly had the name that was asked for */
};

/*
 * The images of a pid that may have had a thread of that name (NULL: any), the last one first: how many, at most ECLI_TOLD_IMAGES. 0: there was none, or
 * nothing was told of the pid; more than ECLI_TOLD_IMAGES: there were more.
 */
size_t ecli_told_images(const struct ecli_told *told, uint32_t pid, const char *thread,
			struct ecli_told_image ret[ECLI_TOLD_IMAGES]);
/* Whether anything was told of the pid, and its last image. */
struct ecli_image_id ecli_told_last(const struct ecli_told *told, uint32_t pid);

/* The mappings of an image by address, none over another, into @ret: how many. Their paths belong to @told and change with the next event. */
size_t ecli_told_maps(const struct ecli_told *told, const struct ecli_image_id *id,
		      struct ecli_map ret[ECLI_TOLD_MAPPINGS]);

#endif
