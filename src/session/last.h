/* SPDX-License-Identifier: MIT */
/* What a sampled map had when it was looked at last: a value for each key. */
#ifndef ECLI_SESSION_LAST_H
#define ECLI_SESSION_LAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct last {
	size_t key_bytes, value_bytes;
	uint8_t *entries; /* room of them, each: head | key | value */
	size_t room, count;
	uint32_t look; /* counts up */
};

/* last_done() in any case. */
void last_init(struct last *last, size_t key_bytes, size_t value_bytes);
void last_done(struct last *last);

/*
 * Remembers @value and gives what was there before in @ret_previous (value_bytes of them). 1: there was something; 0: the key is new; -ENOMEM.
 */
int last_swap(struct last *last, const void *key, const void *value, void *ret_previous);
void last_forget(struct last *last, const void *key);
/* What is remembered of the key, which this look has now seen; NULL: nothing. Valid until the next call that changes something. */
const void *last_see(struct last *last, const void *key);
/* A look is through: keys that it has not seen are forgotten. */
void last_end_look(struct last *last);
/* A look is through, and nothing is forgotten. */
void last_keep_look(struct last *last);
/* The next entry, key and value, that this look has not seen, from *@cursor on (0 at first); NULL: no more. Valid as above. */
const void *last_unseen(const struct last *last, size_t *cursor);
/* The next key whose value has been the same for @looks looks, from *@cursor on (0 at first); NULL: no more. Valid until the next call that changes something. */
const void *last_idle(const struct last *last, uint32_t looks, size_t *cursor);

#endif
