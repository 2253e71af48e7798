/* SPDX-License-Identifier: MIT */
/*
 * What the two processes say to each other over a stream socket, in the byte order and widths of this machine:
 *
 *     question   head { kind, sequence, count, image, parent, told, size }, count addresses, told mappings { where, what, length }, their paths
 *     answer     head { sequence, size, look, texts, frames }, texts { length, bytes }, frames
 *
 * A text is sent once and gets the next number; frames have numbers, 0 for none. The child is not trusted: an answer is taken only when every
 * length, number and order in it is right, and its texts are copied.
 */
#ifndef ECLI_SYMBOLS_WIRE_H
#define ECLI_SYMBOLS_WIRE_H

#include <ecli/symbols.h>

#include "symbols/names.h"
#include "symbols/told.h"

enum {
	ECLI_WIRE_ADDRESSES = 256,             /* of a question, at most */
	ECLI_WIRE_ANSWER_BYTES = 2 << 20,      /* behind the head, at most */
	ECLI_WIRE_TEXTS_BYTES = 1 << 20,       /* of it; texts that do not fit are left out */
	ECLI_WIRE_TOLD_BYTES = 320 << 10,      /* behind the addresses, at most */
	ECLI_WIRE_TEXT_BYTES = (16 << 10) - 1, /* of one */
};

enum ecli_wire_kind { ECLI_WIRE_NOTE, ECLI_WIRE_FIRST, ECLI_WIRE_CALLS };

/* A mapping that the kernel told of; its path, with a NUL, stands behind all of them, in their order. */
struct ecli_wire_told {
	uint64_t start, end, offset, inode;
	uint32_t device_major, device_minor, path_bytes, zero;
};

struct ecli_wire_question {
	uint32_t
		kind; /* NOTE: no answer; FIRST: the first address is where the processor is; CALLS: all are where calls return to */
	uint32_t sequence, count;
	uint32_t pid, image, is_last; /* struct ecli_image_id */
	uint32_t parent, parent_image, parent_is_last, n_told,
		told_bytes; /* what was told of it, mappings and paths (told.h) */
	uint32_t zero;
	uint64_t ended_ns, parent_ended_ns;
};

struct ecli_wire_head {
	uint32_t sequence, size_bytes, look, n_texts, n_frames;
};

/* Of an answer, in the order of the addresses; each has one or more. */
struct ecli_wire_frame {
	uint64_t offset;
	uint32_t function, module, file, line;
	uint16_t address; /* which */
	uint8_t is_inlined, is_final;
	uint32_t left_out;
};

/* What was told, as bytes: -ENOMEM. And back, @count of them, whose paths point into @data: -EBADMSG. */
int ecli_wire_write_told(const struct ecli_map *maps, size_t count, struct ecli_buf *out);
int ecli_wire_read_told(const char *data, size_t size_bytes, size_t count, struct ecli_map ret[ECLI_TOLD_MAPPINGS]);

/* An answer that is being written. Zeroed: the first one. */
struct ecli_wire_writer {
	struct ecli_buf texts, frames;
	uint32_t n_texts, n_frames;
	uint32_t last_number; /* of all texts so far */
};
void ecli_wire_begin(struct ecli_wire_writer *writer);
/* Adds the frames of address number @address. Their texts are of one pool, whose numbers belong to the writer. */
void ecli_wire_add(struct ecli_wire_writer *writer, size_t address, const struct ecli_frame *frames, size_t count,
		   bool is_final);
/* Sends it on a socket that waits. False: nobody is there. */
bool ecli_wire_send(struct ecli_wire_writer *writer, int fd, uint32_t sequence, uint32_t look);
void ecli_wire_done(struct ecli_wire_writer *writer);

/* The texts that came from one child. Zeroed: none. */
struct ecli_wire_texts {
	const char **items; /* of the pool; NULL: it had no room */
	size_t count, room;
};
void ecli_wire_forget(struct ecli_wire_texts *texts);

/* Whether an answer with this head may be waited for. */
bool ecli_wire_head_is_sane(const struct ecli_wire_head *head);

/*
 * Reads what came behind a sane head. @addresses: that were asked for. Appends to @frames, which stays as it was on failure, and copies texts to
 * @pool. @ret_ends[i], @ret_is_final[i]: where the frames of address i end in @frames, and whether they are final. -EBADMSG: it is no answer to
 * this question; -ENOMEM.
 */
int ecli_wire_read(const struct ecli_wire_head *head, const char *data, const uint64_t *addresses, size_t count,
		   struct ecli_names *pool, struct ecli_wire_texts *texts, struct ecli_frames *frames, size_t *ret_ends,
		   bool *ret_is_final);

#endif
