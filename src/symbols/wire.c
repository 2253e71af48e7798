/* SPDX-License-Identifier: MIT */
/*
 * Writing is for the child, reading for its parent, which takes nothing for granted: see wire.h. What is read lies in a buffer of the parent's
 * own that nobody changes meanwhile; each structure is copied out of it before it is looked at.
 */
#include "symbols/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/cleanup.h"
#include "symbols/frames.h"

/* ---- writing --------------------------------------------------------------------------------------------------- */

void ecli_wire_begin(struct ecli_wire_writer *writer)
{
	ecli_buf_clear(&writer->texts);
	ecli_buf_clear(&writer->frames);
	writer->n_texts = writer->n_frames = 0;
}

void ecli_wire_done(struct ecli_wire_writer *writer)
{
	ecli_buf_done(&writer->texts);
	ecli_buf_done(&writer->frames);
}

/* The number of a text; it is sent when it has none yet. */
static uint32_t number_of(struct ecli_wire_writer *writer, const char *text)
{
	if (!text || !*text)
		return 0;
	uint32_t *number = ecli_names_mark(text);
	if (*number)
		return *number;
	size_t len = strlen(text);
	if (len > ECLI_WIRE_TEXT_BYTES || writer->texts.len + len + sizeof(uint16_t) > ECLI_WIRE_TEXTS_BYTES)
		return 0;
	uint16_t length = (uint16_t)len;
	ecli_buf_add(&writer->texts, &length, sizeof(length));
	ecli_buf_add(&writer->texts, text, len);
	writer->n_texts++;
	return *number = ++writer->last_number;
}

void ecli_wire_add(struct ecli_wire_writer *writer, size_t address, const struct ecli_frame *frames, size_t count,
		   bool is_final)
{
	for (size_t i = 0; i < count; i++) {
		struct ecli_wire_frame frame = {
			.offset = frames[i].offset,
			.function = number_of(writer, frames[i].function),
			.module = number_of(writer, frames[i].module),
			.file = number_of(writer, frames[i].file),
			.line = frames[i].line,
			.address = (uint16_t)address,
			.is_inlined = frames[i].is_inlined,
			.is_final = is_final,
			.left_out = frames[i].left_out,
		};

		ecli_buf_add(&writer->frames, &frame, sizeof(frame));
		writer->n_frames++;
	}
}

bool ecli_wire_send(struct ecli_wire_writer *writer, int fd, uint32_t sequence, uint32_t look)
{
	struct ecli_wire_head head = { .sequence = sequence,
				       .size_bytes = (uint32_t)(writer->texts.len + writer->frames.len),
				       .look = look,
				       .n_texts = writer->n_texts,
				       .n_frames = writer->n_frames };
	struct iovec parts[] = { { &head, sizeof(head) },
				 { writer->texts.data, writer->texts.len },
				 { writer->frames.data, writer->frames.len } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = ARRAY_SIZE(parts) };

	if (ecli_buf_failed(&writer->texts) || ecli_buf_failed(&writer->frames))
		return false;
	while (message.msg_iovlen) {
		ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		while (message.msg_iovlen && (size_t)n >= message.msg_iov->iov_len) {
			n -= (ssize_t)message.msg_iov->iov_len;
			message.msg_iov++;
			message.msg_iovlen--;
		}
		if (message.msg_iovlen) {
			message.msg_iov->iov_base = (char *)message.msg_iov->iov_base + n;
			message.msg_iov->iov_len -= (size_t)n;
		}
	}
	return true;
}

/* ---- what was told --------------------------------------------------------------------------------------------- */

int ecli_wire_write_told(const struct ecli_map *maps, size_t count, struct ecli_buf *out)
{
	for (size_t i = 0; i < count; i++) {
		struct ecli_wire_told told = { .start = maps[i].start,
					       .end = maps[i].end,
					       .offset = maps[i].offset,
					       .inode = maps[i].inode,
					       .device_major = maps[i].device_major,
					       .device_minor = maps[i].device_minor,
					       .path_bytes = (uint32_t)strlen(maps[i].path) };

		ecli_buf_add(out, &told, sizeof(told));
	}
	/* With a NUL each: who reads them need not copy. */
	for (size_t i = 0; i < count; i++)
		ecli_buf_add(out, maps[i].path, strlen(maps[i].path) + 1);
	return ecli_buf_failed(out) ? -ENOMEM : 0;
}

int ecli_wire_read_told(const char *data, size_t size_bytes, size_t count, struct ecli_map ret[ECLI_TOLD_MAPPINGS])
{
	struct ecli_wire_told told;
	size_t at = count * sizeof(told);

	if (count > ECLI_TOLD_MAPPINGS || at > size_bytes)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++) {
		memcpy(&told, data + i * sizeof(told), sizeof(told));
		if (told.path_bytes >= size_bytes - at || data[at + told.path_bytes])
			return -EBADMSG;
		ret[i] = (struct ecli_map){ .start = told.start,
					    .end = told.end,
					    .offset = told.offset,
					    .device_major = told.device_major,
					    .device_minor = told.device_minor,
					    .inode = told.inode,
					    .path = data + at,
					    .is_code = true };
		at += told.path_bytes + 1;
	}
	return 0;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

void ecli_wire_forget(struct ecli_wire_texts *texts)
{
	free(texts->items);
	*texts = (struct ecli_wire_texts){ 0 };
}

bool ecli_wire_head_is_sane(const struct ecli_wire_head *head)
{
	return head->size_bytes <= ECLI_WIRE_ANSWER_BYTES &&
	       head->n_frames <= head->size_bytes / sizeof(struct ecli_wire_frame) &&
	       head->n_texts <= head->size_bytes / sizeof(uint16_t);
}

static int add_text(struct ecli_wire_texts *texts, struct ecli_names *pool, const char *data, size_t len)
{
	char text[ECLI_WIRE_TEXT_BYTES + 1];

	if (!len || len > ECLI_WIRE_TEXT_BYTES || memchr(data, '\0', len) || texts->count >= ECLI_NAMES_MAX)
		return -EBADMSG;
	if (texts->count == texts->room) {
		size_t more = texts->room ? texts->room * 2 : 256;
		const char **grown = reallocarray(texts->items, more, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		texts->items = grown;
		texts->room = more;
	}
	memcpy(text, data, len);
	text[len] = '\0';
	texts->items[texts->count++] = ecli_names_add(pool, text);
	return 0;
}

static int read_texts(struct ecli_wire_texts *texts, struct ecli_names *pool, uint32_t n, const char *data,
		      const char *end)
{
	uint16_t len;

	for (uint32_t i = 0; i < n; i++) {
		if ((size_t)(end - data) < sizeof(len))
			return -EBADMSG;
		memcpy(&len, data, sizeof(len));
		data += sizeof(len);
		if ((size_t)(end - data) < len)
			return -EBADMSG;
		int r = add_text(texts, pool, data, len);
		if (r)
			return r;
		data += len;
	}
	return data == end ? 0 : -EBADMSG;
}

/* False: there is no such text. */
static bool text_of(const struct ecli_wire_texts *texts, uint32_t number, const char **ret)
{
	*ret = number && number <= texts->count ? texts->items[number - 1] : NULL;
	return number <= texts->count;
}

static int read_frames(uint32_t n, const char *data, const uint64_t *addresses, size_t count,
		       const struct ecli_wire_texts *texts, struct ecli_frames *frames, size_t *ret_ends,
		       bool *ret_is_final)
{
	struct ecli_wire_frame frame;
	size_t at = 0; /* the address whose turn it is */

	for (uint32_t i = 0; i < n; i++, data += sizeof(frame)) {
		memcpy(&frame, data, sizeof(frame));
		/* The same address as before or the next one. */
		at += i && frame.address == at + 1;
		struct ecli_frame out = { .offset = frame.offset,
					  .line = frame.line,
					  .is_inlined = frame.is_inlined == 1,
					  .left_out = (enum ecli_left_out)frame.left_out };
		if (frame.address != at || at >= count || frame.left_out >= ECLI_LEFT_REASONS ||
		    !text_of(texts, frame.function, &out.function) || !text_of(texts, frame.module, &out.module) ||
		    !text_of(texts, frame.file, &out.file))
			return -EBADMSG;
		out.address = addresses[at];
		if (ecli_frames_add(frames, &out, 1))
			return -ENOMEM;
		ret_ends[at] = frames->count;
		ret_is_final[at] = frame.is_final == 1;
	}
	return n && at + 1 == count ? 0 : -EBADMSG;
}

int ecli_wire_read(const struct ecli_wire_head *head, const char *data, const uint64_t *addresses, size_t count,
		   struct ecli_names *pool, struct ecli_wire_texts *texts, struct ecli_frames *frames, size_t *ret_ends,
		   bool *ret_is_final)
{
	size_t before = frames->count, frames_bytes = head->n_frames * sizeof(struct ecli_wire_frame);

	if (!ecli_wire_head_is_sane(head) || !count)
		return -EBADMSG;
	const char *at = data + (head->size_bytes - frames_bytes);
	int r = read_texts(texts, pool, head->n_texts, data, at);
	r = r ? r : read_frames(head->n_frames, at, addresses, count, texts, frames, ret_ends, ret_is_final);
	if (r)
		frames->count = before;
	return r;
}
