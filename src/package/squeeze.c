/* SPDX-License-Identifier: MIT */
/*
 * Bounded inflate and deterministic deflate over zlib. A stream of 1 KiB may say it is 1 MiB, so room is made as real
 * output comes, in steps, and the work stops one byte after the limit. The checksum at the end of the stream is
 * verified by zlib.
 *
 * Bytes after the end of the stream are ignored, as the loaders that people already have do.
 */
#include "package/squeeze.h"

#include <errno.h>
#include <limits.h>
#include <zlib.h>

enum { STEP_BYTES = 256 * 1024 };

bool ecli_squeeze_is(const void *data, size_t size)
{
	const unsigned char *p = data;

	return size >= 2 && (p[0] & 0x0f) == Z_DEFLATED && (p[0] << 8 | p[1]) % 31 == 0;
}

/* Inflates into @out until the end, an error, or @limit + 1 bytes. Returns zlib's code: Z_STREAM_END, Z_OK for the
 * limit. */
static int inflate_some(z_stream *stream, size_t limit, struct ecli_buf *out)
{
	for (size_t total = 0;;) {
		size_t room = limit + 1 - total < STEP_BYTES ? limit + 1 - total : STEP_BYTES;

		if (!room)
			return Z_OK;
		if (!ecli_buf_reserve(out, room))
			return Z_MEM_ERROR;
		stream->next_out = (unsigned char *)out->data + out->len;
		stream->avail_out = (uInt)room;
		int r = inflate(stream, Z_NO_FLUSH);
		out->len += room - stream->avail_out;
		total += room - stream->avail_out;
		if (r != Z_OK)
			return r;
		if (!stream->avail_in && stream->avail_out)
			return Z_BUF_ERROR;
	}
}

int ecli_squeeze_read(const char *what, const void *data, size_t size, size_t limit, struct ecli_buf *out,
		      struct ecli_err *err)
{
	z_stream stream = { .next_in = (unsigned char *)data, .avail_in = (uInt)size };

	if (size > UINT_MAX || limit > SIZE_MAX / 2)
		return ecli_err_set(err, -EINVAL, "%s is too large", what);
	if (inflateInit(&stream) != Z_OK)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = inflate_some(&stream, limit, out);
	size_t used = size - stream.avail_in;
	inflateEnd(&stream);

	switch (r) {
	case Z_OK:
	case Z_STREAM_END:
		return 0;
	case Z_MEM_ERROR:
		return ecli_err_set(err, -ENOMEM, "out of memory");
	case Z_BUF_ERROR:
		return ecli_err_set(
			err, -EINVAL,
			"%s is cut off: its zlib stream ends in the middle, after %zu bytes; build the package again",
			what, size);
	default:
		return ecli_err_set(
			err, -EINVAL,
			"%s is damaged: its zlib stream is wrong at byte %zu of %zu; build the package again", what,
			used, size);
	}
}

int ecli_squeeze_write(const void *data, size_t size, struct ecli_buf *out)
{
	uLong bound = compressBound(size);
	uLongf len = bound;

	if (!ecli_buf_reserve(out, bound))
		return -ENOMEM;
	if (compress2((unsigned char *)out->data + out->len, &len, data, size, Z_BEST_COMPRESSION) != Z_OK)
		return -ENOMEM;
	out->len += len;
	return 0;
}
